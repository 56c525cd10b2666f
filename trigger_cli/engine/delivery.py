"""Which events reach the triggers, and when (``semantics.md`` O2–O4)."""

from collections.abc import Sequence
from itertools import count

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.engine.processed import PROCESSED_LOOK_BACK, ProcessedEvents
from trigger_cli.model import Event, Heading, Match, event_in
from trigger_cli.times import MINUTE

LONGEST_WAIT = 15 * MINUTE
"""How long a follower waits for the event it follows, µs (O4)."""
DEEPEST_FOLLOWER = 20
"""How many levels of followers are processed after one event (O4)."""


class Waiting(Struct, frozen=True):
    """A follower whose leader has not been processed yet."""

    record: Match | Heading
    due: int
    seq: int
    """The number of the transition that reported it as waiting."""
    is_offered: bool
    """Whether triggers are offered it; if not, only delivery sees it (T7)."""
    place: int
    """When its id first began to wait. Events with the same `occurred` keep this order (O4)."""

    @property
    def event(self) -> Event | Heading:
        """The event."""
        return event_in(self.record)

    @property
    def rank(self) -> tuple[int, int]:
        """The sort key of followers that are released together (O4)."""
        return self.event.occurred, self.place


class Delivery:
    """Which events were processed recently, and which events wait for others."""

    def __init__(self, dialect: Dialect) -> None:
        self._self_followers_wait = dialect.self_followers_wait
        self._processed = ProcessedEvents()
        self._followers: dict[str, dict[str, Waiting]] = {}
        self._waiting: dict[str, Waiting] = {}

    def needs_no_decision(self, event: Event | Heading, clock: int) -> bool:
        """Whether the event is no duplicate, does not wait and releases nothing: the usual case."""
        return (
            not self._waiting
            and not self._processed.is_recent(event.id, clock)
            and (event.follows is None or not self.must_wait(event, clock))
        )

    def is_duplicate(self, event: Event | Heading, clock: int) -> bool:
        """Whether an event of this id was processed in the last 30 minutes (O2)."""
        return self._processed.is_recent(event.id, clock)

    def mark_processed(self, event: Event | Heading, clock: int) -> None:
        """Remember the event."""
        self._processed.add(event.id, clock)

    def take_batch(
        self, ids: Sequence[str], follows: Sequence[str | None], clocks: Sequence[int]
    ) -> bool:
        """Process consecutive events, if none of them needs a decision.

        An event needs a decision if it is a duplicate, waits, or releases another. An event whose
        wait times out (O4) among them may be processed after them, because its own clock is
        remembered. The result is the same as for one event at a time.

        Args:
            ids: The events' ids.
            follows: The id that each follows.
            clocks: The clock at each, µs, ascending.

        Returns:
            Whether they were processed; if not, nothing has changed.
        """
        if not ids:
            return True
        processed = self._processed
        if processed.knows_any(ids):
            return False
        if self._waiting:
            if not self._followers.keys().isdisjoint(ids):
                return False
            if not self._waiting.keys().isdisjoint(ids):
                return False
        rows = dict(zip(ids, count(), strict=False))
        if len(rows) < len(ids):
            return False
        is_long = clocks[-1] - clocks[0] >= PROCESSED_LOOK_BACK
        # Nearly all leaders come a little before; only the others need a closer look.
        others = [
            (row, leader)
            for row, leader in enumerate(follows)
            if leader is not None
            and (
                rows.get(leader, row) >= row
                or (is_long and clocks[row] - clocks[rows[leader]] >= PROCESSED_LOOK_BACK)
            )
        ]
        for row, leader in others:
            if leader == ids[row]:
                if self._self_followers_wait:
                    return False
            elif leader in rows or not processed.is_recent(leader, clocks[row]):
                return False
        processed.add_all(ids, clocks)
        return True

    def must_wait(self, event: Event | Heading, clock: int) -> bool:
        """Whether the event follows one that has not been processed (O4)."""
        return self.follows_another(event) and not self._processed.is_recent(
            str(event.follows), clock
        )

    def follows_another(self, event: Event | Heading) -> bool:
        """Whether the event may have to wait; following itself counts in some dialects (D22)."""
        return event.follows is not None and (
            event.follows != event.id or self._self_followers_wait
        )

    def wait(self, record: Match | Heading, clock: int, seq: int, *, is_offered: bool) -> Waiting:
        """Keep the event until its leader is processed, or for 15 minutes.

        A second copy of a waiting event replaces the first, and the wait starts again.
        """
        event = event_in(record)
        earlier = self._waiting.get(event.id)
        place = seq if earlier is None else earlier.place
        self.forget(event)
        waiting = Waiting(record, clock + LONGEST_WAIT, seq, is_offered, place)
        self._waiting[event.id] = waiting
        assert event.follows is not None
        self._followers.setdefault(event.follows, {})[event.id] = waiting
        return waiting

    def is_waiting(self, waiting: Waiting) -> bool:
        """Whether this wait continues: the event was neither released nor replaced."""
        return self._waiting.get(waiting.event.id) is waiting

    def forget(self, event: Event | Heading) -> None:
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

    def followers_of(self, event: Event | Heading) -> list[Waiting]:
        """The events that wait for this one, in the order in which they occurred (O4)."""
        followers = self._followers.get(event.id)
        if not followers:
            return []
        return sorted(followers.values(), key=lambda waiting: waiting.rank)

    @property
    def waiting(self) -> int:
        """How many events wait."""
        return len(self._waiting)

    def still_waiting(self) -> list[Waiting]:
        """All waiting events, by due time, then arrival."""
        return sorted(self._waiting.values(), key=lambda waiting: (waiting.due, waiting.seq))
