from __future__ import annotations

import marshal
import pickle

import pytest

from tests.support import at, automations, flow_run
from trigger_cli.cluster import ClusterError
from trigger_cli.cluster.tasks import Evaluation
from trigger_cli.cluster.together import (
    Parts,
    Step,
    clock_and_pending,
    evaluate_steps,
)
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER

TWO_FAILURES = {"expect": ["prefect.flow-run.Failed"], "threshold": 2, "within": 60}
SILENCE = {
    "posture": "Proactive",
    "after": ["prefect.flow-run.Failed"],
    "expect": ["prefect.flow-run.Completed"],
    "threshold": 1,
    "within": 90,
}
EVALUATION = Evaluation(automations(TWO_FAILURES, SILENCE), "server", EXPIRED_BUCKET_BUFFER)
PACKED = pickle.dumps(EVALUATION)


def page(*steps: Step) -> bytes:
    return marshal.dumps(list(steps))


def failed(seconds: float) -> Step:
    event = flow_run("Failed", seconds)
    return "event", event.occurred, tuple(event)


FIRST = page(("start", at(0), None), failed(1))
SECOND = page(failed(2))


def test_what_one_page_leaves_is_where_the_next_begins():
    """Only what fires comes back; the rest waits on the worker, and can be looked at there."""
    after_first, found = evaluate_steps(None, PACKED, FIRST)
    parts = Parts(EVALUATION)
    assert [] == parts.loads(found)
    _, found = evaluate_steps(after_first, PACKED, SECOND)
    (fired,) = parts.loads(found)
    assert ("fired", at(2)) == (fired.kind, fired.at)
    assert fired.automation is EVALUATION.automations[0]


def test_a_deadline_comes_when_the_clock_passes_it():
    """P6: the trigger armed itself at the start, and no event is needed to end the wait."""
    standing, _ = evaluate_steps(None, PACKED, FIRST)
    clock, (waiting,) = Parts(EVALUATION).loads(clock_and_pending(standing, PACKED))
    assert (at(1), at(90)) == (clock, waiting.due)
    assert waiting.trigger is EVALUATION.automations[1].trigger
    _, found = evaluate_steps(standing, PACKED, page(("until", at(90), None)))
    fired = [(one.kind, one.at, one.automation.index) for one in Parts(EVALUATION).loads(found)]
    assert [("fired", at(90), 1)] == fired


def test_a_copy_goes_on_like_the_first():
    """A worker that dies takes its state with it; what was sent elsewhere before is as good."""
    standing, _ = evaluate_steps(None, PACKED, FIRST)
    copy = pickle.dumps(standing)
    _, found = evaluate_steps(standing, PACKED, SECOND)
    assert evaluate_steps(copy, PACKED, SECOND)[1] == found


def test_nobody_goes_on_twice_from_one_state():
    """It has changed since, so the answer would be wrong, and looks right."""
    standing, _ = evaluate_steps(None, PACKED, FIRST)
    evaluate_steps(standing, PACKED, SECOND)
    for once_more in (
        lambda: evaluate_steps(standing, PACKED, SECOND),
        lambda: clock_and_pending(standing, PACKED),
        lambda: evaluate_steps(pickle.dumps(standing), PACKED, SECOND),
    ):
        with pytest.raises(ClusterError, match="already gone on from"):
            once_more()


def test_what_was_found_is_handed_out_by_any_worker():
    """Also when the one that found it has gone on since: both are one answer."""
    both = evaluate_steps(None, PACKED, FIRST)
    evaluate_steps(both[0], PACKED, SECOND)
    assert pickle.loads(pickle.dumps(both))[1] == both[1]  # noqa: S301
