"""Why a replay cannot go on."""

from __future__ import annotations


class EndlessError(Exception):
    """A proactive trigger would go through too many windows without an event between them.

    Args:
        message: Names the trigger, the number of windows, and their start and end.
        line: `Event.line` of the event after them; ``None`` if unknown or if there is none.
        index: `Automation.index` of the trigger's automation.
        until: The end of the windows, µs.
    """

    def __init__(self, message: str, line: int | None, index: int, until: int) -> None:
        super().__init__(message, line, index, until)  # all arguments, so that it can be pickled
        self.message = message
        self.line = line
        self.index = index
        self.until = until

    def before(self, line: int) -> EndlessError:
        """The same error, before the event on `line`."""
        return EndlessError(self.message, line, self.index, self.until)
