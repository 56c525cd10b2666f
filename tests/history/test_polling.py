"""`history/polling.py`: when a server looked at its deadlines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support import Running
from trigger_cli.history.polling import (
    INTERVAL,
    PollTimes,
    Standstill,
    poll_times_of,
    standstills_of,
)
from trigger_cli.model import Automation, EventTrigger
from trigger_cli.times import SECOND

INSTANTS = st.integers(0, 10**9)


def test_between_two_known_looks_they_are_evenly_spread():
    """Ten seconds and a bit are two intervals."""
    begin = 60 * SECOND
    polls = poll_times_of([begin, begin + 10_080_000], default=0)
    assert 5_040_000 == polls.interval
    assert [0, 5_040_000, 5_040_000, 10_080_000] == [
        polls.next_at(begin + t) - begin for t in (0, 1, 5_040_000, 5_040_001)
    ]


@pytest.mark.parametrize(("seconds", "interval"), [(118, 4.916_667), (122, 5)])
def test_looks_that_are_far_apart_do_not_tell_the_interval(seconds, interval):
    """Two minutes at most; beyond them, a server may have looked at another pace."""
    polls = poll_times_of([0, round(seconds * SECOND)], default=0)
    assert round(interval * SECOND) == polls.interval


def test_firings_of_one_look_are_one_instant():
    """Several automations fire at one look, a moment apart."""
    assert (0, 10 * SECOND) == poll_times_of([0, 300_000, 10 * SECOND], default=0).known


@given(st.lists(st.integers(0, 10**9), max_size=8), st.integers(-(10**9), 2 * 10**9))
def test_the_next_look_is_never_early_and_less_than_two_intervals_away(instants, due):
    """Whatever is known of a server."""
    polls = poll_times_of(instants, default=0)
    found = polls.next_at(due)
    assert due <= found < due + 2 * max(polls.interval, INTERVAL)
    assert found == polls.next_at(found)


def test_looks_can_be_moved():
    """All of them together."""
    assert PollTimes((7,), 5, 5) == PollTimes((5,), 5, 5).moved(2)


def test_a_replay_evaluates_when_the_server_looks():
    """A deadline at 10 s is seen at 12 s, and the next window begins there."""
    trigger = EventTrigger("$", "Proactive", within=10 * SECOND)
    polls = PollTimes((0, 12 * SECOND, 24 * SECOND), 12 * SECOND, 12 * SECOND)
    running = Running([Automation(0, "one", "", trigger)], evaluated_at=polls.next_at)
    running.start(0)
    fired = [one.at for one in running.finish(40 * SECOND) if one.kind == "fired"]
    assert [12 * SECOND, 24 * SECOND, 36 * SECOND] == fired


def test_a_server_that_received_nothing_and_then_all_at_once():
    """A pause alone is no standstill: in it events must have occurred."""
    quiet = [(n * SECOND, n * SECOND) for n in (0, 1, 2, 40, 41)]
    assert () == standstills_of(*zip(*quiet, strict=True))
    late = [(42 * SECOND, n * SECOND) for n in (10, 20, 30)]
    assert (Standstill(2 * SECOND, 42 * SECOND, 3),) == standstills_of(
        *zip(*quiet[:3], *late, (43 * SECOND, 43 * SECOND), strict=True)
    )


def test_a_server_that_stands_still_does_not_poll():
    """What is due then is looked at afterwards, at once or by the poll that is known."""
    still = (Standstill(11 * SECOND, 31 * SECOND, 5),)
    polls = PollTimes((0,), 5 * SECOND, 5 * SECOND, still)
    assert [10, 31, 31, 35] == [polls.next_at(n * SECOND) // SECOND for n in (9, 12, 29, 32)]
    known = PollTimes((0, 33 * SECOND), 5 * SECOND, 5 * SECOND, still)
    assert 33 == known.next_at(15 * SECOND) // SECOND


@given(st.lists(INSTANTS, min_size=1, max_size=5), INSTANTS, st.integers(-8, 8))
def test_variants_are_the_same_from_the_first_look_that_is_known(instants, later, step):
    """What came before it is guessed."""
    polls = poll_times_of(instants, default=0)
    other = replace(polls, early=polls.early + step * 1000)
    same_from = polls.same_from(other)
    assert polls.next_at(same_from + later) == other.next_at(same_from + later)
    assert polls.moved(1).same_from(polls) is None
