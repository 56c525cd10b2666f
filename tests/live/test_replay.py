"""The engine as it happens gives what a replay of the same events gives."""

import pytest
from msgspec.structs import astuple

from tests.support import NOON, SAMPLES, at, automations, event, read_log, replay
from trigger_cli.definitions import load
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.live.replay import LiveReplay, LogClock, Pace
from trigger_cli.times import DAY, SECOND

ABSENCE = {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 10}


def session(*triggers, pace=Pace.wall, grace=0, start=NOON):
    return LiveReplay(automations(*triggers), DOCS, LogClock(pace, grace), start=start)


def firings(transitions):
    return [(one.at - NOON) / SECOND for one in transitions if one.kind == "fired"]


@pytest.mark.parametrize("dialect", [DOCS, SERVER])
def test_a_whole_night(dialect):
    """All samples, event by event, with the clock's ticks between: the records of a replay."""
    definitions = load([str(SAMPLES / "triggers")]).automations
    events = read_log(SAMPLES / "nightly.events.jsonl", order="log")
    live = LiveReplay(definitions, dialect, LogClock(Pace.wall, 0), start=None)
    live.live = True
    found = []
    for one in events:
        found += live.tick(one.occurred - 1)
        found += live.take(one, one.occurred)
    found += live.finish()
    kept = lambda them: [(one.at, one.kind, one.rule, astuple(one)[6:9]) for one in them]  # noqa: E731
    assert kept(replay(definitions, events, dialect)) == kept(found)


def test_a_deadline_passes_without_an_event():
    """At its own instant, once the wall's clock is past it."""
    live = session(ABSENCE)
    live.live = True
    found = list(live.take(event("a", 1), at(1)))
    found += live.tick(at(10.9))
    assert [] == firings(found)
    found += live.tick(at(12))
    found += live.tick(at(30))
    assert [11.0] == firings(found)


def test_an_event_of_the_far_future_is_set_aside():
    """Else the clock would be there, and the next firing too; where the log is the clock, it may."""
    live = session({"expect": ["a"]})
    found = list(live.take(event("a", 100 * 365 * 24 * 3600), at(1)))
    found += live.take(event("a", 2 + 3600), at(2))
    assert ([3602.0], 1, 1) == (firings(found), live.ahead, live.events)
    of_log = session({"expect": ["a"]}, pace=Pace.log)
    assert [1e9] == firings(of_log.take(event("a", 1e9), at(1)))


def test_an_event_on_its_way_is_waited_for():
    """What occurred before the deadline and came just after it prevents the firing."""
    live = session(ABSENCE, grace=2 * SECOND)
    live.live = True
    found = list(live.take(event("a", 1), at(1)))
    found += live.tick(at(12))
    found += live.take(event("b", 10.5), at(12.2))
    found += live.tick(at(60))
    assert [] == firings(found)


def test_deadlines_wait_while_it_is_not_live():
    """Without a connection, an absence of events tells nothing."""
    live = session(ABSENCE)
    found = list(live.take(event("a", 1), at(1)))
    found += live.tick(at(60))
    found += live.take(event("b", 5), at(61))
    live.live = True
    found += live.tick(at(62))
    assert [] == firings(found)


@pytest.mark.parametrize(
    ("pace", "occurred", "expected"),
    [
        (Pace.wall, 0, 100),
        (Pace.wall, -DAY * 9, 100),
        (Pace.log, -DAY * 9 // SECOND + 0, -9 * 86400 + 90),
        (Pace.auto, -3600, 100),
        (Pace.auto, -9 * 86400, -9 * 86400 + 90),
    ],
)
def test_whose_time_it_is(pace, occurred, expected):
    """An old log has its own time, which goes on from its latest event, read ten seconds in."""
    clock = LogClock(pace, 0)
    clock.arrived(at(occurred), at(10))
    assert at(expected) == clock.at(at(100))


def test_an_old_log_that_goes_on_now():
    """With the first event of today, it is today."""
    clock = LogClock(Pace.auto, 0)
    clock.arrived(at(-9 * 86400), at(10))
    clock.arrived(at(11), at(11))
    assert at(100) == clock.at(at(100))


def test_before_the_first_event_there_is_no_log_time():
    """So nothing is due."""
    live = session(ABSENCE, pace=Pace.auto, start=None)
    live.live = True
    assert [] == list(live.tick(at(100)))
    assert live.clock is None
