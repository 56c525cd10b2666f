"""The timeline: a row for each automation, trigger or bucket, and the cursor across all of them.

The cost of a row does not depend on the number of its records: for each column only the first and
the last few are drawn.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from msgspec import Struct, field
from rich.cells import cell_len
from rich.text import Text

from trigger_cli.debugger.recording import Recording
from trigger_cli.debugger.selection import Index, Selection
from trigger_cli.debugger.session import Edited, Session
from trigger_cli.debugger.views.parts import FAINT, key_name, line, shown_name, trigger_name
from trigger_cli.match.plan import walk
from trigger_cli.model import CompositeTrigger, DeliveryTransition
from trigger_cli.render.common.axis import TimeAxis
from trigger_cli.render.common.inert import inert
from trigger_cli.render.replay.lane import SIGN_STYLES, Sign, TimelineLane
from trigger_cli.times import MILLISECOND

_LEGEND_GAP = 2
_FEW = 400
_REMEMBERED = 1_000
_ENDS = 3
_GAP = 1
_NARROWEST_CAPTION = 8
_WIDEST_CAPTION = 34
GAINED, LOST = ("+", "bold green"), ("−", "bold magenta")


class TimeSpan(NamedTuple):
    """The time from `start` to `end`, µs."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """The length, µs."""
        return self.end - self.start

    def zoomed(self, whole: TimeSpan, about: int, *, closer: bool) -> TimeSpan:
        """Half or twice the length; `about` keeps its place on the screen."""
        length = self.length // 2 if closer else self.length * 2
        if length >= whole.length:
            return whole
        length = max(length, 20 * MILLISECOND)
        start = about - (about - self.start) * length // max(self.length, 1)
        return TimeSpan(start, start + length).within(whole)

    def following(self, whole: TimeSpan, cursor: int) -> TimeSpan:
        """The same length, moved so that the cursor is in it."""
        if self.start <= cursor <= self.end:
            return self
        return TimeSpan(cursor - self.length // 2, cursor + self.length - self.length // 2).within(
            whole
        )

    def within(self, whole: TimeSpan) -> TimeSpan:
        """The same length, moved into `whole`."""
        start = max(min(self.start, whole.end - self.length), whole.start)
        return TimeSpan(start, start + self.length)


class Row(Struct, frozen=True):
    """A row of the timeline."""

    caption: str
    selection: Selection
    signs: list[Sign]
    fired: int
    marks: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Signs that replace others, by column: the differences of an edit."""
    style: str = ""


class Timeline(Struct, frozen=True):
    """A drawn timeline, and the places on it."""

    lines: list[Text]
    axis: TimeAxis
    left: int
    """The number of columns before the axis."""
    rows: list[Row]

    def instant(self, column: int) -> int | None:
        """The instant at a column of the pane; ``None`` left of the axis."""
        place = column - self.left
        if not 0 <= place < self.axis.columns:
            return None
        length = self.axis.end - self.axis.start
        return self.axis.start + (2 * place + 1) * length // (2 * (self.axis.columns - 1))


def timeline(session: Session, span: TimeSpan, width: int, height: int) -> Timeline:
    """Draw the timeline in `width` columns and `height` lines."""
    captions = max(min(width // 3, _WIDEST_CAPTION), _NARROWEST_CAPTION)
    tallies = 7 if width >= 60 else 0
    axis = TimeAxis(span.start, span.end, max(width - captions - _GAP - tallies, 2))
    room = max(height - 2, 1)
    rows = list(islice(_rows(session, axis, room, captions), room))
    cursor = axis.column(session.now)
    total = _row_count(session)
    shown = f"{len(rows)} of {total:,} · " if len(rows) < total else ""
    zone = inert(f"{shown}{session.clock.zone_name}", captions).ljust(captions + _GAP)
    lines = [
        line((zone, FAINT), (axis.labels(session.clock), FAINT)),
        _marks_line(session, axis, captions, cursor),
    ]
    lines += [_row_line(row, captions, cursor, tallies) for row in rows]
    if height - len(lines) > _LEGEND_GAP:
        lines += [line(""), *_legend(rows, width)]
    return Timeline(lines, axis, captions + _GAP, rows)


# --- Rows --------------------------------------------------------------------------------------


def _rows(session: Session, axis: TimeAxis, room: int, captions: int) -> Iterator[Row]:
    for caption, selection in _what(session, room, captions):
        index = session.index
        fired = len(index.firings(selection))
        yield Row(caption, selection, _signs(index, selection, axis), fired)
        edited = None if selection.key else session.edited.get(selection.automation or 0)
        is_root = selection.automation is not None and selection.path in {None, "$"}
        if edited is not None and is_root:
            yield _edited_row(edited, selection, axis)


def _what(session: Session, room: int, captions: int) -> Iterator[tuple[str, Selection]]:
    chosen, index = session.selection, session.index
    if chosen.automation is None:
        # If there is no room for all, show those around the current automation.
        for one in _around(session, room):
            automation = session.automations[one]
            yield shown_name(session, automation, captions), Selection(automation.index)
        return
    trigger = index.trigger(chosen)
    assert trigger is not None
    if isinstance(trigger, CompositeTrigger):
        for below in walk(trigger):
            depth = below.path.count("[") - trigger.path.count("[")
            yield "  " * depth + trigger_name(below), Selection(chosen.automation, below.path)
        return
    whole = Selection(chosen.automation, trigger.path)
    lanes = index.by_interest(whole)
    if chosen.key is not None:
        own = index.lanes(chosen)
        lanes = own + [one for one in lanes if one not in own]
    if len(lanes) != 1:
        yield trigger_name(trigger), whole
    for number in lanes[:room]:
        lane = session.recording.lanes[number]
        yield key_name(lane), Selection(chosen.automation, trigger.path, lane.key)


def _row_count(session: Session) -> int:
    """The rows that there would be if there were room."""
    chosen, index = session.selection, session.index
    if chosen.automation is None:
        return len(session.automations) + len(session.edited)
    trigger = index.trigger(chosen)
    assert trigger is not None
    if isinstance(trigger, CompositeTrigger):
        rows = sum(1 for _ in walk(trigger))
    else:
        lanes = len(index.by_interest(Selection(chosen.automation, trigger.path)))
        rows = lanes + (lanes != 1)
    return rows + (trigger.path == "$" and chosen.automation in session.edited)


def _around(session: Session, room: int) -> range:
    count = len(session.automations)
    if count <= room:
        return range(count)
    recording = session.recording
    lanes = [recording.lane_of(seq) for seq in recording.stop_records(session.position.stop)]
    touched = [recording.lanes[one].automation for one in lanes if one is not None]
    order = {one.index: place for place, one in enumerate(session.automations)}
    middle = order[touched[0].index] if touched else 0
    start = min(max(middle - room // 2, 0), count - room) if middle >= room else 0
    return range(start, start + room)


def _edited_row(edited: Edited, selection: Selection, axis: TimeAxis) -> Row:
    index = edited.index
    signs = _signs(index, selection, axis)
    marks: dict[int, tuple[str, str]] = {}
    for firings, mark in ((edited.difference.lost, LOST), (edited.difference.gained, GAINED)):
        for at, _ in firings:
            if axis.start <= at <= axis.end:
                marks[axis.column(at)] = mark
    changes = inert(", ".join(edited.changes), 80)
    fired = len(index.firings(selection))
    return Row(f"✎ {changes}", selection, signs, fired, marks, "italic")


# --- Signs -------------------------------------------------------------------------------------


def _signs(index: Index, selection: Selection, axis: TimeAxis) -> list[Sign]:
    """The row's signs; they do not depend on the cursor, so they are drawn once."""
    what = (selection, axis.start, axis.end, axis.columns)
    found = index.signs.get(what)
    if found is None:
        if len(index.signs) >= _REMEMBERED:
            index.signs.clear()
        found = index.signs[what] = _draw(index, selection, axis)
    return found


def _draw(index: Index, selection: Selection, axis: TimeAxis) -> list[Sign]:
    recording = index.recording
    lanes = index.lanes(selection)
    if len(lanes) == 1:
        lane = TimelineLane()
        drawn = _drawn(recording, recording.postings[lanes[0]], axis)
        outlines = map(recording.outline, drawn)
        own = [one for one in outlines if not isinstance(one, DeliveryTransition)]
        lane.add(own, pending_from=recording.end)
        return lane.drawn(axis)
    return _density(recording, index.records(selection), index.firings(selection), axis)


def _drawn(recording: Recording, records: Sequence[int], axis: TimeAxis) -> list[int]:
    """The records to draw: all, or the first and last few of each column."""
    first = max(bisect_left(records, axis.start, key=recording.at) - 2, 0)
    last = min(bisect_right(records, axis.end, key=recording.at) + 1, len(records))
    if last - first <= _FEW:
        return list(records[first:last])
    kept: list[int] = []
    for low, high in _columns(records, axis, recording.at):
        if high - low <= 2 * _ENDS:
            kept += records[low:high]
            continue
        kept += records[low : low + _ENDS]
        middle = records[low + _ENDS : min(high - _ENDS, low + 50)]
        kept += [seq for seq in middle if recording.kind_of(seq) == "fired"][:1]
        kept += records[high - _ENDS : high]
    return [*records[first : first + 2], *kept]


def _density(
    recording: Recording, records: Sequence[int], fired: Sequence[int], axis: TimeAxis
) -> list[Sign]:
    """Signs for many buckets at once: where something happened, and where something fired."""
    signs = [Sign.NOTHING] * axis.columns
    for column, (low, high) in enumerate(_columns(records, axis, recording.at)):
        if high > low:
            signs[column] = Sign.COUNTED if high - low <= 2 else Sign.SEVERAL
    for column, (low, high) in enumerate(_columns(fired, axis, recording.at)):
        if high > low:
            signs[column] = Sign.FIRED
    return signs


def _columns(
    things: Sequence[int], axis: TimeAxis, at: Callable[[int], int] | None = None
) -> Iterator[tuple[int, int]]:
    """By column: which of the sorted instants (or things with the time `at`) are in it."""
    length, steps = axis.end - axis.start, axis.columns - 1
    low = bisect_left(things, axis.start, key=at)
    for column in range(1, axis.columns + 1):
        # The first instant of the next column, as `TimeAxis.column` divides.
        end = axis.start + -(-column * length // steps)
        if column == axis.columns:
            end = axis.end + 1
        high = bisect_left(things, end, low, key=at)
        yield low, high
        low = high


# --- Lines -------------------------------------------------------------------------------------


def _marks_line(session: Session, axis: TimeAxis, captions: int, cursor: int) -> Text:
    """The line with the cursor, and the instants at which the dialects differ."""
    cells = [(" ", "")] * axis.columns
    caption = ""
    difference = session.dialect_difference
    if difference is not None:
        instants = difference.instants
        for column, (low, high) in enumerate(_columns(instants, axis)):
            if high > low:
                cells[column] = ("≠", "yellow")
        caption = f"≠ dialects: {len(instants)}"
    cells[cursor] = ("▼", "bold")
    return line((caption[:captions].ljust(captions + _GAP), FAINT), *cells)


def _row_line(row: Row, captions: int, cursor: int, tallies: int) -> Text:
    caption = Text(row.caption, row.style)
    caption.truncate(captions, overflow="ellipsis", pad=True)
    text = line(caption, " " * _GAP)
    for column, sign in enumerate(row.signs):
        look = SIGN_STYLES[sign]
        mark, style = row.marks.get(column, (look.mark, look.style))
        if column == cursor:
            mark, style = ("│" if mark == " " else mark, f"{style} reverse".strip())
        text.append(mark, style)
    if tallies and row.fired:
        tally = f" ★{row.fired:,}"
        text.append(tally[:tallies], "red")
    return text


def _legend(rows: Sequence[Row], width: int) -> Iterator[Text]:
    """The legend of the marks that were drawn."""
    drawn = {sign for row in rows for sign in row.signs}
    marks = {mark for row in rows for mark in row.marks.values()}
    entries = [
        (f"{look.mark} {look.meaning}", FAINT)
        for sign, look in SIGN_STYLES.items()
        if sign in drawn and look.meaning
    ]
    entries += [
        (f"{mark[0]} {meaning}", mark[1])
        for mark, meaning in ((GAINED, "fires now"), (LOST, "fires no more"))
        if mark in marks
    ]
    text = line("")
    for entry, style in entries:
        if text.cell_len + cell_len(entry) + 3 > width:
            yield text
            text = line("")
        text.append(f"{entry}   ", style)
    yield text
