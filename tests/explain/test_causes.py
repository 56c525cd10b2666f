"""Each cause has a case that has it, and no other: `trigger_cli.explain.causes`."""

import re

import pytest
from msgspec.structs import astuple

from tests.explain.cases import CASES, compound, sequence
from tests.explain.support import explained
from tests.support import event, reactive
from trigger_cli.explain import causes
from trigger_cli.explain.causes import CAUSES, CHAPTERS
from trigger_cli.explain.sentence import written
from trigger_cli.render.explain.json_report import explanation_object


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_the_case_has_exactly_its_cause(case):
    """The code of the verdict, or of the event that was asked for; its JSON has all keys."""
    explanation = explained(case.trigger, case.events, case.dialect, **case.options)
    found = explanation.event.diagnosis if case.of_event else explanation.diagnosis
    assert case.code == found.cause
    json = explanation_object(explanation)
    keys = ["automation", "trigger", "verdict", "summary", "cause", "funnel", "checks"]
    keys += ["nearest_miss", "counterfactuals", "chain", "children"]
    assert set(keys) <= set(json)
    assert json["summary"].endswith((".", "`."))
    stages = ["events", "named", "matched", "related", "counted", "threshold", "fired"]
    assert stages == [stage["stage"] for stage in json["funnel"]]


@pytest.mark.parametrize("trigger", [compound(), compound(require="any"), sequence()])
def test_a_composite_without_children_says_so(trigger):
    """The definition is only warned of (TRG109)."""
    said = written(explained(trigger, [event("x", 0)]).diagnosis.said)
    assert "It has no child that could fire: its list is empty." == said


def test_a_window_that_was_too_short_is_told_by_its_beginning():
    """Not by its end, or by the event that came too late."""
    log = [event("x", 0), event("x", 20)]
    told = written(explained(reactive("x", threshold=2, within=10), log).diagnosis.said)
    assert told.startswith("A window opened at 2026-03-01T12:00:00.000000Z reached 1 of 2: ")


@pytest.mark.parametrize(
    ("second", "cause"), [(59, "duplicate"), (60, "below-threshold")], ids=["within", "at its end"]
)
def test_a_dropped_copy_is_the_cause_where_it_would_have_sufficed(second, cause):
    """Windows are half-open (B1)."""
    log = [event("x", 0, id="i"), event("x", second, id="i")]
    assert cause == explained(reactive("x", threshold=2, within=60), log).diagnosis.cause


def test_of_pairs_that_lie_equally_near_the_first_is_told():
    """Each expected event came 5 s before its after event."""
    names = [(0, "end", "a"), (5, "start", "a"), (200, "end", "b"), (205, "start", "b")]
    log = [event(name, seconds, key) for seconds, name, key in names]
    trigger = reactive("end", after=["start"], within=60, for_each=["prefect.resource.id"])
    told = written(explained(trigger, log).diagnosis.said)
    assert told.endswith("end (line 1) came 5 s before start (line 2).")


def test_a_window_that_counted_one_event_of_two_lacks_the_other():
    """Though an expected event came before the after event, too."""
    trigger = reactive("end", after=["start"], within=60, threshold=2)
    log = [event("end", 0), event("start", 5), event("end", 10)]
    assert "below-threshold" == explained(trigger, log).diagnosis.cause


def test_every_cause_has_one_case():
    """No code without a case, no case without a code, and no code twice."""
    assert sorted(CAUSES) == sorted(case.code for case in CASES)


def test_no_code_stands_twice_in_the_table():
    """The chapters do not overlap."""
    assert len(CAUSES) == sum(len(chapter.causes) for chapter in CHAPTERS)


def test_nothing_of_the_table_is_lost():
    """Every word is in some chapter's causes, in the order written."""
    found = [
        " ".join((chapter.title, *(" ".join(astuple(cause)) for cause in chapter.causes)))
        for chapter in CHAPTERS
    ]
    table = re.sub(r"^# |->", "", causes._TABLE, flags=re.MULTILINE)
    assert table.split() == " ".join(found).split()


def test_an_expected_event_that_came_too_late_is_not_said_to_have_come_before():
    """The third came after the window: it was said that none was processed after an after event."""
    log = [event(name, seconds) for name, seconds in (("x", 0), ("x", 1), ("s", 9), ("x", 200))]
    diagnosis = explained(reactive("x", after=["s"], threshold=3, within=60), log).diagnosis
    assert "below-threshold" == diagnosis.cause
