"""`history/cohorts.py`: thresholds stepped together fire as each does alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support import NOON, at, event
from trigger_cli.dialect import DIALECTS, Dialect
from trigger_cli.engine.replay import replay
from trigger_cli.history.grid import Axis, cells_of, variants
from trigger_cli.history.sweep import sweep
from trigger_cli.model import DeliveryOrder, Event
from trigger_cli.moments import Moment
from trigger_cli.pipeline import ReplayOptions

TRIGGERS = (
    {"posture": "Reactive"},
    {"posture": "Reactive", "for_each": ["prefect.resource.id"]},
    {"posture": "Reactive", "after": ["b"], "expect": ["a"]},
    {"posture": "Reactive", "after": ["b"], "expect": ["a", "b"]},
    {"posture": "Proactive", "after": ["b"], "expect": ["a"]},
    {
        "type": "compound",
        "require": "all",
        "triggers": [{"posture": "Reactive", "expect": ["a"]}, {"posture": "Reactive"}],
    },
)
AXES = (Axis("/threshold", (1, 2, 3, 5)), Axis("/within", (0, 10, 25, 70)))
EVENTS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.integers(0, 300),
        st.sampled_from("xy"),
        st.sampled_from([None, "a@10", "b@40"]),
    ),
    min_size=1,
    max_size=40,
)


def alone(automation, events: list[Event], dialect: Dialect):
    """The automation's firings, replayed by itself."""
    return [
        (one.at, one.key)
        for one in replay([automation], events, dialect)
        if one.kind == "fired" and one.trigger is automation.trigger
    ]


@given(st.sampled_from(TRIGGERS), EVENTS, st.sampled_from(sorted(DIALECTS)), st.booleans())
def test_every_cell_is_what_a_replay_of_its_own_gives(trigger, drawn, dialect, in_order):
    """Firings, first, last and keys, whatever the trigger, the dialect and the order."""
    events = [
        event(name, seconds, resource, follows=follows, line=line)
        for line, (name, seconds, resource, follows) in enumerate(drawn)
    ]
    if in_order:
        events.sort(key=lambda one: (one.occurred, one.line))
    axes = (Axis("/within", (10, 25, 70)),) if "type" in trigger else AXES
    if trigger.get("posture") == "Proactive":
        axes = (AXES[0], Axis("/within", (10, 25, 70)))
    cells = cells_of(axes)
    automations = variants(trigger, axes, cells)
    options = ReplayOptions(dialect=DIALECTS[dialect])
    done = sweep(axes, cells, automations, iter(events), options)
    for automation, result in zip(automations, done.results, strict=True):
        expected = alone(automation, events, options.dialect)
        assert len(expected) == result.firings
        assert {key for _, key in expected} == result.keys
        assert ([expected[0][0], expected[-1][0]] if expected else [None, None]) == [
            result.first,
            result.last,
        ]


def test_options_of_time_are_heeded():
    """`--from`, `--to`, `--until` and `--start` mean what they mean to `replay`."""
    events = [event("a", n * 10, line=n) for n in range(10)]
    axes = (Axis("/threshold", (1, 2)),)
    cells = cells_of(axes)
    automations = variants({"posture": "Reactive"}, axes, cells)
    options = ReplayOptions(
        start=Moment(NOON), taken_from=Moment(at(20)), taken_to=Moment(at(70)), until=Moment(at(50))
    )
    done = sweep(axes, cells, automations, iter(events), options)
    assert [4, 2] == [one.firings for one in done.results]
    assert (NOON, at(50)) == (done.started, done.ended)


def test_an_empty_log_gives_an_empty_grid():
    """No event: no clock, no firing."""
    axes = (Axis("/threshold", (1, 2)),)
    cells = cells_of(axes)
    order: DeliveryOrder = "occurred"
    automations = variants({"posture": "Proactive", "within": 10}, axes, cells)
    done = sweep(axes, cells, automations, iter([]), ReplayOptions(order=order))
    assert [0, 0] == [one.firings for one in done.results]
    assert done.started is None
