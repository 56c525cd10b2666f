"""What stands behind a misspelt event name."""

import json

import pytest

from tests.lint.running import facts_of, lint_text
from tests.support import reactive
from trigger_cli.definitions import load_text
from trigger_cli.lint import RULES, Settings, lint_file
from trigger_cli.lint.runner.adding import with_ignores

HEAD = """\
type: event
posture: Reactive
match: {prefect.resource.id: prefect.flow-run.*}
for_each: [prefect.resource.id]
"""


def ended(after="Completed", more=""):
    """A run that failed after it had ended."""
    return f"{HEAD}after: [prefect.flow-run.{after}]\nexpect: [prefect.flow-run.Failed]{more}\nwithin: 60\n"


def found(text, file="x.yaml", **settings):
    """Code and place of each finding, and whether it was hidden."""
    findings = lint_file(load_text(text, file=file), text, file, Settings(**settings))
    return [(one.code, *one.span, one.after_fix) for one in findings]


def test_it_is_found_as_if_the_name_were_right():
    """The same rule at the same place, with a note and without a fix."""
    right = [one[:3] for one in found(ended()) if one[0] == "TRG315"]
    assert len(right) == 1
    wrong = [one for one in found(ended("completed")) if one[0] == "TRG315"]
    assert [(*one[:3], one[-1]) for one in wrong] == [(*right[0], True)]
    (finding,) = [one for one in lint_text(ended("completed"), "x.yaml") if one.after_fix]
    assert finding.message.endswith(" (seen once the event name is corrected)")
    assert finding.fix is None


def test_what_is_seen_anyway_is_told_once():
    """What does not depend on the name has no note."""
    text = ended("completed").replace("within: 60\n", "odd: 1\n")
    told = [(one[0], one[-1]) for one in found(text)]
    assert ("TRG101", False) in told
    assert ("TRG309", False) in told
    assert len(told) == len({code for code, _ in told})


@pytest.mark.parametrize("comment", ["ignore", "ignore[TRG221]", "ignore[TRG2]"])
def test_who_silences_the_name_says_that_it_is_right(comment):
    """Then nothing stands behind it."""
    text = ended("completed").replace("completed]", f"completed]  # trigger-cli: {comment}")
    assert not [one for one in found(text) if one[-1]]


def test_a_comment_silences_what_is_hidden():
    """It stands where the finding is told, and is used."""
    text = HEAD + "after:\n  - prefect.flow-run.completed  # trigger-cli: ignore[TRG315]\n"
    text += "expect:\n  - prefect.flow-run.Failed\nwithin: 60\n"
    assert [one[0] for one in found(text)] == ["TRG221"]


def test_a_rule_that_does_not_run_hides_nothing():
    """Whoever does not ask for the spelling is not told what it would be."""
    rules = tuple(rule for rule in RULES if rule.code == "TRG315")
    assert found(ended("completed"), rules=rules) == []


def test_places_behind_the_name_on_its_line_are_those_of_the_file():
    """Also where the right name is longer or shorter, and where several stand on a line."""
    text = json.dumps(
        reactive(
            "prefect.flow-run.Faild",
            "prefect.flow-run.failed",
            match={"prefect.resource.id": "prefect.flow-run.*"},
            after=["prefect.flow-run.Canceled", "prefect.flow-run.completed"],
            within=60,
            for_each=["prefect.resource.id"],
        )
    )
    hidden = [one for one in found(text, "x.json") if one[-1]]
    parts = {one[0]: text[one[2] - 1 : one[4] - 1] for one in hidden}
    assert parts["TRG315"] == '["prefect.flow-run.Canceled", "prefect.flow-run.completed"]'
    assert parts["TRG225"] == '"prefect.flow-run.failed"'


def test_a_log_is_not_asked_about_names_that_it_lacks():
    """What never came under the wrong name says nothing about the right one."""
    text = ended("completed")
    facts = facts_of(text, "x.yaml", "", "both")
    findings = lint_file(load_text(text, file="x.yaml"), text, "x.yaml", Settings(), facts)
    assert not [one for one in findings if one.after_fix and one.code.startswith("TRG8")]
    assert "TRG315" in {one.code for one in findings if one.after_fix}


def test_added_comments_leave_nothing_unused():
    """With the name silenced, what stood behind it is no longer found."""
    text = ended("completed")
    after, _ = with_ignores(text, "x.yaml", lint_text(text, "x.yaml"))
    assert "TRG315" not in after
    assert lint_text(after, "x.yaml") == []
