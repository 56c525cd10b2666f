"""`history/kept_replay.py`: what is kept of a replay is what it told, wherever it lies."""

import tempfile

import pytest

from tests.support import SAMPLES, read_log, replay
from trigger_cli import spill
from trigger_cli.definitions import load
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.history import kept_replay
from trigger_cli.history.kept_replay import KeptReplay
from trigger_cli.model import DeliveryTransition, Event

SOURCES = {
    "samples": ("triggers", "nightly.events.jsonl"),
    "recording": ("recording.automations.json", "recording.events.jsonl"),
}


def told(name, dialect):
    """The automations and what a replay of them told."""
    definitions, log = SOURCES[name]
    automations = load([str(SAMPLES / definitions)]).automations
    events = [one for one in read_log(SAMPLES / log) if isinstance(one, Event)]
    records = replay(automations, events, dialect)
    return automations, [one for one in records if not isinstance(one, DeliveryTransition)]


@pytest.fixture(params=[0, 5_000, 10_000_000])
def held(request, monkeypatch):
    """So many bytes are held in memory, and few events are remembered."""
    monkeypatch.setattr(spill.PlainStore.__init__, "__defaults__", (request.param,))
    monkeypatch.setattr(kept_replay, "_REMEMBERED_EVENTS", 2)
    monkeypatch.setattr(spill, "_LIKELY_BYTES", 50)


def kept(automations, records):
    found = KeptReplay(automations)
    for one in records:
        if one.kind == "fired" and one.is_own:
            found.add_firing(one)
        found.add_record(one)
    return found


def hold_all(found, automations, records):
    """All that was put in comes out, in order."""
    assert len(records) == found.count
    for automation in automations:
        mine = [one for one in records if one.automation is automation]
        places = found.records(automation)
        assert list(dict.fromkeys((one.trigger.path, one.key) for one in mine)) == list(places)
        for (path, key), some in places.items():
            expected = [one for one in mine if (one.trigger.path, one.key) == (path, key)]
            assert expected == list(some)
            assert expected[1:3] == list(some[1:3])
            assert all(a.trigger is b.trigger for a, b in zip(expected, some, strict=True))
        firings = [one for one in mine if one.kind == "fired" and one.is_own]
        for labels, some in found.firings(automation).items():
            expected = [one.firing for one in firings if one.firing.labels == labels]
            assert expected == [one.firing for one in some]
            assert [one.at for one in expected] == [one.at for one in some]
        assert len(firings) == sum(map(len, found.firings(automation).values()))
    assert all(one == found.by_seq(one.seq) for one in records)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("dialect", [DOCS, SERVER], ids=["docs", "server"])
def test_all_is_as_it_was_told(name, dialect):
    """Records and firings of every kind, from memory and from the file."""
    automations, records = told(name, dialect)
    assert {"fired", "opened", "counted"} <= {one.kind for one in records}
    hold_all(kept(automations, records), automations, records)


@pytest.mark.usefixtures("held")
def test_without_a_temporary_file_all_stays_in_memory(monkeypatch):
    """A full disk changes no answer."""

    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    automations, records = told("samples", SERVER)
    hold_all(kept(automations, records), automations, records)


def test_records_that_are_forgotten_leave_the_firings():
    """They are where most of the memory would go."""
    automations, records = told("samples", SERVER)
    found = kept(automations, records)
    firings = {one.index: found.firings(one) for one in automations}
    found.forget_records()
    assert 0 == found.count
    assert not any(found.records(one) for one in automations)
    assert None is found.by_seq(records[0].seq)
    assert sum(len(some) for one in firings.values() for some in one.values()) == sum(
        one.kind == "fired" and one.is_own for one in records
    )
