"""Makes garbage collection rarer during a replay, which creates almost no cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_ALLOCATIONS = 100_000


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Collect after 100,000 allocations instead of 700, and skip the objects that exist already.

    A replay keeps many small records for long; to traverse them again and again took a third of its
    time (``benchmarks/run.py``, lane "everything matches").
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
