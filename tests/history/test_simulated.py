"""`history/simulated.py`: what is known of one simulation shortens the next, and changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.history.test_variants import CHILDREN, PROACTIVE, REACTIVE, events_of
from tests.support import at, automations, event
from trigger_cli.dialects import DIALECTS, SERVER
from trigger_cli.engine.replay import Replay
from trigger_cli.history.accounts import (
    Account,
    Twice,
    begun_before,
    doubled,
    late_arrivals,
    moved,
    polled,
    since_creation,
)
from trigger_cli.history.delivered import Deliveries
from trigger_cli.history.polling import PollTimes
from trigger_cli.history.simulated import World, simulate
from trigger_cli.match.filters import Filters
from trigger_cli.match.matcher import Matcher
from trigger_cli.match.plan import compile_plan
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.times import SECOND

POLLS = PollTimes((at(20), at(31), at(47)), 5 * SECOND, 5 * SECOND)
METRIC = {"type": "metric", "metric": {"name": "successes", "operator": "<", "threshold": 0.5}}
TRIGGERS = (
    *({"posture": "Proactive", **one} for one in PROACTIVE),
    *({"posture": "Reactive", **one} for one in REACTIVE),
    {"posture": "Reactive", "expect": ["a"], "threshold": 2, "within": 30},
    {"posture": "Proactive", "after": ["a"], "expect": ["b"], "threshold": 2, "within": 20},
    {"type": "compound", "require": "all", "within": 60, "triggers": CHILDREN[:2]},
    {"type": "sequence", "within": 40, "triggers": CHILDREN[2:5]},
    {"type": "compound", "require": 2, "triggers": CHILDREN[3:]},
    METRIC,
)


class Subject:
    """An automation and the events that it takes."""

    def __init__(self, trigger, events, dialect):
        (self.automation,) = automations(trigger)
        options = ReplayOptions(dialect=dialect)
        filters = Filters()
        self.plan = compile_plan([self.automation], dialect, filters)
        delivered = Deliveries(iter(events), options, Matcher(filters))
        self.events = tuple(one for one in delivered if one.match.takings)
        self.world = World(options, delivered.started, delivered.clock + 30 * SECOND)

    def simulate(self, account, known=None):
        return simulate(self.automation, self.plan, account, self.world, known=known)


@st.composite
def changes(draw, events):
    """One difference in the server's behaviour."""
    one, other = (draw(st.sampled_from(events)) for _ in range(2))
    gap = draw(st.sampled_from((SECOND // 5, 3 * SECOND, 70 * SECOND)))
    return draw(
        st.sampled_from(
            (
                doubled(Twice(one.event, (gap,), "")),
                doubled(Twice(one.event, (gap, 2 * gap), "")),
                moved(one.event, other.event),
                since_creation(one.arrived),
                begun_before(one.match, 2, events[0].clock),
                late_arrivals(),
                polled(POLLS),
                polled(replace(POLLS, early=4 * SECOND)),
                polled(POLLS.moved(SECOND)),
            )
        )
    )


@given(
    st.sampled_from(TRIGGERS),
    events_of(("a", "b")),
    st.sampled_from(sorted(DIALECTS)),
    st.data(),
)
def test_what_is_known_changes_nothing(trigger, events, dialect, data):
    """Whatever the changes from one simulation to the next."""
    subject = Subject(trigger, events, DIALECTS[dialect])
    account, known = Account(subject.events), None
    for number in range(4):
        if number and subject.events:
            account = data.draw(changes(subject.events)).apply(account)
        known = subject.simulate(account, known)
        assert subject.simulate(account).firings == known.firings


def test_polls_that_part_later_are_no_reason_to_stop():
    """Both servers look at 0 s, 10 s and 20 s; what is due at 22 s is seen at 25 s or at 30 s."""
    events = [event(name, at, line=at) for name, at in (("b", 0), ("b", 11), ("a", 12), ("b", 60))]
    trigger = {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 10}
    subject = Subject(trigger, events, SERVER)
    polls = PollTimes((at(40),), 5 * SECOND, 10 * SECOND)
    known = subject.simulate(Account(subject.events, polls=polls))
    account = Account(subject.events, polls=replace(polls, early=5 * SECOND))
    found = subject.simulate(account, known)
    assert found.firings == subject.simulate(account).firings
    assert (at(30), at(25)) == (known.firings[0].at, found.firings[0].at)


@pytest.mark.parametrize(
    "trigger",
    [
        {"expect": ["a"], "threshold": 2, "within": 30},
        {"posture": "Proactive", "expect": ["a"], "within": 15},
        {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 10},
        {
            "type": "compound",
            "require": "all",
            "within": 60,
            "triggers": [{"expect": ["a"]}, {"expect": ["b"]}],
        },
    ],
    ids=["reactive", "heartbeat", "watch", "compound"],
)
def test_a_small_change_is_replayed_in_a_small_part(trigger, monkeypatch):
    """One event of 2,000 is processed twice, or the polls before the first known one are others."""
    times = range(0, 40_000, 20)
    events = [event("ab"[n % 3 == 0], at, line=n) for n, at in enumerate(times, 1)]
    subject = Subject(trigger, events, SERVER)
    first = Account(subject.events, polls=replace(POLLS, early=4 * SECOND))
    second = polled(POLLS).apply(first)
    middle = subject.events[len(subject.events) // 2].event
    third = doubled(Twice(middle, (SECOND,), "")).apply(second)
    known = subject.simulate(first)
    whole = [subject.simulate(account).firings for account in (second, third)]
    processed = []
    process = Replay.process
    monkeypatch.setattr(Replay, "process", lambda *of: processed.append(of) or process(*of))
    found = []
    for account in (second, third):
        known = subject.simulate(account, known)
        found.append(known.firings)
        assert len(processed) < 150
        processed.clear()
    assert whole == found
