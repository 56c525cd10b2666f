"""What the random cases do not hold: metrics, and how automations are dealt out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tests.parallel.inline import InlineCluster, printed
from tests.support import automations, flow_run
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
