"""A recording gives back what the engine said."""

import pytest
from msgspec.structs import astuple

from tests.debugger.sessions import NIGHT, sample_session
from tests.support import SAMPLES, read_log
from trigger_cli.debugger.recorder import record
from trigger_cli.definitions import load
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.model import CompositeTrigger
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.views.windows import bucket_of

RECORDING = (SAMPLES / "recording.automations.json", SAMPLES / "recording.events.jsonl")


@pytest.mark.parametrize("dialect", [DOCS, SERVER], ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("triggers", "log"), [(SAMPLES / "triggers", NIGHT), RECORDING], ids=["night", "recording"]
)
def test_every_record_is_rebuilt_as_the_engine_made_it(triggers, log, dialect):
    """Packed into columns and rebuilt, each transition equals the one that the replay yielded."""
    automations = load([str(triggers)]).automations
    options = ReplayOptions(dialect)
    run = ReplayRun(automations, read_log(log), options, with_buckets=False, compare_dialects=False)
    expected = list(run)
    recording = record(automations, read_log(log), options)
    assert expected == [recording.transition(seq) for seq in range(recording.records)]


def test_each_stop_holds_the_records_of_its_event():
    """An event's stop has no record of another event that came before it, nor a deadline's."""
    recording = sample_session().recording
    for stop in range(recording.stops):
        position = recording.stop_event(stop)
        own = None if position is None else recording.events[position]
        for seq in recording.stop_records(stop):
            one = recording.transition(seq)
            if own is None:
                assert recording.stop_at(stop) == one.at
            elif (
                one.event is not None
                and one.event.line != own.line
                and not isinstance(one.trigger, CompositeTrigger)
            ):
                # A follower that this event released; what a composite held may be older.
                assert own.id == one.event.follows


def test_every_event_has_its_stop_in_order():
    """Each event that was taken is one stop, also if nothing came of it."""
    recording = sample_session().recording
    stops = [recording.stop_of_event(one) for one in range(len(recording.events))]
    assert sorted(set(stops)) == stops
    assert list(range(len(stops))) == [recording.stop_event(stop) for stop in stops]


def test_the_clock_of_stops_never_goes_back():
    """So that a time is found by a binary search."""
    recording = sample_session().recording
    instants = [recording.stop_at(stop) for stop in range(recording.stops)]
    assert sorted(instants) == instants


def test_outlines_differ_from_records_in_their_events_alone():
    """What the timeline is drawn from has the same times and buckets."""
    recording = sample_session().recording
    for seq in range(recording.records):
        one, outline = recording.transition(seq), recording.outline(seq)
        assert (type(one), astuple(one)[:5]) == (type(outline), astuple(outline)[:5])
        assert (one.event and one.event.occurred) == (outline.event and outline.event.occurred)
        bucket, drawn = bucket_of(one), bucket_of(outline)
        assert (bucket and astuple(bucket)[:3]) == (drawn and astuple(drawn)[:3])


def test_a_replay_from_the_store_equals_the_first():
    """The packed events give the same replay as the log."""
    session = sample_session()
    first = session.recording
    again = record(first.automations, first.events, session.options, store=first.events)
    assert [first.transition(seq) for seq in range(first.records)] == [
        again.transition(seq) for seq in range(again.records)
    ]
    assert [first.stop_records(one) for one in range(first.stops)] == [
        again.stop_records(one) for one in range(again.stops)
    ]
