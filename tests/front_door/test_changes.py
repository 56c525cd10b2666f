"""The changes that ``trigger-cli explain`` tells, made by hand and replayed by ``trigger-cli replay``."""

import json
from functools import partial

import pytest

from tests.explain.test_properties import applied
from tests.front_door.asking import ask_random_cases
from tests.front_door.door import Asked, alone
from tests.front_door.test_docs import questions

DIALECTS = ("docs", "server-3.9")
OF_A_SHARE = 6


def told(asked):
    """The explanations, by the automations' names."""
    done = asked.asked("explain", "--format", "json")
    if done.returncode != 0:
        asked.refusal()
        return []
    return json.loads(done.stdout)["explanations"]


def check(case, dialect, mode, folder):
    """Each change in each explanation gives the firings it says; returns how many there were."""
    count = 0
    for one in told(Asked(case, folder / "explained", dialect, mode)):
        names = [automation["name"] for automation in case["automations"]]
        if one["automation"] not in names:
            continue
        part = alone(case, names.index(one["automation"]))
        (automation,) = part["automations"]
        for change in (*one["counterfactuals"], *one["more_firings"]):
            trigger = applied(automation["trigger"], change["trigger"], change["change"])
            changed = {**part, "automations": [{**automation, "trigger": trigger}]}
            firings = Asked(changed, folder / "changed", dialect).firings()
            assert change["firings"] == len(firings), change
            count += 1
    return count


@pytest.mark.timeout(1200)  # a failure is made smaller before it is told
def test_every_change_that_is_told_does_what_it_says(share, pytestconfig, say, tmp_path):
    """In both dialects, in modes that must not matter."""
    strategy = questions(DIALECTS)
    agree = partial(check, folder=tmp_path)
    ask_random_cases(
        pytestconfig, say, "the changes told", share, strategy, agree, cases=OF_A_SHARE
    )
