"""What can be wrong with the part of a log that was asked for."""

from __future__ import annotations


class EmptyRangeError(Exception):
    """``--from``, ``--to`` and ``--until`` leave no event to offer to a trigger (T5, T7)."""
