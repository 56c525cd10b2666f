"""Why a metric did not fire: `trigger_cli.explain.metric`."""

from tests.explain.cases import LATER, metric
from tests.explain.support import explained
from tests.support import flow_run
from trigger_cli.explain.sentence import written


def test_the_value_of_a_breach_is_not_read_as_a_time():
    """It said "1 min 30 s from 12:01:30 held for 10 min of 15 min"."""
    late = metric(name="lateness", operator=">", threshold=1, firing_for=900)
    miss = explained(late, [flow_run("Late", 0), flow_run("Running", 90), LATER]).nearest_miss
    began = "A breach from 2026-03-01T12:01:30.000000Z on, first with 1 min 30 s, lasted"
    assert f"{began} 10 min of 15 min." == written(miss.said)
