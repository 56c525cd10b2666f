"""``trigger-cli capture``: cut a small test out of a log."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from msgspec.structs import replace

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import LOG, USAGE, CommandError
from trigger_cli.cli.streams import file_behind
from trigger_cli.model import Event
from trigger_cli.render.common.words import counted, often, quoted
from trigger_cli.times import TimePoint, format_instant

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.definitions import Definitions
    from trigger_cli.dialects import Dialect
    from trigger_cli.model import Automation, DeliveryOrder
    from trigger_cli.read.log import Log
    from trigger_cli.testing.capturing import CapturedReplay, Slice
    from trigger_cli.testing.writing import Captured

EXAMPLES = """\
Examples:

\b
  trigger-cli capture triggers.json events.jsonl --automation daily > daily.trigger-test.yaml
  trigger-cli capture triggers.json events.jsonl --automation daily --firing 2 --trim
  trigger-cli capture triggers/ --log 'logs/*.zst' --automation daily --pseudonymise -o t.yaml
  trigger-cli test daily.trigger-test.yaml
"""
_NEAR = 10


def capture(
    paths: Annotated[
        list[str],
        shared.argument(
            "TRIGGERS",
            "Definitions: files, folders or globs. Without --log, two arguments are"
            " TRIGGERS and LOG.",
        ),
    ],
    log: shared.LogPaths = None,
    automation: Annotated[
        str | None,
        shared.automations(
            "The one automation whose name matches this glob; needed if there are several."
        ),
    ] = None,
    firing: Annotated[
        int | None, shared.valued("N", "Only the Nth firing.  [default: all]", min=1)
    ] = None,
    dialect: shared.DialectChoice = "auto",
    order: shared.OrderChoice = "occurred",
    start: shared.Start = None,
    until: shared.Until = None,
    trim: Annotated[
        bool,
        typer.Option(
            "--trim", help="Leave out labels and related resources that the trigger ignores."
        ),
    ] = False,
    pseudonymise: Annotated[
        bool,
        typer.Option(
            "--pseudonymise",
            help="Replace the names and ids of resources and the ids of events, in the trigger too,"
            " which is written into the test. Implies --trim.",
        ),
    ] = False,
    inline: Annotated[
        bool, typer.Option("--inline", help="Write the trigger into the test, not its path.")
    ] = False,
    output_format: Annotated[Literal["yaml", "json"], shared.formats("How to write it.")] = "yaml",
    output: shared.OutputFile = None,
    color: shared.Color = "auto",
    quiet: Annotated[bool, shared.quiet("No summary.")] = False,
    verbose: shared.Verbose = False,
) -> None:
    """Cut a test out of a log: the smallest slice of events that gives the same firings.

    Events are removed and the rest is replayed, until no single event can be removed without
    changing the firings. For an automation that never fired, the slice brings it as near to firing
    as the log did. The test is run before it is written.
    """
    from trigger_cli.cli.choosing import the_automation
    from trigger_cli.cli.dialect_choice import chosen_dialect
    from trigger_cli.cli.inputs import load_triggers, triggers_and_logs
    from trigger_cli.cli.output import make_stderr, open_output, write_json
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import AllLabels, Reading
    from trigger_cli.testing.capturing import MOST_EVENTS, SliceTooLargeError, cut

    stderr = make_stderr(color)
    trigger_paths, log_paths = triggers_and_logs(paths, log or [])
    definitions = load_triggers(
        trigger_paths, stderr, quiet=not verbose, verbose=verbose, automation=automation
    )
    chosen = the_automation(definitions.automations, automation)
    reader = Log(log_paths, Reading(AllLabels(), order))
    rules = chosen_dialect(dialect, [chosen])
    recording = _recorded(chosen, reader, rules, order, start, until, stderr, quiet=quiet)
    total = len(recording.firings)
    if firing is not None and firing > total:
        raise CommandError(
            f"{quoted(chosen.name)} {f'fired {often(total)}' if total else 'never fired'}, so there is no"
            f" firing {firing}",
            USAGE,
            f"--firing takes 1 to {total}" if total else "leave out --firing",
        )
    try:
        found = cut(recording, number=firing)
    except SliceTooLargeError as error:
        raise CommandError(
            f"{error}, and a test has at most {MOST_EVENTS:,}",
            USAGE,
            "capture one firing with --firing, or a part of the log with --until",
        ) from None
    if found is None:
        raise CommandError(
            "no slice of the log gives the same firings; too much of it would have to be kept",
            USAGE,
            "shorten the log with --until",
        )
    _require_test_length(found)
    # If the shell redirects stdout to a file, paths in the test are relative to that file.
    landing = file_behind(sys.stdout) if output is None else output
    target = landing or Path("captured.trigger-test.yaml")
    captured, notes = _captured(
        definitions, chosen, found, target, trim=trim or pseudonymise, pseudonymise=pseudonymise,
        inline=inline or pseudonymise, reader=reader, number=firing,
    )  # fmt: skip
    text, claims = _verified(captured, target)
    if captured.reached is not None and not claims:
        found = replace(found, minimal=False)  # without the claim, no event is needed
    with open_output(output) as file:
        if output_format == "yaml":
            file.write(text)
        else:
            write_json(file, _object(found, total, reader, text))
    if not quiet:
        for note in (_summary(found, total, reader), *notes):
            stderr.print(note, soft_wrap=True)
    if reader.unreadable:
        raise typer.Exit(LOG)


def _require_test_length(found: Slice) -> None:
    """Refuse a slice that is too long for a test.

    Raises:
        CommandError: It spans more time than a test may.
    """
    from trigger_cli.testing.fields import LONGEST

    start, until = found.setting.start, found.setting.until
    if until - start > LONGEST:
        raise CommandError(
            f"a test spans at most 100,000 days, and this replay goes from {format_instant(start)}"
            f" to {format_instant(until)}",
            USAGE,
            "give a nearer --start or --until",
        )


def _recorded(
    automation: Automation,
    reader: Log,
    dialect: Dialect,
    order: DeliveryOrder,
    start: TimePoint | None,
    until: TimePoint | None,
    stderr: Console,
    *,
    quiet: bool,
) -> CapturedReplay:
    """Replay the log once and keep what cutting needs; reports problems of the log."""
    from trigger_cli.cli.inputs import reading, report_log
    from trigger_cli.pipeline import ReplayOptions
    from trigger_cli.read.log_range import LogRange
    from trigger_cli.testing.capturing import CaptureRecorder

    begun: list[int] = []
    recorder: CaptureRecorder | None = None
    options = ReplayOptions(start=start, until=until)
    with reading(reader, quiet=quiet) as records:
        log_range = LogRange(records, options, begin=begun.append, bad_line=lambda _: None)
        for event in log_range:
            assert isinstance(event, Event)  # all labels were read, and there is no --from
            if recorder is None:
                # The automation is the only one of its replay.
                alone = replace(automation, index=0)
                begin = begun[0] if begun else None
                recorder = CaptureRecorder(alone, dialect.name, order, begin)
            recorder.take(event)
    if recorder is None:
        raise CommandError(f"the log has no events: {', '.join(reader.sources)}", LOG)
    recording = recorder.finish(log_range.until)
    report_log(reader, stderr, leaderless=recording.leaderless, lenient=True, quiet=quiet)
    return recording


def _captured(
    definitions: Definitions,
    automation: Automation,
    found: Slice,
    target: Path,
    *,
    trim: bool,
    pseudonymise: bool,
    inline: bool,
    reader: Log,
    number: int | None,
) -> tuple[Captured, list[str]]:
    """The test to write, and notes about it."""
    from trigger_cli.cli.choosing import written_trigger
    from trigger_cli.definitions.templates import given_variables
    from trigger_cli.same_file import identity_of
    from trigger_cli.testing.capturing import firings_of
    from trigger_cli.testing.trimming import numbered, trimmed
    from trigger_cli.testing.writing import Captured

    setting = found.setting
    events = list(found.events)
    if setting.order != "received":
        events = [one._replace(received=None) for one in events]
    if trim:
        events = numbered(trimmed(events, setting, found.target))
    name = _test_name(found, number)
    sources = " and ".join(Path(one).name for one in reader.sources[:3])
    many = f"{len(events):,} of {reader.stats.events:,} events"
    heading = [f"Cut out of {sources} by `trigger-cli capture`: {many}."]
    same_name = [one for one in definitions.automations if one.name == automation.name]
    # A definition that came through a pipe cannot be read again by its name.
    is_piped = automation.source == "-" or identity_of(automation.source) is None
    alone = inline or is_piped or len(same_name) > 1
    captured = Captured(
        setting=setting,
        events=events,
        firings=tuple(firings_of(setting, events)) if trim else found.firings,
        reached=found.target.reached,
        heading=heading,
        triggers={"name": automation.name, "trigger": written_trigger(definitions, automation)}
        if alone
        # Not `resolve`, which fails for a link to itself; writing reports that error better.
        else os.path.relpath(automation.source, Path(os.path.realpath(target)).parent),
        name=name,
    )
    if pseudonymise:
        return _pseudonymised(captured, found)
    needed = "" if alone else " ".join(f"--var {one}=…" for one in given_variables())
    note = f"note: the test reads the definition again, so it needs {needed}"
    return captured, [note] if needed else []


def _pseudonymised(captured: Captured, found: Slice) -> tuple[Captured, list[str]]:
    """The same test with pseudonyms, replayed to check that it still gives the firings."""
    from trigger_cli.definitions import load_text
    from trigger_cli.testing.capturing import firings_of
    from trigger_cli.testing.pseudonyms import Pseudonyms
    from trigger_cli.testing.writing import yaml_lines

    assert not isinstance(captured.triggers, str)
    old = captured.setting.automation
    names = Pseudonyms(old, captured.events)
    events = [names.event(one) for one in captured.events]
    definition = {**names.definition(captured.triggers), "name": "automation"}
    text = "\n".join(yaml_lines(definition))
    loaded = load_text(text, file="pseudonyms.yaml").automations
    new = loaded[0] if loaded else old
    setting = replace(captured.setting, automation=new)
    firings = tuple(firings_of(setting, events))
    if [one.at for one in firings] != [one.at for one in found.firings]:
        raise CommandError(
            "with pseudonyms the trigger would not fire as it did: its patterns match parts"
            " of names",
            USAGE,
            "use --trim, and rename by hand",
        )
    reached = captured.reached
    if reached is not None:
        labels = tuple(
            (label, names.value(value, label.rpartition(":")[2])) for label, value in reached.labels
        )
        reached = replace(reached, labels=labels)
    notes = []
    if names.kept:
        kept = ", ".join(sorted(names.kept)[:_NEAR])
        notes.append(
            f"note: wildcards of the trigger match these, so they keep their names: {kept}"
        )
    done = replace(
        captured,
        setting=setting,
        events=events,
        firings=firings,
        reached=reached,
        heading=["Cut out of a log by `trigger-cli capture --pseudonymise`."],
        triggers=definition,
        name=captured.name.replace(old.name, new.name),
    )
    return done, notes


def _test_name(found: Slice, number: int | None) -> str:
    name = found.setting.automation.name
    if number is not None:
        return f"{name}: firing {number}"
    count = len(found.firings)
    words = {0: "never fires", 1: "fires once", 2: "fires twice"}
    return f"{name}: {words.get(count, f'fires {count} times')}"


def _verified(captured: Captured, target: Path) -> tuple[str, bool]:
    """The text of the test, after a run that it passed, and whether it claims what was reached."""
    from trigger_cli.definitions import load
    from trigger_cli.testing.reading import read_suite
    from trigger_cli.testing.running import run_scenario
    from trigger_cli.testing.writing import suite_text

    for attempt in (captured, replace(captured, reached=None)):
        text = suite_text(attempt)
        suite = read_suite(text, str(target), lambda path: load([path]))
        if not suite.has_errors and all(
            result.passed for scenario in suite.scenarios for result in run_scenario(scenario, {})
        ):
            return text, attempt.reached is not None
    # The definition is valid, but its file may contain something that a test does not allow.
    problems = [one.message for one in suite.findings]
    raise CommandError(
        "the test gives another result than the log" + "".join(f": {one}" for one in problems[:1]),
        USAGE,
        "this is a bug in trigger-cli; please report it",
    )


def _summary(found: Slice, total: int, reader: Log) -> str:
    events = reader.stats.events
    if not found.events and not total:
        return (
            f"none of {counted(events, 'event')} was counted in a window, so the test has none:"
            " `trigger-cli explain` tells why"
        )
    percent = 100 * len(found.events) / events if events else 0
    share = f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"
    many = f"{len(found.events):,} of {counted(events, 'event')} ({share})"
    s = "s" if len(found.events) == 1 else ""
    text = f"{many} give{s} {len(found.firings):,} of {counted(total, 'firing')}"
    if not total:
        text = f"it never fired: {many} bring{s} it as near to firing as the log did"
    if found.tries:
        text += f"; {counted(found.tries, 'slice')} tried"
    return text if found.minimal else f"{text}; there may be a smaller one"


def _object(found: Slice, total: int, reader: Log, text: str) -> dict[str, Any]:
    return {
        "format": "trigger-cli/capture@1",
        "automation": found.setting.automation.name,
        "dialect": found.setting.dialect,
        "order": found.setting.order,
        "firings": len(found.firings),
        "firings_in_log": total,
        "events": len(found.events),
        "events_in_log": reader.stats.events,
        "slices_tried": found.tries,
        "minimal": found.minimal,
        "test": text,
    }
