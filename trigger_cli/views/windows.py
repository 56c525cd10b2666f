"""The windows of an event trigger, and their bars, from a replay's records.

`WindowStory` is a window with its records; explanations use it. `Window` is a bar, with its start,
its end and how it ended: an item of a timeline, a page or a trace. A bar differs from its window on
purpose: it omits the look-back (B6) and ends where the window was decided. There are also bars for
cool-downs, for the time in which a composite stores child firings, and for the time in which a
metric breaches its bound.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from msgspec import Struct, field

from trigger_cli.model import (
    Bucket,
    BucketTransition,
    Closed,
    CompositeTrigger,
    Counted,
    Event,
    EventTrigger,
    FiredTransition,
    HeldTransition,
    Ignored,
    Opened,
    Renewed,
    Transition,
    Trigger,
    TriggerTransition,
)

WindowState: TypeAlias = Literal[
    "open", "fired", "closed", "expired", "renewed", "dropped", "recovered", "cooling"
]
STATES: dict[WindowState, str] = {
    "open": "open at the end of the replay",
    "fired": "fired",
    "closed": "ended without firing",
    "expired": "ended, and was not evaluated again",
    "renewed": "renewed by a heartbeat",
    "dropped": "dropped",
    "recovered": "recovered",
    "cooling": "cooling down after a firing",
}
"""The label of each state."""

_LOOK_BACK_RULE = "B6"


def bucket_of(one: Transition) -> Bucket | None:
    """The bucket of a record: its new state, or its last state if it ended."""
    if isinstance(one, BucketTransition):
        return one.after or one.before
    return one.before if one.kind == "fired" else None


# --- Windows -------------------------------------------------------------------------------


class WindowStory(Struct):
    """One window of one bucketing key, from its opening to its end."""

    first: BucketTransition | FiredTransition
    """Its first record: the opening, unless that record was not kept."""
    bucket: Bucket
    """Its latest state."""
    counted: list[Counted] = field(default_factory=list)
    ending: Closed | Renewed | FiredTransition | None = None
    """The record that fired, closed, renewed or dropped it; ``None`` if there is none."""

    @property
    def key(self) -> tuple[str, ...]:
        """The bucketing key (B2)."""
        return self.first.key

    @property
    def opening(self) -> Opened | Renewed | None:
        """The record that opened it; ``None`` if that was not kept."""
        return self.first if isinstance(self.first, Opened | Renewed) else None

    @property
    def opener(self) -> Event | None:
        """The event that opened it; ``None`` if a deadline did, or if unknown."""
        return None if self.opening is None else self.opening.event


class _Stories:
    """Follows the windows of one bucketing key."""

    def __init__(self) -> None:
        self.current: WindowStory | None = None

    def take(self, one: TriggerTransition) -> list[WindowStory]:
        """The windows that end with the next record, including one whose ending was not kept."""
        if not isinstance(one, BucketTransition | FiredTransition):
            return []
        window = one.before if isinstance(one, FiredTransition) else one.before or one.after
        if window is None:  # B7
            return []
        over = []
        story = self.current
        if story is not None and (
            one.kind == "opened"
            or (story.bucket.start, story.bucket.end) != (window.start, window.end)
        ):
            # The records between the two were not kept.
            over.append(story)
            story = None
        if story is None:
            story = self.current = WindowStory(one, window)
        if isinstance(one, Opened | Counted | Ignored):
            story.bucket = one.after or window
            return over
        story.bucket = window
        story.ending = one
        over.append(story)
        # A renewal ends one window and opens the next (E4).
        self.current = WindowStory(one, one.after) if isinstance(one, Renewed) else None
        return over


def windows_of(records: Iterable[TriggerTransition]) -> Iterator[WindowStory]:
    """The windows of one event trigger, in the order in which they ended or, if open, began.

    A window whose ending was not kept is omitted, unless it is the last of its key.
    """
    by_key: dict[tuple[str, ...], _Stories] = {}
    for one in records:
        stories = by_key.setdefault(one.key, _Stories())
        over = stories.take(one)
        if over:
            # Keeps the windows that are open at the end in the order in which they began.
            by_key[one.key] = by_key.pop(one.key)
            yield from (story for story in over if story.ending is not None)
        if one.kind == "counted" and stories.current is not None:
            stories.current.counted.append(one)
    yield from (one.current for one in by_key.values() if one.current is not None)


# --- Bars ----------------------------------------------------------------------------------


class Window(Struct, frozen=True):
    """One bar: its start, its end, and how it ended."""

    start: int
    """The start of the bar, µs: without the look-back, and not before the previous bar's end."""
    end: int
    state: WindowState
    rule: str
    """The rule that ended it or, if it is open, the one that opened it."""
    count: int | None
    """For an event trigger, the events counted; for a composite, the firings it stored."""
    opened: int
    """`Transition.seq` of what opened and (next field) what ended it; both identify its marks."""
    ended: int
    bucket: Bucket | None
    """The window in the engine's terms."""

    @property
    def is_instantaneous(self) -> bool:
        """Whether it ended at once, so that only its firing is shown."""
        return self.start == self.end and self.state != "open"


class WindowFold:
    """Makes bars from the transitions of one bucket of `trigger`."""

    def __init__(self, trigger: Trigger) -> None:
        self._trigger = trigger
        self._free = -(2**63)
        self._stories = _Stories()
        # The record that opened the current bar of a composite or a metric, if there is one.
        self._opened: TriggerTransition | None = None
        self._held: set[str] = set()
        self._fired = False
        self._last: int  # `seq` of the last transition; no bar ends before the first

    def take(self, one: TriggerTransition) -> list[Window]:
        """The bars that end with the next transition."""
        match self._trigger:
            case EventTrigger() as trigger:
                done = list(self._take_event(trigger, one))
            case CompositeTrigger():
                done = list(self._take_composite(one))
            case _:
                done = list(self._take_metric(one))
        self._last = one.seq
        return done

    def finish(self, end: int) -> list[Window]:
        """The bar that is open when the replay ends at `end`, µs."""
        story = self._stories.current
        if isinstance(self._trigger, EventTrigger) and story is not None:
            over = end if self._trigger.immediate else story.bucket.end
            is_open = self._trigger.immediate or over > end
            return [self._bar_of(self._trigger, story, "open" if is_open else "expired", over)]
        if self._opened is None:
            return []
        return [self._bar(self._opened, end, "open")]

    def _take_event(self, trigger: EventTrigger, one: TriggerTransition) -> Iterator[Window]:
        for story in self._stories.take(one):
            match one.kind:
                case "fired" | "closed" | "renewed" | "dropped" if story.ending is one:
                    over = one.at if trigger.immediate else min(one.at, story.bucket.end)
                    yield self._bar_of(trigger, story, one.kind, over, one)
                case _:
                    yield self._bar_of(trigger, story, "expired", story.bucket.end)
        if one.kind == "opened" and one.after.start > one.at:
            yield self._bar(one, one.after.start, "cooling", one)

    def _take_composite(self, one: TriggerTransition) -> Iterator[Window]:
        if not isinstance(one, HeldTransition | FiredTransition):
            return
        child = one.firing.trigger.path
        held = len(self._held)
        match one.kind:
            case "stored":
                if self._opened is None:
                    self._opened = one
                self._held.add(child)
            case "fired":
                if self._opened is not None:
                    yield self._bar(self._opened, one.at, "fired", one, held)
                self._held.clear()
                self._opened = None
            case "expired" | "cleared":
                # If it is cleared without a firing, the firing's record was not kept.
                state: WindowState = "expired" if one.kind == "expired" else "fired"
                self._held.discard(child)
                if self._opened is not None and not self._held:
                    yield self._bar(self._opened, one.at, state, one, held)
                    self._opened = None

    def _take_metric(self, one: TriggerTransition) -> Iterator[Window]:
        match one.kind:
            case "breached":
                self._opened = one
                self._fired = False
            case "fired":
                self._fired = True
            case "recovered" if self._opened is not None:
                state: WindowState = "fired" if self._fired else "recovered"
                yield self._bar(self._opened, one.at, state, one)
                self._opened = None

    def _bar_of(
        self,
        trigger: EventTrigger,
        story: WindowStory,
        state: WindowState,
        end: int,
        by: TriggerTransition | None = None,
    ) -> Window:
        """The bar of a window, without the look-back."""
        bucket, first = story.bucket, story.first
        start = bucket.start
        if first.rule == _LOOK_BACK_RULE or (bucket.end - bucket.start > trigger.within > 0):
            start = bucket.end - trigger.within
        return self._bar(first, end, state, by, bucket.count, start=start, bucket=bucket)

    def _bar(
        self,
        opened: TriggerTransition,
        end: int,
        state: WindowState,
        by: TriggerTransition | None = None,
        count: int | None = None,
        *,
        start: int | None = None,
        bucket: Bucket | None = None,
    ) -> Window:
        start = max(opened.at if start is None else start, self._free)
        self._free = end = max(end, start)
        if count is None and isinstance(self._trigger, CompositeTrigger):
            count = len(self._held)
        rule, last = (opened.rule, self._last) if by is None else (by.rule, by.seq)
        return Window(start, end, state, rule, count, opened.seq, last, bucket)
