from __future__ import annotations

import marshal
import pickle

from tests.support import at, automations, flow_run
from trigger_cli.dialects import SERVER
from trigger_cli.engine.delivered import Delivered
from trigger_cli.engine.replay import Replay
from trigger_cli.match.matcher import plan_of
from trigger_cli.parallel.share import evaluate_page, row_of

TWO_FAILURES = {"expect": ["prefect.flow-run.Failed"], "threshold": 2, "within": 60}
SILENCE = {
    "posture": "Proactive",
    "after": ["prefect.flow-run.Failed"],
    "expect": ["prefect.flow-run.Completed"],
    "threshold": 1,
    "within": 90,
}
MATCHER, PLAN = plan_of(automations(TWO_FAILURES, SILENCE), SERVER)


def begun() -> bytes:
    replay = Replay(PLAN)
    replay.start(at(0))
    return pickle.dumps(replay)


def page(seconds: float) -> bytes:
    match, now = MATCHER.match(flow_run("Failed", seconds)), at(seconds)
    return marshal.dumps([row_of(Delivered(now, now, now, match))])


def unpacked(packed: bytes):
    return pickle.loads(packed)  # noqa: S301


def test_what_one_page_leaves_is_where_the_next_begins():
    """Only firings are told."""
    standing, told = evaluate_page(begun(), page(1))
    assert [] == unpacked(told)
    _, told = evaluate_page(standing, page(2))
    (fired,) = unpacked(told)
    assert ("fired", at(2), 0) == (fired.kind, fired.at, fired.automation.index)
    assert fired.trigger is fired.automation.trigger


def test_a_page_can_be_evaluated_again():
    """A worker that dies loses nothing: another one gives the same bytes."""
    standing, _ = evaluate_page(begun(), page(1))
    assert evaluate_page(standing, page(2)) == evaluate_page(standing, page(2))


def test_what_a_page_leaves_goes_on_as_any_replay():
    """P6: its deadlines are open, and pass."""
    standing, _ = evaluate_page(begun(), page(1))
    replay = unpacked(standing)
    (waiting,) = replay.pending()
    assert (at(1), at(90), 1) == (replay.clock, waiting.due, waiting.automation.index)
    ending = [one for one in replay.finish(at(90)) if one.kind == "fired"]
    assert [(at(90), 1)] == [(one.at, one.automation.index) for one in ending]
