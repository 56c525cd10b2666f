"""The packed events."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import event
from trigger_cli.debugger.event_store import BLOCK, EventStore

TEXT = st.text(max_size=8)
LABELS = st.dictionaries(TEXT, TEXT, max_size=3)


@settings(max_examples=30)
@given(st.lists(st.tuples(TEXT, LABELS, st.lists(LABELS, max_size=2)), max_size=20))
def test_events_come_back_as_they_went_in(drawn):
    """Whatever their texts hold, surrogates too."""
    events = [
        event(name, place, resource, related, line=place + 1)
        for place, (name, resource, related) in enumerate(drawn)
    ]
    store = EventStore()
    for one in events:
        store.append(one)
    assert events == list(store)
    assert events == [store[place] for place in range(len(store))]


def test_many_blocks():
    """Events are found in every block, in any order, and by their line."""
    store = EventStore()
    count = 3 * BLOCK + 7
    for place in range(count):
        store.append(event(f"e{place % 5}", place, line=2 * place + 1))
    places = [0, count - 1, BLOCK, BLOCK - 1, 2 * BLOCK + 3]
    assert [2 * place + 1 for place in places] == [store[place].line for place in places]
    assert BLOCK == store.at_line(2 * BLOCK + 1)
    assert [None, None, None] == [store.at_line(line) for line in (2, 0, 10**9)]
    with pytest.raises(IndexError):
        store[count]


@pytest.mark.parametrize("forward", [True, False])
def test_blocks_hold_every_text(forward):
    """What is searched for can be told from a block's bytes."""
    store = EventStore()
    for place in range(2 * BLOCK + 5):
        store.append(event(f"needle-{place}", place, line=place))
    for begin, packed in store.blocks(0 if forward else len(store) - 1, forward=forward):
        held = range(begin, min(begin + BLOCK, len(store)))
        assert all(f"needle-{place}".encode() in packed for place in held)
