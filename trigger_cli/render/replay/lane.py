"""One line of a timeline: the times of open windows, and what happened in them."""

from collections import Counter
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from msgspec import Struct

from trigger_cli.model import EventTrigger, Trigger, TriggerTransition
from trigger_cli.render.common.axis import TimeAxis
from trigger_cli.views.windows import Window, WindowFold


class Sign(IntEnum):
    """A sign in a column of a lane; of several signs in a column, the greatest is shown."""

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


class SignStyle(Struct, frozen=True):
    """The drawing of a sign, and its name in the legend."""

    mark: str
    style: str
    meaning: str


SIGN_STYLES = {
    Sign.NOTHING: SignStyle(" ", "", ""),
    Sign.START: SignStyle("├", "", "opened"),
    Sign.OPEN: SignStyle("─", "", "open"),
    Sign.END: SignStyle("┤", "", "ended"),
    Sign.COUNTED: SignStyle("•", "cyan", "counted"),
    Sign.SEVERAL: SignStyle("●", "cyan", "several counted"),
    Sign.IGNORED: SignStyle("·", "dim", "ignored"),
    Sign.FIRED: SignStyle("★", "bold red", "fired"),
    Sign.COOLING: SignStyle("┄", "dim", "cooling down"),
    Sign.PENDING: SignStyle("◇", "bold yellow", "pending deadline"),
    Sign.BEYOND: SignStyle("›", "yellow", "pending later"),
}
"""In the order of the legend."""


class _Bar(NamedTuple):
    start: int
    end: int | None
    """``None``: past the end of the replay."""
    sign: Sign
    capped: bool = True
    """Whether the sign `END` is drawn at its end."""


class TimelineLane:
    """One or several histories of one trigger, drawn on the axis."""

    def __init__(self) -> None:
        self._spans: list[_Bar] = []
        self._points: list[tuple[int, Sign]] = []

    def add(self, transitions: Sequence[TriggerTransition], *, pending_from: int) -> None:
        """Draw a history; a proactive window open after `pending_from` has a pending deadline."""
        if not transitions:
            return
        trigger = transitions[0].trigger
        fold = WindowFold(trigger)
        for one in transitions:
            self._spans += map(_span, fold.take(one))
            self._add_points(one)
        for window in fold.finish(pending_from):
            self._add_open(trigger, window)

    def drawn(self, axis: TimeAxis) -> list[Sign]:
        """The signs, one for each column."""
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

    def _add_points(self, one: TriggerTransition) -> None:
        match one.kind:
            # The event that starts a watch does not count towards it (B5).
            case "counted" if one.after.count > 0:
                self._points.append((one.event.occurred, Sign.COUNTED))
            case "ignored":
                self._points.append((one.event.occurred, Sign.IGNORED))
            case "stored" | "measured":
                self._points.append((one.at, Sign.COUNTED))
            case "fired":
                self._points.append((one.at, Sign.FIRED))

    def _add_open(self, trigger: Trigger, window: Window) -> None:
        """Draw the bar of a window without an end."""
        span = _span(window)
        if isinstance(trigger, EventTrigger) and not trigger.immediate:
            pending = trigger.posture == "Proactive" and window.state == "open"
            if pending:
                self._points.append((window.end, Sign.PENDING))
            self._spans.append(span._replace(capped=not pending))
        else:
            self._spans.append(span._replace(end=None))


def _span(window: Window) -> _Bar:
    sign = Sign.COOLING if window.state == "cooling" else Sign.OPEN
    return _Bar(window.start, window.end, sign)
