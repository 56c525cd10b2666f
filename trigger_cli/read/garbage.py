"""Fewer searches for cyclic garbage while a replay runs, which makes next to none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_ALLOCATIONS = 100_000


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for cycles once in 100,000 allocations instead of 700, and not in what is there.

    A replay keeps many small records for long; to walk through them again and again took a
    third of its time (``benchmarks/run.py``, lane "everything matches").
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
