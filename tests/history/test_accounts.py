"""`history/accounts.py`: changes to what a replay is told."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support import at, event
from trigger_cli.engine.delivered import Delivered
from trigger_cli.history.accounts import Account, Twice, all_doubled, begun_before, doubled
from trigger_cli.model import Match
from trigger_cli.times import SECOND

_PLACES = st.lists(st.integers(0, 9), max_size=6, unique=True)
_GAPS = st.lists(st.integers(0, 40), min_size=1, max_size=2)


def account_of(events):
    return Account(
        tuple(Delivered(one.occurred, one.occurred, one.occurred, Match(one, ())) for one in events)
    )


@given(st.lists(st.integers(0, 60), min_size=10, max_size=10), _PLACES, st.data())
def test_many_events_twice_are_as_one_by_one(times, places, data):
    """Whatever their order, and if one of them is missing."""
    events = [event("a", seconds, line=n) for n, seconds in enumerate(times)]
    account = account_of(events)
    many = [
        Twice(events[place], tuple(gap * SECOND for gap in data.draw(_GAPS)), "")
        for place in places
    ]
    many.append(Twice(event("a", 0, line=99), (SECOND,), ""))
    expected = account
    for one in many:
        expected = doubled(one).apply(expected)
    assert expected == all_doubled(many).apply(account)


def test_an_event_comes_again_after_what_arrived_until_then():
    """Two more times, after 1 s and after 30 s."""
    events = [event("a", seconds, line=seconds) for seconds in (0, 1, 20, 40)]
    found = doubled(Twice(events[0], (SECOND, 30 * SECOND), "")).apply(account_of(events))
    assert [0, 1, 0, 20, 0, 40] == [one.event.line for one in found.events]
    assert [0, 1, 1, 20, 30, 40] == [(one.arrived - at(0)) // SECOND for one in found.events]


def test_events_before_the_log_are_told_by_their_number():
    """Copies of one event, each with an id of its own, just before the log's start."""
    match = Match(event("a", 5, id="i"), ())
    said = [begun_before(match, count, at(0)).said[0] for count in (1, 2)]
    assert ["with an event like it (", "with 2 events like it ("] == said
    account = begun_before(match, 2, at(0)).apply(Account(()))
    assert [at(0) - 1] * 2 == [one.event.occurred for one in account.events]
    assert len({one.event.id for one in account.events}) == 2
    assert account.started == at(0) - 1
