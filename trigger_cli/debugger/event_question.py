"""Answers what one event did, from a recording: as ``explain --event``, but without a search."""

import heapq
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from trigger_cli.debugger.recording import Recording
from trigger_cli.dialects import Dialect
from trigger_cli.explain.evidence import KEPT_RECORDS
from trigger_cli.explain.one_event import ENDS
from trigger_cli.explain.replayed import end_of
from trigger_cli.model import (
    Automation,
    DeliveryTransition,
    Event,
    Ignored,
    Transition,
    TriggerTransition,
)

_WHOLE_FIRINGS = 50
"""The most firings caused by an event whose whole records are unpacked."""


class RecordedEvents:
    """A recording with the interface of `Replayed`."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self.has_id = lru_cache(64)(self._has_id)

    @property
    def dialect(self) -> Dialect:
        """As in `Replayed`."""
        return self._recording.dialect

    def left_out(self, event: Event) -> str | None:
        """As in `Replayed`."""
        position = self._recording.events.at_line(event.line)
        is_taken = position is not None and self._recording.stop_of_event(position) >= 0
        return None if is_taken else "outside the range that was replayed"

    def deliveries_of(self, event: Event) -> list[DeliveryTransition]:
        """As in `Replayed`."""
        recording = self._recording
        own = (seq for seq in self._own(event) if recording.lane_of(seq) is None)
        records = map(recording.transition, own)
        return [one for one in records if isinstance(one, DeliveryTransition)]

    def records_from(self, automation: Automation, event: Event) -> Iterator[TriggerTransition]:
        """As in `Replayed`; follows at most as many records as `Evidence` keeps of a trigger."""
        recording = self._recording
        position = recording.events.at_line(event.line)
        ahead = [seq for seq in self._own(event) if self._is_of(seq, automation)]
        own = set(ahead)
        passed = set(ahead)
        heapq.heapify(ahead)
        whole = _WHOLE_FIRINGS
        for _ in range(KEPT_RECORDS):
            if not ahead:
                return
            seq = heapq.heappop(ahead)
            kind = recording.kind_of(seq)
            if seq not in own and kind in ENDS:
                continue
            is_firing = kind == "fired" and whole > 0
            whole -= is_firing
            is_whole = is_firing or recording.event_of(seq) == position
            one: Transition = recording.transition(seq) if is_whole else recording.outline(seq)
            assert not isinstance(one, DeliveryTransition)
            yield one
            for effect in recording.effects(seq):
                if effect not in passed and self._is_of(effect, automation):
                    passed.add(effect)
                    heapq.heappush(ahead, effect)

    def window_ended(self, ignored: Ignored) -> int | None:
        """As in `Replayed`."""
        recording = self._recording
        lane, seq = recording.lane_of(ignored.seq), ignored.seq
        assert lane is not None
        while (earlier := recording.last_record(lane, seq)) is not None:
            seq, end = earlier, end_of(recording.outline(earlier))
            if end is not None:
                return end
        return None

    def _is_of(self, seq: int, automation: Automation) -> bool:
        lane = self._recording.lane_of(seq)
        return lane is not None and self._recording.lanes[lane].automation.index == automation.index

    def _own(self, event: Event) -> list[int]:
        """The event's own records: at its stop and, if it waited, at its release."""
        recording = self._recording
        position = recording.events.at_line(event.line)
        if position is None or recording.stop_of_event(position) < 0:
            return []
        stops = [recording.stop_of_event(position)]
        waiting = [seq for seq in self._here(stops[0], position) if recording.lane_of(seq) is None]
        stops += (
            recording.stop_of_record(released)
            for seq in waiting
            for released in islice(recording.effects(seq), 1)
        )
        found = (seq for stop in dict.fromkeys(stops) for seq in self._here(stop, position))
        return list(found)

    def _here(self, stop: int, position: int) -> Iterator[int]:
        recording = self._recording
        records = recording.stop_records(stop)
        return (seq for seq in records if recording.event_of(seq) == position)

    def _has_id(self, ident: str) -> bool | None:
        events = self._recording.events
        if events.find_id(ident) is not None:
            return True
        return None if events.left_out else False
