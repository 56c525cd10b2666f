"""An automation's buckets in parallel on one time axis."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.text import Text

from trigger_cli.model import CompositeTrigger, EventTrigger, MetricTrigger, Trigger
from trigger_cli.render.common.axis import TimeAxis
from trigger_cli.render.common.clipped import all_clipped_apart
from trigger_cli.render.common.fitted import hidden_rows
from trigger_cli.render.common.names import event_name, trigger_place
from trigger_cli.render.common.view import INDENT, indented
from trigger_cli.render.replay.lane import SIGN_STYLES, Sign, TimelineLane
from trigger_cli.render.replay.view import View, how_to_see_buckets
from trigger_cli.report import BucketHistory

_LANES = 12
_BLANK = " " * INDENT
_GAP = 2
_LONGEST_CAPTION = 36


class _TimelineRow(Struct, frozen=True):
    caption: str
    lane: TimelineLane
    fired: int


class DrawnTimeline:
    """An automation's lanes: one for each bucket or, of a composite, for each trigger.

    Args:
        trigger: The automation's trigger.
        buckets: Its buckets, in the order of their lanes.
        names: The captions of the first `most_lanes` buckets.
        view: How to show them.
        end: The end of the axis, µs.
        margin: The least width of the captions, in cells, for what is drawn on the same axis.
    """

    def __init__(
        self,
        trigger: Trigger,
        buckets: Sequence[BucketHistory],
        names: Mapping[BucketHistory, str],
        view: View,
        end: int,
        margin: int = 0,
    ) -> None:
        self._view = view
        self._is_tree = isinstance(trigger, CompositeTrigger)
        if self._is_tree:
            by_path: dict[str, list[BucketHistory]] = {}
            for one in buckets:
                by_path.setdefault(one.trigger.path, []).append(one)
            self._total = _size(trigger)
            rows = _rows_of_tree(trigger, by_path, view)
        else:
            self._total = len(buckets)
            rows = (_row(names[one], [one], view) for one in buckets)
        self._shown = list(islice(rows, most_lanes(view)))
        self._room = view.width - len(_BLANK)
        captions = max(cell_len(row.caption) for row in self._shown)
        captions = min(captions, _LONGEST_CAPTION, max(self._room // 3, 8))
        self.captions = max(captions, margin)
        """The width of the captions, in cells; a gap of 2 cells follows."""
        tallies = max((len(_tally(row)) for row in self._shown), default=0)
        right = tallies + (_GAP if tallies else 0)
        self.axis = TimeAxis(view.clock.start, end, self._room - self.captions - _GAP - right)

    def drawn(self) -> RenderableType:
        """The axis, the lanes and a legend."""
        zone = self._view.clock.zone_name
        line = Text(_BLANK)
        line.append((zone if len(zone) <= self.captions else "").ljust(self.captions + _GAP), "dim")
        line.append(self.axis.labels(self._view.clock), "dim")
        lines = [line]
        signs: set[Sign] = set()
        clipped = all_clipped_apart([row.caption for row in self._shown], self.captions)
        for row, caption in zip(self._shown, clipped, strict=True):
            cells = row.lane.drawn(self.axis)
            signs.update(cells)
            lines.append(_lane_line(row, caption, cells, self.captions))
        if hidden := self._total - len(self._shown):
            how = f"--limit {self._total}" if self._is_tree else how_to_see_buckets(self._total)
            more = hidden_rows(hidden, "trigger" if self._is_tree else "bucket", how)
            lines.append(Text.assemble(_BLANK, more))
        for line in lines:
            line.no_wrap = True
            line.overflow = "ellipsis"
        if any(SIGN_STYLES[sign].meaning for sign in signs):
            return Group(*lines, indented(_legend(signs, self._room)))
        return Group(*lines)


def most_lanes(view: View) -> int:
    """The most lanes of a timeline."""
    return view.rows(_LANES)


def _row(caption: str, buckets: Iterable[BucketHistory], view: View) -> _TimelineRow:
    lane, fired = TimelineLane(), 0
    for bucket in buckets:
        lane.add(bucket.transitions, pending_from=view.clock.end)
        fired += bucket.fired
    return _TimelineRow(caption, lane, fired)


def _rows_of_tree(
    trigger: Trigger, buckets: Mapping[str, list[BucketHistory]], view: View, depth: int = 0
) -> Iterator[_TimelineRow]:
    """A lane for the parent, and below it one for each child with all its buckets."""
    own = buckets.get(trigger.path, [])
    yield _row("  " * depth + _caption_of_trigger(trigger), own, view)
    if isinstance(trigger, CompositeTrigger):
        for child in trigger.triggers:
            yield from _rows_of_tree(child, buckets, view, depth + 1)


def _size(trigger: Trigger) -> int:
    children = trigger.triggers if isinstance(trigger, CompositeTrigger) else ()
    return 1 + sum(map(_size, children))


def _caption_of_trigger(trigger: Trigger) -> str:
    match trigger:
        case CompositeTrigger(kind=what) | MetricTrigger(metric=what):
            caption: str = what
        case EventTrigger():
            name = event_name(trigger.expect[0], wide=False) if trigger.expect else "any event"
            caption = f"no {name}" if trigger.posture == "Proactive" else name
    return f"{trigger_place(trigger)} {caption}".strip()


def _lane_line(row: _TimelineRow, caption: str, cells: Sequence[Sign], captions: int) -> Text:
    line = Text(_BLANK + set_cell_size(caption, captions + _GAP))
    for sign in cells:
        line.append(SIGN_STYLES[sign].mark, SIGN_STYLES[sign].style)
    tally = _tally(row)
    if tally:
        line.append(" " * _GAP + tally, SIGN_STYLES[Sign.FIRED].style)
    else:
        line.rstrip()
    return line


def _tally(row: _TimelineRow) -> str:
    return f"{SIGN_STYLES[Sign.FIRED].mark} {row.fired:,}" if row.fired else ""


def _legend(signs: set[Sign], width: int) -> Text:
    """The legend of the marks that were drawn; a mark and its meaning stay on one line."""
    lines = [""]
    for sign, look in SIGN_STYLES.items():
        if sign not in signs or not look.meaning:
            continue
        entry = f"{look.mark} {look.meaning}"
        longer = f"{lines[-1]}   {entry}" if lines[-1] else entry
        if cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(entry)
    return Text("\n".join(lines), "dim", no_wrap=True, overflow="ellipsis")
