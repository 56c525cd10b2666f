"""Errors about the requested part of a log."""


class EmptyRangeError(Exception):
    """The limits asked for leave no event to offer to a trigger, or begin after all (T3, T5, T7)."""
