"""When a metric met its threshold, from the records of its trigger (``semantics.md`` K5, K7)."""

from math import inf

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.model import TriggerTransition


class Breach(Struct, frozen=True):
    """A period in which the value met the threshold."""

    start: int
    """In µs, as `end`."""
    end: int | None
    """When the value recovered; ``None`` if it has not by the end of the replay."""
    value: float | None
    """The value when the breach began."""

    def length(self, now: int) -> int:
        """The duration so far, as of `now`, µs."""
        return (now if self.end is None else self.end) - self.start


def note_breach(breaches: list[Breach], one: TriggerTransition, *, most: float = inf) -> None:
    """Update `breaches`, which has at most `most` entries, with the next transition."""
    if one.kind == "breached":
        if breaches and breaches[-1].end is None:
            # The record of its end was not kept.
            breaches.pop()
        if len(breaches) < most:
            breaches.append(Breach(one.at, None, one.value))
    elif one.kind == "recovered" and breaches and breaches[-1].end is None:
        breaches[-1] = replace(breaches[-1], end=one.at)
