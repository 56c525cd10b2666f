"""Options of the commands that use a server, and the clock that they use for waiting."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from trigger_cli.cli.completion import complete_profile
from trigger_cli.cli.extras import require_extra
from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.shared_options import duration, reader, valued
from trigger_cli.times import TimePoint, parse_duration, parse_shown_time

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
Profile = Annotated[
    str | None,
    valued("NAME", "A Prefect profile other than the active one.", autocompletion=complete_profile),
]
Patience = Annotated[int, duration("How long to wait for a server that went away.  [default: 2m]")]


class WallClock:
    """The machine's clock: the only place that reads the time and sleeps."""

    def instant(self) -> int:
        """µs since the epoch."""
        return time.time_ns() // 1_000

    def sleep(self, seconds: float) -> None:
        """Sleep for `seconds`."""
        time.sleep(seconds)

    @contextmanager
    def alarm(self, seconds: float, ring: Callable[[], None]) -> Iterator[None]:
        """Call `ring`, in another thread, if the context lasts longer than `seconds`."""
        timer = threading.Timer(seconds, ring)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _parse_ago(text: str) -> TimePoint:
    """Like `parse_shown_time`, but a relative time is before now, not after the log's start."""
    stripped = text.strip()
    if stripped == "now":
        return TimePoint(0, after_start=True)
    try:
        return TimePoint(-parse_duration(stripped), after_start=True)
    except ValueError:
        pass
    try:
        if not stripped.startswith("+"):
            return parse_shown_time(stripped)
    except ValueError:
        pass
    raise ValueError("neither a time such as 2026-03-01T12:00:00Z nor one before now such as 2h")


def ago(help_text: str, *names: str) -> Any:
    """An option for an instant, absolute or before now; pass now to `TimePoint.resolve`."""
    return valued("TIME", help_text, *names, parser=reader(_parse_ago))


def find_settings(url: str | None, key: str | None, profile: str | None) -> ServerSettings:
    """The server that the options, the environment or a profile name.

    Raises:
        CommandError: No server is named, or none can be asked, as the extra `live` is missing.
    """
    require_extra("live")
    from trigger_cli.server.settings import SettingsError, read_settings

    try:
        return read_settings(os.environ, Path.home(), url=url, key=key, profile=profile)
    except SettingsError as error:
        raise CommandError(str(error), USAGE, error.help_text) from None
