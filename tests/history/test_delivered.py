"""`history/delivered.py`: replays fed with delivered events go as if they had seen the whole log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parallel.inline import in_rows
from tests.support import at, automations, event, replay
from trigger_cli.dialects import DIALECTS, DOCS
from trigger_cli.engine.delivered import feed
from trigger_cli.engine.replay import Replay
from trigger_cli.history.delivered import Deliveries
from trigger_cli.match.matcher import plan_of, sides_of
from trigger_cli.model import Automation, DeliveryTransition, Event, EventTrigger, Unmatched
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.errors import EmptyRangeError
from trigger_cli.times import SECOND, TimePoint
from trigger_cli.vocabulary import LOG_WRITE


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
@pytest.mark.parametrize("within", [450, 900])
def test_what_waited_in_vain_comes_before_a_deadline_of_that_instant(dialect, within):
    """T4: it is released after 15 minutes, when a window ends."""
    trigger = EventTrigger("$", "Proactive", expect=("a",), within=within * SECOND)
    alone = [Automation(0, "one", "", trigger)]
    events = [event("start", 0, line=1), event("a", 0, line=2, follows="never")]
    options = ReplayOptions(dialect=dialect, until=TimePoint(at(2000)))
    matcher, plan = plan_of(alone, dialect)
    deliveries = Deliveries(iter(events), options, matcher)
    fed = Replay(plan)
    found = []
    for one in deliveries:
        if fed.started is None:
            assert deliveries.started is not None
            fed.start(deliveries.started)
        found += feed(fed, one)
    found += fed.finish(at(2000))
    whole = replay(alone, events, dialect, until=at(2000))
    of_triggers = [one for one in whole if not isinstance(one, DeliveryTransition)]
    assert [(one.at, one.kind, one.rule) for one in of_triggers] == [
        (one.at, one.kind, one.rule) for one in found
    ]


_NAMES = ("a", "w", "z", LOG_WRITE)
_ROWS = st.lists(
    st.tuples(
        st.sampled_from(_NAMES),
        st.one_of(st.integers(0, 40), st.sampled_from([900, 910, 1900])),
        st.sampled_from([None, None, None, "a@1", "z@2", "never"]),
        st.booleans(),
        st.sampled_from([None, 0, 30]),
    ),
    min_size=1,
    max_size=40,
)
_LIMITS = st.sampled_from([{}, {"until": TimePoint(at(30))}, {"taken_from": TimePoint(at(5))}])


@given(_ROWS, _LIMITS, st.booleans(), st.integers(1, 40))
def test_what_nobody_wants_may_pass_by_in_one_go(rows, limits, in_order, together):
    """Events that come as `Unmatched` or `Rows` are delivered as they are one by one (O2-O4)."""
    if in_order:
        rows = sorted(rows, key=lambda row: row[1])
    events = [
        event(name, seconds, follows=follows, line=line)._replace(
            # A run of unmatched events has no `received` here.
            received=None if delay is None or name != "a" else at(seconds + delay)
        )
        for line, (name, seconds, follows, _, delay) in enumerate(rows, 1)
    ]
    records: list[Event | Unmatched] = []
    run: list[Event] = []
    for one, (_, _, _, cut, _) in zip(events, rows, strict=True):
        if run and (cut or one.name == "a"):
            records.append(_unmatched(run))
            run = []
        if one.name == "a":
            records.append(one)
        else:
            run.append(one)
    records += [_unmatched(run)] if run else []

    sides = sides_of(automations({"posture": "Reactive", "expect": ["a"]}), DOCS)
    matcher, _ = sides.plans()

    def taken(some):
        noted = []

        def note(run, matches):
            noted.extend(zip(run.ids, run.occurred, strict=True))
            noted.extend((run.ids[row], one.event) for row, one in matches if one.takings)

        deliveries = Deliveries(iter(some), ReplayOptions(**limits), matcher, note=note)
        quiet = Deliveries(iter(some), ReplayOptions(**limits), matcher)
        try:
            delivered = list(deliveries)
        except EmptyRangeError as error:
            return str(error)
        assert [one[:2] for one in delivered] == [one[:2] for one in quiet]
        # Matched events are noted with those that come together with them.
        noted = (
            [one for one in noted if isinstance(one[1], int)],
            [one for one in noted if isinstance(one[1], Event)],
        )
        return delivered, noted, deliveries.clock, deliveries.events

    apart = taken(events)
    assert apart == taken(records)
    assert apart == taken(in_rows(sides, events, together))


def test_log_writes_reach_no_trigger():
    """O3: one by one and in rows."""
    sides = sides_of(automations({"posture": "Reactive", "expect": ["*"]}), DOCS)
    matcher, _ = sides.plans()
    events = [event(name, n, line=n + 1) for n, name in enumerate(["a", "b", LOG_WRITE, "b"])]
    for records in (events, in_rows(sides, events, 1), in_rows(sides, events, 2)):
        delivered = Deliveries(iter(records), ReplayOptions(), matcher)
        assert ["a", "b", "b"] == [one.event.name for one in delivered]


def _unmatched(run: list[Event]) -> Unmatched:
    return Unmatched(
        [one.line for one in run],
        [one.id for one in run],
        [one.occurred for one in run],
        [one.follows for one in run],
        [_NAMES.index(one.name) for one in run],
        _NAMES,
    )
