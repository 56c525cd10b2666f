"""When a metric met its threshold, read off the records of its trigger (``semantics.md`` K5, K7)."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from trigger_cli.model import TriggerTransition


class Breach(NamedTuple):
    """A stretch of time in which the value met the threshold."""

    start: int
    """µs, as `end`."""
    end: int | None
    """When the value recovered; ``None``: not by the end of the replay."""
    value: float | None
    """As it was when the breach began."""

    def length(self, now: int) -> int:
        """How long it has lasted, as seen at `now`, µs."""
        return (now if self.end is None else self.end) - self.start


def note_breach(breaches: list[Breach], one: TriggerTransition, *, most: float = inf) -> None:
    """Bring `breaches`, of which there are at most `most`, up to date with the next transition."""
    if one.kind == "breached":
        if breaches and breaches[-1].end is None:
            # Its end is not among the records kept.
            breaches.pop()
        if len(breaches) < most:
            breaches.append(Breach(one.at, None, one.value))
    elif one.kind == "recovered" and breaches and breaches[-1].end is None:
        breaches[-1] = breaches[-1]._replace(end=one.at)
