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


def told(asked, *options):
    """The explanations, by the automations' names."""
    done = asked.asked("explain", "--format", "json", *options)
    if done.returncode != 0:
        asked.refusal()
        return []
    return json.loads(done.stdout)["explanations"]


def check(case, dialect, mode, folder):
    """Each change in each explanation gives the firings it says; returns how many there were."""
    asked = Asked(case, folder / "explained", dialect, mode)
    return sum(
        check_changes(one, case, dialect, folder, lambda _: True)
        for one in told(asked)
        if one["automation"] in asked.names
    )


def check_of_one_bucket(case, dialect, mode, folder):
    """The same of changes in explanations of one bucket, which count its firings alone."""
    asked = Asked(case, folder / "explained", dialect, mode)
    firings = [] if told(asked) == [] else [one for one in asked.firings() if one["labels"]]
    count = 0
    for name in dict.fromkeys(one["automation"] for one in firings):
        labels = next(one["labels"] for one in firings if one["automation"] == name)
        bucket = [f"--bucket={label}={value}" for label, value in labels.items()]
        (one,) = told(asked, "--automation", name, *bucket)

        def is_of_bucket(found, wanted=labels):
            # With another `for_each`, its events are in buckets of other labels.
            return all(found.get(label, value) == value for label, value in wanted.items())

        count += check_changes(one, case, dialect, folder, is_of_bucket)
    return count


def check_changes(explanation, case, dialect, folder, counts):
    """Replay each change; `counts` tells by a firing's labels whether it is counted."""
    place = [one["name"] for one in case["automations"]].index(explanation["automation"])
    part = alone(case, place)
    (automation,) = part["automations"]
    changes = [*explanation["counterfactuals"], *explanation["more_firings"]]
    for change in changes:
        trigger = applied(automation["trigger"], change["trigger"], change["change"])
        changed = {**part, "automations": [{**automation, "trigger": trigger}]}
        firings = Asked(changed, folder / "changed", dialect).firings()
        assert change["firings"] == sum(counts(one["labels"]) for one in firings), change
    return len(changes)


@pytest.mark.timeout(1200)  # a failure is made smaller before it is told
def test_every_change_that_is_told_does_what_it_says(share, pytestconfig, say, tmp_path):
    """In both dialects, in modes that must not matter."""
    strategy = questions(DIALECTS)
    agree = partial(check, folder=tmp_path)
    ask_random_cases(
        pytestconfig, say, "the changes told", share, strategy, agree, cases=OF_A_SHARE
    )


@pytest.mark.timeout(1200)
def test_every_change_that_is_told_of_a_bucket_does_what_it_says(
    share, pytestconfig, say, tmp_path
):
    """The firings of a bucket are counted apart while a change is replayed."""
    agree = partial(check_of_one_bucket, folder=tmp_path)
    ask_random_cases(
        pytestconfig,
        say,
        "changes of a bucket",
        share,
        questions(DIALECTS),
        agree,
        cases=OF_A_SHARE,
    )
