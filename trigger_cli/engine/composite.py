"""The child firings that a composite trigger stores (``semantics.md`` C3, C4)."""

from operator import eq

from trigger_cli.model import CompositeTrigger, Firing


def is_too_old(firing: Firing, trigger: CompositeTrigger, now: int) -> bool:
    """Whether a composite holds the firing no longer at `now`, µs; one exactly that old stays (C3)."""
    return trigger.within is not None and firing.at < now - trigger.within


class StoredFirings:
    """The latest firing of each child, oldest first.

    Firings come in time order, so the expired ones are at the front.
    """

    def __init__(self, trigger: CompositeTrigger) -> None:
        self._trigger = trigger
        self._by_child: dict[int, Firing] = {}

    def expire(self, now: int) -> list[Firing]:
        """Drop and return the firings that are too old at `now`, µs (C3)."""
        expired = []
        while self._by_child:
            child, oldest = next(iter(self._by_child.items()))
            if not is_too_old(oldest, self._trigger, now):
                break
            expired.append(self._by_child.pop(child))
        return expired

    def store(self, child: int, firing: Firing) -> Firing | None:
        """Store `firing` as the latest of child number `child`; return the one it replaces."""
        superseded = self._by_child.pop(child, None)
        self._by_child[child] = firing
        return superseded

    @property
    def satisfied(self) -> bool:
        """Whether the stored firings make the composite fire (C4)."""
        if self._trigger.kind == "compound":
            return len(self._by_child) >= self._trigger.require
        children = len(self._trigger.triggers)
        return len(self._by_child) == children and all(map(eq, self._by_child, range(children)))

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
        return held
