"""Reactive windows that ended before enough events came."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

from trigger_cli.explain.case import Case
from trigger_cli.explain.tally import Passing
from trigger_cli.model import Key
from trigger_cli.views.windows import WindowStory


@dataclass(frozen=True, slots=True)
class ShortWindow:
    """A reactive window that ended before enough events came."""

    story: WindowStory
    count: int
    missing: Passing
    """The event that would have made it."""
    missed_by: int
    """How long after the window's end it came, µs; 0: exactly at its end."""


def short_windows(case: Case) -> list[ShortWindow]:
    """The reactive windows that only a longer ``within`` would have made fire, nearest first."""
    trigger = case.event_trigger
    if trigger.within == 0:
        # Such a window counts whatever comes while it is there (E2).
        return []
    expected: dict[Key, list[Passing]] = defaultdict(list)
    for passing in case.tally.passing:
        if passing.roles.expected:
            expected[passing.key].append(passing)
    for of_key in expected.values():
        of_key.sort(key=lambda one: one.event.occurred)
    found = []
    for story in case.windows:
        if story.ending is not None and story.ending.kind == "fired":
            continue
        bucket = story.bucket
        lacking = trigger.threshold - bucket.count
        of_key = expected[story.key]
        later = bisect_left(of_key, bucket.end, key=lambda one: one.event.occurred)
        if lacking > 0 and later + lacking <= len(of_key):
            missing = of_key[later + lacking - 1]
            missed_by = missing.event.occurred - bucket.end
            found.append(ShortWindow(story, max(bucket.count, 0), missing, missed_by))
    return sorted(found, key=lambda one: (one.missed_by, -one.count))
