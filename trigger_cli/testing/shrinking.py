"""Delta debugging: the smallest part of a list for which a predicate still holds.

This is Zeller's ddmin; elements known to be needed are not tried. The result is *1-minimal*: the
predicate holds, but not without any single element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

_T = TypeVar("_T")


@dataclass(slots=True)
class Budget:
    """A limit of work; each try costs 1 plus what `spend` adds."""

    left: int
    tries: int = 0

    def spend(self, work: int) -> None:
        """Add work done."""
        self.left -= work


@dataclass(slots=True)
class Shrunk(Generic[_T]):
    """The elements that remain."""

    kept: list[_T]
    minimal: bool
    """Whether no single element can be removed; false if the budget ran out first."""


def shrink(
    elements: Sequence[_T],
    does_it: Callable[[list[_T]], bool],
    *,
    pinned: Callable[[_T], bool] = lambda _element: False,
    budget: Budget,
) -> Shrunk[_T]:
    """Remove as many of `elements` as possible.

    Args:
        elements: A list for which the predicate holds.
        does_it: The predicate; takes a part of the list, in the same order.
        pinned: Whether an element is known to be needed.
        budget: Limits the work; when it is spent, the elements that remain are returned.
    """
    search = _Search(list(elements), does_it, pinned, budget)
    search.run()
    kept = [elements[place] for place in search.kept]
    return Shrunk(kept, search.minimal)


class _Search(Generic[_T]):
    def __init__(
        self,
        elements: list[_T],
        does_it: Callable[[list[_T]], bool],
        pinned: Callable[[_T], bool],
        budget: Budget,
    ) -> None:
        self._elements = elements
        self._does_it = does_it
        self._budget = budget
        self.minimal = False
        self._pinned = [place for place, one in enumerate(elements) if pinned(one)]
        self._free = sorted(set(range(len(elements))) - set(self._pinned))

    @property
    def kept(self) -> list[int]:
        """The indices of the remaining elements, in order."""
        return self._with(self._free)

    def run(self) -> None:
        """Try to remove everything, then smaller and smaller chunks."""
        if not self._free or self._try([]):
            self._free = []
            self.minimal = True
            return
        size = max(len(self._free) // 2, 1)
        while True:
            removed = self._without_chunks(size)
            if self._budget.left <= 0:
                return
            if size == 1 and not removed:
                self.minimal = True
                return
            # An element kept earlier may be superfluous after later removals.
            size = max(min(size, len(self._free)) // 2, 1)

    def _without_chunks(self, size: int) -> bool:
        """Remove each chunk of `size` that can be removed; returns whether any was."""
        removed = False
        place = 0
        while place < len(self._free) and self._budget.left > 0:
            without = self._free[:place] + self._free[place + size :]
            if self._try(without):
                self._free = without
                removed = True
            else:
                place += size
        return removed

    def _try(self, free: list[int]) -> bool:
        places = self._with(free)
        self._budget.tries += 1
        self._budget.spend(1)
        return self._does_it([self._elements[place] for place in places])

    def _with(self, free: list[int]) -> list[int]:
        return sorted([*self._pinned, *free])
