"""Changes that prevent a firing: `trigger_cli.explain.changes_to_silence`."""

import pytest

from tests.explain.cases import ID, IN_TIME, LATER, metric
from tests.explain.support import explained
from tests.support import event, flow_run, proactive
from trigger_cli.explain.sentence import written

RUNNING, COMPLETED = "prefect.flow-run.Running", "prefect.flow-run.Completed"


def test_the_condition_that_refused_the_answer_is_dropped():
    """A state type in match, which no end of a run has."""
    label = "prefect.state-type"
    trigger = {**IN_TIME, "match": {label: "RUNNING"}}
    run = {ID: "prefect.flow-run.a"}
    log = [
        event(RUNNING, 0, run | {label: "RUNNING"}),
        event(COMPLETED, 9, run | {label: "COMPLETED"}),
        LATER,
    ]
    found = explained(trigger, log)
    assert "answer-not-matched" == found.diagnosis.cause
    assert [written(one.said) for one in found.counterfactuals] == [f"drop match.{label}"]


def test_a_misspelt_name_is_replaced():
    """The right name beside the wrong one would leave the wrong one in the definition."""
    trigger = proactive("prefect.flow-run.completed", after=[RUNNING], for_each=[ID])
    log = [flow_run("Running", 0), flow_run("Completed", 9), LATER]
    first, *_ = explained(trigger, log).counterfactuals
    assert written(first.said) == f"in expect: prefect.flow-run.completed → {COMPLETED}"


@pytest.mark.parametrize(
    ("operator", "threshold", "to"),
    [(">=", 80, 90.1), (">", 80, 90), ("<=", 99, 89.9), ("<", 99, 90)],
)
def test_the_threshold_of_a_metric_that_its_value_does_not_meet(operator, threshold, to):
    """The value itself where the operator does not take it, else the next of three digits."""
    log = [flow_run("Late", 0), flow_run("Running", 90)]
    trigger = metric(name="lateness", operator=operator, threshold=threshold, firing_for=0)
    found = explained(trigger, log).counterfactuals
    assert f"metric threshold: {threshold} → {to}" in [written(one.said) for one in found]


@pytest.mark.parametrize("more", [COMPLETED, "!x"], ids=["twice", "beside a negation"])
def test_the_last_name_is_not_dropped(more):
    """Each event would then have a wanted name: the change was counted as if only states had."""
    trigger = proactive(COMPLETED, more, threshold=2)
    log = [flow_run("Completed", 0), flow_run("Running", 9), event("z", 70)]
    found = explained(trigger, log)
    assert 1 == found.firings
    assert not [one for one in found.counterfactuals if "expect" in one.change]
