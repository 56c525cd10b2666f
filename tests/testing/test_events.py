"""`events.py`: the events of a test as one log."""

from tests.testing.helpers import assembled
from trigger_cli.model import Event
from trigger_cli.testing.events import DEFAULT_START


def test_offsets_count_from_a_fixed_day_where_nothing_names_a_time():
    """The same test always replays at the same time."""
    found = assembled("  events: [flow-run Failed at +5s]\n")
    assert DEFAULT_START == found.start
    assert [DEFAULT_START + 5_000_000] == [one.occurred for one in found.events]


def test_offsets_count_from_the_start_given():
    """`start` is also where the clock starts."""
    found = assembled("  start: 1970-01-01T00:01:00Z\n  events: [flow-run Failed at +5s]\n")
    assert (60_000_000, 65_000_000) == (found.start, found.events[0].occurred)


def test_offsets_count_from_the_first_event_of_a_log():
    """As on the command line; shorthands mix with it in the order of occurrence."""
    event = Event(9, "a", "x", 10_000_000, None, None, {}, ())
    found = assembled("  events: [{log: l}, event y at +0s, event z at +1s]\n", {("l",): [event]})
    assert 10_000_000 == found.start
    assert [("x", 1), ("y", 2), ("z", 3)] == [(one.name, one.line) for one in found.events]


def test_offsets_count_from_the_first_event_delivered():
    """Which in other orders than the default is not the first that occurred (T3)."""
    log = [
        Event(9, "a", "x", 10_000_000, 12_000_000, None, {}, ()),
        Event(10, "b", "x", 8_000_000, 13_000_000, None, {}, ()),
        Event(11, "c", "x", 9_000_000, 11_000_000, None, {}, ()),
        Event(12, "d", "x", 7_000_000, None, None, {}, ()),
    ]
    starts = {
        order: assembled(f"  order: {order}\n  events: [{{log: l}}]\n", {("l",): log}).start
        for order in ("log", "received", "occurred")
    }
    assert {"log": 10_000_000, "received": 9_000_000, "occurred": 7_000_000} == starts


def test_events_come_in_the_order_asked_for():
    """`log`: as they are written."""
    events = "  events: [event a at +5s, event b at +1s received +9s]\n"
    assert "ba" == "".join(one.name for one in assembled(events).events)
    assert "ab" == "".join(one.name for one in assembled(f"  order: log\n{events}").events)
    assert "ab" == "".join(one.name for one in assembled(f"  order: received\n{events}").events)


def test_every_event_has_an_id_of_its_own():
    """Unless it is given one; the same one twice makes a duplicate (O2)."""
    found = assembled("  events: [event a x2, event b event-id=q x2]\n")
    assert ["event-1", "event-2", "q", "q"] == [one.id for one in found.events]


def test_a_full_event_keeps_all_it_says():
    """The keys of a log, or an offset in the place of the time."""
    found = assembled(
        "  events:\n  - event: a\n    occurred: 2026-01-01T00:00:00Z\n    id: i\n    follows: f\n"
        "    received: 2026-01-01T00:00:01Z\n    resource: {prefect.resource.id: r, l: v}\n"
        "    related: [{prefect.resource.id: q}]\n    payload: {x: 1}\n"
    )
    (event,) = found.events
    assert ("i", "a", "f", 1_000_000) == (
        event.id,
        event.name,
        event.follows,
        event.received - event.occurred,
    )
    assert ({"prefect.resource.id": "r", "l": "v"}, ({"prefect.resource.id": "q"},)) == (
        event.resource,
        event.related,
    )


def test_repetitions_have_ids_of_their_own():
    """Where the id has the number in it."""
    found = assembled(
        "  events: [{event: a, resource: {x: y}, id: 'i{n}', times: 2, every: 1s, at: +0s}]\n"
    )
    assert ["i1", "i2"] == [one.id for one in found.events]
