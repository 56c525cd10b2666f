"""`firings.py`: stored firings are the firings that were added, wherever they lie."""

import random
import tracemalloc
from collections import Counter

import pytest
from msgspec.structs import replace

from tests.support import SAMPLES, read_log, replay
from trigger_cli import firings as module
from trigger_cli.definitions import load
from trigger_cli.dialects import DOCS
from trigger_cli.firings import FiringStore, block_of, slim_firing
from trigger_cli.model import Event, FiredTransition
from trigger_cli.spill import PlainStore


@pytest.fixture(scope="module")
def fired():
    """The automations of the samples and the firings of all their triggers, in order."""
    automations = load([str(SAMPLES / "triggers")]).automations
    events = [one for one in read_log(SAMPLES / "nightly.events.jsonl") if isinstance(one, Event)]
    records = replay(automations, events, DOCS)
    firings = [one.firing for one in records if isinstance(one, FiredTransition)]
    assert any(one.children for one in firings)
    assert any(one.event is None for one in firings)
    return automations, firings


def stored(automations, firings):
    found = FiringStore(automations)
    for one in firings:
        found.add(one)
    return found


@pytest.mark.parametrize("held_bytes", [0, 5_000, 10_000_000])
@pytest.mark.parametrize("together", [1, 7, 1_024])
def test_what_is_stored_is_what_was_added(fired, monkeypatch, held_bytes, together):
    """By iteration, position and slice, with slim events and the same automations and triggers."""
    monkeypatch.setattr(PlainStore.__init__, "__defaults__", (held_bytes,))
    monkeypatch.setattr(module, "_BATCH", together)
    automations, added = fired
    found = stored(automations, added)
    firings = list(map(slim_firing, added))
    found.sort()
    assert len(firings) == len(found)
    assert firings == list(found)
    assert firings[3:9] == found[3:9]
    assert firings[-1] == found[-1]
    for before, after in zip(firings, found, strict=True):
        assert before.automation is after.automation
        assert before.trigger is after.trigger
    with pytest.raises(IndexError):
        found[len(firings)]


@pytest.mark.parametrize("together", [1, 7, 1_024])
def test_sorting_is_by_time_then_by_definition_and_stable(fired, monkeypatch, together):
    """Whatever the order in which they were added."""
    monkeypatch.setattr(module, "_BATCH", together)
    automations, firings = fired
    for seed in range(5):
        mixed = random.Random(seed).sample(firings, len(firings))  # no secret
        found = stored(automations, mixed)
        found.sort()
        expected = sorted(map(slim_firing, mixed), key=lambda one: (one.at, one.automation.index))
        assert expected == list(found)
        assert expected == [found[place] for place in range(len(found))]


def test_memory_has_only_numbers_of_earlier_firings(fired, monkeypatch):
    """Less than 40 bytes for each, where one takes 500 as an object."""
    monkeypatch.setattr(PlainStore.__init__, "__defaults__", (0,))
    automations, firings = fired
    found = FiringStore(automations)
    tracemalloc.start()
    try:
        for number in range(50_000):
            found.add(replace(firings[number % len(firings)], seq=number))
        assert len(found) == 50_000
        assert tracemalloc.get_traced_memory()[0] < 50_000 * 40
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("together", [2, 7, 1_024])
def test_blocks_of_other_processes_join_the_rest(fired, monkeypatch, together):
    """Between firings that were added one by one, in the same order as those, with slim events."""
    monkeypatch.setattr(module, "_BATCH", together)
    automations, firings = fired
    found = FiringStore(automations)
    pieces = [firings[begin : begin + 9] for begin in range(0, len(firings), 9)]
    for number, piece in enumerate(pieces):
        if number % 3 == 2:
            for one in piece:
                found.add(one)
            continue
        block = block_of(piece, 0)
        counts = Counter(one.automation.index for one in piece)
        assert counts == block.firings_by_automation
        assert counts == block_of(piece, 0, counts_only=True).firings_by_automation
        found.add_block(block)
    found.add_block(block_of([], 0))
    found.sort()
    assert sorted(map(slim_firing, firings), key=lambda one: (one.at, one.automation.index)) == [
        *found
    ]
    assert [*found] == [found[place] for place in range(len(found))]


def test_each_group_is_unpacked_once(fired):
    """What eight processes found at about the same time is read in turns."""
    automations, firings = fired
    found = FiringStore(automations)
    spans = [[replace(one, at=n) for n in range(1_500)] for one in firings[:8]]
    for begin in range(0, 1_500, 500):
        for span in spans:
            found.add_block(block_of(span[begin : begin + 500], 0))
    found.sort()
    assert 12_000 == sum(1 for _ in found)
    assert 24 == found._chunk.cache_info().misses
