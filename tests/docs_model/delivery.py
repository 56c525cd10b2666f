"""Delivery (T3–T5, O2–O4) once more, deliberately naive: what has been processed is a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.docs_model.model import Step
from trigger_cli.model import Event
from trigger_cli.moments import MINUTE


class _Wait(NamedTuple):
    event: Event
    due: int


class Delivery:
    """The events of a log as they reach triggers, in order, each with the clock then."""

    def __init__(self, events: Sequence[Event], start: int, until: int) -> None:
        self.steps: list[Step] = []
        self._clock = start
        self._waits: list[_Wait] = []
        for event in events:
            if event.occurred > until:
                break
            now = max(self._clock, event.occurred)
            self._release_until(now)
            self._clock = now
            self._arrive(event)
        self._release_until(until)

    def _arrive(self, event: Event) -> None:
        leader = event.follows
        if event.name == "prefect.log.write" or self._is_known(event.id):  # O3, O2
            return
        if leader not in {None, event.id} and not self._is_known(leader):  # O4
            self._waits = [one for one in self._waits if one.event.id != event.id]
            self._waits.append(_Wait(event, self._clock + 15 * MINUTE))
            return
        self._process(event, 2, 0)

    def _is_known(self, ident: str | None) -> bool:
        """Whether an event of that id was processed in the last 30 minutes."""
        return any(
            step.event is not None
            and step.event.id == ident
            and self._clock - step.clock < 30 * MINUTE
            for step in self.steps
        )

    def _process(self, event: Event, phase: int, depth: int) -> None:
        self.steps.append(Step(self._clock, phase, len(self.steps), event))
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
            self._clock = max(self._clock, due)
            for one in lost:
                self._process(one.event, 0, 0)
