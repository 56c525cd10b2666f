"""A sequence whose items are made on access, because few of them are read, or all take memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

_T = TypeVar("_T")


class LazySequence(Sequence[_T]):
    """`make` of each of some items, made anew on each access.

    Args:
        make: Makes an item of the sequence.
        of: What it is made of.
    """

    def __init__(self, make: Callable[[Any], _T], of: Sequence[Any]) -> None:
        self._make = make
        self._of = of

    def __len__(self) -> int:
        return len(self._of)

    @overload
    def __getitem__(self, place: int) -> _T: ...
    @overload
    def __getitem__(self, place: slice) -> LazySequence[_T]: ...
    def __getitem__(self, place: int | slice) -> _T | LazySequence[_T]:
        if isinstance(place, slice):
            return LazySequence(self._make, self._of[place])
        return self._make(self._of[place])
