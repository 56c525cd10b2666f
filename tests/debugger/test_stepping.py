"""Stepping, jumping and running: what is found by binary search equals what a scan finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.debugger.sessions import sample_session, words
from trigger_cli.debugger.breakpoints import hits, nearest, parse_breakpoint
from trigger_cli.debugger.goto import find, holds
from trigger_cli.debugger.position import (
    Position,
    at_record,
    at_stop,
    at_time,
    carried_over,
    step_event,
    step_within,
)
from trigger_cli.debugger.selection import EVERYTHING, Selection
from trigger_cli.debugger.views.change_pane import change_lines
from trigger_cli.debugger.views.event_pane import event_parts
from trigger_cli.model import BucketTransition

SESSION = sample_session()
RECORDING, INDEX = SESSION.recording, SESSION.index
STOPS = st.integers(0, RECORDING.stops - 1)
RECORDS = st.integers(0, RECORDING.records - 1)
SELECTIONS = st.sampled_from(
    [
        EVERYTHING,
        *(Selection(one.index) for one in SESSION.automations),
        *(Selection(one.automation.index, one.trigger.path, one.key) for one in RECORDING.lanes),
    ]
)


def view(position: Position) -> list[str]:
    SESSION.position = position
    return words(event_parts(SESSION, 60)) + words(change_lines(SESSION))


@given(STOPS, SELECTIONS)
def test_an_event_forward_and_back_is_the_same_view(stop, selection):
    """Time travel leaves no trace."""
    SESSION.selection = selection
    here = at_stop(RECORDING, stop)
    on = step_event(RECORDING, here, 1)
    if on is None:
        assert RECORDING.stops - 1 == stop
    else:
        back = step_event(RECORDING, on, -1)
        assert here == back
        assert view(here) == view(back)


@given(RECORDS, SELECTIONS)
def test_a_transition_forward_and_back_is_the_same_place(seq, selection):
    """From a record of the selection to the next and back."""
    records = INDEX.records(selection)
    if not records:
        return
    here = at_record(RECORDING, records[seq % len(records)])
    on = step_within(RECORDING, records, here, forward=True)
    if on is None:
        assert records[-1] + 1 == here.applied
    else:
        assert here == step_within(RECORDING, records, on, forward=False)


@given(RECORDS, SELECTIONS, st.booleans())
def test_steps_find_what_a_scan_finds(seq, selection, forward):
    """The next (previous) record and firing of a selection are the nearest there are."""
    here = at_record(RECORDING, seq)
    for records in (INDEX.records(selection), INDEX.firings(selection)):
        beyond = [one for one in records if (one > seq if forward else one < seq)]
        expected = None if not beyond else (min if forward else max)(beyond)
        found = step_within(RECORDING, records, here, forward=forward)
        assert (None if expected is None else at_record(RECORDING, expected)) == found


@given(SELECTIONS)
def test_a_selection_holds_the_records_of_its_lanes(selection):
    """The merged list is what a scan over all records gives."""
    expected = []
    for seq in range(RECORDING.records):
        lane = RECORDING.lane_of(seq)
        if selection == EVERYTHING or (
            lane is not None and selection.contains(*RECORDING.lanes[lane])
        ):
            expected.append(seq)
    assert expected == list(INDEX.records(selection))


@given(st.integers(RECORDING.start - 10**9, RECORDING.end + 10**9))
def test_a_jump_to_a_time_is_what_a_scan_finds(instant):
    """The last stop at or before it; before all of them, the first."""
    before = [stop for stop in range(RECORDING.stops) if RECORDING.stop_at(stop) <= instant]
    assert at_stop(RECORDING, max(before, default=0)) == at_time(RECORDING, instant)


@pytest.mark.parametrize(
    "text",
    ["firing", "firing *exports*", "bucket flow", "event prefect.flow-run.*", "count 2", "f zzz"],
)
def test_breakpoints_stop_where_a_scan_stops(text):
    """Forwards from every stop, and backwards, at the nearest hit."""
    found = hits(parse_breakpoint(text), INDEX, ())
    assert sorted(set(found)) == list(found)
    for stop in range(0, RECORDING.stops, 7):
        here = at_stop(RECORDING, stop)
        after = [one for one in found if one > here.packed]
        before = [one for one in found if one < here.packed]
        assert (Position.unpack(after[0]) if after else None) == nearest(
            [found], here, forward=True
        )
        assert (Position.unpack(before[-1]) if before else None) == nearest(
            [found], here, forward=False
        )


def test_what_breakpoints_hit():
    """Each kind stops at what it names, and nowhere else."""

    def records(text):
        return [
            RECORDING.transition(Position.unpack(one).applied - 1)
            for one in hits(parse_breakpoint(text), INDEX, ())
        ]

    assert len(RECORDING.root_firings) == len(records("firing"))
    exports = records("firing All three*")
    assert [("All three exports are written", "fired")] == [
        (one.automation.name, one.kind) for one in exports
    ]
    assert {("counted", 2)} == {(one.kind, one.after.count) for one in records("count 2")}
    events = [
        RECORDING.events[RECORDING.stop_event(Position.unpack(one).stop)].name
        for one in hits(parse_breakpoint("event *.Failed"), INDEX, ())
    ]
    assert {"prefect.flow-run.Failed"} == set(events)
    assert len(events) == sum(one.name.endswith(".Failed") for one in RECORDING.events)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not firing"),
        ("zzz", "not firing"),
        ("bucket", "needs a part"),
        ("event ", "needs an event name"),
        ("count x", "needs a number"),
    ],
)
def test_a_breakpoint_that_is_none(text, message):
    """The message says what would have been one."""
    with pytest.raises(ValueError, match=message):
        parse_breakpoint(text)


@given(
    STOPS, st.sampled_from(["failed", "cute-", "PREFECT", "zzz", "k8s-pool", "é"]), st.booleans()
)
def test_a_search_finds_what_a_scan_finds(stop, text, forward):
    """The nearest event whose texts hold it, the one at the cursor passed over."""
    stops = range(stop + 1, RECORDING.stops) if forward else range(stop - 1, -1, -1)
    expected = None
    for one in stops:
        event = RECORDING.stop_event(one)
        if event is not None and holds(RECORDING.events[event], text.casefold()):
            expected = at_stop(RECORDING, one)
            break
    assert expected == find(RECORDING, text, at_stop(RECORDING, stop), forward=forward)


@given(STOPS)
def test_switching_the_dialect_twice_returns(stop):
    """Events have the same place in both recordings."""
    SESSION.replay_other()
    other = SESSION._recordings["server-3.9"]
    here = at_stop(RECORDING, stop)
    if RECORDING.stop_event(stop) is not None:
        there = carried_over(RECORDING, other, here)
        assert here == carried_over(other, RECORDING, there)


@given(RECORDS)
def test_the_state_of_a_bucket_is_its_last_records(seq):
    """What a bucket is after so many records, a replay of all of them tells as well."""
    lane = RECORDING.lane_of(seq)
    if lane is None:
        return
    applied = seq + 1
    expected = None
    for one in range(applied):
        if RECORDING.lane_of(one) == lane:
            record = RECORDING.transition(one)
            expected = record.after if isinstance(record, BucketTransition) else None
    assert expected == RECORDING.bucket(lane, applied)
