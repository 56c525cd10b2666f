"""Events far in time from all others."""

from random import Random

import pytest

from trigger_cli.read.isolated_events import FAR, IsolatedEvents
from trigger_cli.times import DAY


def lone(times, pieces=1):
    """What is found of events, given in so many pieces; the line is the place, from 1."""
    found = IsolatedEvents()
    lines = list(range(1, len(times) + 1))
    for n in range(pieces):
        found.add(times[n::pieces], lines[n::pieces])
    return found.found()


def expected(times):
    """By comparing each with all others."""
    found = [
        (line, one)
        for line, one in enumerate(times, 1)
        if all(abs(one - other) > FAR for n, other in enumerate(times, 1) if n != line)
    ]
    return sorted(found, key=lambda one: one[1]) if len(times) > 1 else []


def test_one_far_event_is_found_and_two_far_ones_are_company():
    assert [(3, 9 * FAR)] == lone([0, DAY, 9 * FAR])
    assert [] == lone([0, DAY, 9 * FAR, 9 * FAR + DAY])
    assert [] == lone([5])
    assert [(1, 0), (2, FAR + 1)] == lone([0, FAR + 1])
    assert [] == lone([0, FAR])


@pytest.mark.parametrize("seed", range(60))
def test_in_any_order_and_in_any_pieces(seed):
    random = Random(seed)
    times = [
        random.randrange(40) * FAR // 3 + random.randrange(3)
        for _ in range(random.randrange(1, 16))
    ]
    assert expected(times) == lone(times, random.randrange(1, 5))
