"""Options of the commands that use a server, and the client for them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.options import read_duration, reader
from trigger_cli.times import parse_duration, parse_instant

if TYPE_CHECKING:
    from trigger_cli.server.settings import ServerSettings

ApiUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The API.  [default: PREFECT_API_URL, else the active Prefect profile]",
        show_default=False,
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help="The API key. PREFECT_API_KEY is better: others can see a command line.",
        show_default=False,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="A Prefect profile other than the active one.", show_default=False
    ),
]
Patience = Annotated[
    int,
    typer.Option(
        parser=read_duration,
        metavar="DURATION",
        help="How long to wait for a server that went away.  [default: 2m]",
        show_default=False,
    ),
]


class Ago(NamedTuple):
    """An instant on the command line: absolute, or a duration before now."""

    time: int
    before_now: bool

    def resolve(self, now: int) -> int:
        """The instant, µs."""
        return now - self.time if self.before_now else self.time


def parse_ago(text: str) -> Ago:
    """Read ``2h`` (before now) or an RFC 3339 instant.

    Raises:
        ValueError: `text` is neither.
    """
    stripped = text.strip()
    if stripped == "now":
        return Ago(0, before_now=True)
    try:
        return Ago(parse_duration(stripped), before_now=True)
    except ValueError:
        pass
    try:
        return Ago(parse_instant(stripped), before_now=False)
    except ValueError as error:
        raise ValueError(f"{error}, nor a time before now such as 2h") from None


read_ago = reader(parse_ago)


def find_settings(url: str | None, key: str | None, profile: str | None) -> ServerSettings:
    """The server that the options, the environment or a profile name.

    Raises:
        CommandError: No server is named.
    """
    from trigger_cli.server.settings import SettingsError, read_settings

    try:
        return read_settings(os.environ, Path.home(), url=url, key=key, profile=profile)
    except SettingsError as error:
        raise CommandError(str(error), USAGE, error.help_text) from None
