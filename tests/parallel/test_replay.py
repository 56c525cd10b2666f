"""What the random cases do not hold: metrics, and how automations are dealt out."""

from functools import partial

from msgspec.structs import replace

from tests.parallel.inline import InlineCluster, printed
from tests.support import automations, event, flow_run
from trigger_cli.model import heading_of
from trigger_cli.parallel.replay import ParallelReplay
from trigger_cli.pipeline import ReplayOptions

METRIC = {
    "type": "metric",
    "metric": {"name": "successes", "operator": "<", "threshold": 0.9, "firing_for": 0},
}
EACH = {"expect": ["prefect.flow-run.Failed"], "threshold": 1, "within": 60}


def test_metrics_are_reported_in_one_order_for_all():
    """K7: several change at one instant, whoever evaluates them."""
    watched = automations(METRIC, EACH, METRIC, METRIC, EACH)
    log = [flow_run(state, at) for at, state in enumerate(("Pending", "Failed", "Completed"))]
    spread = partial(ParallelReplay, helpers=InlineCluster(3), page_rows=1)
    here = printed(watched, log, ReplayOptions())
    assert ["Triggered"] * 3 + ["Resolved"] * 3 == [one["state"] for one in here["metrics"]]
    assert here == printed(watched, log, ReplayOptions(), spread)


def test_what_is_disabled_is_evaluated_nowhere():
    """O5: with no automation at all there is still a clock."""
    off = tuple(replace(one, enabled=False) for one in automations(EACH, EACH))
    log = [heading_of(flow_run("Failed", 1))]
    spread = partial(ParallelReplay, helpers=InlineCluster())
    assert printed(off, log, ReplayOptions()) == printed(off, log, ReplayOptions(), spread)


def test_what_is_released_together_is_processed_together():
    """O4, T5: at a quiet end, too, the second event comes before the first one's window is over."""
    watch = {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 10}
    watched = automations(EACH, watch)
    log = [
        event("b", 0),
        event("a", 1, id="1", follows="2", line=2),
        event("a", 1, id="2", follows="1", line=3),
    ]
    spread = partial(ParallelReplay, helpers=InlineCluster(2), page_rows=1)
    here = printed(watched, log, ReplayOptions(until_quiet=True))
    assert [3] == [one["event_line"] for one in here["firings"]]
    assert here == printed(watched, log, ReplayOptions(until_quiet=True), spread)
