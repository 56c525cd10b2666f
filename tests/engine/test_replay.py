"""Rules T: the clock, and the shape of the stream."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.oracle import ours
from tests.oracle.cases import cases
from tests.support import Running, at, automations, event, firing_times, transitions
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.model import CompositeTrigger, DeliveryTransition

EVERY = {"posture": "Reactive"}
WATCH = {"posture": "Proactive", "expect": ["beat"], "within": 10}


def test_t3_the_clock_only_moves_forward():
    """An event that arrives late is taken at the clock's time, not at its own (T6)."""
    assert [10, 10] == firing_times(EVERY, [event("a", 10), event("b", 3)])


def test_t3_the_clock_starts_with_the_first_event():
    """Without a start, the watch begins when the log does."""
    assert [15, 25] == firing_times(WATCH, [event("other", 5)], until=25)
    assert [10, 20] == firing_times(WATCH, [event("other", 5)], start=0, until=25)


def test_t5_the_replay_ends_where_it_is_told():
    """Events and deadlines after `until` are not taken."""
    assert [10, 20] == firing_times(WATCH, [event("o", 0), event("o", 24)], until=23)


def test_t5_without_until_the_replay_ends_with_its_last_event():
    """A deadline after the last event is not run."""
    assert [10] == firing_times(WATCH, [event("o", 0), event("o", 19)])


def test_without_events_and_times_nothing_happens():
    """An empty log has no clock, and so no absence either."""
    replay = Running(automations(WATCH))
    assert [] == list(replay.finish())
    assert replay.started is None


def test_t4_a_start_given_is_evaluated_before_events_that_lie_before_it():
    """The first evaluation is due at the start, and comes before any event, even an older one."""
    found = transitions(
        {"posture": "Proactive", "expect": ["x"], "within": 10}, [event("x", -5)], start=0
    )
    assert ["P3", "E1"] == [one.rule for one in found]


def test_every_record_follows_from_earlier_ones():
    """`seq` counts up from 0, and `because` only ever points back."""
    trigger = {
        "type": "compound",
        "require": "all",
        "triggers": [{**EVERY, "expect": ["a"]}, {**WATCH, "expect": ["b"]}],
    }
    records = transitions(trigger, [event("a", 0), event("o", 30)])
    assert list(range(len(records))) == [t.seq for t in records]
    assert all(cause < t.seq for t in records for cause in t.because)
    by_seq = {t.seq: t for t in records}
    root = next(t for t in records if t.kind == "fired" and t.trigger.path == "$")
    assert {"fired"} == {by_seq[cause].kind for cause in root.because}


def test_children_are_evaluated_in_definition_order():
    """Two triggers that one event fires fire in the order in which they are defined (C6)."""
    replay = Running(automations({**EVERY, "threshold": 1}, EVERY))
    fired = [t.automation.index for t in replay.take(event("x", 0)) if t.kind == "fired"]
    assert [0, 1] == fired


def test_triggers_that_share_a_filter_keep_their_places():
    """C6: the first and the third filter alike, and the second fires between them."""
    once = {**EVERY, "threshold": 1}
    replay = Running(automations(once, {**once, "expect": ["x"]}, once))
    fired = [t.automation.index for t in replay.take(event("x", 0)) if t.kind == "fired"]
    assert [0, 1, 2] == fired


@given(st.lists(st.integers(0, 100), max_size=30))
def test_time_never_goes_back(times):
    """Whatever the order of the events, the records' times never decrease."""
    records = transitions(WATCH, [event("beat", s, id=str(n)) for n, s in enumerate(times)])
    assert sorted(t.at for t in records) == [t.at for t in records]


def test_a_start_before_the_log_arms_the_watch():
    """`start` moves the first evaluation, and the window with it."""
    replay = Running(automations(WATCH))
    replay.start(at(-5))
    fired = [t for t in replay.take(event("o", 6)) if t.kind == "fired"]
    assert [at(5)] == [t.at for t in fired]


def taken(case, dialect, *, firings_only: bool):
    """The records of a case, and how it stands at the end."""
    replay = Running(ours.automations(case), dialect)
    replay.replay.firings_only = firings_only
    return ours.records(replay, case), replay.pending(), replay.matched


@pytest.mark.parametrize("dialect", [DOCS, SERVER], ids=lambda one: one.name)
@settings(max_examples=50)
@given(case=cases(most_events=20))
def test_firings_alone_are_those_among_all_records(case, dialect):
    """Leaving records out is all that `firings_only` does: numbers and causes stay the same."""
    everything, *end = taken(case, dialect, firings_only=False)
    fewer, *same_end = taken(case, dialect, firings_only=True)
    told = [
        one
        for one in everything
        if one.kind in ("fired", "resolved")
        or isinstance(one, DeliveryTransition)
        or isinstance(one.trigger, CompositeTrigger)
    ]
    assert told == fewer
    assert end == same_end


# Some of these hold what they expect (H), and are renewed by what also begins them (E4, H6).
WATCHES = (
    {"after": ["a"], "expect": ["b"], "threshold": 2},
    {"after": ["a"], "expect": ["a", "b"], "threshold": 3},
    {"after": ["a"], "expect": ["b"], "for_each": ["prefect.resource.id"]},
)
FEW = st.tuples(st.sampled_from("aab"), st.integers(0, 60), st.sampled_from("xy"))


def processed(replay, events):
    """The firings of events that have been through delivery, and the states before each of them."""
    firings, states = [], []
    for one in events:
        states.append((replay.state(), len(firings)))
        records = [
            *replay.finish(one.occurred),
            *replay.process(replay.matcher.match(one), one.occurred),
        ]
        firings += [unnumbered(one.firing) for one in records if one.kind == "fired"]
    firings += [unnumbered(one.firing) for one in replay.finish(at(200)) if one.kind == "fired"]
    return firings, states


def unnumbered(firing):
    """The firing without the numbers of its records."""
    return replace(firing, seq=0, children=tuple(map(unnumbered, firing.children)))


def resumes(chosen, dialect, events):
    """From each state, a new replay goes on as the one that was there."""
    replay = Running(chosen, dialect)
    replay.start(at(0))
    firings, states = processed(replay, events)
    for place, (state, fired) in enumerate(states):
        if state is None:
            assert replay.replay._metrics
            continue
        again = Running(chosen, dialect)
        again.resume(state)
        assert state == again.state()
        following, others = processed(again, events[place:])
        assert firings[fired:] == following
        assert [one for one, _ in states[place:]] == [one for one, _ in others]


@pytest.mark.parametrize("dialect", [DOCS, SERVER], ids=lambda one: one.name)
@settings(max_examples=30)
@given(case=cases(most_events=12))
def test_a_replay_resumes_from_any_state(case, dialect):
    """Whatever it evaluates, but metrics."""
    resumes(ours.automations(case), dialect, ours.events(case))


@pytest.mark.parametrize("watch", WATCHES)
@given(rows=st.lists(FEW, max_size=12))
def test_a_replay_resumes_with_what_is_held(watch, rows):
    """H: also if what is expected comes before what begins the watch."""
    chosen = automations({"posture": "Proactive", "within": 30, **watch})
    resumes(chosen, SERVER, [event(*row, line=n) for n, row in enumerate(rows)])
