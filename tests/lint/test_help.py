"""Help lines that depend on what a definition or a log holds."""

import json

import pytest

from tests.lint.running import facts_of, lint_text
from tests.support import log_event, reactive
from trigger_cli.definitions import load_text
from trigger_cli.lint import Settings, lint_file

FAILED = reactive("prefect.flow-run.Failed", match={"prefect.resource.id": "prefect.flow-run.*"})
PAID = reactive(
    "order.paid",
    match={"prefect.resource.id": "shop.order.*"},
    after=["order.placed"],
    for_each=["prefect.resource.id"],
    within=600,
)


def related(role, **labels):
    return {"match_related": {"prefect.resource.role": role} | labels}


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("TRG216", related("tag", **{"prefect.resource.id": "prod"}), "did you mean `prefect.tag.prod`?"),
        (
            "TRG216",
            related("flow", **{"prefect.resource.id": "etl"}),
            'ids in this role start with `prefect.flow.`; a name goes into "prefect.resource.name"',
        ),
        (
            "TRG218",
            related("tag", **{"prefect.resource.name": "prod"}),
            'write "prefect.resource.id": "prefect.tag.prod"',
        ),
        (
            "TRG403",
            {"threshold": 3, "within": 3600, "for_each": ["prefect.resource.id"]},
            "leave `for_each` out to count all runs that match, or count by flow: `related:flow:prefect.resource.id`",
        ),
        (
            "TRG404",
            {"for_each": ["related.flow.prefect.resource.id"]},
            "did you mean `related:flow:prefect.resource.id`?",
        ),
        (
            "TRG404",
            {"for_each": ["related:work-pool.prefect.resource.name"]},
            "did you mean `related:work-pool:prefect.resource.name`?",
        ),
    ],
)  # fmt: skip
def test_help(code, changes, expected):
    """The help of the only finding."""
    (finding,) = lint_text(json.dumps(FAILED | changes))
    assert (code, expected) == (finding.code, finding.help)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], "no event of the log has such a name: it may begin after them"),
        ([("order.placd", "shop.order.1")], "the nearest name in the log is `order.placd`, once"),
        (
            [("order.placed", "other.1")],
            "the log has `order.placed` once, but `match` or `match_related` excludes it",
        ),
    ],
)
def test_help_of_a_window_that_never_opened(others, expected):
    """TRG803 says why no `after` event came."""
    text = json.dumps(PAID)
    events = enumerate([("order.paid", "shop.order.1"), *others])
    log = "\n".join(
        json.dumps(log_event(name, 60 * number, resource={"prefect.resource.id": resource}))
        for number, (name, resource) in events
    )
    facts = facts_of(text, "case.json", log, "both")
    found = lint_file(load_text(text, file="case.json"), text, "case.json", Settings(), facts)
    assert [expected] == [one.help for one in found if one.code == "TRG803"]


@pytest.mark.parametrize(
    ("keys", "of"),
    [([], ""), (["prefect.resource.id"], " of one `for_each` key, not those of others")],
)
def test_help_of_a_trigger_that_fires_often(keys, of):
    """TRG805: a window is of one key, so it holds back nothing where each event has another."""
    text = json.dumps(reactive("order.placed", within=60, for_each=keys))
    log = "\n".join(
        json.dumps(log_event("order.placed", 61 * n, resource={"prefect.resource.id": f"shop.{n}"}))
        for n in range(12)
    )
    facts = facts_of(text, "case.json", log, "both")
    found = lint_file(load_text(text, file="case.json"), text, "case.json", Settings(), facts)
    expected = f"a longer `within` holds back further firings in that time{of}"
    assert [expected] == [one.help for one in found if one.code == "TRG805"]


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({}, True),
        ({"after": ["prefect.flow-run.heartbeat"]}, False),
        ({"expect": ["prefect.flow-run.Completed", "prefect.flow-run.heartbeat"]}, False),
        ({"expect": ["prefect.flow-run.*", "!prefect.flow-run.heartbeat"]}, False),
    ],
)
def test_heartbeats_in_the_log_end_the_watch_of_a_state(changes, is_told):
    """TRG317: `prefect.flow-run.*` takes them, so a run that hangs is never told."""
    run = {"prefect.resource.id": "prefect.flow-run.a"}
    watch = {"posture": "Proactive", "after": ["prefect.flow-run.Running"], "within": 3600}
    trigger = reactive("prefect.flow-run.*", **{**watch, "for_each": [*run], **changes})
    events = ["Running", *["heartbeat"] * 3]
    log = "\n".join(
        json.dumps(log_event(f"prefect.flow-run.{name}", 30 * n, resource=run))
        for n, name in enumerate(events)
    )
    text = json.dumps(trigger)
    facts = facts_of(text, "case.json", log, "both")
    found = lint_file(load_text(text, file="case.json"), text, "case.json", Settings(), facts)
    told = [one.message for one in found if one.code == "TRG317"]
    assert is_told == any(one.endswith("the log has one every 30 s") for one in told)


def test_a_metric_that_never_fired():
    """TRG804 reports it, though no record says that a metric opened."""
    query = {
        "name": "successes",
        "operator": "<",
        "threshold": 0.5,
        "range": 300,
        "firing_for": 300,
    }
    text = json.dumps({"type": "metric", "metric": query})
    run = {"prefect.resource.id": "prefect.flow-run.a"}
    log = json.dumps(log_event("prefect.flow-run.Completed", 0, resource=run))
    facts = facts_of(text, "case.json", log, "both")
    found = lint_file(load_text(text, file="case.json"), text, "case.json", Settings(), facts)
    told = [one.message for one in found if one.code == "TRG804"]
    assert told == ["1 event meets its conditions in 0 s, and it never fired"]
