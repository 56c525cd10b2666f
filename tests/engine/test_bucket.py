"""Rules B and E, one by one, and S1, S2: `trigger_cli.engine.bucket`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import (
    at,
    event,
    firing_times,
    flow_run,
    history,
    proactive,
    related,
    transitions,
)
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.engine.bucket import LOOK_BACK, take_event, take_quietly
from trigger_cli.model import Bucket, EventTrigger, NameRoles

FAILED = {"expect": ["prefect.flow-run.Failed"], "posture": "Reactive"}


def failed(*seconds: float) -> list:
    """One failure at each of the times."""
    return [flow_run("Failed", one) for one in seconds]


def test_b1_windows_are_half_open():
    """An expected event is evaluated (B8), but one exactly at the window's end is not in it."""
    trigger = {**FAILED, "threshold": 2, "within": 60}
    inside = firing_times(trigger, failed(0, 59.999999))
    outside = firing_times(trigger, failed(0, 60))
    assert [59.999999] == inside
    assert [] == outside


def test_b2_the_key_is_the_labels_values_sorted_by_label():
    """The key lists the values in the order of the labels' names, not as written."""
    trigger = {**FAILED, "for_each": ["prefect.resource.name", "prefect.resource.id"]}
    one = event(
        "prefect.flow-run.Failed", 0, {"prefect.resource.id": "r", "prefect.resource.name": "n"}
    )
    assert {("r", "n")} == {t.key for t in transitions(trigger, [one])}


def test_b2_related_labels_come_from_the_first_resource_in_the_role():
    """`related:<role>:<label>` reads the first related resource in that role, and only that."""
    trigger = {**FAILED, "for_each": ["related:tag:prefect.resource.id"]}
    tagged = flow_run(
        "Failed", 0, related=[related("flow", "f"), related("tag", "x"), related("tag", "y")]
    )
    assert {("x",)} == {t.key for t in transitions(trigger, [tagged])}


def test_b2_absent_labels_share_a_bucket():
    """An absent label, role or resource is the empty string in the key."""
    trigger = {
        **FAILED,
        "threshold": 2,
        "within": 60,
        "for_each": ["related:flow:prefect.resource.id"],
    }
    untagged = [flow_run("Failed", 0), flow_run("Failed", 1, related=[related("tag", "x")])]
    assert [1] == firing_times(trigger, untagged)


def test_b3_a_firing_names_its_labels():
    """A firing's labels map each for_each label to its value."""
    trigger = {**FAILED, "for_each": ["prefect.resource.id"]}
    fired = [t.firing for t in transitions(trigger, failed(0)) if t.kind == "fired"]
    assert [(("prefect.resource.id", "prefect.flow-run.a"),)] == [f.labels for f in fired]


def test_b5_repeated_after_events_do_not_extend_the_window():
    """An `after` event finds the window open and leaves it as it is."""
    trigger = {"after": ["start"], "expect": ["end"], "posture": "Reactive", "within": 60}
    events = [event("start", 0), event("start", 50), event("end", 70)]
    assert [
        "0 opened B5 [0,60) 0",
        "50 ignored B5 [0,60) 0",
        "70 closed E5 [0,60) 0",
    ] == history(trigger, events)


def test_b5_an_event_that_starts_and_satisfies_begins_at_minus_one():
    """What matches both `after` and `expect` does not satisfy the watch that it starts."""
    trigger = {"after": ["beat"], "expect": ["beat"], "posture": "Reactive", "within": 60}
    assert [
        "0 opened B5 [0,60) -1",
        "0 counted E2 [0,60) 0",
        "5 counted E2 [0,60) 1",
        "5 fired E3 [0,60) 1",
    ] == history(trigger, [event("beat", 0), event("beat", 5)])


def test_b6_the_first_window_looks_back_fifteen_minutes():
    """Without `after`, an event that arrives late counts by when it occurred (B4)."""
    trigger = {**FAILED, "threshold": 2, "within": 60}
    late = [flow_run("Failed", 1000, id="x"), flow_run("Failed", 100, id="y")]
    too_late = [flow_run("Failed", 1000, id="x"), flow_run("Failed", 99, id="y")]
    assert [1000] == firing_times(trigger, late)
    assert [] == firing_times(trigger, too_late)


def test_b7_without_an_open_bucket_an_expected_event_is_ignored():
    """An expected event before any `after` event changes nothing."""
    trigger = {"after": ["start"], "expect": ["end"], "posture": "Reactive", "within": 60}
    assert ["0 ignored B7"] == history(trigger, [event("end", 0)])


def test_e1_after_an_early_firing_the_trigger_cools_down():
    """After firing, events up to the old window's end are ignored."""
    trigger = {**FAILED, "threshold": 1, "within": 60}
    assert [0, 60] == firing_times(trigger, failed(0, 1, 59.9, 60))


def test_e2_an_immediate_trigger_counts_every_event():
    """Reactive with `within` 0 fires on every event."""
    assert [0, 1, 1.5] == firing_times(FAILED, failed(0, 1, 1.5))


def test_e3_reactive_fires_when_the_threshold_is_reached():
    """The third of three events within the window fires, with that event."""
    trigger = {**FAILED, "threshold": 3, "within": 60}
    fired = [t for t in transitions(trigger, failed(0, 10, 20)) if t.kind == "fired"]
    assert ["prefect.flow-run.Failed@20"] == [t.firing.event.id for t in fired]


def test_e3_threshold_zero_fires_on_the_first_event():
    """A Reactive threshold of 0 is met by a count of 1, once a window."""
    trigger = {**FAILED, "threshold": 0, "within": 60}
    assert [0] == firing_times(trigger, failed(0, 10))


def test_e4_a_heartbeat_renews_the_watch():
    """Proactive, after = expect: each beat that satisfies the watch starts it anew."""
    trigger = proactive("beat", after=["beat"], for_each=["prefect.resource.id"])
    beats = [event("beat", 0), event("beat", 30), event("beat", 80)]
    assert [140] == firing_times(trigger, beats, until=200)
    renewed = [line for line in history(trigger, beats) if "renewed" in line]
    assert ["30 renewed E4 [30,90) 0", "80 renewed E4 [80,140) 0"] == renewed


def test_e5_past_its_end_a_bucket_with_after_is_closed():
    """An expected event past the window closes it; the next one finds no window."""
    trigger = {"after": ["start"], "expect": ["end"], "posture": "Reactive", "within": 60}
    events = [event("start", 0), event("end", 61), event("end", 62)]
    assert [
        "0 opened B5 [0,60) 0",
        "61 closed E5 [0,60) 0",
        "62 ignored B7",
    ] == history(trigger, events)


def test_e6_an_unfired_immediate_bucket_stays():
    """Reactive, `within` 0, threshold 2: the first event waits for the second, however long."""
    trigger = {**FAILED, "threshold": 2}
    assert [90_000] == firing_times(trigger, failed(0, 90_000))


def test_e7_an_event_past_the_window_opens_and_fills_the_next():
    """The event that finds the window over is counted in the next one."""
    trigger = {**FAILED, "threshold": 2, "within": 60}
    assert [
        "0 opened B6 [-900,60) 0",
        "0 counted E2 [-900,60) 1",
        "100 closed E6 [-900,60) 1",
        "100 opened E7 [100,160) 0",
        "100 counted E2 [100,160) 1",
        "120 counted E2 [100,160) 2",
        "120 fired E3 [100,160) 2",
        "120 opened E6 [160,220) 0",
    ] == history(trigger, failed(0, 100, 120))


def test_s1_after_an_expired_window_a_new_one_opens():
    """In `docs`, an `after` event at the window's end opens a fresh one (D8)."""
    trigger = {"after": ["start"], "expect": ["end"], "posture": "Reactive", "within": 60}
    events = [event("start", 0), event("start", 60), event("end", 100)]
    assert [100] == firing_times(trigger, events, DOCS)


def test_s2_in_the_server_an_expired_window_lingers():
    """In `server`, the `after` event just past an expired window is lost (D8)."""
    trigger = {"after": ["start"], "expect": ["end"], "posture": "Reactive", "within": 60}
    lost = [event("start", 0), event("start", 119.9), event("end", 121)]
    found = [event("start", 0), event("start", 120), event("end", 121)]
    assert [] == firing_times(trigger, lost, SERVER)
    assert [121] == firing_times(trigger, found, SERVER)


def test_s2_the_server_forgets_an_immediate_count():
    """In `server`, threshold 2 with `within` 0 needs its second event within 60 s (D9)."""
    trigger = {**FAILED, "threshold": 2}
    assert [59.9] == firing_times(trigger, failed(0, 59.9), SERVER)
    assert [] == firing_times(trigger, failed(0, 60), SERVER)


# Reactive without `after` thrice, as only there is a short way.
EXPECTED = NameRoles(starts=False, expected=True)
FEW_SECONDS = st.integers(-3, 3).map(lambda seconds: seconds * 1_000_000)
TRIGGERS = st.builds(
    EventTrigger,
    path=st.just("$"),
    posture=st.sampled_from(["Reactive", "Reactive", "Reactive", "Proactive"]),
    expect=st.just(("b",)),
    after=st.sampled_from([(), (), (), ("a",)]),
    threshold=st.integers(0, 3),
    within=st.sampled_from([0, 2_000_000]),
)


@pytest.mark.parametrize("dialect", [DOCS, SERVER], ids=lambda one: one.name)
@given(
    TRIGGERS,
    st.none()
    | st.builds(
        Bucket,
        start=st.sampled_from([at(0) - LOOK_BACK, at(0), at(1)]),
        end=st.sampled_from([at(0), at(2), at(9)]),
        count=st.integers(-1, 3),
        last_event=st.none(),
    ),
    FEW_SECONDS,
    st.sampled_from([EXPECTED, EXPECTED, NameRoles(True, True), NameRoles(True, False)]),
)
def test_what_is_taken_quietly_is_taken_the_same(dialect, trigger, bucket, moment, roles):
    """The short way is taken only where nothing ends or fires, and comes to the same bucket."""
    taken = event("b", 0)._replace(occurred=at(0) + moment)
    quietly = take_quietly(trigger, dialect, bucket, taken, roles)
    changes = []
    after = take_event(trigger, dialect, bucket, taken, roles, changes)
    told = [change.kind for change in changes]
    goes_on = told in (["counted"], ["opened", "counted"]) or [("ignored", "E1")] == [
        (change.kind, change.rule) for change in changes
    ]
    plain = trigger.posture == "Reactive" and not trigger.after and not roles.starts
    if plain and goes_on and not trigger.immediate:
        assert quietly is not None
    if quietly is not None:
        assert goes_on
        assert (after, 2 if bucket is None else 1) == (quietly, len(changes))
