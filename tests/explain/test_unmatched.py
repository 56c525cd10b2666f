"""Why no event reached a trigger's buckets: `trigger_cli.explain.unmatched`."""

import json

import pytest

from tests.explain.cases import ID
from tests.explain.support import explained, summary
from tests.support import event, flow_run, reactive, related
from trigger_cli.dialects import SERVER_3_4

NIGHTLY = "prefect.deployment.nightly"


def test_a_star_inside_a_name_is_told_with_its_row_also_in_after():
    """D18, not D4; and nobody is told that a name which is there is not in the log."""
    log = [flow_run("Running", 0, "a"), flow_run("Completed", 9, "a")]
    trigger = reactive("prefect.flow-run.Completed", after=["*.Running"], within=60)
    said = summary(explained(trigger, log, SERVER_3_4))
    assert said == (
        "In the server-3.4 dialect after *.Running takes no name of the log; in the docs dialect "
        "it takes 1 event of prefect.flow-run.Running (D18)."
    )


def test_each_event_that_was_not_delivered_is_told_with_its_own_reason():
    """One waited and two were copies: all were told to have waited."""
    log = [event("other", 0, id="e1"), event("done", 1, id="e1"), event("done", 2, id="e1")]
    found = explained(reactive("done"), [*log, event("done", 3, follows="lost")])
    assert "waiting-for-leader" == found.diagnosis.cause
    assert summary(found) == (
        "Of 3 events of done 1 waited to the end for the event to follow (O4), and 2 had the id of"
        " an event processed less than 30 min before (O2)."
    )


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("prefect.work-queue.unhealthy", "prefect.work-queue.not-ready"),
        ("prefect.work-queue.not-ready", "prefect.work-queue.unhealthy"),
        ("prefect.flow-run.succeeded", "prefect.flow-run.Completed"),
    ],
)
def test_an_earlier_name_or_another_word_is_told_with_the_name_in_the_log(wanted, there):
    """It is not `nor anything like it`: the log of an older server, or the definition for one."""
    found = explained(reactive(wanted), [event(there, 0)])
    assert "name-nearly" == found.diagnosis.cause
    assert summary(found) == f"expect lists {wanted}; the log has 1 {there}."


def test_the_state_of_another_kind_of_run_is_no_misspelling():
    """A task run failed, no flow run did: nothing is misspelt."""
    found = explained(reactive("prefect.flow-run.Failed"), [event("prefect.task-run.Failed", 0)])
    assert "name-never-seen" == found.diagnosis.cause
    assert summary(found).endswith("; the nearest is prefect.task-run.Failed (1 event).")


def test_the_value_nearly_wanted_is_told_rather_than_the_commonest():
    """Pending does not differ from FAILED only in case, as the hint had it."""
    trigger = reactive("x", match={"prefect.state-name": "FAILED"})
    states = ["Pending", "Pending", "Failed"]
    log = [
        event("x", n, {ID: "thing.1", "prefect.state-name": one}) for n, one in enumerate(states)
    ]
    said = summary(explained(trigger, log))
    assert said.endswith(
        "it wants FAILED; 1 of 3 has Failed, which differs only in upper and lower case."
    )


@pytest.mark.parametrize(
    ("wanted", "second"),
    [
        ({"match": {"k": "1", "l": "1"}}, "match.l refused it too: it wants 1; it has 2."),
        (
            {"match_related": [{"k": "1"}, {"l": "1"}]},
            "match_related[1].l refused it too: it wants 1; it has 2.",
        ),
        (
            {"match": {"k": "1"}, "match_related": {"l": "1"}},
            "And match_related.l wants 1; it has 2 (line 1, the nearest event).",
        ),
        ({"match_related": {"k": "1", "l": "1"}}, "the only event of x: it wants 1; it has 2."),
        ({"match": {"k": "1", "l": "2"}}, "the only event of x: it wants 1; it has 2."),
    ],
)
def test_the_second_of_two_clauses_that_must_change_is_told_as_well(wanted, second):
    """The labels of one object of match_related may be those of one resource that is not there."""
    labels = {"k": "2", "l": "2"}
    log = [event("x", 0, {ID: "a", **labels}, [{ID: "b", **labels}])]
    assert summary(explained(reactive("x", **wanted), log)).endswith(second)


def test_of_a_split_object_the_role_is_told():
    """Which of the other resources has the id."""
    log = [
        flow_run(
            "Completed",
            0,
            related=[related("flow", "prefect.flow.f"), related("deployment", NIGHTLY)],
        )
    ]
    wanted = {ID: NIGHTLY, "prefect.resource.role": "flow"}
    said = summary(explained(reactive("prefect.flow-run.Completed", match_related=wanted), log))
    assert "(another related resource has it, in the role deployment, but one must" in said


def test_a_list_written_as_one_text_is_told():
    """It is no name unlike all others."""
    wanted = "prefect.flow-run.Failed, prefect.flow-run.Crashed"
    said = summary(explained(reactive(wanted), [flow_run("Failed", 0)]))
    assert said == (
        f"expect lists {wanted}, which is one name and no list; the log has 1 event of "
        "prefect.flow-run.Failed."
    )


def test_a_log_that_ends_before_the_automation_was_created_is_not_empty():
    """It has no events from then on."""
    trigger = json.dumps({"trigger": reactive("x"), "created": "2026-03-01T13:00:00Z"})
    since = explained(trigger, [event("x", 0)]).since_created
    assert summary(since) == "No event of the log came from then on."


@pytest.mark.parametrize(
    ("name", "cause"), [("prefect.log.write", "never-delivered"), ("x", "waiting-for-leader")]
)
def test_where_no_event_reached_the_triggers_the_wanted_ones_are_told(name, cause):
    """A log of nothing but log lines, or of one event that waits, is not without events."""
    assert cause == explained(reactive(name), [event(name, 0, follows="e")]).diagnosis.cause


def test_an_event_that_waits_is_not_told_as_near_itself():
    """The state of its type is its own name."""
    run = {ID: "prefect.flow-run.a", "prefect.state-type": "FAILED"}
    failed = event("prefect.flow-run.Failed", 9, run, follows="e")
    refusal = explained(reactive("prefect.flow-run.Failed"), [event("x", 0), failed]).funnel.refusal
    assert () == refusal.nearest
