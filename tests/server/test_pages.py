"""`server/pages.py`: what a page gives, and which events of it cannot be decoded."""

import json

import orjson
import pytest

from tests.server.fakes import record
from trigger_cli.server.content import ContentError
from trigger_cli.server.pages import Unreadable, read_page, read_value

HEAD = b'"id": "id-1", "occurred": "2026-03-01T12:00:00Z"'


def page_of(*events, rest=b'"total": 7, "next_page": "/next"'):
    return bytearray(b'{"events": [' + b", ".join(events) + b"], " + rest + b"}")


def test_a_page():
    """Its events, their ids, the number and the link."""
    page = read_page(bytearray(json.dumps({"events": [record(1), record(2)], "x": [{}]}).encode()))
    assert ([record(1), record(2)], ["id-1", "id-2"]) == (list(page.events), list(page.ids()))
    assert (None, None) == (page.total, page.next_page)
    page = read_page(page_of())
    assert ([], 7, "/next") == (list(page.events), page.total, page.next_page)


@pytest.mark.parametrize(
    ("before", "repeated", "times", "after", "reason"),
    [
        (b"[" * 1_100, b"]", 1_100, b"", "is nested too deeply"),
        (b'"', b"x", 17_000_000, b'"', "takes more than 16 MiB"),
        (b"[", b"1,", 1_000_000, b"1]", "has more than 1,000,000 JSON values"),
        (b'"', b"\xff", 1, b'"', "is not valid JSON"),
    ],
    ids=["deep", "large", "many", "not UTF-8"],
)
def test_an_event_that_is_not_decoded(before, repeated, times, after, reason):
    """Its id and time are found; the others are read."""
    event = b'{"payload": ' + before + repeated * times + after + b", " + HEAD + b"}"
    page = read_page(page_of(b"{" + HEAD + b"}", event))
    whole, found = page.events
    assert not isinstance(whole, Unreadable)
    assert isinstance(found, Unreadable)
    assert {"id": "id-1", "occurred": "2026-03-01T12:00:00Z"} == found
    assert (reason, ["id-1", "id-1"]) == (found.reason, list(page.ids()))


def test_events_as_large_as_prefect_allows():
    """Each is decoded, though all together hold millions of values."""
    event = b'{"payload": [' + b"1," * 700_000 + b"1], " + HEAD + b"}"
    page = read_page(page_of(event, event, event))
    assert [700_001] * 3 == [len(one["payload"]) for one in page.events]


@pytest.mark.parametrize(
    "content", [b"[]", b'{"events": 1}', b'{"events": [1]}', b'{"events": null}', b"null", b"{}"]
)
def test_what_is_no_page(content):
    """Another JSON value."""
    assert read_page(bytearray(content)) is None


@pytest.mark.parametrize(
    "content", [b"", b'{"events": [{"id": "to', b'{"events": []} x', b"<html>"]
)
def test_what_is_no_json(content):
    """A page that breaks off, for instance."""
    with pytest.raises(orjson.JSONDecodeError):
        read_page(bytearray(content))
    with pytest.raises(orjson.JSONDecodeError):
        read_value(bytearray(content))


@pytest.mark.parametrize(
    ("event", "times", "told"),
    [
        (b"{}", 1_001, "a page of more than 1,000 events"),
        (b"{}", 5_000_000, "a page of more than 1,000 events"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 1, "nested too deeply"),
    ],
    ids=["many", "very many", "deep"],
)
def test_a_page_has_its_bounds(event, times, told):
    """Of events, and of depth."""
    with pytest.raises(ContentError, match=told):
        read_page(page_of(*[event] * times))


@pytest.mark.parametrize(
    "link",
    [b'"' + b"x" * 200_000 + b'"', b"[" * 1_200 + b"]" * 1_200],
    ids=["long", "deep"],
)
def test_a_link_that_cannot_be_decoded(link):
    """It is no link, and does not make the page the last one."""
    page = read_page(page_of(rest=b'"total": 1' + b"0" * 200_000 + b', "next_page": ' + link))
    assert page.next_page is not None
    assert not isinstance(page.next_page, str)
    assert page.total is None
