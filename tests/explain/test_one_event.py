"""What one event did to an automation: at once, and later."""

from __future__ import annotations

import pytest

from tests.explain.cases import compound, metric, proactive, reactive, run_states, sequence
from tests.explain.support import explained
from tests.support import at, event, seconds_of
from trigger_cli.explain.sentence import written

ID = "prefect.resource.id"
STUCK = proactive("end", after=["start"], within=12, for_each=[ID])
STUCK_AND_ALERT = compound(reactive("alert"), STUCK, within=60)


@pytest.mark.parametrize("trigger", [STUCK, STUCK_AND_ALERT], ids=["alone", "in a compound"])
def test_a_firing_at_a_deadline_is_later_and_not_of_the_event_that_opened_the_window(trigger):
    """A compound's records at a child's deadline have the event of the child's firing."""
    asked = explained(trigger, [event("alert", 0), event("start", 5), event("z", 99)], find=2).event
    assert not asked.fired
    assert "started-watch" == asked.diagnosis.cause
    assert [at(17)] == [one.at for one in asked.later]


def test_a_child_that_fires_at_its_deadline_and_waits_is_not_of_the_event_either():
    """The event opened the child's window; the store is the deadline's."""
    asked = explained(STUCK_AND_ALERT, [event("start", 5), event("z", 99)], find=1).event
    assert "started-watch" == asked.diagnosis.cause


def test_an_event_that_fires_the_last_child_of_a_sequence_out_of_order():
    """All have fired: it waits for their order, not for others."""
    trigger = sequence(reactive("a"), reactive("b"))
    asked = explained(trigger, [event("b", 0), event("a", 5)], find=2).event
    said = "$.triggers[0] fired with it and was stored; the composite waits for all to have fired in its order (C3, C4)."
    assert said == written(asked.diagnosis.said)


def test_an_event_fires_a_compound_that_holds_the_firing_of_a_deadline():
    """The last child to fire decides, and not one that is held since its deadline."""
    asked = explained(STUCK_AND_ALERT, [event("start", 5), event("alert", 20)], find=2).event
    assert asked.fired
    assert () == asked.later


@pytest.mark.parametrize("line", [1, 2])
def test_an_event_that_fires_a_composite_is_that_of_its_last_child(line):
    """It was told to have been 1 of 1, as of a trigger of one event."""
    trigger = compound(reactive("x"), reactive("y"), within=60)
    asked = explained(trigger, [event("x", 0), event("y", 5)], find=line).event
    said = "$.triggers[1] fired with it, the last of the 2 children needed."
    assert (asked.fired, said == written(asked.diagnosis.said)) == (line == 2, line == 2)


def test_an_answer_after_the_deadline_is_told_by_how_much():
    """It was told that only an after event opens a window, which one had done."""
    asked = explained(STUCK, [event("start", 0), event("end", 20)], find=2).event
    assert "after-window-closed" == asked.diagnosis.cause
    said = "The window had closed at 2026-03-01T12:00:12.000000Z, 8 s before; the next opens with an after event."
    assert said == written(asked.diagnosis.said)
    other = explained(STUCK, [event("start", 0), event("end", 20, "other")], find=2).event
    assert "awaits-after" == other.diagnosis.cause


def test_a_leader_of_long_ago_was_processed_but_is_forgotten():
    """It was said not to have been processed."""
    events = [event("a", 0, id="e0"), event("a", 1_801, id="e1", follows="e0")]
    asked = explained(reactive("a"), events, find=2).event
    said = "It follows e0, which was not processed in the 30 min before: it waits until "
    assert written(asked.diagnosis.said).startswith(said)


@pytest.mark.parametrize(
    ("firing_for", "cause", "said"),
    [
        (0, "metric-breached", "The value became 0, and it fired."),
        (300, "measured", "The metric took it: its value became 0."),
    ],
)
def test_an_event_that_breaches_a_metric_fires_it_or_not(firing_for, cause, said):
    """Its value alone is no firing."""
    events = run_states(("Pending", 0), ("Failed", 5))
    asked = explained(metric(firing_for=firing_for), events, find=2).event
    assert (cause, said) == (asked.diagnosis.cause, written(asked.diagnosis.said))


@pytest.mark.parametrize(("line", "firings"), [(2, [60]), (4, [2_060])])
def test_an_event_leads_to_the_firings_of_a_metric_whose_breach_it_is_in(line, firings):
    """Each value follows from the one before, but a run that has left the range made no breach."""
    events = [
        *run_states(("Pending", 0), ("Failed", 0)),
        *run_states(("Pending", 2_000), ("Failed", 2_000), run="b"),
    ]
    trigger = metric(firing_for=60)
    asked = explained(trigger, events, find=line, until=3_000).event
    assert firings == [seconds_of(one.at) for one in asked.later]
    for number in (1, 2):
        chain = explained(trigger, events, firing=number, until=3_000).chain
        assert ["measured", "measured", "breached", "fired"] == [one.kind for one in chain]


def test_an_event_that_leaves_the_range_as_a_breach_begins_is_not_in_it():
    """The range is half-open (K1): the steps of the firing had the run that left at that instant."""
    events = [
        *run_states(("Pending", 0), ("Completed", 0)),
        *run_states(("Pending", 300), ("Failed", 300), run="b"),
    ]
    trigger = metric(firing_for=60, range=300)
    assert not explained(trigger, events, find=2, until=900).event.later
    chain = explained(trigger, events, until=900).chain
    assert {one.event.line for one in chain if one.event} == {3, 4}


@pytest.mark.parametrize(("first", "cause"), [(0, "fired"), (1, "not-taken")])
def test_an_event_at_the_first_instant_taken_is_taken(first, cause):
    """As `--from` says it (T7)."""
    log = [event("x", 0), event("x", 9)]
    asked = explained(reactive("x"), log, find=1, taken_from=first).event
    assert cause == asked.diagnosis.cause
