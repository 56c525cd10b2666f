"""Changes with which a trigger would have fired: `trigger_cli.explain.changes_to_fire`."""

from typing import Any

import pytest

from tests.explain.cases import ID, compound, metric
from tests.explain.support import explained
from tests.support import event, flow_run, proactive, reactive, related
from trigger_cli.dialects import SERVER_3_4
from trigger_cli.explain.sentence import written

NIGHTLY = "prefect.deployment.nightly"
FAILED = "prefect.flow-run.Failed"


def told(*about: Any, **more: Any) -> list[str]:
    """The changes as they are said, the best first."""
    return [written(one.said) for one in explained(*about, **more).counterfactuals]


def test_the_id_of_one_past_run_is_no_remedy():
    """All ids of its kind are, if the one wanted has no likeness to it."""
    trigger = reactive(FAILED, match={ID: "prefect.flow-run"})
    found = told(trigger, [flow_run("Failed", 0, "a"), flow_run("Failed", 1, "b")])
    assert found == [f"add to match.{ID}: prefect.flow-run.*"]


def test_an_id_that_goes_on_after_the_pattern_is_matched_by_a_wildcard():
    """The id of one past order was told in its place."""
    log = [event("x", n, {ID: f"shop.{n}.order.7"}) for n in range(3)]
    assert told(reactive("x", match={ID: "shop.*.order"}), log) == [
        f"add to match.{ID}: shop.*.order.*"
    ]
    assert told(reactive("x", match={ID: ["shop.1", "z"]}), log) == [f"add to match.{ID}: shop.1.*"]


def test_the_name_of_one_past_run_is_no_remedy():
    """It is told to drop the condition instead."""
    name = "prefect.resource.name"
    trigger = reactive(FAILED, match={name: "nightly"})
    log = [event(FAILED, 0, {ID: "prefect.flow-run.a", name: "wise-owl"})]
    assert told(trigger, log) == [f"drop match.{name}"]


def test_another_flow_is_no_remedy_for_a_child_that_waits_for_one():
    """Nobody means it; that only this clause was in the way is told by dropping it."""
    name, role = "prefect.resource.name", "prefect.resource.role"
    failed = reactive(FAILED, match_related={name: "billing", role: "flow"})
    greeter = related("flow", "prefect.flow.g", **{name: "greeter"})
    log = [event("x", 0), flow_run("Failed", 1, related=[greeter])]
    found = told(compound(reactive("x"), failed), log)
    assert found == ["require: 2 → 1", f"drop match_related.{name}"]


def test_the_value_nearly_wanted_is_added_rather_than_the_commonest():
    """`Failed` for `FAILED`, although most events have `Pending`."""
    trigger = reactive("x", match={"prefect.state-name": "FAILED"})
    states = ["Pending", "Pending", "Failed"]
    log = [event("x", n, {"prefect.state-name": one}) for n, one in enumerate(states)]
    assert told(trigger, log) == ["add to match.prefect.state-name: Failed"]


def test_the_role_of_the_resource_that_has_the_id_comes_first():
    """An id of a deployment was asked of the role flow."""
    both = [related("flow", "prefect.flow.f"), related("deployment", NIGHTLY)]
    role = "prefect.resource.role"
    trigger = reactive(FAILED, match_related={ID: NIGHTLY, role: "flow"})
    first, *_ = told(trigger, [flow_run("Failed", 0, related=both)])
    assert first == f"match_related.{role}: flow → deployment"


def test_a_name_that_only_another_dialect_takes_is_written_out():
    """On an old server a star within a pattern is a letter (D18)."""
    found = told(reactive("*.Failed"), [flow_run("Failed", 0)], SERVER_3_4)
    assert found == [f"add to expect: {FAILED}"]


HEARTBEAT = "prefect.flow-run.heartbeat"


def test_a_watch_whose_start_never_comes_may_start_at_running():
    """The run of a worker without heartbeats; `drop after` would fire for all that is silent."""
    trigger = proactive("prefect.flow-run.*", after=[HEARTBEAT], for_each=[ID], within=90)
    log = [flow_run("Pending", 0), flow_run("Running", 5), flow_run("Pending", 500, "b")]
    first, *_ = told(trigger, log)
    assert first == "add to after: prefect.flow-run.Running"


def test_a_heartbeat_that_renews_the_watch_is_not_dropped_from_expect():
    """Healthy runs would be reported; the state that ended the watch of a live run is named."""
    ends = [HEARTBEAT, "prefect.flow-run.AwaitingRetry", "prefect.flow-run.Completed"]
    trigger = proactive(*ends, after=[HEARTBEAT], for_each=[ID], within=90)
    log = [event(HEARTBEAT, n, "prefect.flow-run.a") for n in (0, 30)]
    log += [flow_run("AwaitingRetry", 40), flow_run("Pending", 500, "b")]
    found = told(trigger, log)
    assert "drop from expect: prefect.flow-run.AwaitingRetry" in found
    assert f"drop from expect: {HEARTBEAT}" not in found


def test_what_it_ignored_while_it_cooled_down_would_fire_it_without_a_window():
    """A window of a threshold of 1 holds further firings back, which is asked about."""
    log = [flow_run("Failed", n, str(n)) for n in range(3)]
    more = explained(reactive(FAILED, within=60), log).more_firings
    assert [written(one.said) for one in more] == [
        "within: 60 s (1 min) → 0 s",
        f"add to for_each: {ID}",
    ]
    assert {3} == {one.firings for one in more}
    assert not explained(reactive(FAILED, within=60), log[:1]).more_firings


def test_no_threshold_is_proposed_that_any_fraction_breaches():
    """Of `successes`, 0.6 became 1.01; every fraction is 1 at most."""
    runs = [(run, state) for run, state in enumerate(("Failed", "Completed", "Completed"))]
    log = [
        flow_run(state, 120 * run + second, str(run))
        for run, end in runs
        for state, second in (("Pending", 0), (end, 60))
    ]
    only = ["firing_for: 300 s (5 min) → 180 s (3 min)"]
    assert told(metric(threshold=0.6), log) == only
    assert told(metric(threshold=0.6, operator="<="), log) == only


@pytest.mark.parametrize(
    ("operator", "threshold", "to"),
    [(">=", 100, 90), (">", 100, 89.9), ("<=", 80, 90), ("<", 80, 90.1)],
)
def test_the_threshold_of_a_metric_that_its_nearest_value_meets(operator, threshold, to):
    """The value itself where the operator takes it, else the next of three digits."""
    log = [flow_run("Late", 0), flow_run("Running", 90)]
    trigger = metric(name="lateness", operator=operator, threshold=threshold, firing_for=0)
    assert told(trigger, log) == [f"metric threshold: {threshold} → {to}"]


def test_a_composite_without_time_gets_some_before_it_needs_fewer_children():
    trigger = compound(reactive("a"), reactive("b"), within=0)
    found = told(trigger, [event("a", 0), event("b", 1)])
    assert found == ["within: 0 s → 1 s", "require: 2 → 1"]


def test_a_watch_without_a_start_may_be_as_short_as_half_a_silence():
    """Windows of 3 min each had an event; one of 2 min lies between two that are 4 min apart."""
    log = [event("beat", second) for second in (0, 240, 480)] + [event("z", 540)]
    (found,) = told(proactive("beat", within=300), log)
    assert found == "within: 300 s (5 min) → 120 s (2 min)"


def test_a_list_written_as_one_text_becomes_a_list():
    """All of its names, not only the one that came."""
    wanted = "prefect.flow-run.Failed, prefect.flow-run.Crashed"
    changed = f"in expect: {wanted} → {FAILED} and prefect.flow-run.Crashed"
    assert told(reactive(wanted), [flow_run("Failed", 0)]) == [changed]


def test_two_changes_are_told_once_whatever_their_order():
    """Each corrects what the other leaves."""
    name, tag = "prefect.resource.name", "prefect.tag.Prod"
    both = [
        related("flow", "prefect.flow.f", **{name: "etl"}),
        related("tag", "prefect.tag.prod"),
    ]
    trigger = reactive(FAILED, match_related=[{name: "ETL"}, {ID: tag}])
    assert len(told(trigger, [flow_run("Failed", 0, related=both)])) == 1
