"""Rules P: proactive triggers."""

import pytest

from tests.support import (
    Running,
    at,
    automations,
    event,
    firing_times,
    flow_run,
    history,
    proactive,
    transitions,
)
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.model import Bucket

STUCK = proactive("prefect.flow-run.Completed", after=["prefect.flow-run.Running"])
EACH_RUN = {**STUCK, "for_each": ["prefect.resource.id"]}
WATCH = {"posture": "Proactive", "expect": ["beat"], "within": 60}


def test_p1_within_zero_means_ten_seconds():
    """A proactive trigger without `within` has a window of 10 s."""
    trigger = {"posture": "Proactive", "expect": ["beat"]}
    assert [10, 20] == firing_times(trigger, [], start=0, until=25)


def test_e3_a_proactive_trigger_fires_at_the_windows_end_with_its_last_event():
    """The firing carries the event that started the watch."""
    fired = [
        t for t in transitions(EACH_RUN, [flow_run("Running", 0)], until=60) if t.kind == "fired"
    ]
    assert [(at(60), "prefect.flow-run.Running@0")] == [(t.at, t.firing.event.id) for t in fired]


def test_t4_at_equal_times_the_deadline_comes_first():
    """The event that would have satisfied the watch comes exactly at its end: too late."""
    events = [flow_run("Running", 0), flow_run("Completed", 60)]
    assert [60] == firing_times(EACH_RUN, events)


def test_without_for_each_another_run_satisfies_the_watch():
    """The seed page's warning: a Completed of another run counts."""
    events = [flow_run("Running", 0, "a"), flow_run("Completed", 30, "b")]
    assert [] == firing_times(STUCK, events, until=600)
    assert [60] == firing_times(EACH_RUN, events, until=600)


def test_p3_the_unkeyed_watch_runs_from_the_start():
    """Without `for_each` and `after`, absence is noticed though there never was an event."""
    assert [60, 120] == firing_times(WATCH, [], start=0, until=120)


def test_p3_a_keyed_watch_begins_with_the_keys_first_event():
    """With `for_each` nobody knows which keys to miss before they were seen."""
    keyed = {**WATCH, "for_each": ["prefect.resource.id"]}
    assert [] == firing_times(keyed, [], start=0, until=120)
    assert [220] == firing_times(keyed, [event("beat", 100)], start=0, until=220)


def test_p4_a_satisfied_window_is_followed_by_the_next():
    """In `docs`, windows tile: [0,60) is satisfied, [60,120) fires (D6)."""
    assert [120] == firing_times(WATCH, [event("beat", 30)], DOCS, start=0, until=120)


def test_p5_the_server_leaves_a_window_unwatched():
    """In `server`, the watch resumes only one window after a satisfied one (D6)."""
    assert [180] == firing_times(WATCH, [event("beat", 30)], SERVER, start=0, until=180)


def test_p5_in_the_server_a_satisfied_key_is_dropped():
    """In `server`, a keyed watch that was satisfied waits for the key's next event (D6)."""
    keyed = {**WATCH, "for_each": ["prefect.resource.id"]}
    events = [event("beat", 0), event("beat", 20)]
    assert [120] == firing_times(keyed, events, DOCS, until=130)
    assert [] == firing_times(keyed, events, SERVER, until=1000)


def test_p6_the_server_arms_a_trigger_with_after_at_its_start():
    """In `server`, an unkeyed trigger fires although no `after` event was seen (D7)."""
    assert [] == firing_times(STUCK, [event("other", 0)], DOCS, until=100)
    assert [60] == firing_times(STUCK, [event("other", 0)], SERVER, until=100)
    assert "0 opened P6 [0,60) 0" == history(STUCK, [event("other", 0)], SERVER)[0]


def test_p2_open_buckets_are_evaluated_by_their_start():
    """Two keys due at one evaluation fire in the order in which their windows began."""
    events = [flow_run("Running", 10, "b"), flow_run("Running", 5, "a")]
    fired = [t.key for t in transitions(EACH_RUN, events, until=100) if t.kind == "fired"]
    assert [("prefect.flow-run.a",), ("prefect.flow-run.b",)] == fired


def test_t5_deadlines_after_the_end_are_pending():
    """What is due after `until` is reported with its due time and not fired."""
    replay = Running(automations(EACH_RUN))
    list(replay.take(flow_run("Running", 0)))
    list(replay.finish(at(59)))
    assert [(at(60), 0, 1)] == [(p.due, p.count, p.threshold) for p in replay.pending()]


@pytest.mark.parametrize(("dialect", "due"), [(DOCS, [at(600)]), (SERVER, [])])
def test_p2_a_window_that_was_over_when_it_was_opened_waits_for_the_planned_evaluation(
    dialect, due
):
    """An old event opened it after that was planned; a server drops it before (S2)."""
    watch = {"posture": "Proactive", "expect": ["y"], "after": ["x"], "within": 600}
    keyed = automations({**watch, "for_each": ["prefect.resource.id"]})
    events = [event("z", 0), event("z", 360), event("x", -180)]
    replay = Running(keyed, dialect)
    for one in events:
        list(replay.take(one))
    assert due == [one.due for one in replay.pending()]
    list(replay.finish(at(599)))
    fired = [one.at for one in replay.finish(at(601)) if one.kind == "fired"]
    assert due == fired


@pytest.mark.parametrize("dialect", [DOCS, SERVER])
def test_until_quiet_gives_repeating_triggers_one_more_round(dialect):
    """Deadlines open at the log's end are run; those they open are left pending."""
    replay = Running(automations(WATCH, EACH_RUN), dialect)
    fired = []
    for one in [flow_run("Running", 0), event("other", 10)]:
        fired += [t for t in replay.take(one) if t.kind == "fired"]
    fired += [t for t in replay.finish(until_quiet=True) if t.kind == "fired"]
    assert [(at(60), 0), (at(60), 1)] == [(t.at, t.automation.index) for t in fired]
    assert at(60) == replay.clock


def test_a_hundred_open_buckets_cost_an_evaluation_nothing():
    """An evaluation looks at the buckets that have ended, not at all that are open."""
    replay = Running(automations(EACH_RUN))
    for run in range(100):
        list(replay.take(flow_run("Running", run * 0.01, str(run))))
    looked_at = []
    for state in replay._proactive:
        original = state.deadlines.pop_ended
        state.deadlines.pop_ended = lambda now, original=original: (
            looked_at.append(original(now)) or looked_at[-1]
        )
    list(replay.take(event("other", 60)))
    assert [1] == [len(keys) for keys in looked_at if keys]


def test_the_bucket_that_a_deadline_opens_remembers_no_event():
    """A window that time alone opened fires without an event (E3, E6)."""
    fired = [
        t for t in transitions(WATCH, [event("beat", 5)], start=0, until=120) if t.kind == "fired"
    ]
    assert [None] == [t.firing.event for t in fired]
    assert Bucket(at(60), at(120), 0, None) == fired[0].before
