"""The runs behind a metric's value when it fired: "why is it 0.83?"."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from trigger_cli.model import FiredTransition, MetricTrigger, RunMeasure
from trigger_cli.render.common.fitted import Column, FittedTable
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import short_uuids
from trigger_cli.render.common.phrases import metric_value
from trigger_cli.render.replay.view import INDENT, View, counted, hidden_rows
from trigger_cli.report import KEPT_RUNS
from trigger_cli.times import format_duration

_RUNS = 6


def metric_runs(fired: FiredTransition, view: View) -> Iterator[RenderableType]:
    """The runs of the value when the trigger fired, the decisive ones first.

    Args:
        fired: The ``fired`` transition of a metric trigger, with its runs.
        view: How to show it.
    """
    trigger = fired.trigger
    assert isinstance(trigger, MetricTrigger)
    runs = sorted(fired.runs, key=_weight, reverse=True)
    yield Text(" " * INDENT + _sentence(trigger, fired, view), no_wrap=False)
    shown = runs[: view.rows(_RUNS)]
    columns = [
        Column("state", [Text(inert(one.state, 40)) for one in shown]),
        Column("took", [Text(_took(one)) for one in shown], justify="right"),
        Column("at", [Text(view.clock.at(one.occurred)) for one in shown]),
        Column(
            "run",
            [Text(inert(one.run if view.roomy else short_uuids(one.run))) for one in shown],
            flexible=True,
        ),
        Column("line", [Text(str(one.event_line)) for one in shown], justify="right", style="dim"),
    ]
    table = FittedTable(columns, view.width - 2 * INDENT).rows(0, len(shown))
    yield Padding(table, (0, 0, 0, 2 * INDENT))
    if len(runs) > len(shown):
        more = hidden_rows(len(runs) - len(shown), "run", f"--limit {len(runs)}")
        yield Text.assemble(" " * 2 * INDENT, more)


def _sentence(trigger: MetricTrigger, fired: FiredTransition, view: View) -> str:
    value = metric_value(trigger, fired.value)
    runs = fired.runs
    many = f"the latest {len(runs)} runs" if len(runs) == KEPT_RUNS else counted(len(runs), "run")
    at = view.clock.at(fired.at)
    if trigger.metric == "successes":
        failed = sum(bool(one.failed) for one in runs)
        return f"behind {value} at {at}: {failed} of {many} failed"
    return f"behind {value} at {at}: the mean of {counted(len(runs), 'span')}"


def _weight(run: RunMeasure) -> tuple[bool, int, int]:
    return (bool(run.failed), run.duration or 0, run.occurred)


def _took(run: RunMeasure) -> str:
    return "" if run.duration is None else format_duration(run.duration)
