"""The dashboard of `watch`: open windows with their deadlines, and the latest firings.

It always fills exactly the height of the terminal.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import tzinfo

from msgspec import Struct
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from trigger_cli.model import (
    Automation,
    Bucket,
    CompositeTrigger,
    EventTrigger,
    Firing,
    MetricTrigger,
    Trigger,
    key_labels,
)
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import child_path, event_text, labels_text
from trigger_cli.render.common.phrases import metric_value
from trigger_cli.render.common.plain import Encodable
from trigger_cli.render.common.words import counted
from trigger_cli.render.watch.lines import Status
from trigger_cli.times import HOUR, MINUTE, SECOND, format_duration, to_datetime

_WIDE = 110
_SOON = 10 * SECOND
_LONGEST_NAME = 60
_FILLED, _EMPTY = "━", "─"
_BAR = 8


class Line(Struct, frozen=True):
    """A row of the dashboard."""

    automation: Automation
    trigger: Trigger
    due: int | None
    key: tuple[str, ...] = ()
    bucket: Bucket | None = None
    held: int = 0
    value: float | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The dashboard at one moment, `height` lines high.

    `lines` are the open items, first due first; `firings` are the latest ones, oldest first.
    """

    status: Status
    lines: Sequence[Line]
    firings: Sequence[Firing]
    _: KW_ONLY
    zone: tzinfo
    height: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Head, windows, firings: the windows get the room that firings leave, at least half."""
        wide = options.max_width >= _WIDE
        head = [self._head(), self._counts()]
        if self.status.notice:
            head.append(Text(inert(self.status.notice, options.max_width), "yellow"))
        # Two titles, two table heads, two blank lines, and one line for the cursor.
        room = max(2, self.height - len(head) - 6)
        below = min(len(self.firings), max(1, room // 2))
        above = min(len(self.lines), max(1, room - max(below, 1)))
        below = min(len(self.firings), room - max(above, 1))
        for one in head:
            one.truncate(options.max_width, overflow="ellipsis")
            yield Encodable(one)
        yield Text()
        yield Encodable(self._title("Open", above, len(self.lines)))
        yield Encodable(self._open(self.lines[:above], wide=wide))
        yield Text()
        total = self.status.firings
        yield Encodable(self._title("Firings", below, total))
        yield Encodable(self._fired(self.firings[len(self.firings) - below :], wide=wide))

    # --- Head --------------------------------------------------------------------------------

    def _head(self) -> Text:
        status = self.status
        mark, style = ("●", "bold green") if status.connected else ("◇", "bold yellow")
        text = Text.assemble((f"{mark} ", style), (inert(status.source, 60), "bold"))
        now = to_datetime(status.now, self.zone).replace(tzinfo=None).isoformat(" ", "seconds")
        text.append(f"  {now if status.started else 'nothing yet'}")
        text.append(f"  {status.dialect} dialect", "dim")
        return text

    def _counts(self) -> Text:
        status = self.status
        text = Text()
        text.append(counted(status.events, "event"))
        text.append(f" · {status.matched:,} matched · ", "dim")
        text.append(counted(status.firings, "firing"), "bold magenta" if status.firings else "")
        if status.malformed:
            text.append(f" · {counted(status.malformed, 'malformed line')}", "yellow")
        if status.ahead:
            text.append(f" · {status.ahead:,} ahead of the clock", "yellow")
        text.append(f" · {counted(status.automations, 'automation')}", "dim")
        if status.reconnects:
            text.append(f" · {counted(status.reconnects, 'reconnect')}", "dim")
        return text

    def _title(self, name: str, shown: int, total: int) -> Text:
        text = Text(name, "bold")
        if total > shown:
            text.append(f"  {shown:,} of {total:,}", "dim")
        return text

    # --- What is open ------------------------------------------------------------------------

    def _open(self, lines: Sequence[Line], *, wide: bool) -> RenderableType:
        if not lines:
            what = "no window is open" if self.status.started else "waiting for the first event"
            return Text(f"  {what}", "dim")
        last = (("window", None), ("then", 2)) if wide else (("then", None),)
        table = _table(("automation", 3), ("bucket", 3), ("so far", None), *last)
        table.add_column("in", justify="right", no_wrap=True)
        for line in lines:
            window = [Text(self._window(line), "dim")] if wide else []
            which = (_name(line.automation), _event_and_resource(line), self._so_far(line))
            table.add_row(*which, *window, self._then(line), self._due(line.due))
        return table

    def _so_far(self, line: Line) -> Text:
        match line.trigger:
            case EventTrigger(threshold=threshold):
                count = 0 if line.bucket is None else max(line.bucket.count, 0)
            case CompositeTrigger(require=threshold):
                count = line.held
            case MetricTrigger():
                return Text(metric_value(line.trigger, line.value))
        filled = min(_BAR, count * _BAR // threshold) if threshold else _BAR
        text = Text(_FILLED * filled, "cyan")
        text.append(_EMPTY * (_BAR - filled), "dim")
        text.append(f" {count}/{threshold}")
        return text

    def _window(self, line: Line) -> str:
        if line.bucket is None:
            return ""
        if isinstance(line.trigger, EventTrigger) and not line.trigger.within:
            return f"from {self._time(line.bucket.start)}"
        return f"{self._time(line.bucket.start)}–{self._time(line.bucket.end)}"

    def _then(self, line: Line) -> Text:
        trigger, bucket = line.trigger, line.bucket
        if isinstance(trigger, MetricTrigger):
            style = {"triggered": "bold magenta", "breached": "yellow"}.get(line.state, "dim")
            return Text("fires" if line.due is not None else line.state, style)
        if isinstance(trigger, CompositeTrigger) or bucket is None:
            return Text("expires", "dim") if line.due is not None else Text("no limit", "dim")
        if trigger.posture == "Proactive":
            satisfied = bucket.count >= trigger.threshold
            return Text("satisfied", "green") if satisfied else Text("fires", "bold magenta")
        if bucket.start > self.status.now:
            return Text("cooled down", "dim")
        return Text("closes" if trigger.within else "no limit", "dim")

    def _due(self, due: int | None) -> Text:
        if due is None:
            return Text("–", "dim")
        left = due - self.status.now
        if left <= 0:
            return Text("now", "bold yellow")
        style = "bold yellow" if left < _SOON else ""
        return Text(countdown(left), style)

    # --- Firings -----------------------------------------------------------------------------

    def _fired(self, firings: Sequence[Firing], *, wide: bool) -> RenderableType:
        if not firings:
            return Text("  none yet", "dim")
        keyed = any(one.labels for one in firings)
        buckets = [("bucket", 2)] if keyed else []
        table = _table(("fired at", None), ("automation", 3), *buckets, ("event", 4))
        for one in reversed(firings):
            event = (
                Text("a deadline", "dim") if one.event is None else event_text(one.event, wide=wide)
            )
            when = Text.assemble(("★ ", "bold magenta"), self._time(one.at))
            bucket = [Text(labels_text(one.labels))] if keyed else []
            table.add_row(when, _name(one.automation), *bucket, event)
        return table

    def _time(self, instant: int) -> str:
        moment = to_datetime(instant, self.zone)
        today = to_datetime(self.status.now, self.zone).date()
        time = moment.time().isoformat("seconds")
        return time if moment.date() == today else f"{moment:%m-%d} {time}"


def countdown(left: int) -> str:
    """``9 s``, ``2:05``, ``1:02:03``; more than a day in words."""
    seconds = -(-left // SECOND)
    if left < MINUTE:
        return f"{seconds} s"
    if left < HOUR:
        return f"{seconds // 60}:{seconds % 60:02}"
    if left < 24 * HOUR:
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return format_duration(left)


def _table(*columns: tuple[str, int | None]) -> Table:
    """A table of columns; a number is a column's share of the width, ``None`` its natural width."""
    table = Table(
        box=None,
        expand=True,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="dim",
        collapse_padding=True,
    )
    for title, share in columns:
        table.add_column(title, ratio=share, no_wrap=True)
    return table


def _name(automation: Automation) -> Text:
    return Text(inert(automation.name, _LONGEST_NAME))


def _event_and_resource(line: Line) -> Text:
    trigger = line.trigger
    text = Text("" if trigger is line.automation.trigger else f"{child_path(trigger.path)} ", "dim")
    if line.key:
        text.append(labels_text(key_labels(trigger, line.key)), "default")
    elif isinstance(trigger, CompositeTrigger):
        text.append(trigger.kind)
    elif isinstance(trigger, MetricTrigger):
        text.append(trigger.metric)
    else:
        text.append("all events", "dim")
    return text
