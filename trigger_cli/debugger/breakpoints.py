"""Breakpoints: where a run stops, forwards and backwards.

The user types a breakpoint as text. For a recording it becomes a sorted list of positions, once;
the next or previous one is found by binary search.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

from trigger_cli.debugger.position import Position, at_record, at_stop
from trigger_cli.debugger.selection import Index

Kind: TypeAlias = Literal["firing", "bucket", "event", "count", "divergence"]

FORMS = (
    ("firing [GLOB]", "an automation (whose name fits) fires"),
    ("bucket TEXT", "something happens to a bucket whose key has the text"),
    ("event PATTERN", "an event of this name is taken: prefect.flow-run.*"),
    ("count N [GLOB]", "a bucket's count reaches N"),
    ("divergence", "the other dialect fires and this one does not, or the reverse"),
)
"""The forms of a breakpoint, and their meanings."""


class Breakpoint(Struct, frozen=True):
    """A condition to stop at."""

    kind: Kind
    text: str = ""
    """A name's glob, a part of a key, or an event name's glob."""
    number: int = 0

    def __str__(self) -> str:
        number = str(self.number) if self.kind == "count" else ""
        return " ".join(part for part in (self.kind, number, self.text) if part)


def parse_breakpoint(text: str) -> Breakpoint:
    """Parse a breakpoint; its first word may be shortened to a unique prefix.

    Raises:
        ValueError: The text has none of the `FORMS`.
    """
    word, _, rest = text.strip().partition(" ")
    kinds: tuple[Kind, ...] = get_args(Kind)
    kind = next((one for one in kinds if word and one.startswith(word.casefold())), None)
    rest = rest.strip()
    match kind:
        case None:
            raise ValueError("not firing, bucket, event, count or divergence")
        case "firing":
            return Breakpoint(kind, rest)
        case "bucket" | "event":
            if not rest:
                what = "a part of a bucket's key" if kind == "bucket" else "an event name"
                raise ValueError(f"{kind} needs {what}")
            return Breakpoint(kind, rest)
        case "count":
            number, _, glob = rest.partition(" ")
            if not number.isdecimal() or len(number) > 9:
                raise ValueError("count needs a number, such as: count 3")
            return Breakpoint(kind, glob.strip(), int(number))
        case "divergence":
            return Breakpoint(kind)


def hits(breakpoint_: Breakpoint, index: Index, diverging: Sequence[int]) -> array[int]:
    """Every position of the breakpoint, packed and sorted.

    `diverging` are the instants at which the dialects differ, for that kind of breakpoint.
    """
    recording = index.recording
    match breakpoint_.kind:
        case "firing":
            records: Iterable[int] = (
                seq
                for lane, fired in zip(recording.lanes, recording.fired, strict=True)
                if lane.is_root and fits(lane.automation.name, breakpoint_.text)
                for seq in fired
            )
        case "bucket":
            wanted = breakpoint_.text.casefold()
            records = (
                seq
                for lane, posting in zip(recording.lanes, recording.postings, strict=True)
                if any(wanted in f"{label}={value}".casefold() for label, value in lane.labels)
                for seq in posting
            )
        case "count":
            records = (
                seq
                for lane, posting in zip(recording.lanes, recording.postings, strict=True)
                if fits(lane.automation.name, breakpoint_.text)
                for seq in posting
                if recording.kind_of(seq) == "counted"
                and recording.count_after(seq) == breakpoint_.number
            )
        case "event":
            return _packed(_events(breakpoint_.text, index))
        case "divergence":
            return _packed(at_stop(recording, recording.stop_at_time(one)) for one in diverging)
    return _packed(at_record(recording, seq) for seq in records)


def fits(name: str, glob: str) -> bool:
    """Whether a name matches a glob or contains its text; an empty glob matches every name."""
    return not glob or fnmatchcase(name, glob) or glob.casefold() in name.casefold()


def nearest(found: Iterable[array[int]], position: Position, *, forward: bool) -> Position | None:
    """The first position of all hits after `position`, or the last one before it."""
    here = position.packed
    if forward:
        after = [one[place] for one in found if (place := bisect_right(one, here)) < len(one)]
        best = min(after, default=None)
    else:
        before = [one[place - 1] for one in found if (place := bisect_left(one, here))]
        best = max(before, default=None)
    return None if best is None else Position.unpack(best)


def _events(pattern: str, index: Index) -> Iterable[Position]:
    recording = index.recording
    events = recording.events
    wanted = {number for number, name in enumerate(events.names) if fnmatchcase(name, pattern)}
    for position, name in enumerate(events.name_ids):
        if name in wanted:
            stop = recording.stop_of_event(position)
            # An event that another option excluded has no stop.
            if stop >= 0:
                yield at_stop(recording, stop)


def _packed(positions: Iterable[Position]) -> array[int]:
    return array("q", sorted({one.packed for one in positions}))
