"""`history/pairing.py`: which recorded firing is which simulated one."""

import pytest

from tests.support import at
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
