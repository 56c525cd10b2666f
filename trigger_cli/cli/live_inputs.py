"""``--server``: a live server's automations and events in place of TRIGGERS and LOG.

The commands do not handle this option: the data is fetched into files, which they read as usual.
"""

import functools
import inspect
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.server_options import ApiKey, ApiUrl, Profile, WallClock, ago, find_settings
from trigger_cli.cli.shared_options import with_options
from trigger_cli.times import TimePoint

FROM_SERVER: Final[dict[str, tuple[str, str | None, str]]] = {
    "replay": ("paths", "log", "triggers"),
    "explain": ("paths", "log", "triggers"),
    "debug": ("paths", "log", "triggers"),
    "lint": ("paths", "log", "definitions"),
    "diff": ("paths", "log", "definitions"),
    "audit": ("paths", "log", "automations"),
    "events": ("log", None, "log"),
}
"""By command: the parameter for the automations, the parameter for the log (``None`` for `events`,
which reads only a log), and the name of the missing input in error messages."""
_Server = Annotated[
    bool,
    typer.Option("--server", help="Take the automations and events of a live server instead."),
]
_Since = Annotated[
    TimePoint | None,
    ago("With --server: its events from this on, RFC 3339 or 2h before now.  [default: 1d]"),
]
_OPTIONS: Final = {
    "server": (_Server, False),
    "since": (_Since, None),
    "api_url": (ApiUrl, None),
    "api_key": (ApiKey, None),
    "profile": (Profile, None),
}


def with_server(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The command's function with the options of a server; others are returned unchanged."""
    if name not in FROM_SERVER:
        return function
    first, log, what = FROM_SERVER[name]
    signature = inspect.signature(function, eval_str=True)
    required = signature.parameters[first].default is inspect.Parameter.empty

    @functools.wraps(function)
    def command(**given: Any) -> Any:
        asked = {option: given.pop(option) for option in _OPTIONS}
        if asked.pop("server"):
            if given.get("paths") or given.get("log"):
                raise CommandError(f"--server takes the place of {what.upper()} and LOG", USAGE)
            if given.get("fix") or given.get("add_ignore"):
                raise CommandError(
                    "a server's automations are not changed",
                    USAGE,
                    "fetch them with `trigger-cli fetch --automations FILE --no-events`, and mend FILE",
                )
            automations, events = _fetched(
                quiet=given.get("quiet", False), replays=name not in {"lint", "events"}, **asked
            )
            given[first] = [str(events if log is None else automations)]
            if log is not None:
                given[log] = [str(events)]
        elif any(value is not None for value in asked.values()):
            raise CommandError(
                "--since, --api-url, --api-key and --profile need --server",
                USAGE,
                "--from and --to take a part of a log" if "taken_from" in given else None,
            )
        elif required and not given[first]:
            raise CommandError(
                f"no {what} were given", USAGE, f"name {what}, or ask a live --server"
            )
        return function(**given)

    parameters = [
        one.replace(default=None, annotation=_optional(one.annotation))
        if one.name == first and required
        else one
        for one in signature.parameters.values()
    ]
    return with_options(command, parameters, _OPTIONS)


def _optional(annotation: Any) -> Any:
    told = tuple(annotation.__metadata__)
    return Annotated[annotation.__origin__ | None, *told]


def _fetched(
    *,
    since: TimePoint | None,
    api_url: str | None,
    api_key: str | None,
    profile: str | None,
    quiet: bool,
    replays: bool,
) -> tuple[Path, Path]:
    """Fetch into a temporary folder; returns the paths of the automations and the events.

    Raises:
        CommandError: No server is named, it cannot be reached, or, for a command that `replays`,
            it has no automations.
    """
    from trigger_cli.cli.fetch import DEFAULT_SINCE, fetch_to
    from trigger_cli.cli.output import make_stderr, note, warn
    from trigger_cli.render.server.fetch_summary import losses

    settings = find_settings(api_url, api_key, profile)
    now = WallClock().instant()
    first = (since or DEFAULT_SINCE).resolve(now)
    folder = Path(tempfile.mkdtemp(prefix="trigger-cli-"))
    automations, events = folder / "automations.json", folder / "events.jsonl"
    stderr = make_stderr("auto")
    try:
        found = fetch_to(automations, events, settings, first, now, stderr, quiet=quiet)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # nobody is told where it lies
        raise
    if not quiet:
        for text in losses(found):
            warn(stderr, text)
        text = f"fetched {found.automations:,} automations and {found.new:,} events into {folder};"
        note(stderr, f"{text} to keep them: trigger-cli fetch --automations FILE --output FILE")
    if replays and not found.automations:
        raise CommandError(
            f"{settings.url}: the server has no automations",
            USAGE,
            f"to replay definitions on its events: give them, and the log {events}",
        )
    return automations, events
