"""What a log shows of an automation."""

import json

import pytest

from tests.lint.running import facts_of
from tests.support import automations, lines_run, log_event
from trigger_cli.dialects import DOCS
from trigger_cli.lint.knowledge.facts import Observer, busiest
from trigger_cli.report import AutomationSummary, ReplayReport
from trigger_cli.times import SECOND

TRIGGER = """{"type": "event", "posture": "Reactive", "match": {"region": "eu"},
 "match_related": {"prefect.resource.role": "shop", "size": "big"},
 "expect": ["a"], "for_each": ["key"]}"""
LOG = """\
{"id": "1", "event": "a", "occurred": "2026-01-01T00:00:00Z", "resource": {"prefect.resource.id": "x", "region": "eu"}, "related": [{"prefect.resource.id": "s", "prefect.resource.role": "shop", "size": "big"}]}
{"id": "2", "event": "a", "occurred": "2026-01-01T00:10:00Z", "resource": {"prefect.resource.id": "x", "region": "us"}, "related": [{"prefect.resource.id": "s", "prefect.resource.role": "bank", "size": "big"}]}
{"id": "3", "event": "b", "occurred": "2026-01-01T02:00:00Z", "resource": {"prefect.resource.id": "x"}, "related": []}
"""


@pytest.fixture
def facts():
    return facts_of(TRIGGER, "x.json", LOG, "both")[0]


def test_events_are_counted_condition_by_condition(facts):
    """Named, matched, opened and fired; the log's length and names."""
    leaf = facts.leaves["$"]
    assert (facts.events, dict(facts.names)) == (3, {"a": 2, "b": 1})
    assert (leaf.named, leaf.matched, leaf.expected, leaf.fired) == (2, 1, 1, 1)
    assert (facts.firings, facts.other_firings, facts.busiest_hour) == (1, 1, 1)
    assert facts.span == 7_200_000_000


def test_labels_are_counted_in_the_wanted_role(facts):
    """A related label counts only on resources of the role that stands beside it."""
    labels = facts.leaves["$"].labels
    seen = {place: (one.present, one.fits) for place, one in labels.items()}
    assert seen == {
        ("match", "region"): (2, 1),
        ("match_related", 0, "prefect.resource.role"): (2, 1),
        ("match_related", 0, "size"): (1, 1),
    }
    assert dict(facts.leaves["$"].without_key) == {"key": 1}


def test_heartbeats_of_the_runs_that_match_tell_their_interval():
    """Each run has its own."""
    trigger = {
        "type": "event",
        "posture": "Proactive",
        "match": {"region": "eu"},
        "expect": ["prefect.flow-run.heartbeat"],
        "within": 60,
    }
    beats = [("x", "eu", 0), ("y", "us", 1), ("z", "eu", 5), ("x", "eu", 30), ("x", "eu", 61)]
    log = [
        log_event(
            "prefect.flow-run.heartbeat",
            seconds,
            resource={"prefect.resource.id": f"prefect.flow-run.{run}", "region": region},
        )
        for run, region, seconds in beats
    ]
    text = "".join(json.dumps(one) + "\n" for one in log)
    leaf = facts_of(json.dumps(trigger), "x.json", text, "both")[0].leaves["$"]
    assert (leaf.named, leaf.matched) == (5, 4)
    assert leaf.heartbeats == [30 * SECOND, 31 * SECOND]
    assert leaf.heartbeat_interval == 30.5 * SECOND


def test_a_log_without_events_has_no_length():
    """And none of anything else."""
    facts = facts_of(TRIGGER, "x.json", "", "both")[0]
    assert (facts.span, facts.events, facts.matched, facts.firings) == (0, 0, 0, 0)


def test_the_work_grows_as_the_automations():
    """The triggers of each were looked for among those of all."""

    def finishing(many: int) -> int:
        watched = automations(*[TRIGGER] * many)
        observer = Observer(watched, DOCS)
        report = ReplayReport("docs", "occurred", [AutomationSummary(one, ()) for one in watched])
        return lines_run(lambda: observer.finish(report))

    assert finishing(200) < 6 * finishing(50)


@pytest.mark.parametrize(
    ("times", "expected"), [([], 0), ([5], 1), ([0, 9, 10, 18, 19, 19], 4), ([0, 10, 20], 1)]
)
def test_the_busiest_stretch(times, expected):
    """The most instants in any half-open stretch of ten."""
    assert expected == busiest(times, 10)
