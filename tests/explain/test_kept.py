"""The events kept for replaying again: `trigger_cli.explain.kept`."""

from __future__ import annotations

from tests.support import event, related
from trigger_cli.explain.kept import KeptEvents, Sharing
from trigger_cli.model import Heading


def kept(limit, *events):
    found = KeptEvents(lambda name: name == "x", limit)
    for one in events:
        found.add(one)
    return found


def test_unwanted_events_lose_their_labels():
    """But nothing else: others may follow them."""
    found = kept(1_000, event("x", 0), event("z", 1, follows="x@0"))
    wanted, unwanted = found.events()
    assert {"prefect.resource.id": "thing.1"} == wanted.resource
    assert (Heading, "x@0") == (type(unwanted), unwanted.follows)
    assert found.whole


def test_beyond_the_limit_only_wanted_events_stay():
    """And the first and the last, between which the clock runs."""
    events = [event("z", s) for s in range(10)] + [event("x", 10), event("z", 11)]
    found = kept(40, *events)
    assert not found.whole
    assert ["z@0", "x@10", "z@11"] == [one.id for one in found.events()]


def test_where_even_these_are_too_many_nothing_is_kept():
    """Nobody replays half of a log."""
    found = kept(40, *[event("x", s) for s in range(50)])
    assert (True, []) == (found.gave_up, found.events())


def test_alike_related_resources_are_shared():
    """One object in place of many."""
    sharing = Sharing()
    one, other = (sharing.shared(event("x", s, related=[related("flow", "f")])) for s in (0, 1))
    assert one.related[0] is other.related[0]
