import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events.logs import event_record, in_pieces, json_lines
from trigger_cli.events.documents import elements
from trigger_cli.events.formats import is_filler, shape_of, told_shape
from trigger_cli.events.lines import text_lines

A, B = event_record(id="a"), event_record(id="b")
PAGE = {"total": 2, "next_page": None, "events": [A, B]}


@pytest.mark.parametrize(
    ("log", "shape"),
    [
        (b"", "lines"),
        (b"\n \n", "lines"),
        (json_lines([A]), "lines"),
        (json_lines([A]).rstrip(), "lines"),
        (json_lines([A, B]), "lines"),
        (json_lines([PAGE, PAGE]), "lines"),
        (b"Subscribing to event stream...\n" + json_lines([A, B]), "lines"),
        (json_lines([{"type": "auth_success"}, {"type": "event", "event": A}]), "lines"),
        (json.dumps([A, B]).encode(), "documents"),
        (json.dumps([A, B], indent=2).encode(), "documents"),
        (b"[]", "documents"),
        (b"[\n]\n", "documents"),
        (json.dumps(PAGE, indent=2).encode(), "documents"),
        (json.dumps(PAGE, indent="\t").replace("\n", "\r\n").encode(), "documents"),
        (b'{"events":\n[{', "documents"),
        (json.dumps(A, indent=2).encode(), "documents"),
        (json.dumps(A, indent=2).encode() + b"\n" + json.dumps(B, indent=2).encode(), "documents"),
        # A page on one line whose end is missing: its beginning is worth having.
        (json.dumps(PAGE).encode()[:-20], "documents"),
        # A first line that was cut does not make a document of what follows.
        (json_lines([A])[:40] + b"\n" + json_lines([B]), "lines"),
        (json_lines([A])[:-3] + b"\n" + json_lines([B]), "lines"),
        (json_lines([A])[40:] + json_lines([B]), "lines"),
        (b"[2026-03-01 12:00] worker started\n[2026-03-01 12:01] ready\n", "lines"),
        (b"<!DOCTYPE html>\n<html>\n", "lines"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "lines"),
        (b"[" * 5000, "documents"),
        (b'{"a":' * 5000, "lines"),
    ],
)
def test_the_first_lines_show_the_shape(log, shape):
    """Lines or documents is told from the content, never from a name."""
    assert shape_of(log, ended=True) == shape


def test_a_first_line_cut_anywhere_hides_none_of_the_others():
    """A log that was torn or rotated may begin with any part of an event."""
    line, rest = json_lines([A]).rstrip(), json_lines([B])
    shapes = {shape_of(line[:end] + b"\n" + rest, ended=True) for end in range(1, len(line))}
    assert {"lines"} == shapes


def test_a_page_with_an_event_a_line_is_a_page():
    """Also where its first event is its only one."""
    for page in (b'{"events": [\n%b]}', b'{"total": 1, "events": [\n%b]}'):
        assert "documents" == shape_of(page % json_lines([A]), ended=True)


def test_a_live_stream_is_not_kept_waiting():
    """What the first line shows is known at once; what it does not is waited for."""
    assert shape_of(json_lines([A]), ended=False) == "lines"
    assert shape_of(b"[\n  {", ended=False) == "documents"
    assert shape_of(b"[\n", ended=False) is None
    assert shape_of(b'{"event', ended=False) is None


@pytest.mark.parametrize(
    ("line", "filler"),
    [
        (b"", True),
        (b" \t\r", True),
        (b"Subscribing to event stream...", True),
        (b"Subscribing to event stream...\r", True),
        (b"{}", False),
        (b"Subscribed", False),
    ],
)
def test_blank_lines_and_the_banner_say_nothing(line, filler):
    """`prefect event stream` writes one line that is no event."""
    assert is_filler(line) == filler


LAYOUTS = {
    "JSON Lines": json_lines,
    "array": lambda events: json.dumps(events).encode(),
    "array, pretty": lambda events: json.dumps(events, indent=2).encode(),
    "page": lambda events: json.dumps({"events": events, "total": 1, "next": [{}]}).encode(),
    "page, pretty": lambda events: json.dumps({"total": 3, "events": events}, indent=1).encode(),
    "jq": lambda events: b"\n".join(json.dumps(event, indent=2).encode() for event in events),
}


@given(
    st.sampled_from(list(LAYOUTS)),
    st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=9)), min_size=2, max_size=6),
    st.integers(1, 40),
)
def test_every_layout_gives_the_same_records(layout, events, size):
    """The same events, laid out in any way and arriving in any pieces, are the same records."""
    events = [{"event": "a", **event} for event in events]
    shape, chunks = told_shape(iter(in_pieces(LAYOUTS[layout](events), size)))
    texts = elements(chunks) if shape == "documents" else text_lines(chunks)
    got = [json.loads(text) for text in texts if text]
    if layout.startswith("page") and got == [json.loads(LAYOUTS[layout](events))]:
        got = got[0]["events"]  # a page on a line of its own is taken apart later
    assert got == events
