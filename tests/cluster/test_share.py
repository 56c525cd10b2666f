from __future__ import annotations

import marshal
import pickle

from tests.support import at, automations, flow_run
from trigger_cli.cluster.share import Plan, Row, Share, evaluate_page
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER

TWO_FAILURES = {"expect": ["prefect.flow-run.Failed"], "threshold": 2, "within": 60}
SILENCE = {
    "posture": "Proactive",
    "after": ["prefect.flow-run.Failed"],
    "expect": ["prefect.flow-run.Completed"],
    "threshold": 1,
    "within": 90,
}
PLAN = Plan(
    automations(TWO_FAILURES, SILENCE), "server", EXPIRED_BUCKET_BUFFER, frozenset({"fired"})
)
PACKED = pickle.dumps(PLAN)
HERE = Share(PLAN)


def page(*rows: Row) -> bytes:
    return marshal.dumps(list(rows))


def failed(seconds: float) -> Row:
    return "event", tuple(flow_run("Failed", seconds))


FIRST = page(("start", (at(0),)), failed(1))
SECOND = page(failed(2))


def test_what_one_page_leaves_is_where_the_next_begins():
    """Only what is to be told comes back, with the definitions of who unpacks it."""
    standing, told = evaluate_page(PACKED, HERE.beginning, FIRST)
    assert [] == HERE.loads(told)
    _, told = evaluate_page(PACKED, standing, SECOND)
    (fired,) = HERE.loads(told)
    assert ("fired", at(2)) == (fired.kind, fired.at)
    assert fired.automation is PLAN.automations[0]


def test_a_page_can_be_evaluated_again():
    """A worker that dies loses nothing: another one gives the same bytes."""
    standing, _ = evaluate_page(PACKED, HERE.beginning, FIRST)
    once = evaluate_page(PACKED, standing, SECOND)
    assert once == evaluate_page(PACKED, standing, SECOND)


def test_what_a_page_leaves_goes_on_here():
    """P6: its deadlines are open, and it ends as any other replay."""
    standing, _ = evaluate_page(PACKED, HERE.beginning, FIRST)
    replay = HERE.loads(standing)
    (waiting,) = replay.pending()
    assert (at(1), at(90)) == (replay.clock, waiting.due)
    assert waiting.trigger is PLAN.automations[1].trigger
    ending = HERE.told(replay.finish(at(90)))
    assert [("fired", at(90), 1)] == [(one.kind, one.at, one.automation.index) for one in ending]
