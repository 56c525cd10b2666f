import json
from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events.logs import event_record
from tests.events.test_decoding import JSON
from trigger_cli.events import quick
from trigger_cli.events.decoding import NotAnEvent, event_of
from trigger_cli.events.interpret import Interpreter
from trigger_cli.model import Event
from trigger_cli.times import parse_instant

TIMES = st.sampled_from(
    [
        "2026-03-01T12:00:00.000000Z",
        "2026-03-01T12:00:00.123456Z",
        "2026-03-01T12:00:00,123456Z",
        "2026-03-01T12:00:00.1234567Z",
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:60Z",
        "2026-W10-1T12:00:00.000000Z",
        "2026-03-01 12:00:00.000000Z",
        "2026-03-01T12:00:00.000000+",
        "2026-03-01T12:00:00.000000z",
        "20260301T120000.0000000000Z",
        "2026-03-01T12:00:00.00000éZ",
        "",
        "noon",
    ]
)


def line_of(**fields) -> bytes:
    return json.dumps(event_record(**fields)).encode()


def refuses(read, texts) -> bool:
    try:
        read(texts)
    except ValueError:
        return True
    return False


@given(st.lists(TIMES, max_size=4))
def test_times_are_read_as_one_by_one(texts):
    """T1: a column of times is read and refused as each of them would be."""
    try:
        expected = [parse_instant(text) for text in texts]
    except ValueError:
        assert refuses(quick.instants, texts)
    else:
        assert expected == quick.instants(texts)


def test_columns_of_unequal_times_are_not_mixed_up():
    """Two times whose lengths even out are still two times."""
    texts = ["2026-03-01T12:00:00Z" + " " * 2, "2026-03-01T12:00:00Z"[:-2]]
    assert refuses(quick.instants, texts)


@given(
    st.datetimes().map(datetime.isoformat) | st.sampled_from(["2026-03-01", "9999-12-31", "0"]),
    st.sampled_from(["", "Z", "z", "+00:00", "-23:59", "+24:00", "+0530", "+05", ".5Z", ",5Z"]),
    st.integers(0, 30),
    st.sampled_from(["", "0", ":", " ", "T", "t", ".", "60", "\u0660"]),
)
def test_what_is_only_checked_is_refused_where_it_would_be_if_it_were_read(text, zone, at, odd):
    """T1: of a time that nobody asks for, msgspec takes no more than `parse_instant` does."""
    text += zone
    text = text[:at] + odd + text[at + 1 :] if odd else text
    line = json.dumps(event_record(received=text)).encode()
    for decode in (quick.DECODERS[labels, False] for labels in (False, True)):
        try:
            decode(line)
        except msgspec.MsgspecError:
            continue
        parse_instant(text)


def test_related_resources_that_are_alike_are_one_and_the_same():
    """Lists, and the resources in them, whichever way they came; they take less memory."""
    related = quick.RelatedResources()
    flow, tag = {"prefect.resource.id": "f"}, {"prefect.resource.id": "t"}
    raws = [
        quick.decode(line_of(related=some)).related for some in ([flow, tag], [tag], [flow, tag])
    ]
    one, two, three = map(related.read, raws)
    assert one == (flow, tag)
    assert one is three
    assert two[0] is one[1]
    assert related.shared([dict(flow)])[0] is one[0]


def test_related_resources_are_read_whatever_was_forgotten(monkeypatch):
    """What is remembered is bounded, and does not matter."""
    monkeypatch.setattr(quick, "_MOST_LISTS", 2)
    monkeypatch.setattr(quick, "_MOST_RESOURCES", 3)
    related = quick.RelatedResources()
    for number in (1, 2, 3, 1, 4, 2, 1):
        some = [{"prefect.resource.id": str(one)} for one in range(number)]
        assert related.read(quick.decode(line_of(related=some)).related) == tuple(some)
        assert len(related._lists) <= 2


@pytest.mark.parametrize("wrong", [5, "x", {}, [5], [None], [{"a": 1}]])
def test_related_resources_that_are_none_are_refused(wrong):
    """By what reads them: a line is refused before or after its resource is looked at."""
    head = quick.decode(line_of(related=wrong))
    with pytest.raises(quick.REFUSALS):
        quick.RelatedResources().read(head.related)


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        key: st.just(value) | JSON | st.text(max_size=4)
        for key, value in event_record(follows="b").items()
    },
)


@given(FIELDS, st.sampled_from(["{}", " {}\r\n", "{}x", "\x00{}"]))
def test_the_quick_way_takes_what_the_careful_way_takes(record, line):
    """A line is the same event on both ways, or is left to the careful one."""
    text = line.format(json.dumps(record)).encode() if "{}" in line else b""
    reading = Interpreter(0)
    found = reading._quickly(text)
    if found is not None:
        assert found == event_of(json.loads(text), 0)
        return
    events = list(Interpreter(-1).read(iter([text])))
    try:
        assert events == [event_of(json.loads(text), 0)]
    except (ValueError, NotAnEvent):
        assert not any(isinstance(one, Event) for one in events) or "event" in record


@pytest.mark.parametrize(
    "payload",
    [
        b'"\xff"',
        b'"\\ud800"',
        b'"\\x"',
        b'"\x01"',
        b"01",
        b"NaN",
        b"[1,]",
        b"[" * 100_000 + b"]" * 100_000,
        b'"\xed\xa0\x80"',
    ],
)
def test_what_nobody_reads_must_be_json_too(payload):
    """A fault in the part of a line that is passed over makes it a bad line."""
    text = json.dumps(event_record()).encode()
    text = text[:-1] + b', "more": ' + payload + b"}"
    (problem,) = Interpreter(0).read(iter([text]))
    assert "not " in problem.message  # type: ignore[union-attr]


def test_a_field_given_twice_counts_as_its_last():
    """Both ways take the last one, whatever the first was."""
    text = json.dumps(event_record()).encode()
    for first in (b'{"event": "x", ', b'{"event": 3, '):
        (event,) = Interpreter(0).read(iter([first + text[1:]]))
        assert "prefect.flow-run.Completed" == event.name  # type: ignore[union-attr]
