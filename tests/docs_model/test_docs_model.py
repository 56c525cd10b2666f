"""The engine's ``docs`` dialect against the naive model in ``model.py``."""

from __future__ import annotations

from hypothesis import given, settings

from tests.docs_model import model
from tests.oracle import ours
from tests.oracle.cases import ID, cases
from trigger_cli.dialect import DOCS
from trigger_cli.engine.replay import replay
from trigger_cli.events.decoding import event_of
from trigger_cli.moments import parse_instant


def events_of(case):
    """The case's events without what delivery does to them, which the model leaves out."""
    return [
        event_of({**one, "id": f"e{number}", "follows": None}, number, "case", number)
        for number, one in enumerate(case["events"], 1)
    ]


def described(fired):
    return (
        fired.path,
        fired.at,
        fired.labels,
        fired.event and fired.event.id,
        tuple(map(described, fired.children)),
    )


def described_firing(firing):
    return (
        firing.trigger.path,
        firing.at,
        firing.labels,
        firing.event and firing.event.id,
        tuple(map(described_firing, firing.children)),
    )


def both(case):
    """The engine's firings of each automation, and the model's."""
    automations = ours.automations(case)
    events = events_of(case)
    until = parse_instant(case["until"])
    start = events[0].occurred if events else until
    if case.get("start"):
        start = parse_instant(case["start"])
    engine = {automation.index: [] for automation in automations}
    for one in replay(automations, events, DOCS, start=start, until=until):
        if one.kind == "fired" and one.trigger is one.automation.trigger:
            engine[one.automation.index].append(described_firing(one.firing))
    naive = {
        one.index: [described(f) for f in model.firings(one.trigger, events, start, until)]
        if one.enabled
        else []
        for one in automations
    }
    return engine, naive


@settings(deadline=None)
@given(cases(most_events=14))
def test_the_engine_agrees_with_the_naive_model(case):
    """Same firings in the same order, with the same labels, events and parts."""
    engine, naive = both(case)
    assert naive == engine


def test_the_model_knows_the_example_of_the_documentation():
    """A run that does not complete within its minute fires, and one that does, does not."""
    trigger = {
        "posture": "Proactive",
        "after": ["Running"],
        "expect": ["Completed"],
        "for_each": [ID],
        "within": 60,
    }
    log = [("Running", 0, "a"), ("Running", 10, "b"), ("Completed", 30, "a")]
    case = {
        "automations": [{"name": "stuck", "trigger": trigger}],
        "events": [
            {
                "id": f"{name} {run}",
                "occurred": f"2026-03-01T12:00:{second:02}Z",
                "event": name,
                "resource": {ID: run},
            }
            for name, second, run in log
        ],
        "until": "2026-03-01T12:05:00Z",
    }
    engine, naive = both(case)
    at = parse_instant("2026-03-01T12:01:10Z")
    assert {0: [("$", at, ((ID, "b"),), "e2", ())]} == naive
    assert naive == engine
