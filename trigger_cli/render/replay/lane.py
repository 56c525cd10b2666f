"""One line of a timeline: when windows were open, and what fell into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

from trigger_cli.model import (
    Bucket,
    CompositeTrigger,
    EventTrigger,
    MetricTrigger,
    Transition,
)
from trigger_cli.render.common.axis import Axis

LOOK_BACK_RULE = "B6"


class Sign(IntEnum):
    """What a column of a lane can show; where several fall on one, the greatest is shown."""

    NOTHING = 0
    COOLING = 1
    OPEN = 2
    END = 3
    START = 4
    IGNORED = 5
    COUNTED = 6
    SEVERAL = 7
    BEYOND = 8
    PENDING = 9
    FIRED = 10


class Look(NamedTuple):
    """How a sign is drawn, and what the legend calls it."""

    mark: str
    style: str
    meaning: str


LOOKS = {
    Sign.NOTHING: Look(" ", "", ""),
    Sign.START: Look("├", "", "opened"),
    Sign.OPEN: Look("─", "", "open"),
    Sign.END: Look("┤", "", "ended"),
    Sign.COUNTED: Look("•", "cyan", "counted"),
    Sign.SEVERAL: Look("●", "cyan", "several counted"),
    Sign.IGNORED: Look("·", "dim", "ignored"),
    Sign.FIRED: Look("★", "bold red", "fired"),
    Sign.COOLING: Look("┄", "dim", "cooling down"),
    Sign.PENDING: Look("◇", "bold yellow", "pending deadline"),
    Sign.BEYOND: Look("›", "yellow", "pending later"),
}
"""In the legend's order."""


class _Span(NamedTuple):
    start: int
    end: int | None
    """``None``: past the end of the replay."""
    sign: Sign
    capped: bool = True
    """It has an end of its own, and does not just stop where something else is drawn."""


class Lane:
    """What one or several histories of one trigger look like on the axis."""

    def __init__(self) -> None:
        self._spans: list[_Span] = []
        self._points: list[tuple[int, Sign]] = []

    def add(self, transitions: Sequence[Transition], *, pending_from: int) -> None:
        """Draw a history; a proactive window open past `pending_from` has a pending deadline."""
        if not transitions:
            return
        match transitions[0].trigger:
            case EventTrigger() as trigger:
                self._add_windows(trigger, transitions, pending_from)
            case CompositeTrigger():
                self._add_composite(transitions)
            case MetricTrigger():
                self._add_metric(transitions)

    def drawn(self, axis: Axis) -> list[Sign]:
        """The signs, a column each."""
        cells = [Sign.NOTHING] * axis.columns

        def put(column: int, sign: Sign) -> None:
            cells[column] = max(cells[column], sign)

        for start, end, sign, capped in self._spans:
            if (end is not None and end < axis.start) or start > axis.end:
                continue
            first, last = axis.column(start), axis.column(axis.end if end is None else end)
            for column in range(first, last + 1):
                put(column, sign)
            if sign is Sign.OPEN and start >= axis.start:
                put(first, Sign.START)
            if sign is Sign.OPEN and capped and end is not None and end <= axis.end:
                put(last, Sign.END)
        counted = Counter(axis.column(at) for at, sign in self._points if sign is Sign.COUNTED)
        for at, sign in self._points:
            column = axis.column(at)
            if sign is Sign.COUNTED and counted[column] > 1:
                put(column, Sign.SEVERAL)
            elif sign is Sign.PENDING and at > axis.end:
                put(column, Sign.BEYOND)
            else:
                put(column, sign)
        return cells

    def _add_windows(
        self, trigger: EventTrigger, transitions: Iterable[Transition], pending_from: int
    ) -> None:
        window: Bucket | None = None
        started = 0
        timeless = trigger.immediate
        for one in transitions:
            if one.kind in {"counted", "ignored"} and one.event is not None:
                sign = Sign.COUNTED if one.kind == "counted" else Sign.IGNORED
                if not (one.after is not None and one.kind == "counted" and one.after.count <= 0):
                    self._points.append((one.event.occurred, sign))
            if one.kind in {"fired", "closed", "dropped", "renewed"}:
                before = one.before or window
                if before is not None:
                    began = started if window is not None else beginning(trigger, before, one)
                    over = one.at if timeless else min(one.at, before.end)
                    self._spans.append(_Span(began, over, Sign.OPEN))
                window = None
            if one.kind == "fired":
                self._points.append((one.at, Sign.FIRED))
            if one.after is not None and is_another(window, one.after):
                if window is not None:
                    # Transitions between are not kept.
                    self._spans.append(_Span(started, window.end, Sign.OPEN))
                window, started = one.after, beginning(trigger, one.after, one)
                if one.kind == "opened" and one.after.start > one.at:
                    self._spans.append(_Span(one.at, one.after.start, Sign.COOLING))
        if window is None:
            return
        if trigger.posture == "Proactive" and window.end > pending_from:
            self._points.append((window.end, Sign.PENDING))
            self._spans.append(_Span(started, window.end, Sign.OPEN, capped=False))
        else:
            self._spans.append(_Span(started, None if timeless else window.end, Sign.OPEN))

    def _add_composite(self, transitions: Iterable[Transition]) -> None:
        """A composite's bar: while it holds firings of its children."""
        held: set[str] = set()
        since = 0
        for one in transitions:
            assert one.firing is not None
            child = one.firing.trigger.path
            if one.kind == "stored":
                if not held:
                    since = one.at
                held.add(child)
                self._points.append((one.at, Sign.COUNTED))
            elif one.kind == "fired":
                self._points.append((one.at, Sign.FIRED))
            elif child in held:
                held.discard(child)
                if not held:
                    self._spans.append(_Span(since, one.at, Sign.OPEN))
        if held:
            self._spans.append(_Span(since, None, Sign.OPEN))

    def _add_metric(self, transitions: Iterable[Transition]) -> None:
        """A metric's bar: while it is breached."""
        since: int | None = None
        for one in transitions:
            if one.kind == "breached":
                since = one.at
            elif one.kind == "fired":
                self._points.append((one.at, Sign.FIRED))
            elif one.kind == "measured":
                self._points.append((one.at, Sign.COUNTED))
            elif one.kind == "recovered" and since is not None:
                self._spans.append(_Span(since, one.at, Sign.OPEN))
                since = None
        if since is not None:
            self._spans.append(_Span(since, None, Sign.OPEN))


def beginning(trigger: EventTrigger, bucket: Bucket, one: Transition) -> int:
    """Where a window's bar begins: without the look-back, which says nothing of what happened."""
    if one.rule == LOOK_BACK_RULE or (bucket.end - bucket.start > trigger.within > 0):
        return bucket.end - trigger.within
    return bucket.start


def is_another(window: Bucket | None, bucket: Bucket) -> bool:
    """Whether `bucket` is a window of its own, and not `window` with another count."""
    return window is None or (window.start, window.end) != (bucket.start, bucket.end)
