"""Why a replay cannot go on."""

from __future__ import annotations


class EndlessError(Exception):
    """A proactive trigger would go through too many windows without an event between.

    Args:
        message: Which trigger, and how many windows from when to when.
        line: `Event.line` of the event that comes after them; ``None``: it is not known, or none.
        index: `Automation.index` of the trigger's.
    """

    def __init__(self, message: str, line: int | None, index: int) -> None:
        super().__init__(message, line, index)  # all, so that it can be pickled
        self.message = message
        self.line = line
        self.index = index
