"""Which events reach the triggers, and when (``semantics.md`` O2–O4)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import accumulate, islice
from operator import le
from typing import NamedTuple

from trigger_cli.model import Bystanders, Event
from trigger_cli.moments import MINUTE

PROCESSED_LOOK_BACK = 30 * MINUTE
"""How long a second copy of a processed event is dropped (O2)."""
REMEMBERED_LEADERS = 10_000
"""How many processed events are remembered as leaders even past that time (O4)."""
LONGEST_WAIT = 15 * MINUTE
"""How long a follower waits for the event it follows (O4)."""
DEEPEST_FOLLOWER = 20
"""How many followers of followers are processed in one go (O4)."""
UNDELIVERED_NAMES = frozenset({"prefect.log.write"})
"""Events that never reach triggers (O3)."""


class Waiting(NamedTuple):
    """A follower whose leader has not been processed yet."""

    event: Event
    due: int
    seq: int
    """The transition that reported it as waiting."""


class Delivery:
    """What has been processed lately, and what waits for what.

    O4 asks whether a leader was processed in the last 30 minutes. The real server also lets a
    follower go on whose leader came 50 minutes before (conformance case ``fz11-46``): it keeps
    its last 10,000 events. So a leader is known while either holds; a duplicate (O2) is one for
    30 minutes only. What is kept is bounded by these two and by the events that wait.
    """

    def __init__(self) -> None:
        # Each id with the clock at its processing; oldest first.
        self._processed: OrderedDict[str, int] = OrderedDict()
        self._followers: dict[str, dict[str, Waiting]] = {}
        self._waiting: dict[str, Waiting] = {}

    def is_duplicate(self, event: Event, clock: int) -> bool:
        """Whether an event of this id was processed in the last 30 minutes (O2)."""
        at = self._processed.get(event.id)
        return at is not None and clock - at < PROCESSED_LOOK_BACK

    def mark_processed(self, event: Event, clock: int) -> None:
        """Remember the event, and forget those that no rule asks about any more."""
        processed = self._processed
        processed[event.id] = clock
        processed.move_to_end(event.id)
        if len(processed) > REMEMBERED_LEADERS:
            self._forget_old(clock)

    def take_bystanders(self, run: Bystanders, clock: int) -> bool:
        """Process a run of events that nobody looks at in one go, if none of it needs a decision.

        That is so if no event of the run is a duplicate, waits, or ends another's wait, and
        none that waits is due within it. What is remembered is the same as one by one. The
        events before the last may be as many as are remembered as leaders, and no more.

        Returns:
            Whether it was done; if not, nothing has changed.
        """
        processed = self._processed
        ids = run.ids
        latest = max(run.occurred)
        end = max(clock, latest)
        if not processed.keys().isdisjoint(ids):
            return False
        if self._waiting:
            first = next(iter(self._waiting.values()))
            if first.due <= end or not self._followers.keys().isdisjoint(ids):
                return False
            if not self._waiting.keys().isdisjoint(ids):
                return False
        surplus = len(processed) + len(ids) - REMEMBERED_LEADERS
        oldest = end - PROCESSED_LOOK_BACK
        doomed = set[str]()
        fresh = set[str]()
        for ident, leader in zip(ids, run.follows, strict=True):
            if leader is not None and leader not in fresh and leader != ident:
                at = processed.get(leader)
                if at is None:
                    return False
                if surplus > 0 and at <= oldest:
                    # One that may be forgotten within the run is for the slow way to judge.
                    doomed = doomed or set(islice(processed, surplus))
                    if leader in doomed:
                        return False
            fresh.add(ident)
        if len(fresh) < len(ids):
            return False
        times = run.occurred
        if clock > times[0] or not self._ascending(times):
            times = list(accumulate(times, max, initial=clock))[1:]
        processed.update(zip(ids, times, strict=True))
        self._forget_old(end)
        return True

    def _forget_old(self, clock: int) -> None:
        processed = self._processed
        surplus = len(processed) - REMEMBERED_LEADERS
        if surplus <= 0:
            return
        oldest = clock - PROCESSED_LOOK_BACK
        old = 0
        for at in islice(processed.values(), surplus):
            if at > oldest:
                break
            old += 1
        for _ in range(old):
            processed.popitem(last=False)

    @staticmethod
    def _ascending(times: Sequence[int]) -> bool:
        return all(map(le, times, islice(times, 1, None)))

    def must_wait(self, event: Event) -> bool:
        """Whether the event follows one that has not been processed (O4)."""
        leader = event.follows
        return leader is not None and leader != event.id and leader not in self._processed

    def wait(self, event: Event, clock: int, seq: int) -> Waiting:
        """Keep the event until its leader is processed, or for 15 minutes.

        A second copy of a waiting event takes the place of the first, and its wait starts anew.
        """
        self.forget(event)
        waiting = Waiting(event, clock + LONGEST_WAIT, seq)
        self._waiting[event.id] = waiting
        assert event.follows is not None
        self._followers.setdefault(event.follows, {})[event.id] = waiting
        return waiting

    def is_waiting(self, waiting: Waiting) -> bool:
        """Whether that very wait goes on: it has not been released or replaced."""
        return self._waiting.get(waiting.event.id) is waiting

    def forget(self, event: Event) -> None:
        """Stop waiting for this event's leader."""
        waiting = self._waiting.pop(event.id, None)
        if waiting is None:
            return
        leader = waiting.event.follows
        assert leader is not None
        followers = self._followers[leader]
        del followers[event.id]
        if not followers:
            del self._followers[leader]

    def followers_of(self, event: Event) -> list[Waiting]:
        """What waits for this event, in the order it occurred (O4)."""
        followers = self._followers.get(event.id)
        if not followers:
            return []
        return sorted(followers.values(), key=lambda waiting: waiting.event.occurred)

    def still_waiting(self) -> list[Waiting]:
        """All that waits, by due time, then arrival."""
        return sorted(self._waiting.values(), key=lambda waiting: (waiting.due, waiting.seq))
