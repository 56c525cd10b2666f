"""A metric's value over time as a small chart, and the runs that explain the value."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from trigger_cli.model import FiredTransition, MetricTrigger
from trigger_cli.render.common.axis import TimeAxis
from trigger_cli.render.common.fitted import FittedTable, hidden_rows
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import short_uuids
from trigger_cli.render.common.phrases import metric_value
from trigger_cli.render.common.view import INDENT, indented
from trigger_cli.render.common.words import counted
from trigger_cli.render.replay.view import View
from trigger_cli.report import KEPT_RUNS, MetricSeries
from trigger_cli.times import format_duration

_HEIGHT = 6
_LINE, _RISE, _THRESHOLD, _BREACH, _FIRED = "─", "│", "┄", "━", "★"
_BREACH_STYLE, _FIRED_STYLE = "yellow", "bold red"
_RUNS = 6


# --- The chart -------------------------------------------------------------------------------


def label_width(series: MetricSeries) -> int:
    """The width of the chart's labels, in cells."""
    scale = _scale(series)
    labels = {} if scale is None else _labels(series.trigger, scale)
    return max(map(cell_len, (*labels.values(), "breach")))


def metric_chart(series: MetricSeries, view: View, axis: TimeAxis, captions: int) -> Iterator[Text]:
    """The value in rows, the breaches and firings below it, and the time axis.

    It stands below the automation's timeline, on its axis; `captions`: the width of its captions.
    """
    scale = _scale(series)
    if scale is None:
        yield Text(" " * INDENT + "no run was measured, so the value is undefined", "dim")
        return
    labels = _labels(series.trigger, scale)
    columns = _values_by_column(series, axis)
    threshold = scale.row(series.trigger.threshold)
    for row in range(_HEIGHT):
        line = _caption(labels.get(row, ""), captions)
        for column, values_of_column in enumerate(columns):
            breached = _is_breached(series, axis, column)
            line.append(*_cell(row, values_of_column, scale, threshold, breached=breached))
        yield _clipped(line)
    yield _clipped(_breach_line(series, axis, captions))
    zone = view.clock.zone_name
    axis_line = _caption(zone if cell_len(zone) <= captions else "", captions)
    axis_line.append(axis.labels(view.clock), "dim")
    yield _clipped(axis_line)


class _Scale:
    """Maps values to rows; the highest value is in row 0."""

    def __init__(self, low: float, high: float) -> None:
        self.low = low
        self.high = high if high > low else low + 1

    def row(self, value: float) -> int:
        return round((self.high - value) / (self.high - self.low) * (_HEIGHT - 1))


def _scale(series: MetricSeries) -> _Scale | None:
    """The scale of the values and the threshold; ``None`` if no value is defined."""
    bound = series.trigger.threshold
    values = [value for _, value in series.points if value is not None]
    return _Scale(min(*values, bound), max(*values, bound)) if values else None


def _values_by_column(series: MetricSeries, axis: TimeAxis) -> list[list[float | None]]:
    """The values in each column; the first one is the value from before the column."""
    became: defaultdict[int, list[float | None]] = defaultdict(list)
    for at, value in series.points:
        became[axis.column(at)].append(value)
    columns: list[list[float | None]] = []
    for column in range(axis.columns):
        before = columns[-1][-1] if columns else None
        columns.append([before, *became[column]])
    return columns


def _cell(
    row: int, values: Sequence[float | None], scale: _Scale, threshold: int, *, breached: bool
) -> tuple[str, str]:
    style = _BREACH_STYLE if breached else ""
    last, rows = values[-1], [scale.row(one) for one in values if one is not None]
    if last is not None and row == scale.row(last):
        return _LINE, style
    if rows and min(rows) <= row <= max(rows):
        return _RISE, style
    return (_THRESHOLD, "dim") if row == threshold else (" ", "")


def _breach_line(series: MetricSeries, axis: TimeAxis, captions: int) -> Text:
    line = _caption("breach" if series.breaches else "", captions)
    fired = {axis.column(one.at) for one in series.fired}
    for column in range(axis.columns):
        if column in fired:
            line.append(_FIRED, _FIRED_STYLE)
        elif _is_breached(series, axis, column):
            line.append(_BREACH, _BREACH_STYLE)
        else:
            line.append(" ")
    return line


def _is_breached(series: MetricSeries, axis: TimeAxis, column: int) -> bool:
    return any(
        axis.column(one.start) <= column and (one.end is None or column <= axis.column(one.end))
        for one in series.breaches
    )


def _labels(trigger: MetricTrigger, scale: _Scale) -> dict[int, str]:
    """The labels of the rows: extremes and threshold; the threshold takes precedence."""
    labels = {0: metric_value(trigger, scale.high), _HEIGHT - 1: metric_value(trigger, scale.low)}
    bound = f"{trigger.operator} {metric_value(trigger, trigger.threshold)}"
    labels[scale.row(trigger.threshold)] = bound
    return labels


def _caption(caption: str, width: int) -> Text:
    line = Text(" " * INDENT)
    line.append(" " * (width - cell_len(caption)) + caption, "dim")
    line.append("  ")
    return line


def _clipped(line: Text) -> Text:
    line.rstrip()
    line.no_wrap = True
    line.overflow = "ellipsis"
    return line


# --- The runs ----------------------------------------------------------------------------------


def metric_runs(fired: FiredTransition, view: View) -> Iterator[RenderableType]:
    """The runs behind the value when a metric trigger fired, the decisive ones first."""
    trigger = fired.trigger
    assert isinstance(trigger, MetricTrigger)
    runs = sorted(
        fired.runs,
        key=lambda one: (bool(one.failed), one.duration or 0, one.occurred),
        reverse=True,
    )
    yield Text(" " * INDENT + _sentence(trigger, fired, view), no_wrap=False)
    rows = [
        (
            inert(one.state, 40),
            "" if one.duration is None else format_duration(one.duration),
            view.clock.at(one.occurred),
            inert(one.run if view.roomy else short_uuids(one.run)),
            str(one.event_line),
        )
        for one in runs[: view.rows(_RUNS)]
    ]
    heads = ("state", ">took", "at", "~run", ">line")
    yield indented(FittedTable(heads, rows, view.width - 2 * INDENT, dim=["line"]).rows(), 2)
    if len(runs) > len(rows):
        more = hidden_rows(len(runs) - len(rows), "run", f"--limit {len(runs)}")
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
