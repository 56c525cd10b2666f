"""Events from pages to a file: none lost, none doubled."""

import json

import httpx
import pytest

from tests.server.fakes import FakeServer, client_of, record
from tests.support import NOON, at
from trigger_cli.server import content
from trigger_cli.server.api import EventFilter, ServerError
from trigger_cli.server.fetching import fetch_events
from trigger_cli.server.seen_ids import SeenIds, identity


class Kept(list):
    """Events in memory."""

    def __init__(self):
        super().__init__()
        self.seen = SeenIds()

    def add(self, one):
        new = self.seen.add(*identity(one))
        if new:
            self.append(one["id"])
        return new


def fetched(server, **told):
    kept = Kept()
    with client_of(server, notice=told.get("notice")) as client:
        count = fetch_events(
            client,
            kept,
            EventFilter(),
            NOON,
            at(100),
            progress=lambda _count: None,
            doubt=told.get("doubt", lambda _: None),
        )
    return kept, count


def test_an_event_that_comes_twice_is_kept_once():
    """One that arrives late moves the others to the next page; it is asked for once more."""
    server = FakeServer(map(record, range(1, 6)))
    turn = server.page

    def page(wanted, offset):
        if offset == 2 and len(server.events) == 5:
            server.events.insert(0, record(0))
        return turn(wanted, offset)

    server.page = page
    kept, count = fetched(server)
    assert ({f"id-{n}" for n in range(6)}, 6) == (set(kept), len(kept))
    assert 0 == count.missing


def test_what_slips_through_between_pages_is_asked_for_again():
    """While the server deletes old events, those at the page's edge are skipped."""
    server = FakeServer(map(record, range(6)))
    turn, deleted = server.page, []

    def page(wanted, offset):
        if offset == 2 and not deleted:
            deleted.append(server.events.pop(0))
        return turn(wanted, offset)

    server.page = page
    kept, count = fetched(server)
    assert ([f"id-{n}" for n in (0, 1, 3, 4, 5, 2)], 0) == (kept, count.missing)


def test_what_the_server_never_sends_is_told():
    """It counts more than it has; three times is enough."""
    server = FakeServer(map(record, range(4)))
    turn = server.page

    def page(wanted, offset):
        answer = turn(wanted, offset)
        return type(answer)(200, json={**answer.json(), "total": 9})

    server.page = page
    kept, count = fetched(server)
    assert (4, 5, 6) == (len(kept), count.missing, count.pages)


def test_an_event_without_an_id_cannot_be_kept_apart():
    """So it is an error, not a silent loss."""
    with pytest.raises(ServerError, match="without `id` or `occurred`"):
        fetched(FakeServer([{**record(1), "id": ""}]))


def test_an_event_later_than_was_asked_for_is_left_out():
    """Kept, it would hide from the next fetch what came until then. It makes up for no other."""
    server = FakeServer([record(1), record(2)])
    turn, told = server.page, []

    def page(wanted, offset):
        answer = turn(wanted, offset).json()
        return httpx.Response(200, json={**answer, "events": [*answer["events"], record(999)]})

    server.page = page
    kept, count = fetched(server, notice=told.append)
    assert (["id-1", "id-2"], 1, 2) == (kept, count.left_out, count.received)
    assert [
        "left out: the event id-999 is of 2026-03-01T12:16:39.000000Z, which is later than was asked for"
    ] == told


def test_a_doubt_is_told_as_soon_as_it_arises():
    """A fetch that is killed before the second pass must ask again; at its end there is none."""
    server = FakeServer(map(record, range(6)))
    turn, told = server.page, []

    def page(wanted, offset):
        answer = turn(wanted, offset)
        if offset == 4 and not told:
            events = turn(wanted, 2).json()["events"]
            return httpx.Response(200, json={**answer.json(), "events": events})
        return answer

    server.page = page
    kept, _ = fetched(server, doubt=told.append)
    assert ({f"id-{n}" for n in range(6)}, [True, False]) == (set(kept), told)


def test_a_page_that_is_too_long_is_asked_for_in_parts(monkeypatch):
    """With half as many events, and half of them again; what came before is kept once."""
    monkeypatch.setattr(content.content_of, "__defaults__", (10_000,))
    server = FakeServer([{**record(number), "payload": "x" * 800} for number in range(9)])
    server.events[7]["payload"] = "x" * 9_000
    sizes = []
    turn = server.page

    def page(wanted, offset):
        request = server.requests[-1]
        if request.method == "POST":
            server.page_size = json.loads(request.content)["limit"] // 12 or 1
            sizes.append(server.page_size)
        return turn(wanted, offset)

    server.page = page
    kept, count = fetched(server)
    assert ([f"id-{n}" for n in range(9)], [4, 2, 1]) == (kept, sizes)
    assert (0, 9) == (count.missing, count.new)


def test_an_event_that_is_too_long_by_itself(monkeypatch):
    """Nothing smaller can be asked for."""
    monkeypatch.setattr(content.content_of, "__defaults__", (2_000,))
    server = FakeServer([{**record(1), "payload": "x" * 2_000}])
    with pytest.raises(ServerError, match="an answer of more than 2000 bytes"):
        fetched(server)
    assert [50, 25, 12, 6, 3, 1] == [json.loads(one.content)["limit"] for one in server.requests]
