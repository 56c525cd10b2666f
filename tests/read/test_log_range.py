"""`trigger_cli.read.log_range`: which records a replay takes."""

import pytest

from tests.support import at, event
from trigger_cli.model import BadLine, Event, Heading, Unmatched, heading_of
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.errors import EmptyRangeError
from trigger_cli.read.log_range import LogRange, Seen
from trigger_cli.times import SECOND, TimePoint

EVENTS = [event("x", second, line=second + 1) for second in range(5)]
RUN = Unmatched(
    range(1, 6),
    [one.id for one in EVENTS],
    [one.occurred for one in EVENTS],
    [None] * 5,
    [0] * 5,
    ["x"],
)


def taken(records, **limits):
    """The records taken, and where the clock was told to start."""
    options = ReplayOptions(
        **{name: TimePoint(second * SECOND, after_start=True) for name, second in limits.items()}
    )
    begun, bad = [], []
    log_range = LogRange(records, options, begin=begun.append, bad_line=bad.append)
    return list(log_range), begun, bad


def test_a_range_that_covers_all_changes_nothing():
    """T7: nor does one that was not asked for."""
    for limits in ({}, {"taken_from": 0, "taken_to": 4}, {"until": 9}, {"until": 4}):
        assert EVENTS == taken(EVENTS, **limits)[0]
    assert [RUN] == taken([RUN], until=4)[0]


@pytest.mark.parametrize("records", [EVENTS, [RUN]], ids=["events", "unmatched"])
def test_events_before_are_seen_and_events_after_are_left_out(records):
    """T7: both ends are inclusive."""
    found, begun, _ = taken(records, taken_from=1, taken_to=2)
    assert [Seen(heading_of(EVENTS[0]))] == found[:1]
    assert [heading_of(one) for one in EVENTS[1:3]] == [heading_of(one) for one in found[1:]]
    assert [] == begun


def test_the_first_event_past_the_end_ends_the_replay():
    """T5: however the lines stand; what follows is not taken, even if it occurred earlier."""
    found, _, _ = taken([*EVENTS[:2], EVENTS[4], EVENTS[2]], until=3)
    assert EVENTS[:2] == found
    assert [heading_of(one) for one in EVENTS[:3]] == taken([RUN], until=2)[0]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_event_that_is_left_out_ends_no_replay(place):
    """T7: what occurred after `--to` does not move the clock, wherever it stands in the log."""
    records = [*EVENTS[:place], EVENTS[4], *EVENTS[place:2]]
    limits = {"taken_to": TimePoint(at(1)), "until": TimePoint(at(2))}
    log_range = LogRange(records, ReplayOptions(**limits), begin=print, bad_line=print)
    assert EVENTS[:2] == list(log_range)


def test_a_start_is_told_before_the_first_record():
    """T3."""
    assert [at(3)] == taken(EVENTS, start=3)[1]


def test_bad_lines_are_told_and_are_no_events():
    """They begin no log."""
    bad = BadLine("log", 1, "no event")
    found, _, told = taken([bad, *EVENTS], taken_from=0)
    assert (EVENTS, [bad]) == (found, told)


def test_a_range_without_events_names_the_span_of_the_log():
    """T7; an empty log has no span, and is no error."""
    for records in (EVENTS, [RUN]):
        with pytest.raises(
            EmptyRangeError, match=r"from 2026-03-01T12:00:00.*to 2026-03-01T12:00:04"
        ):
            taken(records, taken_from=60)
    assert [] == taken([], taken_from=60)[0]


def test_the_span_is_of_the_whole_log():
    """T7: also of what is after ``--until``."""
    with pytest.raises(EmptyRangeError, match=r"from 2026-03-01T12:00:00.*to 2026-03-01T12:00:04"):
        taken([*EVENTS[:2], EVENTS[4]], taken_from=2, until=3)


def test_a_range_that_cannot_have_events_is_refused_at_the_first():
    """T7: a log may be long."""

    def log():
        yield EVENTS[0]
        pytest.fail("the log is read on")

    with pytest.raises(EmptyRangeError, match=r"--from .*:04\S* is after --until .*:03"):
        taken(log(), taken_from=4, until=3)


def test_a_start_after_the_last_event_is_refused():
    """T3."""
    for records in (EVENTS, [RUN]):
        with pytest.raises(
            EmptyRangeError, match=r"--start .*:05\S* is after the log's last event"
        ):
            taken(records, start=5)
        assert taken(records, start=4)[0]


def test_headings_are_taken_like_events():
    """A reader may have left out the resources."""
    headings = [heading_of(one) for one in EVENTS]
    found, _, _ = taken(headings, taken_from=3)
    assert [Seen, Seen, Seen, Heading, Heading] == [type(one) for one in found]
    assert [Seen, Seen, Seen, Event, Event] == [type(one) for one in taken(EVENTS, taken_from=3)[0]]
