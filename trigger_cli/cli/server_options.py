"""Options of the commands that use a server, and the clock by which they wait for it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.shared_options import duration, reader, valued
from trigger_cli.times import parse_duration, parse_instant

if TYPE_CHECKING:
    from trigger_cli.server.settings import ServerSettings

ApiUrl = Annotated[
    str | None,
    valued("URL", "The API.  [default: PREFECT_API_URL, else the active Prefect profile]"),
]
ApiKey = Annotated[
    str | None,
    valued("KEY", "The API key. PREFECT_API_KEY is better: others can see a command line."),
]
Profile = Annotated[str | None, valued("NAME", "A Prefect profile other than the active one.")]
Patience = Annotated[int, duration("How long to wait for a server that went away.  [default: 2m]")]


class WallClock:
    """The machine's clock: the only place that reads the time and sleeps."""

    def instant(self) -> int:
        """µs since the epoch."""
        return time.time_ns() // 1_000

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    @contextmanager
    def alarm(self, seconds: float, ring: Callable[[], None]) -> Iterator[None]:
        """Call `ring`, in another thread, if the context lasts longer than this."""
        timer = threading.Timer(seconds, ring)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


class Ago(NamedTuple):
    """An instant on the command line: absolute, or a duration before now."""

    time: int
    before_now: bool

    def resolve(self, now: int) -> int:
        """The instant, µs."""
        return now - self.time if self.before_now else self.time


def _parse_ago(text: str) -> Ago:
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


def ago(help_text: str) -> Any:
    """An option with an instant, absolute or before now."""
    return valued("TIME", help_text, parser=reader(_parse_ago))


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
