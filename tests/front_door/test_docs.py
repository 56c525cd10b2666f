"""``trigger-cli replay`` in the ``docs`` dialect against the naive model, however it is asked."""

import itertools
import json

import pytest
from hypothesis import strategies as st

from tests.docs_model import answer
from tests.front_door.agreement import firings_by_automation
from tests.front_door.asking import ask_random_cases
from tests.front_door.door import PLAIN, Asked, alone, in_order, slim
from tests.front_door.limits import limited
from tests.front_door.modes import modes
from tests.front_door.repeat import RECORDED, mode_of
from tests.oracle.cases import ID, cases, without_some_roles
from tests.support import log_event, proactive

ORDERS = ("log", "received", "occurred")
CASES = cases() | cases(24, 8)


def check(case, mode, folder):
    """The case in this mode, in every format, and each automation alone."""
    asked = Asked(case, folder, "docs", mode)
    expected = answer.firings(case)
    if expected is None:
        asked.refusal()
        return []
    firings = asked.firings()
    assert firings_by_automation(expected) == firings_by_automation(firings)
    assert sorted(firings, key=lambda one: one["at"]) == firings
    assert firings_by_automation(slim(firings)) == firings_by_automation(asked.streamed())
    assert [(one["at"], one["automation"]) for one in firings] == asked.quiet()
    enabled = [one for one in case["automations"] if one.get("enabled", True)]
    counts = {one["name"]: 0 for one in enabled}
    for one in firings:
        counts[one["automation"]] += 1
    assert counts == asked.totals()
    for number, automation in enumerate(case["automations"][:2]):
        found = Asked(alone(case, number), folder / "alone", "docs").firings()
        assert [one for one in firings if one["automation"] == automation["name"]] == found
    return firings


@st.composite
def questions(draw, dialects=("docs",)):
    """A case or a part of it, the dialect, and the mode in which to ask."""
    case = draw(CASES | CASES.map(without_some_roles))
    mode = draw(modes(orders=ORDERS))
    # Where events stand in order of occurrence, all three orders are one.
    if mode.order == "occurred" or draw(st.booleans()):
        case = in_order(case)
    return draw(limited(case)), draw(st.sampled_from(dialects)), mode


@pytest.mark.timeout(1200)  # a failure is made smaller before it is told
def test_random_cases_agree_with_the_model(share, pytestconfig, say, tmp_path):
    """Firings, their times, labels, events and parts, in modes that must not matter."""

    def agree(case, _, mode):
        return len(check(case, mode, tmp_path))

    ask_random_cases(pytestconfig, say, "the model", share, questions(), agree)


@pytest.mark.parametrize("line", RECORDED.read_text("utf-8").splitlines(), ids=itertools.count())
def test_a_case_that_once_disagreed_agrees(line, tmp_path):
    """Cases kept with ``python -m tests.front_door.repeat --record``."""
    case = json.loads(line)
    check(case, mode_of(case.pop("mode")), tmp_path)


def test_the_model_knows_the_example_of_the_documentation(tmp_path):
    """A run that does not complete within its minute fires, and one that does, does not."""
    trigger = proactive("Completed", type="event", after=["Running"], for_each=[ID])
    log = [("Running", 0, "a"), ("Running", 10, "b"), ("Completed", 30, "a")]
    case = {
        "automations": [{"name": "stuck", "trigger": trigger}],
        "events": [
            log_event(name, second, resource={ID: run}, related=[]) for name, second, run in log
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
