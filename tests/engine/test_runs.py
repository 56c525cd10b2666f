"""Firings in a row without an event: passed at once, and the same as one by one."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import Running, at, automations, event
from trigger_cli.dialects import ALL_DIALECTS, DOCS
from trigger_cli.engine.runs import FiringRun

WATCH = {"posture": "Proactive", "expect": ["beat"], "within": 60}
KEYED = {**WATCH, "within": 45, "for_each": ["prefect.resource.id"]}
TRIGGERS = [
    WATCH,
    {**WATCH, "threshold": 2, "within": 10},
    {**WATCH, "threshold": 0},
    KEYED,
    {**KEYED, "threshold": 2},
    {**WATCH, "after": ["start"]},
    {**KEYED, "after": ["start"]},
    {"type": "compound", "require": "any", "triggers": [WATCH, {"expect": ["start"]}]},
    {
        "type": "sequence",
        "triggers": [{"type": "compound", "require": 1, "triggers": [KEYED, WATCH]}],
    },
    {"type": "compound", "require": "all", "within": 70, "triggers": [WATCH, {"expect": ["beat"]}]},
    {"type": "sequence", "triggers": [KEYED, WATCH]},
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["beat", "start", "other"]),
        st.one_of(st.integers(0, 130), st.integers(0, 3_000)),
        st.sampled_from(["r.1", "r.2", "r.3"]),
        st.sampled_from([None, None, "lost", "e1", "e4"]),
    ),
    max_size=12,
)


def firings_and_runs(running, events, until, *, at_once=True):
    """The time and event of each of the automations' own firings, and how many were yielded."""
    running.replay.firings_only = True
    runs = []
    if at_once:
        running.replay.take_run = runs.append
    running.replay.start(at(0))
    records = list(chain(chain.from_iterable(map(running.take, events)), running.finish(at(until))))
    own = [one.firing for one in records if one.kind == "fired" and one.is_own]
    found = [(one.automation.index, one.at, one.event and one.event.line) for one in own]
    for run in runs:
        found += [
            (run.automation.index, run.first + place * run.step, None)
            for place in range(run.number)
        ]
    return sorted(found, key=repr), len(own)


@settings(max_examples=150)
@given(st.data())
def test_the_firings_are_the_same(data):
    """As are the open windows, whatever came before the silence."""
    dialect = data.draw(st.sampled_from(ALL_DIALECTS))
    triggers = automations(*data.draw(st.lists(st.sampled_from(TRIGGERS), min_size=1, max_size=4)))
    clock, events = 0, []
    for line, (name, seconds, resource, leader) in enumerate(data.draw(STEPS), 1):
        clock += seconds
        events.append(event(name, clock, resource, id=f"e{line}", line=line, follows=leader))
    until = clock + data.draw(st.integers(0, 5_000))
    singly, at_once = Running(triggers, dialect), Running(triggers, dialect)
    expected, _ = firings_and_runs(singly, events, until, at_once=False)
    found, _ = firings_and_runs(at_once, events, until)
    assert expected == found
    assert singly.pending() == at_once.pending()
    assert singly.clock == at_once.clock


@pytest.mark.parametrize("dialect", ALL_DIALECTS, ids=lambda one: one.name)
@pytest.mark.parametrize("trigger", [WATCH, TRIGGERS[4], TRIGGERS[7], TRIGGERS[8]])
def test_few_firings_are_yielded(trigger, dialect):
    """However long it is silent."""
    running = Running(automations(trigger), dialect, endless=True)
    events = [event("beat", 5, "r.1"), event("other", 100_000), event("other", 200_000)]
    found, yielded = firings_and_runs(running, events, 600_000)
    assert len(found) > 9_900
    assert yielded < 12
    assert running.replay._timer_seq < 40


def test_a_run_knows_its_instants():
    (watch,) = automations(WATCH)
    run = FiringRun(watch, watch.trigger, (), at(60), at(60) - at(0), 3)
    instants = [0, 60, 61, 120, 180, 240]
    assert [60, 120, 180] == [one for one in instants if run.has(at(one))]


def test_without_a_list_each_is_yielded():
    running = Running(automations(WATCH), DOCS)
    assert 10 == firings_and_runs(running, [event("other", 0)], 600, at_once=False)[1]
