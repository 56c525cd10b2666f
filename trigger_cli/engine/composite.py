"""The child firings that a composite trigger stores (``semantics.md`` C3, C4)."""

from trigger_cli.model import CompositeTrigger, Firing


def is_too_old(firing: Firing, trigger: CompositeTrigger, now: int) -> bool:
    """Whether a composite holds the firing no longer at `now`, µs; one exactly that old stays (C3)."""
    return trigger.within is not None and firing.at < now - trigger.within


class StoredFirings:
    """The latest firing of each child, oldest first.

    Adding one costs the same for any number of children. Firings come in time order, so the
    expired ones are at the front. For a sequence, the number of neighbouring children that are out
    of order is kept up to date.
    """

    def __init__(self, trigger: CompositeTrigger) -> None:
        self._trigger = trigger
        self._by_child: dict[int, Firing] = {}
        # The rank of each stored firing by time, and the number of neighbours (i, i + 1), both
        # stored, that are out of order.
        self._rank: dict[int, int] = {}
        self._next_rank = 0
        self._misplaced = 0

    def expire(self, now: int) -> list[Firing]:
        """Drop and return the firings that are too old at `now`, µs (C3)."""
        expired = []
        while self._by_child:
            child, oldest = next(iter(self._by_child.items()))
            if not is_too_old(oldest, self._trigger, now):
                break
            self._remove(child)
            expired.append(oldest)
        return expired

    def store(self, child: int, firing: Firing) -> Firing | None:
        """Store `firing` as the latest of child number `child`; return the one it replaces."""
        superseded = self._by_child.get(child)
        if superseded is not None:
            self._remove(child)
        self._by_child[child] = firing
        self._rank[child] = self._next_rank
        self._next_rank += 1
        self._misplaced += self._misplaced_around(child)
        return superseded

    @property
    def satisfied(self) -> bool:
        """Whether the stored firings make the composite fire (C4)."""
        if self._trigger.kind == "compound":
            return len(self._by_child) >= self._trigger.require
        return len(self._by_child) == len(self._trigger.triggers) and self._misplaced == 0

    def held(self) -> tuple[Firing, ...]:
        """The stored firings, in the order in which they fired."""
        return tuple(self._by_child.values())

    def state(self, now: int) -> tuple[tuple[int, Firing], ...]:
        """Each child's stored firing with the child's number, oldest first, unless too old (C3)."""
        return tuple(
            one for one in self._by_child.items() if not is_too_old(one[1], self._trigger, now)
        )

    def clear(self) -> tuple[Firing, ...]:
        """Remove and return all stored firings (C5)."""
        held = self.held()
        self._by_child.clear()
        self._rank.clear()
        self._misplaced = 0
        return held

    def _remove(self, child: int) -> None:
        self._misplaced -= self._misplaced_around(child)
        del self._by_child[child]
        del self._rank[child]

    def _misplaced_around(self, child: int) -> int:
        rank = self._rank[child]
        before = self._rank.get(child - 1)
        after = self._rank.get(child + 1)
        return (before is not None and before > rank) + (after is not None and after < rank)
