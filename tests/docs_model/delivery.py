"""Delivery (T3–T5, T7, O2–O4) once more, deliberately naive: what has been processed is a list."""

from collections.abc import Sequence
from typing import NamedTuple

from tests.docs_model.model import Step
from trigger_cli.model import Event
from trigger_cli.times import MINUTE


class Limits(NamedTuple):
    """What chooses a part of a log, µs; ``None``: not given."""

    start: int | None = None
    until: int | None = None
    first: int | None = None
    """``--from``."""
    last: int | None = None
    """``--to``."""


class _Wait(NamedTuple):
    event: Event
    due: int


class Delivery:
    """The events of a log as they reach triggers, in order, each with the clock then."""

    def __init__(self, events: Sequence[Event], limits: Limits) -> None:
        self.steps: list[Step] = []
        self._limits = limits
        self._processed: list[tuple[str, int]] = []
        self._waits: list[_Wait] = []
        self._clock: int | None = limits.start
        self.start = limits.start
        """Where the triggers' clock starts; ``None``: it never does."""
        offered = False
        for event in events:
            if limits.until is not None and event.occurred > limits.until:
                break
            if limits.last is not None and event.occurred > limits.last:
                continue
            if self._is_offered(event):
                offered = True
                self.start = event.occurred if self.start is None else self.start
            now = event.occurred if self._clock is None else max(self._clock, event.occurred)
            self._release_until(now)
            self._clock = now
            self._arrive(event)
        if limits.until is not None:
            self._release_until(limits.until)
        self.until = self._clock if limits.until is None else limits.until
        """Where the replay ends (T5)."""
        latest = [max(one.occurred for one in events)] if events else []
        ends = latest if limits.until is None else [*latest, limits.until]
        begins_late = limits.start is not None and any(one < limits.start for one in ends)
        self.leaves_all_out = bool(events) and (begins_late or not offered)
        """Whether none of the events up to the end lies in the range (T3, T7)."""

    def _is_offered(self, event: Event) -> bool:
        """T7."""
        return self._limits.first is None or event.occurred >= self._limits.first

    def _arrive(self, event: Event) -> None:
        leader = event.follows
        if event.name == "prefect.log.write" or self._is_known(event.id):  # O3, O2
            return
        if leader not in {None, event.id} and not self._is_known(leader):  # O4
            wait = _Wait(event, self._now + 15 * MINUTE)
            if all(one.event.id != event.id for one in self._waits):
                self._waits.append(wait)
            # A second copy waits at the place of the first.
            self._waits = [wait if one.event.id == event.id else one for one in self._waits]
            return
        self._process(event, 2, 0)

    @property
    def _now(self) -> int:
        assert self._clock is not None
        return self._clock

    def _is_known(self, ident: str | None) -> bool:
        """Whether an event of that id was processed in the last 30 minutes."""
        return any(
            one == ident and self._now - clock < 30 * MINUTE for one, clock in self._processed
        )

    def _process(self, event: Event, phase: int, depth: int) -> None:
        self._processed.append((event.id, self._now))
        if self._is_offered(event):
            self.steps.append(Step(self._now, phase, len(self.steps), event))
        followers = [one for one in self._waits if one.event.follows == event.id]
        if depth < 20:
            for one in sorted(followers, key=lambda one: one.event.occurred):
                self._waits.remove(one)
                self._process(one.event, phase, depth + 1)
        if event.follows not in {None, event.id}:
            self._waits = [one for one in self._waits if one.event.id != event.id]

    def _release_until(self, instant: int) -> None:
        """Whatever has waited for 15 minutes by then, all of one instant together."""
        while self._waits and (due := min(one.due for one in self._waits)) <= instant:
            lost = sorted(
                (one for one in self._waits if one.due == due), key=lambda one: one.event.occurred
            )
            self._waits = [one for one in self._waits if one.due != due]
            self._clock = max(self._now, due)
            for one in lost:
                self._process(one.event, 0, 0)
