"""One bucket's story as a table: when, what happened, because of which event, by which rule."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from trigger_cli.model import CompositeTrigger, EventTrigger, MetricTrigger
from trigger_cli.render.common.fitted import Column, FittedTable
from trigger_cli.render.common.names import bucket_caption, event_text, labels_text
from trigger_cli.render.replay.steps import FIRED, IGNORED, Step, steps_of
from trigger_cli.render.replay.view import INDENT, View, counted, hidden_rows, joined
from trigger_cli.report import BucketHistory
from trigger_cli.views.windows import bucket_of

_ROWS = 12
_OFFSET_FROM = 72
"""From this width on, offsets are shown beside the times."""
_STYLES = {FIRED: "bold red", IGNORED: "dim"}


def bucket_table(bucket: BucketHistory, view: View) -> RenderableType:
    """The bucket's steps; if there are many, the first and the last ones."""
    before, after = steps_of(bucket, view.clock, merge=not view.verbose)
    every = [*before, *after]
    first, last = before, after
    hidden, rows, how = bucket.hidden, view.rows(_ROWS), "all of them: --format jsonl"
    if len(every) > rows + 1:
        head = min(len(before), max(rows - rows // 3, 1))
        tail = len(every) - (rows - head)
        first, last = every[:head], every[max(tail, len(before) if hidden else 0) :]
        if not hidden:
            how = f"--limit {len(every)}"
        hidden = bucket.total - sum(step.size for step in (*first, *last))
    steps = [*first, *last]
    table = FittedTable(_columns(steps, bucket, view), view.width - INDENT)
    parts: list[RenderableType] = [_title(bucket, view)]
    if first:
        parts.append(table.rows(0, len(first)))
    if hidden:
        parts.append(Padding(hidden_rows(hidden, "transition", how), (0, 0, 0, 3)))
    if last:
        parts.append(table.rows(len(first), len(steps), with_header=not first))
    return Padding(Group(*parts), (0, 0, 0, INDENT))


def _title(bucket: BucketHistory, view: View) -> Text:
    facts = joined(
        (
            counted(bucket.fired, "firing") if bucket.fired else "no firing",
            counted(bucket.total, "transition"),
        )
    )
    title = Text(_whose(bucket), "bold")
    if bucket.trigger.path != "$":
        title = Text.assemble((f"{bucket.trigger.path} ", "bold"), title)
    title.append(f": {facts}", "dim")
    if view.verbose and bucket.labels:
        title.append(f"\n--bucket {labels_text(bucket.labels, full=True)}", "dim")
    return title


def _whose(bucket: BucketHistory) -> str:
    match bucket.trigger:
        case CompositeTrigger():
            return bucket.trigger.kind
        case MetricTrigger():
            return bucket.trigger.metric
        case EventTrigger():
            return bucket_caption(bucket)


def _columns(steps: Sequence[Step], bucket: BucketHistory, view: View) -> list[Column]:
    styles = [_STYLES.get(step.mark, "") for step in steps]
    marks = [Text(step.mark, style) for step, style in zip(steps, styles, strict=True)]
    times = [Text(view.clock.at(step.at), style) for step, style in zip(steps, styles, strict=True)]
    what = [_what(step, style, view) for step, style in zip(steps, styles, strict=True)]
    events = [_event(step, view) for step in steps]
    lines = [Text("" if step.event is None else str(step.event.line), "dim") for step in steps]
    columns = [Column("", marks), Column("time", times)]
    if view.width >= _OFFSET_FROM:
        offsets = [Text(view.clock.offset(step.at), "dim") for step in steps]
        columns.append(Column("offset", offsets, justify="right"))
    if view.stacked:
        columns.append(Column("what happened", view.stack(what, events, lines), flexible=True))
    else:
        columns.append(Column("what happened", what, flexible=True))
        columns.append(Column("event", events, flexible=True))
        columns.append(Column("line", lines, justify="right"))
    if view.roomy and isinstance(bucket.trigger, EventTrigger):
        columns.append(Column("window", _windows(steps, view), style="dim"))
    if view.roomy or view.verbose:
        columns.append(Column("rules", [Text(step.rules) for step in steps], style="dim"))
    return columns


def _what(step: Step, style: str, view: View) -> Text:
    text = Text(step.phrase, style)
    if step.times > 1:
        text.append(f" (×{step.times:,}, last at {view.clock.at(step.last_at)})", "dim")
    return text


def _event(step: Step, view: View) -> Text:
    by_time = isinstance(step.trigger, EventTrigger) and step.transitions[0].event is None
    if step.event is None:
        if not by_time:
            return Text()
        return Text("start" if step.at == view.clock.start else "deadline", "dim")
    text = event_text(step.event, wide=view.roomy)
    return Text.assemble(("deadline, last ", "dim"), text) if by_time else text


def _windows(steps: Sequence[Step], view: View) -> list[Text]:
    """Each step's window, if it differs from the one above."""
    cells, above = [], ""
    for step in steps:
        # A firing is shown with the window it fired in, not with the next one.
        fired = [one for one in step.transitions if one.kind == "fired"]
        last = step.transitions[-1]
        bucket = bucket_of(fired[-1] if fired else last)
        immediate = isinstance(step.trigger, EventTrigger) and step.trigger.immediate
        window = "" if bucket is None or immediate else view.clock.window(bucket)
        cells.append(Text("" if window == above else window))
        above = window or above
    return cells
