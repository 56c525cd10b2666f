import marshal
import pickle

from tests.support import at, automations, flow_run, proactive
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.engine.delivered import Delivered
from trigger_cli.engine.replay import Replay
from trigger_cli.firings import FiringStore
from trigger_cli.match.matcher import plan_of
from trigger_cli.parallel.share import Evaluated, evaluate_page, row_of

TWO_FAILURES = {"expect": ["prefect.flow-run.Failed"], "threshold": 2, "within": 60}
SILENCE = proactive(
    "prefect.flow-run.Completed", after=["prefect.flow-run.Failed"], threshold=1, within=90
)
METRIC = {
    "type": "metric",
    "metric": {"name": "successes", "operator": "<", "threshold": 0.9, "firing_for": 0},
}
WATCHED = automations(TWO_FAILURES, SILENCE, METRIC)
MATCHER, PLAN = plan_of(WATCHED[:2], SERVER)


def begun(plan=PLAN) -> bytes:
    replay = Replay(plan)
    replay.firings_only = True
    replay.start(at(0))
    return pickle.dumps(replay)


def page(seconds: float, *states: str, matcher=MATCHER) -> bytes:
    """Events of one run, a second apart."""
    rows = []
    for place, state in enumerate(states or ("Failed",)):
        match, now = matcher.match(flow_run(state, seconds + place)), at(seconds + place)
        rows.append(row_of(Delivered(now, now, now, match)))
    return marshal.dumps(rows)


def fired(evaluated: Evaluated) -> list[tuple[int, str]]:
    store = FiringStore(WATCHED)
    store.add_block(evaluated.block)
    return [(one.at, one.automation.name) for one in store]


def test_what_one_page_leaves_is_where_the_next_begins():
    """Firings come in a block, and nothing else is told."""
    first = evaluate_page(begun(), page(1))
    assert ([], []) == (first.told, fired(first))
    second = evaluate_page(first.replay, page(2))
    assert [(at(2), WATCHED[0].name)] == fired(second)
    assert ([], at(2)) == (second.told, second.block.latest)


def test_a_metric_tells_that_it_fired():
    """K7: its state changes are told one by one, also if no automation fires."""
    matcher, plan = plan_of(WATCHED[2:], DOCS)
    evaluated = evaluate_page(begun(plan), page(1, "Pending", "Failed", matcher=matcher))
    assert ["fired"] == [one.kind for one in evaluated.told]
    assert [] == fired(evaluated)


def test_a_page_can_be_evaluated_again():
    """A worker that dies loses nothing: another one gives the same bytes."""
    first = evaluate_page(begun(), page(1))
    assert evaluate_page(first.replay, page(2)) == evaluate_page(first.replay, page(2))


def test_what_a_page_leaves_goes_on_as_any_replay():
    """P6: its deadlines are open, and pass."""
    replay = pickle.loads(evaluate_page(begun(), page(1)).replay)  # noqa: S301
    (waiting,) = replay.pending()
    assert (at(1), at(90), 1) == (replay.clock, waiting.due, waiting.automation.index)
    ending = [one for one in replay.finish(at(90)) if one.kind == "fired"]
    assert [(at(90), 1)] == [(one.at, one.automation.index) for one in ending]
