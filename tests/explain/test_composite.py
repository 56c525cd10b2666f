"""Why composites did not fire, and by how much they missed."""

import pytest

from tests.explain.cases import compound, sequence
from tests.explain.support import explained
from tests.support import event, proactive, reactive
from trigger_cli.explain import case
from trigger_cli.explain.sentence import written
from trigger_cli.explain.tally import by_key


def log(text):
    """Events ``x@5``: the name, and the seconds after noon."""
    return [event(name, float(at)) for name, at in (one.split("@") for one in text.split())]


@pytest.mark.parametrize(
    ("events", "again"),
    [
        ("x@0 y@10 x@20 z@75", "$.triggers[0] (x) fired again at 2026-03-01T12:00:20.000000Z"),
        ("x@0 y@10 x@80 z@85", "$.triggers[0] (x) fired again at 2026-03-01T12:01:20.000000Z"),
    ],
    ids=["superseded", "expired before"],
)
def test_a_sequence_out_of_order_is_not_told_to_need_a_longer_window(events, again):
    """With `within` longer by the 15 s that were told, it did not fire either."""
    explanation = explained(sequence(*map(reactive, "xyz")), log(events))
    assert "child-superseded" == explanation.diagnosis.cause
    assert again in written(explanation.diagnosis.said)
    assert explanation.nearest_miss.missed_by is None


def test_a_round_that_no_longer_window_completes_is_no_near_miss():
    """The firing of x that expired by 5 s was replaced by the next x, and y had none before it."""
    explanation = explained(compound(*map(reactive, "xy")), log("x@0 y@1 x@100 x@165"))
    assert (1, None) == (explanation.firings, explanation.nearest_miss)


def test_the_events_of_a_child_are_put_by_key_once_for_all_firings(monkeypatch):
    """They were for each firing that is told: forty times on a long log."""
    asked = []
    monkeypatch.setattr(case, "by_key", lambda passing: asked.append(passing) or by_key(passing))
    events = log(" ".join(f"y@{15 * n}" for n in range(1, 9)))
    explanation = explained(compound(proactive("x", within=10), reactive("y")), events)
    assert explanation.firings > 4
    assert len(asked) < 3


@pytest.mark.parametrize("nested", [False, True])
def test_a_child_that_its_deadline_fired_is_not_said_to_be_fired_by_an_event(nested):
    """The firing names the last event of its window (E3): it was told as what fired the child."""
    watch = proactive("end", after=["x"], within=10)
    trigger = sequence(reactive("x"), compound(watch, require="any") if nested else watch)
    explanation = explained(trigger, log("x@0 z@99"))
    assert explanation.firings == 1
    assert "the last was $.triggers[1], by its deadline." in written(explanation.diagnosis.said)
