"""A metric's value over time as a small chart, with its threshold, its breaches and its firings."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from trigger_cli.model import MetricTrigger
from trigger_cli.render.common.axis import TimeAxis
from trigger_cli.render.common.phrases import metric_value
from trigger_cli.render.replay.view import INDENT, View
from trigger_cli.report import MetricSeries

_HEIGHT = 6
_LINE, _RISE, _THRESHOLD, _BREACH, _FIRED = "─", "│", "┄", "━", "★"
_BREACH_STYLE, _FIRED_STYLE = "yellow", "bold red"


def metric_chart(series: MetricSeries, view: View, end: int) -> Iterator[Text]:
    """The chart's lines: the value in rows, the breaches below it, and the time axis.

    Args:
        series: The metric's value over time.
        view: How to show it.
        end: Where the axis ends, µs.
    """
    values = [value for _, value in series.points if value is not None]
    if not values:
        yield Text(" " * INDENT + "no run was measured, so the value is undefined", "dim")
        return
    trigger = series.trigger
    scale = _Scale(min(*values, trigger.threshold), max(*values, trigger.threshold))
    labels = _labels(trigger, scale)
    captions = max(*map(cell_len, labels.values()), len("breach"))
    axis = TimeAxis(view.clock.start, end, view.width - INDENT - captions - 2)
    spans = _values_by_column(series, axis)
    threshold = scale.row(trigger.threshold)
    for row in range(_HEIGHT):
        line = _caption(labels.get(row, ""), captions)
        for column, span in enumerate(spans):
            breached = _is_breached(series, axis, column)
            line.append(*_cell(row, span, scale, threshold, breached=breached))
        yield _clipped(line)
    yield _clipped(_breach_line(series, axis, captions))
    zone = view.clock.zone_name
    axis_line = _caption(zone if cell_len(zone) <= captions else "", captions)
    axis_line.append(axis.labels(view.clock), "dim")
    yield _clipped(axis_line)


class _Scale:
    """Values to rows; the highest is row 0."""

    def __init__(self, low: float, high: float) -> None:
        self.low = low
        self.high = high if high > low else low + 1

    def row(self, value: float) -> int:
        return round((self.high - value) / (self.high - self.low) * (_HEIGHT - 1))


class _ColumnValues:
    """The values within one column."""

    def __init__(self, value: float | None) -> None:
        self.last = value
        self.low = self.high = value

    def add(self, value: float | None) -> None:
        self.last = value
        if value is not None:
            self.low = value if self.low is None else min(self.low, value)
            self.high = value if self.high is None else max(self.high, value)


def _values_by_column(series: MetricSeries, axis: TimeAxis) -> list[_ColumnValues]:
    spans: list[_ColumnValues] = []
    points = iter(series.points)
    point = next(points, None)
    value: float | None = None
    for column in range(axis.columns):
        span = _ColumnValues(value)
        while point is not None and axis.column(point[0]) <= column:
            span.add(point[1])
            point = next(points, None)
        value = span.last
        spans.append(span)
    return spans


def _cell(
    row: int, span: _ColumnValues, scale: _Scale, threshold: int, *, breached: bool
) -> tuple[str, str]:
    style = _BREACH_STYLE if breached else ""
    if span.low is not None and span.high is not None:
        top, bottom = scale.row(span.high), scale.row(span.low)
        if span.last is not None and row == scale.row(span.last):
            return _LINE, style
        if top <= row <= bottom:
            return _RISE, style
    return (_THRESHOLD, "dim") if row == threshold else (" ", "")


def _breach_line(series: MetricSeries, axis: TimeAxis, captions: int) -> Text:
    line = _caption("breach", captions) if series.breaches else _caption("", captions)
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
    """The labels of the rows: the extremes and the threshold, which takes precedence."""
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
