"""Delta debugging: finds the smallest part of a list for which a predicate still holds.

This is Zeller's ddmin; elements known to be needed are not tried. The result is *1-minimal*: the
predicate holds, but not without any single element.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

_T = TypeVar("_T")


class Budget(Struct):
    """A limit of work; each try costs 1 plus what `spend` adds."""

    left: int
    tries: int = 0

    def spend(self, work: int) -> None:
        """Add the cost of work."""
        self.left -= work


class Shrunk(Struct, Generic[_T]):
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
        does_it: The predicate; gets a part of the list, in the same order.
        pinned: Whether an element is known to be needed.
        budget: The limit of work; when it is spent, the remaining elements are returned.
    """
    needed = [place for place, one in enumerate(elements) if pinned(one)]
    free = sorted(set(range(len(elements))) - set(needed))

    def chosen(places: list[int]) -> list[_T]:
        return [elements[place] for place in sorted([*needed, *places])]

    def holds(places: list[int]) -> bool:
        budget.tries += 1
        budget.spend(1)
        return does_it(chosen(places))

    if not free or holds([]):
        return Shrunk(chosen([]), minimal=True)
    size = max(len(free) // 2, 1)
    while True:
        removed = False
        place = 0
        while place < len(free) and budget.left > 0:
            without = free[:place] + free[place + size :]
            if holds(without):
                free, removed = without, True
            else:
                place += size
        if budget.left <= 0 or (size == 1 and not removed):
            return Shrunk(chosen(free), minimal=budget.left > 0)
        # An element kept before may be superfluous after later removals.
        size = max(min(size, len(free)) // 2, 1)
