"""Where two recordings of one log part: firings that only one of them has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from trigger_cli.debugger.recording import Recording

_Firing: TypeAlias = tuple[int, int, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Divergence:
    """The firings of the automations themselves that only one recording has."""

    gained: tuple[tuple[int, int], ...]
    """When, and the automation's index: those that only the second has."""
    lost: tuple[tuple[int, int], ...]
    """Those that only the first has."""
    common: int

    @property
    def instants(self) -> list[int]:
        """When they differ, each once, in order."""
        return sorted({at for at, _ in (*self.gained, *self.lost)})

    def of(self, automation: int) -> tuple[list[int], list[int]]:
        """When an automation fires in the second alone, and in the first alone."""
        gained, lost = (
            [at for at, index in one if index == automation] for one in (self.gained, self.lost)
        )
        return gained, lost


def divergence(first: Recording, second: Recording) -> Divergence:
    """What the second recording has more, and what less."""
    ours, theirs = Counter(_firings(first)), Counter(_firings(second))
    return Divergence(
        gained=_places((theirs - ours).elements()),
        lost=_places((ours - theirs).elements()),
        common=(ours & theirs).total(),
    )


def _firings(recording: Recording) -> Iterable[_Firing]:
    for lane, fired in zip(recording.lanes, recording.fired, strict=True):
        if lane.trigger is lane.automation.trigger:
            for seq in fired:
                yield recording.at(seq), lane.automation.index, lane.labels


def _places(firings: Iterable[_Firing]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((at, automation) for at, automation, _labels in firings))
