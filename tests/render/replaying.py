"""Little replays for the renderers' tests, from triggers and events made by hand."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo
from typing import Any

from rich.console import Console

from tests.support import Running, at
from trigger_cli.dialects import DIALECTS, counterpart
from trigger_cli.engine.sensitivity import sensitivities
from trigger_cli.model import Automation, BadLine, Event, Trigger
from trigger_cli.render.replay.table import render_firings, render_replay
from trigger_cli.render.replay.view import Shows
from trigger_cli.report import KEPT, AutomationSummary, Kept, ReplayReport, Reporter

FAILED = "prefect.flow-run.Failed"
RUNNING = "prefect.flow-run.Running"
COMPLETED = "prefect.flow-run.Completed"
PENDING = "prefect.flow-run.Pending"


def run_id(number: int) -> str:
    """A flow run's id; its first group is the number."""
    return f"prefect.flow-run.{number:08}-7fe5-4753-8f02-77f1511543db"


def run_event(
    line: int,
    seconds: float,
    name: str = FAILED,
    *,
    run: int = 1,
    called: str = "wise-owl",
    flow: str = "etl",
    follows: str | None = None,
) -> Event:
    """An event of a flow run, `seconds` after noon; its id is ``e<line>``."""
    resource = {"prefect.resource.id": run_id(run)}
    if called:
        resource["prefect.resource.name"] = called
    of_flow = {
        "prefect.resource.id": f"prefect.flow.{flow}",
        "prefect.resource.role": "flow",
        "prefect.resource.name": flow,
    }
    return Event(line, f"e{line}", name, at(seconds), None, follows, resource, (of_flow,))


def automation(trigger: Trigger, name: str = "alarm", *, index: int = 0, **more: Any) -> Automation:
    """An automation of that trigger."""
    return Automation(index, name, more.pop("source", "triggers.json"), trigger, **more)


def report_of(
    automations: Sequence[Automation],
    events: Iterable[Event],
    *,
    dialect: str = "docs",
    start: float | None = None,
    until: float | None = None,
    problems: Iterable[BadLine] = (),
    compared: bool = False,
    bounds: Kept = KEPT,
) -> ReplayReport:
    """Replay and report; `compared`: also count the firings in the other dialect."""
    events = list(events)
    replay = Running(automations, DIALECTS[dialect])
    reporter = Reporter(
        [
            AutomationSummary(
                one, sensitivities(one, DIALECTS[dialect], counterpart(DIALECTS[dialect]))
            )
            for one in automations
        ],
        dialect=DIALECTS[dialect].name,
        order="occurred",
        with_buckets=True,
        bounds=bounds,
    )
    if start is not None:
        replay.start(at(start))
    for one in events:
        for transition in replay.take(one):
            reporter.add(transition)
    for transition in replay.finish(None if until is None else at(until)):
        reporter.add(transition)
    for problem in problems:
        reporter.add_problem(problem)
    report = reporter.finish(
        start=replay.started,
        end=None if replay.started is None else replay.clock,
        offered=len(events),
        matched=replay.matched,
        pending=replay.pending(),
        waiting=((one.event, one.due) for one in replay.waiting()),
    )
    report.log.events = len(events)
    report.log.lines = len(events) + report.log.malformed
    report.log.sources = ("events.jsonl",)
    if compared:
        other = "docs" if dialect == "server" else "server"
        elsewhere = report_of(automations, events, dialect=other, start=start, until=until)
        for summary, there in zip(report.automations, elsewhere.automations, strict=True):
            summary.other_dialect_firings = there.firings
            summary.differences = summary.dialect_sensitive
    return report


def drawn(
    report: ReplayReport,
    *,
    width: int = 80,
    zone: tzinfo = UTC,
    verbose: bool = False,
    limit: int | None = None,
    shows: Shows | None = None,
    encoding: str = "utf-8",
) -> str:
    """What `render_replay` writes, without colour."""
    file = _file(encoding)
    console = _console(file, width)
    render_replay(report, console, zone=zone, verbose=verbose, limit=limit, shows=shows)
    return _written(file)


def firings_drawn(report: ReplayReport, *, zone: tzinfo = UTC, shows: Shows | None = None) -> str:
    """What `render_firings` writes, on a narrow console."""
    file = _file("utf-8")
    render_firings(report, _console(file, 40), zone=zone, shows=shows)
    return _written(file)


def _file(encoding: str) -> io.TextIOWrapper:
    # As the command line opens its output: what cannot be encoded is not to be a crash.
    return io.TextIOWrapper(
        io.BytesIO(), encoding=encoding, errors="backslashreplace", newline="\n"
    )


def _console(file: io.TextIOWrapper, width: int) -> Console:
    return Console(file=file, width=width, color_system=None, legacy_windows=False)


def _written(file: io.TextIOWrapper) -> str:
    file.flush()
    buffer = file.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode(file.encoding)
