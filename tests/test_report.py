"""What is kept of a replay for its views: `trigger_cli.report`."""

from msgspec.structs import replace

from tests.support import at, automations, event, flow_run, reactive, replay
from trigger_cli import report as module
from trigger_cli.report import KEPT, AutomationSummary, Kept, MetricSeries, Reporter
from trigger_cli.views.breaches import Breach

EACH = reactive("x", threshold=2, within=60, for_each=["prefect.resource.id"])


def reported(trigger, events, bounds=KEPT, **options):
    found = automations(trigger)
    reporter = Reporter(
        [AutomationSummary(one, ()) for one in found],
        dialect="docs",
        order="log",
        with_buckets=True,
        bounds=bounds,
    )
    for transition in replay(found, events, **options):
        reporter.add(transition)
    return reporter.finish(start=None, end=None, offered=0, matched=0, pending=[], waiting=[])


def test_buckets_with_firings_come_first_then_the_nearest():
    """A key that fired, then the others; each with its labels and transitions."""
    events = [event("x", 0, "alone"), event("x", 1, "twice"), event("x", 2, "twice")]
    report = reported(EACH, events)
    buckets = report.buckets_by_automation()[report.automations[0].automation.index]
    assert [("twice",), ("alone",)] == [one.key for one in buckets]
    assert [(("prefect.resource.id", "twice"),)] == [one.labels for one in buckets[:1]]
    assert [1, 0] == [one.fired for one in buckets]


def test_one_bucket_keeps_its_first_and_its_last_transitions():
    """Of a long history the middle is hidden, and counted."""
    count = KEPT.first + KEPT.last + 50
    never = {"posture": "Reactive", "expect": ["x"], "threshold": 10**9}
    (bucket,) = reported(never, [event("x", n, id=str(n)) for n in range(count - 1)]).buckets
    assert (count, 50) == (bucket.total, bucket.hidden)
    assert [0, count - 1] == [bucket.transitions[0].seq, bucket.transitions[-1].seq]
    assert KEPT.first == bucket.hidden_after


def test_over_all_buckets_the_least_interesting_lose_theirs():
    """The bound holds whatever the number of keys, and what fired is kept."""
    events = [event("x", n, f"key.{n}", id=str(n)) for n in range(100)]
    fires = [event("x", 50 + n, "key.50", id=f"again{n}") for n in range(1)]
    in_order = sorted(events + fires, key=lambda one: one.occurred)
    report = reported(EACH, in_order, Kept(transitions=40))
    assert 100 == len(report.buckets)
    assert 40 >= sum(one.kept for one in report.buckets)
    kept = [one.key for one in report.buckets if one.fired and one.kept]
    assert [("key.50",)] == kept


def test_what_no_view_shows_is_not_kept():
    """Of an event's labels only id and name; a megabyte elsewhere is let go."""
    big = event("x", 0, {"prefect.resource.id": "a", "prefect.resource.name": "b", "other": "c"})
    (bucket,) = reported(EACH, [big]).buckets
    assert {"prefect.resource.id": "a", "prefect.resource.name": "b"} == bucket.transitions[
        0
    ].event.resource


def test_firings_are_sorted_by_time_then_definition():
    """A later automation's deadline may be run first; the report puts them in order."""
    watch = {"posture": "Proactive", "expect": ["never"], "within": 10}
    found = automations({"posture": "Reactive", "expect": ["x"]}, watch)
    reporter = Reporter(
        [AutomationSummary(one, ()) for one in found],
        dialect="docs",
        order="log",
        with_buckets=False,
    )
    for transition in replay(found, [event("o", 0), event("x", 10)]):
        reporter.add(transition)
    report = reporter.finish(start=None, end=None, offered=0, matched=0, pending=[], waiting=[])
    assert [(at(10), 0), (at(10), 1)] == [(one.at, one.automation.index) for one in report.firings]
    assert [] == report.buckets


METRIC = {
    "type": "metric",
    "metric": {
        "name": "successes",
        "operator": "<",
        "threshold": 0.9,
        "range": 600,
        "firing_for": 0,
    },
}


def test_a_metrics_series_has_its_points_breaches_and_firings():
    """Undefined, 1 of 1, 1 of 2; one breach, not over; the runs behind the firing."""
    events = [flow_run("Pending", 0, "a"), flow_run("Pending", 5, "b"), flow_run("Failed", 10, "b")]
    (series,) = reported(METRIC, events).series
    assert [(at(0), 1.0), (at(10), 0.5)] == series.points
    assert [Breach(at(10), None, 0.5)] == series.breaches
    assert [["a", "b"]] == [
        [run.run.rpartition(".")[2] for run in one.runs] for one in series.fired
    ]


def test_a_long_series_keeps_its_extremes(monkeypatch):
    """Thinned out, the lowest and the highest value of a stretch are still there."""
    monkeypatch.setattr(module, "KEPT_POINTS", 16)
    (automation,) = automations(METRIC)
    series = MetricSeries(automation, automation.trigger)
    measured = [
        t for t in replay((automation,), [flow_run("Pending", 0, "a")]) if t.kind == "measured"
    ]
    for n in range(200):
        value = {70: 0.01, 150: 0.99}.get(n, 0.5 + (n % 3) / 100)
        series.add(replace(measured[0], at=at(n), value=value))
    assert 16 >= len(series.points)
    assert sorted(series.points) == series.points
    assert {0.01, 0.99} <= {value for _, value in series.points}
