"""The events kept for replaying again: `trigger_cli.explain.kept`."""

from __future__ import annotations

import random
from functools import partial
from itertools import accumulate

import pytest

from tests.support import automations, event, related
from trigger_cli.explain import gathering
from trigger_cli.explain.kept import Fate, KeptEvents, Sharing
from trigger_cli.model import Heading
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.times import TimePoint
from trigger_cli.views.firing_identity import likenesses

WAITED = Fate(waited=True)


def kept(limit, *events):
    found = KeptEvents(lambda name: name == "x", limit)
    for line, one in enumerate(events, 1):
        found.add(one._replace(line=line))
    return found


def test_unwanted_events_lose_their_labels():
    """But nothing else: others may follow them."""
    found = kept(1_000, event("x", 0), event("z", 1, follows="x@0"))
    wanted, unwanted = found.records()
    assert {"prefect.resource.id": "thing.1"} == wanted.resource
    assert (Heading, "x@0") == (type(unwanted), unwanted.follows)
    assert found.whole


def test_beyond_the_limit_only_wanted_events_stay():
    """And the first and the last, between which the clock runs."""
    events = [event("z", s) for s in range(10)] + [event("x", 10), event("z", 11)]
    found = kept(40, *events)
    assert not found.whole
    assert ["z@0", "x@10", "z@11"] == [one.id for one in found.events()]


def test_beyond_the_limit_whoever_waited_still_does():
    """O4: also for a leader that never came; and what ended a wait stays, though unwanted."""
    found = KeptEvents(lambda name: name == "x", 60)
    found.add(event("z", 0, line=1))
    found.add(event("x", 1, follows="lost", line=2), WAITED)
    found.add(event("x", 2, follows="z@20", line=3), WAITED)
    found.add(event("x", 3, follows="z@0", line=4))
    for line in range(5, 25):
        found.add(event("z", line - 1, line=line), Fate(ended_a_wait=line == 21))
    found.add(event("x", 30, follows="lost", line=25), WAITED)
    assert not found.whole
    expected = [(1, None), (2, "lost"), (3, "z@20"), (4, None), (21, None), (25, "lost")]
    assert expected == [(one.line, one.follows) for one in found.events()]


def test_where_even_these_are_too_many_nothing_is_kept():
    """Nobody replays half of a log."""
    found = kept(40, *[event("x", s) for s in range(50)])
    assert (True, []) == (found.gave_up, found.records())


def test_alike_related_resources_are_shared():
    """One object in place of many."""
    sharing = Sharing()
    one, other = (sharing.shared(event("x", s, related=[related("flow", "f")])) for s in (0, 1))
    assert one.related[0] is other.related[0]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_kept_gives_the_same_firings_again(seed, monkeypatch):
    """Also of a range: copies of events before it are dropped, and its followers' leaders known."""
    chance = random.Random(seed)
    trigger = {"posture": "Reactive", "expect": ["x"], "after": chance.choice([[], ["y"]]),
               "threshold": chance.randint(1, 2), "within": 1200}  # fmt: skip
    (automation,) = automations(trigger)
    ids = [f"e{place}" for place in range(25)]
    seconds = accumulate(chance.choice([0, 5, 60, 400]) for _ in ids)
    events = []
    for line, second in enumerate(seconds):
        near = ids[max(line - 4, 0) : line + 5]
        one = event(
            chance.choice(["x", "x", "y", "z", "prefect.log.write"]),
            second,
            id=ids[line],
            follows=chance.choice([None, None, "lost", *chance.sample(near, 3)]),
            line=line,
        )
        if events and chance.random() < 0.2:
            one = events[-1]._replace(line=line, occurred=one.occurred)
        events.append(one)
    options = ReplayOptions(taken_from=TimePoint(events[chance.choice([0, 6, 12])].occurred))
    for limit in (1_000_000, 100):
        monkeypatch.setattr(gathering, "KeptEvents", partial(KeptEvents, limit=limit))
        found = gathering.gather([automation], events, options, needs=lambda name: name in "xy")
        if not found.kept.gave_up:
            expected = likenesses(found.report.firings)
            assert expected == likenesses(found.again(automation).firings)
