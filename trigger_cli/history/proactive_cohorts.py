"""Replays proactive triggers that differ only in their threshold together (rules B, E, P).

A proactive bucket uses its threshold in three places: whether its deadline fires (E3), which leaves
the same bucket either way; whether a heartbeat renews it (E4); and whether an evaluation drops it
(P5). So triggers share all buckets and deadlines as one *cohort*, until a heartbeat or a drop
affects some of them only. Then the cohort is split; cohorts that reach the same state are merged.

Counts do not need events and transitions, so they are omitted: a bucket is three numbers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.engine.bucket import HOLDS_NOTHING, LOOK_BACK
from trigger_cli.engine.endless import SHORT_GAP, too_many
from trigger_cli.engine.held import HeldEvents
from trigger_cli.model import Event, EventTrigger, Key, NameRoles

Fires: TypeAlias = Callable[[int, int, Key], None]
"""Called for a firing: the trigger's number, the clock in µs, the bucketing key."""

# Cohorts with many buckets are seldom equal, so comparing them costs more than it saves.
_FEW_WINDOWS = 4


class _Window(Struct):
    """An open bucket: `[start, end)`, µs, and the number of events counted."""

    start: int
    end: int
    count: int


class _ProactiveMember(NamedTuple):
    threshold: int
    number: int


class _ProactiveCohort:
    """Triggers with the same buckets and the same next evaluation."""

    __slots__ = ("due", "heap", "held", "members", "pushed", "reached", "thresholds", "windows")

    def __init__(self, members: Sequence[_ProactiveMember], due: int) -> None:
        self.windows: dict[Key, _Window] = {}
        self.held: HeldEvents | None = None
        """The expected events that each trigger holds, if they hold any (H)."""
        # As in the engine's `Deadlines`: an entry is stale if its key's window has changed.
        self.heap: list[tuple[int, int, int, Key]] = []
        self.pushed = 0
        self.due = due
        self.reached: set[Key] = set()
        """The keys whose count has reached the lowest threshold."""
        self.adopt(members)

    def adopt(self, members: Sequence[_ProactiveMember]) -> None:
        """Set the members, which are sorted by threshold."""
        self.members = tuple(members)
        self.thresholds = [one.threshold for one in members]
        lowest = self.thresholds[0]
        self.reached = {key for key, one in self.windows.items() if one.count >= lowest}

    def split(self, members: Sequence[_ProactiveMember]) -> _ProactiveCohort:
        """A copy of the state for some of the members."""
        other = _ProactiveCohort(members, self.due)
        other.windows = {
            key: _Window(one.start, one.end, one.count) for key, one in self.windows.items()
        }
        if self.held is not None:
            other.held = self.held.copy(other.end_of_window)
        other.heap = list(self.heap)
        other.pushed = self.pushed
        other.adopt(members)
        return other

    def end_of_window(self, key: Key) -> int | None:
        """When the key's window ends, µs; ``None`` if it has none."""
        window = self.windows.get(key)
        return None if window is None else window.end

    def open(self, key: Key, start: int, end: int, count: int) -> _Window:
        """Open a window that replaces the key's last one."""
        window = self.windows[key] = _Window(start, end, count)
        heappush(self.heap, (end, start, self.pushed, key))
        self.pushed += 1
        if count >= self.thresholds[0]:
            self.reached.add(key)
        else:
            self.reached.discard(key)
        return window

    def close(self, key: Key) -> None:
        """Remove the key's window."""
        self.windows.pop(key, None)
        self.reached.discard(key)

    def pop_ended(self, now: int) -> list[Key]:
        """The keys whose window ends at or before `now`, by the window's start, then key (P2)."""
        ended = []
        while self.heap and self.heap[0][0] <= now:
            entry = heappop(self.heap)
            if self._is_live(entry):
                ended.append((entry[1], entry[3]))
        ended.sort()
        return [key for _, key in ended]

    def next_end(self) -> int | None:
        """The earliest end of an open window, µs."""
        while self.heap and not self._is_live(self.heap[0]):
            heappop(self.heap)
        return self.heap[0][0] if self.heap else None

    def _is_live(self, entry: tuple[int, int, int, Key]) -> bool:
        end, start, _pushed, key = entry
        window = self.windows.get(key)
        return window is not None and window.end == end and window.start == start


class ProactiveCohorts:
    """Proactive triggers that take the same events into windows of the same length.

    Args:
        triggers: The triggers, each with its number; only their thresholds differ.
        dialect: The dialect of the replay.
        buffer: How long the server dialect keeps a bucket past its end, µs (S2).
        fires: Called for each firing.
    """

    def __init__(
        self,
        triggers: Sequence[tuple[int, EventTrigger]],
        dialect: Dialect,
        buffer: int,
        fires: Fires,
    ) -> None:
        self.trigger = alike = triggers[0][1]
        """One of the triggers."""
        self._within = alike.within
        self._has_after = bool(alike.after)
        self._watches_from_start = not alike.for_each and (
            not alike.after or dialect.after_arms_at_start
        )
        self._drops_satisfied = not dialect.satisfied_windows_tile
        self._buffer = buffer if dialect.expired_buckets_are_swept else None
        self._fires = fires
        self._dialect = dialect
        members = sorted(_ProactiveMember(one.threshold, number) for number, one in triggers)
        first = _ProactiveCohort(members, 0)
        if dialect.holds and alike.after:
            # The events that the highest threshold keeps in a slot suffice for all (H8, H9).
            first.held = HeldEvents(alike.within, first.thresholds[-1], first.end_of_window)
        self._cohorts = [first]

    def __len__(self) -> int:
        """The current number of cohorts."""
        return len(self._cohorts)

    def start(self, instant: int) -> None:
        """Make the first evaluation due at the clock's start, µs (P2)."""
        for cohort in self._cohorts:
            cohort.due = instant

    def due(self) -> int:
        """When the next evaluation of any cohort is due, µs."""
        return min(cohort.due for cohort in self._cohorts)

    def take(self, event: Event, clock: int, key: Key, roles: NameRoles) -> None:
        """Take an event with that key at the clock, µs (B5-B8, H2-H4)."""
        now = event.occurred
        starts, expected = roles
        dialect = self._dialect
        split: list[_ProactiveCohort] = []
        forgets = self._buffer is not None
        for cohort in self._cohorts:
            window = cohort.windows.get(key)
            if window is not None and forgets:
                window = self._live_window(cohort, key, clock)
            held = HOLDS_NOTHING
            if cohort.held is not None:
                of_key = held = cohort.held.of(key, clock)
                if expected and not starts:
                    if dialect.held_copies_are_ignored and of_key.holds(event):  # H3
                        continue
                    of_key.hold(event, clock, 0)
            end = now + self._within
            if window is None:
                if starts:  # B5, H4
                    count = len(held.within(now, end)) if dialect.openings_count_held else 0
                    window = cohort.open(key, now, end, count - 1 if expected else count)
                elif expected and not self._has_after:  # B6
                    window = cohort.open(key, now - LOOK_BACK, end, 0)
                else:  # B7
                    continue
            if not expected or now < window.start:  # B7, E1
                continue
            if now >= window.end:
                self._end(cohort, key, window, now, clock, taken=1)
                continue
            # E2
            window.count += 1
            if window.count < cohort.thresholds[0]:
                continue
            if not starts or not dialect.heartbeats_renew:
                cohort.reached.add(key)
                continue
            satisfied = bisect_right(cohort.thresholds, window.count)
            # E4: a heartbeat renews the watch of the members whose threshold is reached.
            if satisfied < len(cohort.members):
                others = cohort.split(cohort.members[satisfied:])
                split.append(others)
                cohort.adopt(cohort.members[:satisfied])
            count = len(held.within(now, end)) if dialect.renewals_count_held else 0  # H4
            cohort.open(key, now, end, count)
        self._cohorts += split

    def endless(self, span: int) -> int:
        """The number of windows that end in `span` µs without an event; 0 if within the limit."""
        windows = span // self._within
        if windows <= SHORT_GAP:
            return 0
        buckets = max(map(self._repeating, self._cohorts))
        return windows * buckets if too_many(windows, buckets) else 0

    def _repeating(self, cohort: _ProactiveCohort) -> int:
        """The number of buckets that reopen without an event."""
        if self._watches_from_start:
            return max(len(cohort.windows), 1)
        if self._has_after:
            return 0
        return len(cohort.windows) - (len(cohort.reached) if self._drops_satisfied else 0)

    def advance(self, now: int, until: int) -> None:
        """Run the evaluations due at `now`; no event comes before `until`, both µs (P2-P6)."""
        split: list[_ProactiveCohort] = []
        for cohort in self._cohorts:
            if cohort.due == now:
                if self._watches_from_start and self._live_window(cohort, (), now) is None:
                    if cohort.held is not None:
                        cohort.held.of((), now)  # H7
                    cohort.open((), now, now + self._within, 0)  # P3, P6
                parts = [cohort]
                if self._drops_satisfied and cohort.reached:
                    parts = self._drop_satisfied(cohort)
                    split += parts[1:]
                for part in parts:
                    self._evaluate(part, now, until)
        self._cohorts += split
        if len(self._cohorts) > 1:
            self._merge()

    def _evaluate(self, cohort: _ProactiveCohort, now: int, until: int) -> None:
        for key in cohort.pop_ended(now):
            window = self._live_window(cohort, key, now)
            if window is not None and window.end <= now:
                self._end(cohort, key, window, now, now, taken=0)
        next_end = cohort.next_end()
        latest = now + self._within
        if not cohort.windows and not self._watches_from_start:
            # Evaluations in a row that find nothing are skipped.
            latest += max(until - now, 0) // self._within * self._within
        cohort.due = latest if next_end is None else min(next_end, latest)

    def _end(
        self,
        cohort: _ProactiveCohort,
        key: Key,
        window: _Window,
        now: int,
        clock: int,
        *,
        taken: int,
    ) -> None:
        """Evaluate a window that has ended, at its deadline or for an event past it (E3-E7)."""
        for member in cohort.members[bisect_right(cohort.thresholds, window.count) :]:
            self._fires(member.number, clock, key)
        if self._has_after:  # E5
            cohort.close(key)
        else:  # E6, E7
            start = max(window.end, now)
            cohort.open(key, start, start + self._within, taken)

    def _live_window(self, cohort: _ProactiveCohort, key: Key, clock: int) -> _Window | None:
        """The key's window, unless the server has dropped it (S2)."""
        window = cohort.windows.get(key)
        if window is not None and self._buffer is not None and window.end <= clock - self._buffer:
            cohort.close(key)
            return None
        return window

    def _drop_satisfied(self, cohort: _ProactiveCohort) -> list[_ProactiveCohort]:
        """P5: drop satisfied windows; split the cohort if only some of its members drop one."""
        counts = [(key, cohort.windows[key].count) for key in cohort.reached]
        members = cohort.members
        cuts = sorted({bisect_right(cohort.thresholds, count) for _, count in counts})
        bounds = [0, *(cut for cut in cuts if cut < len(members)), len(members)]
        parts = [cohort]
        parts += [cohort.split(members[low:high]) for low, high in pairwise(bounds[1:])]
        if len(parts) > 1:
            cohort.adopt(members[: bounds[1]])
        for part in parts:
            for key, count in counts:
                if count >= part.thresholds[0]:
                    part.close(key)
        return parts

    def _merge(self) -> None:
        """Merge cohorts that have reached the same buckets and the same deadline."""
        rough = [
            (one.due, len(one.windows)) for one in self._cohorts if len(one.windows) <= _FEW_WINDOWS
        ]
        if len(set(rough)) == len(rough):
            return
        known = defaultdict[object, list[_ProactiveCohort]](list)
        kept = []
        for cohort in self._cohorts:
            if len(cohort.windows) > _FEW_WINDOWS:
                kept.append(cohort)
                continue
            windows = frozenset(
                (key, one.start, one.end, one.count) for key, one in cohort.windows.items()
            )
            alike = known[cohort.due, windows]
            same = next((one for one in alike if one.held == cohort.held), None)
            if same is None:
                alike.append(cohort)
                kept.append(cohort)
            else:
                same.adopt(sorted(same.members + cohort.members))
        self._cohorts = kept
