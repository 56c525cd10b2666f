"""One bucket as a table: time, what happened, event, rule."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from trigger_cli.model import EventTrigger
from trigger_cli.render.common.fitted import FittedTable, hidden_rows
from trigger_cli.render.common.names import event_text, labels_text, trigger_place
from trigger_cli.render.common.view import INDENT, indented
from trigger_cli.render.common.words import counted
from trigger_cli.render.replay.steps import FIRED, IGNORED, Step, steps_of
from trigger_cli.render.replay.view import View, stack
from trigger_cli.report import BucketHistory
from trigger_cli.views.windows import bucket_of

_ROWS = 12
_OFFSET_FROM = 72
"""From this width on, offsets are shown beside times."""
_STYLES = {FIRED: "bold red", IGNORED: "dim"}


def bucket_table(bucket: BucketHistory, caption: str, view: View) -> RenderableType:
    """The bucket's steps below its caption; of many, the first and the last ones."""
    before, after = steps_of(bucket, view.clock, merge=not view.verbose)
    every = [*before, *after]
    first, last = before, after
    hidden, what = bucket.hidden, "transition"
    rows, how = view.rows(_ROWS), "all of them: --format jsonl"
    if len(every) > rows + 1:
        head = min(len(before), max(rows - rows // 3, 1))
        tail = len(every) - (rows - head)
        first, last = every[:head], every[max(tail, len(before) if hidden else 0) :]
        if hidden:
            hidden = bucket.total - sum(step.size for step in (*first, *last))
        else:
            hidden, what = len(every) - len(first) - len(last), "row"
            how = f"--limit {len(every)}"
    steps = [*first, *last]
    table = _table(steps, bucket, view)
    parts: list[RenderableType] = [_title(bucket, caption, view)]
    if first:
        parts.append(table.rows(0, len(first)))
    if hidden:
        parts.append(Padding(hidden_rows(hidden, what, how), (0, 0, 0, 3)))
    if last:
        parts.append(table.rows(len(first), with_header=not first))
    return indented(Group(*parts))


def _title(bucket: BucketHistory, caption: str, view: View) -> Text:
    firings = counted(bucket.fired, "firing") if bucket.fired else "no firing"
    title = Text(f"{trigger_place(bucket.trigger)} {caption}".strip(), "bold")
    title.append(f": {firings}", "dim")
    if view.verbose and bucket.labels:
        title.append(f"\n--bucket {labels_text(bucket.labels, full=True)}", "dim")
    return title


def _table(steps: Sequence[Step], bucket: BucketHistory, view: View) -> FittedTable:
    has_windows = view.roomy and isinstance(bucket.trigger, EventTrigger)
    above = ""
    rows = []
    for step in steps:
        style = _STYLES.get(step.mark, "")
        what = Text(step.phrase, style)
        if step.times > 1:
            what.append(f" (×{step.times:,}, last at {view.clock.at(step.last_at)})", "dim")
        event, line = _event(step, view), Text(str(step.event.line) if step.event else "", "dim")
        window = _window(step, view) if has_windows else ""
        rows.append(
            (
                Text(step.mark, style),
                Text(view.clock.at(step.at), style),
                Text(view.clock.offset(step.at) if view.width >= _OFFSET_FROM else "", "dim"),
                *((stack(what, event, line), "", "") if view.stacked else (what, event, line)),
                # Shown only if it differs from the row above.
                "" if window == above else window,
                step.rules if view.roomy or view.verbose else "",
            )
        )
        above = window or above
    heads = ("", "time", ">offset", "~what happened", "~event", ">line", "window", "rules")
    return FittedTable(heads, rows, view.width - INDENT, dim=("window", "rules"))


def _event(step: Step, view: View) -> Text:
    by_time = isinstance(step.trigger, EventTrigger) and step.transitions[0].event is None
    if step.event is None:
        if not by_time:
            return Text()
        return Text("start" if step.at == view.clock.start else "deadline", "dim")
    text = event_text(step.event, wide=view.roomy)
    return Text.assemble(("deadline, last ", "dim"), text) if by_time else text


def _window(step: Step, view: View) -> str:
    """The window of a step; for a firing the window in which it fired, not the next one."""
    fired = [one for one in step.transitions if one.kind == "fired"]
    bucket = bucket_of(fired[-1] if fired else step.transitions[-1])
    immediate = isinstance(step.trigger, EventTrigger) and step.trigger.immediate
    return "" if bucket is None or immediate else view.clock.window(bucket.start, bucket.end)
