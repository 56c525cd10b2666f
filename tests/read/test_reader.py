import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.events.logs import Pipe, event_record, in_pieces, json_lines
from trigger_cli.model import BadLine, Event
from trigger_cli.read.log import Log, LogStats
from trigger_cli.times import format_instant

EVENTS = [event_record(id=letter) for letter in "abc"]
NOTHING = "an event needs `event`, `occurred` and `resource`, found no `event` and no `occurred` and no `resource`"


def reader_of(content: bytes, **options) -> Log:
    return Log(["-"], stdin=io.BytesIO(content), **options)


def ids(records) -> list[tuple[int, str]]:
    return [(record.line, record.id) for record in records]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (json_lines(EVENTS), [1, 2, 3]),
        (json_lines(EVENTS).rstrip(), [1, 2, 3]),
        (json_lines(EVENTS).replace(b"\n", b"\r\n"), [1, 2, 3]),
        (b"\xef\xbb\xbf" + json_lines(EVENTS), [1, 2, 3]),
        (json_lines(EVENTS).decode().encode("utf-16"), [1, 2, 3]),
        (gzip.compress(json_lines(EVENTS)), [1, 2, 3]),
        (b"Subscribing to event stream...\n\n" + json_lines(EVENTS), [3, 4, 5]),
        (json_lines(EVENTS[:1]) + b"\xef\xbb\xbf" + json_lines(EVENTS[1:]), [1, 2, 3]),
        (json.dumps(EVENTS).encode(), [1, 2, 3]),
        (json.dumps(EVENTS, indent=2).encode(), [1, 2, 3]),
        (json.dumps({"events": EVENTS, "total": 3}).encode(), [1, 2, 3]),
        (json.dumps({"total": 3, "events": EVENTS}, indent=2).encode(), [1, 2, 3]),
        (json_lines([{"events": EVENTS[:2]}, {"events": EVENTS[2:]}]), [1, 2, 3]),
        (
            json_lines([{"type": "ping"}, *({"type": "event", "event": e} for e in EVENTS)]),
            [2, 3, 4],
        ),
        (b"\n".join(json.dumps(event, indent=2).encode() for event in EVENTS), [1, 2, 3]),
    ],
)
def test_every_format_gives_the_same_events(content, lines):
    """What a log is stored as shows in the line numbers at most."""
    reader = reader_of(content)
    expected = list(zip(lines, "abc", strict=True))
    assert (ids(reader), reader.stats.malformed, reader.unreadable) == (expected, 0, [])


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"Subscribing to event stream...\n", b"[]", b"\xef\xbb\xbf"]
)
def test_a_log_without_events_is_a_log(content):
    """Nothing to read is nothing wrong."""
    reader = reader_of(content)
    assert (list(reader), reader.unreadable) == ([], [])


def test_several_logs_are_one(log):
    """Lines are counted over all logs, and each source counts its own for ids and bad lines."""
    first = log(json_lines([event_record(id=None), 3]), "first")
    empty = log(b"", "empty")
    second = log(json.dumps([{}, event_record(id=None)]).encode(), "second")
    reader = Log([first, empty, "-", second], stdin=io.BytesIO(json_lines([EVENTS[0]]) * 2))
    records = list(reader)
    assert records[1::3] == [
        BadLine(first, 2, "expected an event, which is an object, found the number 3"),
        BadLine(second, 1, NOTHING),
    ]
    assert ids(record for record in records if isinstance(record, Event)) == [
        (1, f"{first}:1"),
        (3, "a"),
        (4, "a"),
        (6, f"{second}:2"),
    ]
    assert [reader.locate(line) for line in range(1, 7)] == [
        (first, 1),
        (first, 2),
        ("-", 1),
        ("-", 2),
        (second, 1),
        (second, 2),
    ]
    assert reader.sources == (first, empty, "-", second)


def test_an_event_of_standard_input_without_id_is_named_after_it():
    """The made-up id says `stdin` and the line."""
    _, event = reader_of(json_lines([{}, event_record(id=None)]))
    assert ids([event]) == [(2, "stdin:2")]


def test_reading_goes_on_after_bad_lines():
    """Whatever a line holds, the next one is read."""
    content = (
        b"\n".join([b"hello", b"\xff", b'{"a":', b"[]", b"null", b"\0\0", b'{"type": "ping"}', b""])
        + b"\n"
        + json_lines(EVENTS)
    )
    reader = reader_of(content)
    records = list(reader)
    assert ids(records[6:]) == [(9, "a"), (10, "b"), (11, "c")]
    assert [record.line for record in records[:6]] == [1, 2, 3, 4, 5, 6]
    assert reader.stats == LogStats(11, 3, 6, 6, bytes_read=len(content))


def test_a_bad_element_of_a_page_is_one_line():
    """The events around it are read, in a page on one line and in a long one."""
    page = {"events": [EVENTS[0], {}, EVENTS[1]]}
    for content in (json_lines([page, page]), json.dumps(page, indent=2).encode() * 2):
        records = list(reader_of(content))
        assert ids(records[::3] + records[2::3]) == [(1, "a"), (4, "a"), (3, "b"), (6, "b")]
        assert records[1::3] == [BadLine("-", 2, NOTHING), BadLine("-", 5, NOTHING)]


def test_a_broken_array_is_one_bad_line():
    """Events before the break are kept, and the break says where it is."""
    records = list(reader_of(b"[" + json_lines(EVENTS[:1]) + b",\n" + json_lines(EVENTS)[:50]))
    assert ids(records[:1]) == [(1, "a")]
    assert [(record.source, record.line) for record in records[1:]] == [("-", 2)]
    assert "text line 3" in records[1].message
    assert "breaks off" in records[1].message


def test_marks_without_end_are_passed_over():
    """Byte order marks before a line are no text, however many there are."""
    content = b"{}\n" + b"\xef\xbb\xbf" * 5000
    assert list(reader_of(content + b"\n" + content + json_lines(EVENTS[:1])))[2:] == list(
        reader_of(b"\n" * 3 + json_lines(EVENTS[:1]))
    )


def test_a_line_that_is_too_long_is_a_bad_one():
    """A binary blob is neither held nor quoted."""
    blob = b"x" * (20 * 1024 * 1024)
    assert next(iter(reader_of(blob))) == BadLine("-", 1, "a line longer than 16 MiB is no event")


def test_a_damaged_log_keeps_what_was_read(log):
    """The events before the damage are there, and the log is among the unreadable."""
    content = json_lines(event_record(id=str(number)) for number in range(5000))
    path = log(gzip.compress(content, 1)[:-1000])
    reader = Log([path])
    events = [record for record in reader if isinstance(record, Event)]
    assert len(events) > 4000
    assert [event.id for event in events] == [str(number) for number in range(len(events))]
    assert reader.unreadable == [
        BadLine(path, reader.stats.lines, "damaged: the compressed data breaks off")
    ]


def test_unreadable_logs_are_known_before_reading_and_do_not_stop_it(log):
    """A missing file and an empty glob are there at once, and the others are read."""
    path = log(json_lines(EVENTS))
    reader = Log(["missing", path, "nothing-*.jsonl"])
    problems = (
        BadLine("missing", 0, "no such file or directory"),
        BadLine("nothing-*.jsonl", 0, "no file matches this pattern"),
    )
    assert tuple(reader.unreadable) == problems
    assert ids(reader) == [(1, "a"), (2, "b"), (3, "c")]
    assert tuple(reader.unreadable) == problems
    assert reader.locate(1) == (path, 1)


def test_a_recording_of_the_server_is_read_whole():
    """The first events of a real run of Prefect 3.8.8, with all their related resources."""
    reader = Log([str(Path(__file__).with_name("server-run.events.jsonl"))])
    events = list(reader)
    assert reader.stats.events == len(events) == 5
    assert [(event.name, len(event.related)) for event in events] == [
        ("prefect.work-queue.created", 1),
        ("prefect.work-pool.created", 1),
        ("prefect.work-pool.not-ready", 0),
        ("prefect.flow.created", 0),
        ("prefect.deployment.created", 3),
    ]
    assert format_instant(events[0].occurred) == "2026-11-23T09:35:25.859342Z"


def test_progress_can_be_measured(log):
    """The bytes as stored are known in total and counted as they are read."""
    stored = gzip.compress(json_lines(EVENTS))
    first, second = log(stored, "a.gz"), log(json_lines(EVENTS), "b")
    total = len(stored) + len(json_lines(EVENTS))
    reader = Log([first, second])
    assert reader.stats == LogStats(bytes_total=total)
    assert len(list(reader)) == 6
    assert reader.stats == LogStats(6, 6, bytes_read=total, bytes_total=total)


def test_a_log_can_be_read_again(log):
    """Each iteration begins anew, numbers and problems too."""
    reader = Log([log(json_lines(EVENTS)), "missing"])
    first, stats = list(reader), replace(reader.stats)
    assert (list(reader), reader.stats, len(reader.unreadable)) == (first, stats, 1)


def test_times_without_an_offset_are_counted():
    """T1: on plain lines, where a line is odd, in pages, and where orjson refuses a part."""
    times = ["T12:00:00", " 12:00:00.5", "T12:00:00Z", "t12:00:00z", "T12:00+02:00", "T12:00-0230"]
    records = [event_record(occurred=f"2026-03-01{time}") for time in times]
    big = json.dumps(records[0])[:-1].encode() + b', "more": 1e999}\n'
    for lines, expected in (
        (json_lines(records), 2),
        (json_lines([{"events": records}, *records]), 4),
        (big, 1),
        (json_lines(records[2:3]), 0),
    ):
        reader = reader_of(lines)
        assert list(reader)
        assert (0, expected) == (reader.stats.malformed, reader.stats.without_offset)


def test_labels_that_are_no_strings_are_counted():
    """O6: on lines, in pages, and where orjson refuses what nobody reads."""
    odd = event_record(resource={"a": 1, "b": "c"}, related=[{"d": None}])
    big = json.dumps(odd).replace('"d": null', '"d": 1e999').encode() + b"\n"
    reader = reader_of(json_lines([odd, {"events": [odd, EVENTS[0]]}]) + big)
    assert [{"b": "c"}, {"b": "c"}, EVENTS[0]["resource"], {"b": "c"}] == [
        event.resource for event in reader
    ]
    assert (0, 6) == (reader.stats.malformed, reader.stats.dropped_labels)


@given(
    st.lists(
        st.binary(max_size=40)
        | st.sampled_from(
            [*(json.dumps(event).encode() for event in EVENTS), b"[", b"{", b"\xff\xfe"]
        ),
        max_size=8,
    ),
    st.sampled_from([b"\n", b",", b""]),
    st.integers(1, 500),
)
def test_any_bytes_can_be_read(pieces, separator, size):
    """Whatever a log holds, reading ends, counts right and says only short things."""
    reader = Log(["-"], stdin=Pipe(in_pieces(separator.join(pieces), size)))
    records = list(reader)
    bad = [record for record in records if isinstance(record, BadLine)]
    assert (len(records) - len(bad), len(bad)) == (reader.stats.events, reader.stats.malformed)
    assert len(records) <= reader.stats.lines
    for problem in (*bad, *reader.unreadable):
        assert len(problem.message) < 400
        assert problem.message.isprintable()
    lines = [record.line for record in records if isinstance(record, Event)]
    assert lines == sorted(set(lines))


def test_an_empty_follows_is_none():
    """O4: it names nobody, so nothing is waited for."""
    (one,) = reader_of(json_lines([event_record(follows="")]))
    assert one.follows is None
