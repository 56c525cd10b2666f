"""`history/variants.py`: variants replayed together fire as each does alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support import Running, at, event, lines_run
from trigger_cli.dialects import DIALECTS, DOCS, SERVER, Dialect
from trigger_cli.history.grid import Axis, cells_of, variants
from trigger_cli.history.proactive_cohorts import ProactiveCohorts
from trigger_cli.history.sweep import sweep
from trigger_cli.history.variants import Variants
from trigger_cli.match.matcher import plan_of
from trigger_cli.model import Automation, Event, EventTrigger, NameRoles
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.times import MINUTE, SECOND, TimePoint

RESOURCE = "prefect.resource.id"
THRESHOLDS = Axis("/threshold", (0, 1, 2, 3, 5))
WITHINS = Axis("/within", (10, 25, 70))
PROACTIVE = (
    {"expect": ["a"]},
    {"expect": ["a"], "for_each": [RESOURCE]},
    {"after": ["b"], "expect": ["a"]},
    {"after": ["b"], "expect": ["a"], "for_each": [RESOURCE]},
    # Every event is a heartbeat, or some are.
    {"after": ["a", "b"], "expect": ["a", "b"]},
    {"after": ["a", "b"], "expect": ["a"], "for_each": [RESOURCE]},
    {"match": {RESOURCE: "x"}},
)
REACTIVE = (
    {},
    {"for_each": [RESOURCE]},
    {"after": ["b"], "expect": ["a"]},
    {"after": ["b"], "expect": ["a", "b"], "for_each": [RESOURCE]},
)
CHILDREN = (
    {"posture": "Reactive", "expect": ["a"]},
    {"posture": "Reactive", "expect": ["b"], "threshold": 2, "within": 30},
    {"posture": "Reactive", "after": ["a"], "expect": ["b"], "within": 20},
    {"posture": "Proactive", "expect": ["b"], "within": 10},
    {"posture": "Proactive", "expect": ["a"], "for_each": [RESOURCE], "within": 20},
    {"type": "sequence", "within": 40, "triggers": [{"expect": ["a"]}, {"expect": ["b"]}]},
    {"type": "compound", "require": "any", "triggers": [{"expect": ["a"]}, {"within": 10}]},
)
STATES = ("Pending", "Running", "Late", "Failed", "Completed", "heartbeat")
_TIMES = st.one_of(st.integers(0, 30), st.integers(0, 300), st.sampled_from([900, 930, 1000]))
_LEADERS = st.sampled_from([None, None, None, "a@10", "b@25", "never"])
_RESOURCES = st.sampled_from("xy")


def events_of(names: tuple[str, ...]) -> st.SearchStrategy[list[Event]]:
    """Events in any order, some of which wait for others, or for one that never comes (O4)."""
    drawn = st.tuples(st.sampled_from(names), _TIMES, _RESOURCES, _LEADERS)
    return st.tuples(st.lists(drawn, min_size=1, max_size=40), st.booleans()).map(_in_some_order)


def _in_some_order(drawn) -> list[Event]:
    rows, in_order = drawn
    if in_order:
        rows = sorted(rows, key=lambda row: row[1])
    return [
        event(name, seconds, resource, follows=follows, line=line)
        for line, (name, seconds, resource, follows) in enumerate(rows, 1)
    ]


def alone(automation: Automation, events: list[Event], options: ReplayOptions):
    """The automation's firings, replayed by itself: when, and with which key."""
    running = Running(
        [automation], options.dialect, expired_bucket_buffer=options.expired_bucket_buffer
    )
    if options.start is not None:
        running.start(options.start.resolve(events[0].occurred))
    found = []
    for one in events:
        found += running.take(one)
    until = None if options.until is None else options.until.resolve(events[0].occurred)
    found += running.finish(until)
    return [
        (one.at, one.key)
        for one in found
        if one.kind == "fired" and one.trigger is automation.trigger
    ]


def hold(trigger, axes: tuple[Axis, ...], events: list[Event], options: ReplayOptions) -> None:
    """Each cell of the grid fires as it does alone."""
    cells = cells_of(axes)
    automations = variants(trigger, axes, cells)
    done = sweep(axes, cells, automations, iter(events), options)
    for automation, result in zip(automations, done.results, strict=True):
        expected = alone(automation, events, options)
        found = (result.firings, result.keys, result.first, result.last)
        ends = (expected[0][0], expected[-1][0]) if expected else (None, None)
        assert (len(expected), {key for _, key in expected}, *ends) == found, automation.name


def _options(dialect: str, *, early: bool) -> ReplayOptions:
    # Some time after the last event: deadlines still pass, and what waits is released.
    start = TimePoint(at(-100)) if early else None
    return ReplayOptions(dialect=DIALECTS[dialect], start=start, until=TimePoint(at(2000)))


_DIALECTS = st.sampled_from(sorted(DIALECTS))


@given(st.sampled_from(PROACTIVE), events_of(("a", "b")), _DIALECTS, st.booleans())
def test_proactive_variants_fire_as_each_does_alone(trigger, events, dialect, early):
    """Thresholds share their buckets until a heartbeat (E4) or a drop (P5) parts them."""
    trigger = {"posture": "Proactive", **trigger}
    hold(trigger, (THRESHOLDS, WITHINS), events, _options(dialect, early=early))


@given(st.sampled_from(REACTIVE), events_of(("a", "b")), _DIALECTS)
def test_reactive_variants_fire_as_each_does_alone(trigger, events, dialect):
    """Also with a threshold of 0, which one event can fire twice."""
    axes = (THRESHOLDS, Axis("/within", (0, 10, 25, 70)))
    hold({"posture": "Reactive", **trigger}, axes, events, _options(dialect, early=False))


@given(
    st.lists(st.sampled_from(CHILDREN), min_size=1, max_size=3),
    st.sampled_from([("compound", "all"), ("compound", "any"), ("compound", 2), ("sequence", 0)]),
    events_of(("a", "b")),
    _DIALECTS,
    st.sampled_from([None, Axis("/triggers/0/within", (10, 20, 40))]),
)
def test_composite_variants_fire_as_each_does_alone(children, kind, events, dialect, axis):
    """Children that are the same in several variants are one, and so are composites."""
    name, require = kind
    trigger = {"type": name, "triggers": list(children)}
    if name == "compound":
        trigger["require"] = min(require, len(children)) if isinstance(require, int) else require
    axes = (Axis("/within", (None, 10, 25, 70)), *([axis] if axis is not None else []))
    hold(trigger, axes, events, _options(dialect, early=False))


@given(
    st.sampled_from(["successes", "duration", "lateness"]),
    st.sampled_from(["<", "<=", ">", ">="]),
    events_of(tuple(f"prefect.flow-run.{state}" for state in STATES)),
)
def test_metric_variants_fire_as_each_does_alone(metric, operator, events):
    """Thresholds and `firing_for` share what is measured (K7)."""
    trigger = {
        "type": "metric",
        "metric": {"name": metric, "operator": operator, "threshold": 0, "range": 0},
    }
    axes = (
        Axis("/metric/threshold", (0.5, 1, 20)),
        Axis("/metric/range", (10, 60, 400)),
        Axis("/metric/firing_for", (0, 10, 60)),
    )
    hold(trigger, axes, events, _options("docs", early=False))


@given(events_of(tuple(f"prefect.flow-run.{state}" for state in STATES)))
def test_metric_children_fire_as_each_does_alone(events):
    """At one instant the proactive child comes before the metric (T4)."""
    trigger = {
        "type": "sequence",
        "triggers": [
            {"posture": "Proactive", "expect": ["prefect.flow-run.Running"], "within": 10},
            {
                "type": "metric",
                "metric": {
                    "name": "successes",
                    "operator": "<",
                    "threshold": 1,
                    "range": 20,
                    "firing_for": 10,
                },
            },
        ],
    }
    axes = (Axis("/within", (None, 10, 30)), Axis("/triggers/1/metric/firing_for", (0, 10, 20)))
    hold(trigger, axes, events, _options("docs", early=False))


@pytest.mark.parametrize("dialect", [DOCS, SERVER], ids=["docs", "server"])
def test_what_waited_in_vain_comes_before_a_deadline_of_that_instant(dialect: Dialect):
    """T4: it is released after 15 minutes, when the window of 15 minutes ends."""
    events = [event("start", 0, line=1), event("a", 0, line=2, follows="never")]
    trigger = {"posture": "Proactive", "expect": ["a"]}
    options = ReplayOptions(dialect=dialect, until=TimePoint(at(900)))
    hold(trigger, (THRESHOLDS, Axis("/within", (900, 450))), events, options)


def test_thresholds_that_were_parted_by_a_drop_come_together_again():
    """The server drops a satisfied watch (P5) and leaves the others; in silence all are alike."""
    fired: list[tuple[int, int]] = []
    alike = EventTrigger("$", "Proactive", within=10 * SECOND)
    triggers = [(n, replace(alike, threshold=n + 1)) for n in range(3)]
    cohorts = ProactiveCohorts(
        triggers, SERVER, MINUTE, lambda n, now, _key: fired.append((n, now))
    )
    cohorts.start(0)
    cohorts.advance(0, 0)
    early = event("a", 0)._replace(occurred=SECOND)
    cohorts.take(early, SECOND, (), NameRoles(starts=False, expected=True))
    cohorts.advance(10 * SECOND, 10 * SECOND)
    assert 2 == len(cohorts)
    cohorts.advance(20 * SECOND, 20 * SECOND)
    assert 1 == len(cohorts)
    cohorts.advance(30 * SECOND, 30 * SECOND)
    assert [(1, 10), (2, 10), (1, 20), (2, 20), (0, 30), (1, 30), (2, 30)] == sorted(
        ((n, now // SECOND) for n, now in fired), key=lambda one: (one[1], one[0])
    )


def test_thresholds_that_were_parted_by_a_heartbeat_count_for_themselves():
    """At one key it renews the watch of the first (E4); at the other each counts on its own."""
    fired: list[tuple[int, int, tuple[str, ...]]] = []
    alike = EventTrigger(
        "$", "Proactive", expect=("a",), after=("a",), for_each=("k",), within=10 * SECOND
    )
    triggers = [(n, replace(alike, threshold=n + 1)) for n in range(2)]
    cohorts = ProactiveCohorts(triggers, DOCS, MINUTE, lambda *one: fired.append(one))
    cohorts.start(0)
    heartbeat = NameRoles(starts=True, expected=True)
    for now, key in ((1, "x"), (1, "y"), (2, "x"), (3, "y")):
        came = event("a", 0)._replace(occurred=now * SECOND)
        cohorts.take(came, now * SECOND, (key,), heartbeat)
    assert 2 == len(cohorts)
    while cohorts.due() < 30 * SECOND:
        cohorts.advance(cohorts.due(), 30 * SECOND)
    assert [(1, 11, "x"), (1, 11, "y"), (0, 12, "x"), (0, 13, "y")] == [
        (number, now // SECOND, key[0]) for number, now, key in fired
    ]


def test_the_work_grows_as_the_variants():
    """A child that all variants share: each of its parents was held against all before."""

    def parents(variants_: int) -> int:
        axes = (Axis("/within", tuple(range(60, 60 + variants_))),)
        compound = {"type": "compound", "require": "all", "triggers": list(CHILDREN[:2])}
        automations = variants(compound, axes, cells_of(axes))
        _, plan = plan_of(automations, DOCS)
        return lines_run(lambda: Variants(automations, plan, 0, lambda *_: None))

    assert parents(200) < 6 * parents(50)
