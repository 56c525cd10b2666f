"""Rules O: order, duplicates, followers, disabled automations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import (
    Running,
    at,
    automations,
    event,
    firing_times,
    history,
    replay,
    transitions,
)
from trigger_cli.model import Unmatched, heading_of

EVERY = {"posture": "Reactive"}
MINUTE = 60


def test_o2_a_second_copy_within_thirty_minutes_is_dropped():
    """The same id is processed again only once 30 simulated minutes have gone by."""
    copies = [event("x", s, id="same") for s in (0, 30 * MINUTE - 1, 30 * MINUTE)]
    assert [0, 30 * MINUTE] == firing_times(EVERY, copies)
    assert "1799 duplicate O2" in history(EVERY, copies)


def test_o3_log_writes_never_reach_triggers():
    """`prefect.log.write` is not even a duplicate."""
    assert [] == history(
        EVERY, [event("prefect.log.write", 0, id="1"), event("prefect.log.write", 1, id="1")]
    )


def test_o4_a_follower_waits_for_its_leader():
    """It is processed right after its leader, at the leader's time."""
    events = [event("second", 1, id="2", follows="1"), event("first", 5, id="1")]
    fired = [(t.at, t.event.name) for t in transitions(EVERY, events) if t.kind == "fired"]
    assert ["first", "second"] == [name for _, name in fired]
    assert [5, 5] == firing_times(EVERY, events)


def test_o4_waiting_followers_go_in_the_order_they_occurred():
    """Two followers that arrived the wrong way round are put right."""
    events = [
        event("c", 3, id="3", follows="1"),
        event("b", 2, id="2", follows="1"),
        event("a", 4, id="1"),
    ]
    assert ["a", "b", "c"] == [
        t.event.name for t in transitions(EVERY, events) if t.kind == "fired"
    ]


def test_o4_followers_of_followers_go_at_once():
    """A chain that arrived backwards is processed in one go."""
    events = [
        event("c", 0, id="3", follows="2"),
        event("b", 0, id="2", follows="1"),
        event("a", 0, id="1"),
    ]
    assert ["a", "b", "c"] == [
        t.event.name for t in transitions(EVERY, events) if t.kind == "fired"
    ]


def test_o4_a_chain_is_followed_twenty_deep():
    """The twenty-first follower is left to wait out its 15 minutes."""
    chain = [event("e", 0, id=str(n), follows=str(n - 1)) for n in range(22, 0, -1)]
    lines = history(EVERY, [*chain, event("e", 0, id="0")], until=15 * MINUTE)
    assert 21 == sum("fired" in line and line.startswith("0 ") for line in lines)
    assert 2 == sum("fired" in line and line.startswith("900 ") for line in lines)


def test_o4_a_follower_waits_fifteen_minutes_at_the_most():
    """Then it is processed as a timer, before an event at that very time."""
    events = [event("lonely", 0, id="1", follows="never"), event("other", 15 * MINUTE, id="2")]
    fired = [t for t in transitions(EVERY, events) if t.kind == "fired"]
    assert ["lonely", "other"] == [t.event.name for t in fired]
    assert [15 * MINUTE] * 2 == firing_times(EVERY, events)


def test_o4_an_event_that_follows_itself_does_not_wait():
    """`follows` with the event's own id means nothing."""
    assert [0] == firing_times(EVERY, [event("x", 0, id="1", follows="1")])


def test_o4_events_that_follow_each_other_are_released():
    """A circle of two waits 15 minutes and is then processed, nothing lost."""
    events = [event("a", 0, id="1", follows="2"), event("b", 0, id="2", follows="1")]
    assert [15 * MINUTE] * 2 == firing_times(EVERY, events, until=15 * MINUTE)


def test_o4_a_second_copy_of_a_waiting_event_starts_its_wait_anew():
    """One of the two copies is processed, 15 minutes after the later one came."""
    events = [event("x", 0, id="1", follows="2"), event("x", 60, id="1", follows="2")]
    assert [960] == firing_times(EVERY, events, until=2000)


@pytest.mark.parametrize("pause", [0, 1, 30_000])
def test_o4_a_leader_is_remembered_for_thirty_minutes(pause):
    """Of the clock, exactly, however many events came since; then a follower waits (O4)."""
    crowd = [event("c", 1, id=f"c{number}") for number in range(pause)]
    just = event("b", 30 * MINUTE - 0.000001, id="2", follows="1")
    over = event("b", 30 * MINUTE, id="2", follows="1")
    only = {**EVERY, "expect": ["a", "b"]}
    for follower, fired in ((just, 30 * MINUTE - 0.000001), (over, 45 * MINUTE)):
        events = [event("a", 0, id="1"), *crowd, follower]
        assert [0, fired] == firing_times(only, events, until=50 * MINUTE)


def test_o5_a_disabled_automation_is_not_evaluated():
    """`enabled: false` yields nothing."""
    disabled = automations({"name": "off", "enabled": False, "trigger": EVERY, "actions": []})
    assert [] == list(replay(disabled, [event("x", 0)]))


def test_o4_a_second_copy_of_a_waiting_event_keeps_the_place_of_the_first():
    """Of what occurred together and is released together."""
    events = [
        event("x", 0, id="1", follows="late"),
        event("x", 0, id="2", follows="late"),
        event("x", 0, id="1", follows="late"),
    ]
    fired = [one.event.id for one in transitions(EVERY, events, until=900) if one.kind == "fired"]
    assert ["1", "2"] == fired


LOOKS = [{"posture": "Proactive", "expect": ["a"], "within": 1200}, {**EVERY, "expect": ["a"]}]
"""One is due while runs pass by, one knows the events that are offered."""


def unmatched(run):
    """Events that no trigger takes, as a reader hands them on: in columns."""
    names = sorted({one.name for one in run})
    return Unmatched(
        lines=[one.line for one in run],
        ids=[one.id for one in run],
        occurred=[one.occurred for one in run],
        follows=[one.follows for one in run],
        name_codes=[names.index(one.name) for one in run],
        names=names,
    )


def records(parts, *, at_once):
    """What a replay yields of events (alone, or in runs that pass by), and what still waits."""
    running = Running(automations(*LOOKS))
    found = []
    for part in parts:
        if not isinstance(part, list):
            found += running.take(part)
        elif at_once:
            found += running.pass_by(unmatched(part))
        else:
            for one in part:
                found += running.replay.take(heading_of(one))
    return found, running.waiting(), running.clock, list(running.finish(at(24 * 3600)))


@pytest.mark.parametrize(
    "parts",
    [
        # A leader 30 minutes before its follower, within the run; and a moment less.
        [[event("z", 0, id="1"), event("z", 30 * MINUTE, id="2", follows="1")]],
        [[event("z", 0, id="1"), event("z", 30 * MINUTE - 1, id="2", follows="1")]],
        # A follower before its leader in the run, a moment and a whole wait apart.
        [[event("z", 0, id="2", follows="1"), event("z", 1, id="1")]],
        [[event("z", 0, id="2", follows="1"), event("z", 15 * MINUTE, id="1")]],
        # A trigger's event waits, and its leader comes in a run.
        [event("a", 0, id="2", follows="1"), [event("z", 1, id="0"), event("z", 2, id="1")]],
        # A heading of a run waits, and comes again in the next, or its wait ends there.
        [[event("z", 0, id="2", follows="1")], [event("z", 1, id="2", follows="1")]],
        [[event("z", 0, id="2", follows="1")], [event("z", 16 * MINUTE, id="3")]],
    ],
)
def test_o4_what_passes_by_at_once_waits_and_is_waited_for(parts):
    """A run of headings yields what they yield one by one (O2, O4)."""
    assert records(parts, at_once=False) == records(parts, at_once=True)


_IDS = st.sampled_from("1234567")
_ROW = st.tuples(
    st.sampled_from("azzz"),
    st.one_of(st.integers(0, 60), st.sampled_from([899, 900, 1799, 1800, 1801, 3600, 7200])),
    _IDS,
    st.one_of(st.none(), st.none(), _IDS, st.just("never")),
    st.booleans(),
)


@given(st.lists(_ROW, min_size=1, max_size=20), st.booleans())
def test_runs_of_headings_yield_what_they_yield_one_by_one(rows, in_order):
    """Whatever follows, repeats or waits within the run or across runs (O2–O4)."""
    if in_order:
        rows = sorted(rows, key=lambda row: row[1])
    parts = []
    for line, (name, seconds, ident, follows, is_cut) in enumerate(rows, 1):
        one = event(name, seconds, id=ident, follows=follows, line=line)
        if name == "a":
            parts.append(one)
        elif parts and isinstance(parts[-1], list) and not is_cut:
            parts[-1].append(one)
        else:
            parts.append([one])
    assert records(parts, at_once=False) == records(parts, at_once=True)
