"""`history/pairing.py`: which recorded firing is which simulated one."""

import pytest
from msgspec.structs import replace

from tests.support import at, event
from trigger_cli.history.pairing import pair
from trigger_cli.history.server_log import ServerFiring
from trigger_cli.history.simulated import Simulated
from trigger_cli.model import EventTrigger

LEAF = EventTrigger("$", "Proactive", within=60_000_000)


def labels(key):
    return (("prefect.resource.id", key),) if key else ()


def recorded(seconds, key=""):
    return ServerFiring(at(seconds), round(seconds * 10), "1", "x", None, labels(key))


def simulated(seconds, key=""):
    return Simulated(at(seconds), None, labels(key), True, LEAF, (key,), None, ())


def paired(theirs, ours):
    """The seconds of each pair, and how many firings are left on either side."""
    found = pair(theirs, ours, {}, lambda _one, _event: False)
    seconds = [((a.recorded.at - at(0)) / 1e6, (a.simulated.at - at(0)) / 1e6) for a in found.pairs]
    return seconds, len(found.missed), len(found.unexpected)


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ([(1, "a")], [(1, "b")], ([], 1, 1)),
        ([(5, "a"), (5.1, "b")], [(5, "b"), (5, "a")], ([(5, 5), (5.1, 5)], 0, 0)),
        ([(5, "a"), (6, "b")], [(4, "a"), (5.5, "b")], ([(5, 4), (6, 5.5)], 0, 0)),
        ([(5, ""), (6, "b")], [(4, "b"), (5, "a")], ([(5, 5), (6, 4)], 0, 0)),
        ([(5, "b"), (6, "")], [(4, "b"), (5, "b")], ([(5, 5), (6, 4)], 0, 0)),
        ([(5, "a")], [(5, "")], ([(5, 5)], 0, 0)),
    ],
    ids=["another bucket", "at one instant", "crosswise", "none told", "then none", "composite"],
)
def test_firings_without_an_event_are_of_one_bucket(theirs, ours, expected):
    """If the payload of the server's event tells its labels, and the automation has buckets."""
    found = paired([recorded(*one) for one in theirs], [simulated(*one) for one in ours])
    assert expected == found


@pytest.mark.parametrize(
    ("seconds", "pairs"), [(9, 1), (8.999_999, 0), (70, 1), (70.000_001, 0)], ids=str
)
def test_a_recorded_firing_seems_to_be_a_second_early_at_most_and_a_window_late(seconds, pairs):
    """`SLACK`, and the length of the window, in which it may have begun anew; each is included."""
    found, _, _ = paired([recorded(seconds)], [simulated(10)])
    assert pairs == len(found)


def test_firings_by_one_event_are_the_same():
    """Each by another copy of it, in order; not one that would precede its recorded firing by more."""
    events = {one.id: one for one in (event("a", 0, line=1), event("a", 9, line=2))}
    theirs = [
        ServerFiring(at(seconds), line, "1", "x", ident)
        for seconds, line, ident in ((0.1, 3, "a@0"), (0.2, 4, "a@0"), (7.9, 5, "a@9"))
    ]
    ours = [
        Simulated(at(seconds), events[ident], (), False, LEAF, (), None, ())
        for seconds, ident in ((0, "a@0"), (0.15, "a@0"), (9, "a@9"))
    ]
    found = pair(theirs, ours, events, lambda _one, _event: False)
    assert [(3, at(0)), (4, at(0.15))] == [(x.recorded.line, x.simulated.at) for x in found.pairs]
    assert ([5], [2]) == ([x.line for x in found.missed], [x.line for x in found.unexpected])
    soon = [replace(theirs[2], at=at(8))]
    assert len(pair(soon, ours, events, lambda _one, _event: False).pairs) == 1


@pytest.mark.parametrize(
    ("seconds", "event_id", "meets", "pairs"),
    [
        (17, "a@9", True, 1),
        (17.000_001, "a@9", True, 0),
        (9, "a@9", True, 1),
        (8.999_999, "a@9", True, 0),
        (12, "a@9", False, 0),
        (12, "other", True, 0),
    ],
)
def test_an_event_may_come_before_the_poll_of_a_deadline(seconds, event_id, meets, pairs):
    """Up to `LATEST` after the deadline at 10 s, if it would have fired the window."""
    events = {"a@9": event("a", 9, line=2)}
    theirs = [ServerFiring(at(seconds), 3, "1", "x", event_id)]
    ours = [Simulated(at(10), None, (), True, LEAF, (), None, ())]
    found = pair(theirs, ours, events, lambda _one, _event: meets)
    assert [True] * pairs == [one.other_event for one in found.pairs]
