"""The windows of one bucket, in order, as bars that never overlap.

What a timeline draws as bars and a trace as slices. A composite's bar is the time in which it holds
firings of its children, a metric's the time in which its bound is breached.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from trigger_cli.model import Bucket, CompositeTrigger, EventTrigger, Transition, Trigger
from trigger_cli.render.replay.lane import beginning, is_another

WindowState: TypeAlias = Literal[
    "open", "fired", "closed", "expired", "renewed", "dropped", "recovered", "cooling"
]
STATES: dict[WindowState, str] = {
    "open": "open at the end of the replay",
    "fired": "fired",
    "closed": "ended without firing",
    "expired": "ran out, and nothing looked at it again",
    "renewed": "renewed by a heartbeat",
    "dropped": "dropped",
    "recovered": "recovered",
    "cooling": "cooling down after a firing",
}
"""Each state with what to call it."""


class Window(NamedTuple):
    """One bar: from when to when, and how it ended."""

    start: int
    """Where it is drawn from, µs: without the look-back, and never before the last one's end."""
    end: int
    state: WindowState
    rule: str
    """The rule that ended it or, while it is open, that opened it."""
    count: int | None  # type: ignore[assignment]  # the field's word; nobody counts in a tuple
    """Of an event trigger, what was counted; of a composite, how many firings it held."""
    opened: int
    """`Transition.seq` of what opened it, and of what ended it; these two tell its marks."""
    ended: int
    bucket: Bucket | None
    """The window itself, as the engine has it."""


class WindowFold:
    """Makes windows of one bucket's transitions, as they come.

    Args:
        trigger: The bucket's trigger.
    """

    def __init__(self, trigger: Trigger) -> None:
        self._trigger = trigger
        self._free = -(2**63)
        self._start: int | None = None
        self._bucket: Bucket | None = None
        self._held: set[str] = set()
        self._opened: Transition | None = None
        self._last = 0
        self._fired = False

    @property
    def is_open(self) -> bool:
        """Whether a window is open."""
        return self._start is not None

    def take(self, one: Transition) -> list[Window]:
        """The windows that end with the next transition."""
        match self._trigger:
            case EventTrigger() as trigger:
                done = self._take_event(trigger, one)
            case CompositeTrigger():
                done = self._take_composite(one)
            case _:
                done = self._take_metric(one)
        self._last = one.seq
        return done

    def finish(self, end: int) -> list[Window]:
        """The window that is still open when the replay ends at `end`, µs."""
        if self._start is None:
            return []
        bucket = self._bucket
        timeless = isinstance(self._trigger, EventTrigger) and self._trigger.immediate
        if bucket is None or timeless:
            return self._ended("open", end, None)
        state: WindowState = "open" if bucket.end > end else "expired"
        return self._ended(state, bucket.end, None)

    def _take_event(self, trigger: EventTrigger, one: Transition) -> list[Window]:
        done: list[Window] = []
        if one.kind in {"fired", "closed", "dropped", "renewed"}:
            before = one.before or self._bucket
            if before is not None:
                if self._start is None:
                    self._open(beginning(trigger, before, one), before, one)
                self._bucket = before
                over = one.at if trigger.immediate else min(one.at, before.end)
                state: WindowState = one.kind
                done += self._ended(state, over, one)
            self._start = self._bucket = None
        if one.after is None:
            return done
        if is_another(self._bucket, one.after):
            if self._bucket is not None:
                # Transitions between are not kept.
                done += self._ended("expired", self._bucket.end, None)
            start = beginning(trigger, one.after, one)
            if one.kind == "opened" and one.after.start > one.at:
                self._open(one.at, None, one)
                done += self._ended("cooling", one.after.start, one)
            self._open(start, one.after, one)
        else:
            self._bucket = one.after
        return done

    def _take_composite(self, one: Transition) -> list[Window]:
        assert one.firing is not None
        child = one.firing.trigger.path
        if one.kind == "stored":
            if self._start is None:
                self._open(one.at, None, one)
            self._held.add(child)
        elif one.kind == "fired" and self._start is not None:
            done = self._ended("fired", one.at, one)
            self._held.clear()
            return done
        elif one.kind == "expired":
            held = len(self._held)
            self._held.discard(child)
            if self._start is not None and not self._held:
                return self._ended("expired", one.at, one, held)
        return []

    def _take_metric(self, one: Transition) -> list[Window]:
        if one.kind == "breached":
            self._open(one.at, None, one)
            self._fired = False
        elif one.kind == "fired":
            self._fired = True
        elif one.kind == "recovered" and self._start is not None:
            return self._ended("fired" if self._fired else "recovered", one.at, one)
        return []

    def _open(self, start: int, bucket: Bucket | None, one: Transition) -> None:
        self._start = max(start, self._free)
        self._bucket = bucket
        self._opened = one

    def _ended(
        self, state: WindowState, end: int, by: Transition | None, held: int | None = None
    ) -> list[Window]:
        start, opened, bucket = self._start, self._opened, self._bucket
        assert start is not None
        assert opened is not None
        self._start = self._bucket = None
        end = max(end, start)
        self._free = end
        count = held
        if bucket is not None:
            count = bucket.count
        elif isinstance(self._trigger, CompositeTrigger) and held is None:
            count = len(self._held)
        rule = opened.rule if by is None else by.rule
        last = self._last if by is None else by.seq
        if start == end and state != "open":
            # It was over as soon as it began: the firing says all there is to say.
            return []
        return [Window(start, end, state, rule, count, opened.seq, last, bucket)]
