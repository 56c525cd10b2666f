"""Errors about the requested part of a log."""

from __future__ import annotations


class EmptyRangeError(Exception):
    """``--from``, ``--to`` and ``--until`` leave no event to offer to a trigger (T5, T7)."""
