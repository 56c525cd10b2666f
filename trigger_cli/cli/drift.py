"""``trigger-cli drift``: compare the automations of files with a server's, or an export's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import FOUND, USAGE, CommandError
from trigger_cli.cli.server_options import ApiKey, ApiUrl, Profile, find_settings

if TYPE_CHECKING:
    from trigger_cli.definitions import Definitions
    from trigger_cli.history.diff import Diff
    from trigger_cli.history.drift import Drift
    from trigger_cli.read.log import Log

EXAMPLES = """\
Examples:

\b
  trigger-cli drift triggers/ prefect.yaml --against server
  trigger-cli drift main.tf --against automations.json
  trigger-cli drift triggers/ --against server --automation 'billing-*' --format json
  trigger-cli drift triggers/ --against automations.json --log events.jsonl
"""

SERVER = "server"


def drift(
    paths: Annotated[
        list[str],
        shared.argument("TRIGGERS", "Definitions: files, folders, globs, or - for stdin."),
    ],
    against: Annotated[
        str,
        shared.valued(
            "FILE|server",
            "What to compare with: an export of automations, or a live server's.",
            "--against",
        ),
    ],
    log: Annotated[
        list[str] | None,
        shared.valued(
            "LOG",
            "Also replay what differs on a log: path, glob, or -. Repeatable.",
            "--log",
            "-l",
        ),
    ] = None,
    automation: Annotated[
        list[str] | None,
        shared.automations("Compare only automations whose name matches this glob. Repeatable."),
    ] = None,
    dialect: shared.DialectChoice = "auto",
    output_format: shared.Format = "table",
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    limit: shared.RowLimit = None,
    color: shared.Color = "auto",
    width: shared.Width = None,
    quiet: Annotated[bool, shared.quiet("Show only the comparison.")] = False,
    verbose: shared.Verbose = False,
    api_url: ApiUrl = None,
    api_key: ApiKey = None,
    profile: Profile = None,
) -> None:
    """Compare the automations of files with those of a server or an export, by name.

    Shows automations that are missing there, extra there, or different, field by field: in when
    they fire and what they do. Tags and descriptions are not compared. Exit 1 if there is any.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.inputs import load_triggers, report_log
    from trigger_cli.cli.output import consoles, make_stderr, open_output, require_view, write_json
    from trigger_cli.history.drift import drift as compare

    is_table = output_format == "table"
    require_view(save, shows_one=is_table, output_format=output_format)
    stderr = make_stderr(color)
    if [*paths, against, *(log or [])].count("-") > 1:
        raise CommandError("only one input can be read from stdin (-)", USAGE)
    if against != SERVER and any((api_url, api_key, profile)):
        raise CommandError("--api-url, --api-key and --profile need --against server", USAGE)
    here = load_triggers(paths, stderr, quiet=quiet, verbose=verbose, automation=automation)
    there = _others(against, api_url, api_key, profile)
    found = compare(*_chosen(here, there, automation or []))
    replayed = _replayed(found, against, log or [], dialect, quiet=quiet)
    with open_output(output) as file:
        if is_table:
            from trigger_cli.render.history.drift_table import render_drift

            for console in consoles(file, "drift", color=color, width=width, save=save):
                difference = replayed[1] if replayed else None
                is_server = against == SERVER
                render_drift(found, against, difference, console, is_server=is_server, limit=limit)
        else:
            from trigger_cli.render.history.drift_json import drift_object

            write_json(file, drift_object(found, against, replayed[1] if replayed else None))
    failed = 0
    if replayed:
        reader, last = replayed
        failed = report_log(reader, stderr, leaderless=last.leaderless, quiet=quiet)
    raise typer.Exit(failed or (FOUND if found.drifted else 0))


def _chosen(
    here: Definitions, there: Definitions, globs: list[str]
) -> tuple[Definitions, Definitions]:
    """Both sides with the automations whose names match one of the globs; one side may have none.

    Raises:
        CommandError: No name of either side matches.
    """
    from trigger_cli.cli.choosing import chosen_automations, is_chosen

    chosen_automations((*here.automations, *there.automations), globs)
    of_here = tuple(one for one in here.automations if is_chosen(one.name, globs))
    of_there = tuple(one for one in there.automations if is_chosen(one.name, globs))
    return replace(here, automations=of_here), replace(there, automations=of_there)


def _others(
    against: str, api_url: str | None, api_key: str | None, profile: str | None
) -> Definitions:
    """The automations to compare with; there may be none.

    Raises:
        CommandError: They cannot be read, or they are wrong.
    """
    import sys
    import tempfile

    from trigger_cli.cli.inputs import require_files
    from trigger_cli.definitions import load
    from trigger_cli.definitions.templates import Values, filling_in

    with tempfile.TemporaryDirectory(prefix="trigger-cli-") as folder, filling_in(Values()):
        path = against
        if against == SERVER:
            from trigger_cli.cli.fetch import fetch_automations

            path = str(Path(folder) / "automations.json")
            fetch_automations(Path(path), find_settings(api_url, api_key, profile))
        found = load([path], stdin=sys.stdin.buffer)
    errors = [one for one in found.findings if one.severity == "error"]
    require_files(errors, against)
    if errors:
        wrong = errors[0]
        place = f"{against}:{wrong.span.line}:{wrong.span.column}"
        raise CommandError(f"{place}: {wrong.message}", USAGE, wrong.help)
    if any(not one.is_of_definitions for one in found.documents if not one.entries):
        raise CommandError(
            f"{against} holds no automations",
            USAGE,
            "export them: trigger-cli fetch --automations FILE --no-events",
        )
    return found


def _replayed(
    found: Drift, against: str, logs: list[str], dialect: shared.DialectName, *, quiet: bool
) -> tuple[Log, Diff] | None:
    """The log, and its replays by files and by server compared; ``None`` if there is none to do.

    Raises:
        CommandError: A log cannot be read, also where nothing differs: CI learns it the day it counts.
    """
    if not logs:
        return None
    if not found.different:
        from trigger_cli.cli.inputs import require_readable
        from trigger_cli.read.log import Log

        require_readable(Log(logs))
        return None
    from trigger_cli.cli.dialect_choice import chosen_dialect
    from trigger_cli.cli.diff import compared_on
    from trigger_cli.history.diff import DiffSide
    from trigger_cli.pipeline import ReplayOptions

    here = tuple(one.here for one in found.different)
    there = tuple(one.there for one in found.different)
    rules = chosen_dialect(dialect, there)
    sides = (
        DiffSide("files", here, rules, "occurred"),
        DiffSide(against, there, rules, "occurred"),
    )
    return compared_on(sides, logs, ReplayOptions(), quiet=quiet)
