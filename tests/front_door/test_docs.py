"""``trigger-cli replay`` in the ``docs`` dialect against the naive model, however it is asked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.docs_model import model
from tests.docs_model.delivery import Delivery
from tests.front_door.door import PLAIN, Asked, alone, in_order, slim, to_repeat
from tests.front_door.modes import modes
from tests.oracle import ours
from tests.oracle.cases import ID, cases, without_some_roles
from trigger_cli.moments import format_instant, parse_instant

ORDERS = ("log", "received", "occurred")
SHARES = 4


def modelled(case):
    """The firings by the model, in the command's form; its order among automations is by time."""
    events = ours.events(case)
    until = parse_instant(case["until"])
    if case.get("start"):
        start = parse_instant(case["start"])
    elif events:
        start = events[0].occurred
    else:
        return []
    arrivals = Delivery(events, start, until).steps
    found = []
    for automation in ours.automations(case):
        if automation.enabled:
            fired = model.firings(automation.trigger, arrivals, start, until)
            found += [{"automation": automation.name, **described(one)} for one in fired]
    return found


def described(fired):
    return {
        "trigger": fired.path,
        "at": format_instant(fired.at),
        "labels": dict(fired.labels),
        "event": None if fired.event is None else fired.event.line - 1,
        "children": [described(one) for one in fired.children],
    }


def by_automation(firings):
    return {
        name: [one for one in firings if one["automation"] == name]
        for name in sorted({one["automation"] for one in firings})
    }


def check(case, mode, folder):
    """The case in this mode, in every format, and each automation alone."""
    asked = Asked(case, folder, "docs", mode)
    firings = asked.firings()
    assert by_automation(modelled(case)) == by_automation(firings)
    assert sorted(firings, key=lambda one: one["at"]) == firings
    assert by_automation(slim(firings)) == by_automation(asked.streamed())
    assert [one["at"] for one in firings] == [at for at, _ in asked.quiet()]
    enabled = [one for one in case["automations"] if one.get("enabled", True)]
    counts = {one["name"]: 0 for one in enabled}
    for one in firings:
        counts[one["automation"]] += 1
    assert counts == asked.totals()
    for number, automation in enumerate(case["automations"][:2]):
        found = Asked(alone(case, number), folder / "alone", "docs").firings()
        assert [one for one in firings if one["automation"] == automation["name"]] == found
    return firings


@pytest.mark.parametrize("share", range(SHARES))
def test_random_cases_agree_with_the_model(share, pytestconfig, say, tmp_path):
    """Firings, their times, labels, events and parts, in modes that must not matter."""
    options = pytestconfig.option
    counts = {"cases": 0, "firings": 0}
    number = options.front_door_seed + share

    @seed(number)
    @settings(
        max_examples=max(options.front_door_cases // SHARES, 1),
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
    )
    @given(cases() | cases().map(without_some_roles), modes(orders=ORDERS), st.booleans())
    def agree(case, mode, ordered):
        # Where events stand in order of occurrence, all three orders are one.
        case = in_order(case) if ordered or mode.order == "occurred" else case
        try:
            counts["firings"] += len(check(case, mode, tmp_path))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{to_repeat(case, 'docs', mode)}") from None
        counts["cases"] += 1

    verdict = "DISAGREEMENT"
    try:
        agree()
        verdict = "no disagreement"
    finally:
        say(
            f"front door: {counts['cases']} random cases against the model"
            f" ({counts['firings']} firings), {verdict}; --front-door-seed {number - share}"
        )


def test_the_model_knows_the_example_of_the_documentation(tmp_path):
    """A run that does not complete within its minute fires, and one that does, does not."""
    trigger = {
        "type": "event",
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
                "related": [],
            }
            for name, second, run in log
        ],
        "until": "2026-03-01T12:05:00Z",
    }
    (firing,) = check(case, PLAIN, tmp_path)
    assert {
        "automation": "stuck",
        "trigger": "$",
        "at": "2026-03-01T12:01:10.000000Z",
        "labels": {ID: "b"},
        "event": 1,
        "children": [],
    } == firing
