"""The file of events: cut off at any byte, it goes on without losing or doubling one."""

import gzip
import os
import shutil
import tempfile
from contextlib import suppress

import orjson
import pytest
import zstandard

from tests.server.fakes import record
from tests.support import at, read_log
from trigger_cli.server.companion import companion_of, read_companion
from trigger_cli.server.frames import Compression
from trigger_cli.server.journal import Journal, JournalError, UnkeepableError, line_of

RECORDS = [record(number) for number in range(9)]
NAMES = {"none": "e.jsonl", "gz": "e.jsonl.gz", "zst": "e.jsonl.zst"}


def fill(path, records, every=3):
    """Append in frames of so many events."""
    journal = Journal(path)
    for number, one in enumerate(records):
        journal.add(one)
        if number % every == every - 1:
            journal.flush()
    journal.close()
    return journal


def finish(journal, records):
    """Append, and close in any case."""
    try:
        for one in records:
            journal.add(one)
        journal.close()
    finally:
        with suppress(JournalError):
            journal.close()


def ids_in(path):
    return [one.id for one in read_log(path, order="log")]


@pytest.mark.parametrize("name", NAMES.values())
def test_cut_off_at_any_byte(name, tmp_path, monkeypatch):
    """For every length of the file: opened and filled again, it holds each event once, in order."""
    monkeypatch.setattr(os, "fsync", lambda _file: None)  # thousands of times, it takes its time
    whole = tmp_path / name
    records = RECORDS[:5]
    fill(whole, records, every=2)
    content = whole.read_bytes()
    expected = [one["id"] for one in records]
    assert expected == ids_in(whole)
    torn = tmp_path / f"torn-{name}"
    for length in range(len(content)):
        torn.write_bytes(content[:length])
        fill(torn, records)
        assert expected == ids_in(torn), length


@pytest.mark.parametrize(("compression", "magic"), [("gz", b"\x1f\x8b"), ("zst", b"\x28\xb5")])
def test_the_name_tells_the_compression(compression, magic, tmp_path):
    """By its suffix."""
    path = tmp_path / NAMES[compression]
    fill(path, RECORDS)
    assert magic == path.read_bytes()[:2]


def test_the_content_tells_it_better(tmp_path):
    """A renamed file is gone on with as it is."""
    path = tmp_path / "e.jsonl"
    path.write_bytes(
        zstandard.compress(
            b'{"id": "id-0", "occurred": "2026-03-01T12:00:00Z", "event": "a", "resource": {}}'
        )
    )
    fill(path, RECORDS)
    assert [one["id"] for one in RECORDS] == ids_in(path)


def test_a_frame_without_its_newline(tmp_path):
    """Made elsewhere; the next event begins a line of its own."""
    path = tmp_path / "e.gz"
    path.write_bytes(
        gzip.compress(
            b'{"id": "x", "occurred": "2026-03-01T12:00:00Z", "event": "a", "resource": {}}'
        )
    )
    fill(path, RECORDS[:1])
    assert ["x", "id-0"] == ids_in(path)


@pytest.mark.parametrize(
    "content",
    [b"[1, 2]\n", b"hello\n", b'{\n  "events": []\n}\n', b'{"no": "event"}\n{"to', b"\x00" * 50],
)
def test_a_file_that_is_none_of_ours(content, tmp_path):
    """It is refused, and not a byte of it is changed."""
    path = tmp_path / "e.jsonl"
    path.write_bytes(content)
    with pytest.raises(JournalError):
        Journal(path)
    assert content == path.read_bytes()


def test_damage_in_the_middle(tmp_path):
    """That is no torn end: it is refused, so that nothing after it is lost."""
    path = tmp_path / "e.jsonl.gz"
    fill(path, RECORDS)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(JournalError, match="damaged after byte"):
        Journal(path)


def test_two_at_once(tmp_path):
    """The second is refused."""
    first = Journal(tmp_path / "e.jsonl")
    with pytest.raises(JournalError, match="another fetch is writing"):
        Journal(tmp_path / "e.jsonl")
    first.close()


def test_what_it_knows(tmp_path):
    """How many events from when to when, after it was opened again."""
    path = tmp_path / "e.jsonl"
    fill(path, RECORDS)
    with path.open("ab") as file:
        file.write(b'{"id": "torn')
    journal = Journal(path, Compression.none)
    journal.close()
    assert (9, at(0), at(8), 12) == (journal.events, journal.first, journal.seen.latest, 12)


def test_the_companion_tells_where_it_came_from(tmp_path):
    """And is no log: a glob for the folder's files does not find it."""
    journal = Journal(tmp_path / "e.jsonl")
    journal.set_origin("http://a.test", at(0), {"event": []})
    journal.close()
    assert ("http://a.test", "2026-03-01T12:00:00.000000Z") == (
        journal.origin["api"],
        journal.origin["since"],
    )
    assert ["e.jsonl"] == [one.name for one in tmp_path.glob("[!.]*")]


def test_a_line_beyond_every_event(tmp_path):
    """A file with one is none of ours; nothing of it is cut off."""
    path = tmp_path / "e.jsonl"
    for content in (b'{"a": "' + b"x" * 17_000_000, b'{"a": "' + b"x" * 17_000_000 + b'"}\n'):
        path.write_bytes(content)
        with pytest.raises(JournalError, match="holds a line longer than 16 MiB"):
            Journal(path)
        assert path.stat().st_size == len(content)


def test_a_frame_of_one_large_piece(tmp_path):
    """A file that was compressed elsewhere is one frame; it goes on like any other."""
    path = tmp_path / "e.jsonl.zst"
    lines = b"".join(line_of(record(number)) for number in range(3_000))
    path.write_bytes(zstandard.compress(lines))
    fill(path, [record(2_999), record(3_000)])
    assert ids_in(path) == [record(number)["id"] for number in range(3_001)]


def test_what_is_no_file(tmp_path):
    """A pipe can be written only once, and nobody may be reading it."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(JournalError, match="is no file"):
        Journal(tmp_path / "pipe")


# --- Other programs ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES.values())
def test_deleted_while_it_is_written(name, tmp_path):
    """It is written anew, with all that was fetched and with its companion."""
    path = tmp_path / name
    journal = Journal(path)
    journal.set_origin("http://a.test", at(0), {})
    for number, one in enumerate(RECORDS):
        journal.add(one)
        journal.flush()
        if number == 4:
            path.unlink()
            companion_of(path).unlink()
    journal.close()
    assert ([one["id"] for one in RECORDS], True) == (ids_in(path), journal.is_restored)
    assert "http://a.test" == read_companion(path)["api"]


@pytest.mark.parametrize("content", [b"", b'{"id": "another"}\n' * 99])
def test_changed_while_it_is_written(content, tmp_path):
    """Not a byte is added: it would lie behind a hole, or over what the other program wrote."""
    path = tmp_path / "e.jsonl"
    journal = Journal(path)
    journal.add(RECORDS[0])
    path.write_bytes(content)
    with pytest.raises(JournalError, match="was changed by another program"):
        journal.add(RECORDS[1])
    with pytest.raises(JournalError):
        journal.close()
    assert content == path.read_bytes()


def test_replaced_while_it_is_written(tmp_path):
    """The other file stays; what was fetched is kept beside it, and can be continued."""
    path = tmp_path / "e.jsonl"
    journal = Journal(path)
    journal.set_origin("http://a.test", at(0), {})
    journal.add(RECORDS[0])
    path.unlink()
    path.write_text("another's\n")
    with pytest.raises(JournalError, match="has taken the name") as caught:
        journal.add(RECORDS[1])
    kept = tmp_path / "fetched-1-e.jsonl"
    assert str(kept) in caught.value.help_text
    assert ("another's\n", ["id-0", "id-1"]) == (path.read_text(), ids_in(kept))
    assert "http://a.test" == read_companion(kept)["api"]
    journal.close()


@pytest.mark.parametrize("name", NAMES.values())
@pytest.mark.parametrize("changed", [slice(None), slice(0, 20), slice(-5, None)])
@pytest.mark.parametrize("more", [RECORDS[3:4], []])
def test_overwritten_in_place(name, changed, more, tmp_path):
    """Of the same size, but with other bytes: before the next event, or at the latest at the end."""
    path = tmp_path / name
    journal = Journal(path)
    for one in RECORDS[:3]:
        journal.add(one)
        journal.flush()
    content = bytearray(path.read_bytes())
    content[changed] = bytes(len(content[changed]))
    with path.open("r+b") as file:
        file.write(content)
    with pytest.raises(JournalError, match="its size is as expected, its content is not"):
        finish(journal, more)


def test_overwritten_before_the_first_event(tmp_path):
    """What an earlier fetch wrote."""
    path = tmp_path / "e.jsonl"
    fill(path, RECORDS[:3])
    journal = Journal(path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(bytes(size))
    with pytest.raises(JournalError, match="its content is not") as caught:
        journal.add(RECORDS[3])
    assert f"restore {path}, or give --output another name" == caught.value.help_text
    with pytest.raises(JournalError):
        journal.close()
    assert bytes(size) == path.read_bytes()


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("name", NAMES.values())
def test_its_folder_is_removed(name, is_there, tmp_path, monkeypatch):
    """What was fetched is kept in the working folder, or where that is gone too, in a temporary one."""
    (tmp_path / "gone").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path if is_there else tmp_path / "gone")
    path = tmp_path / "gone" / name
    journal = Journal(path)
    journal.set_origin("http://a.test", at(0), {})
    journal.add(RECORDS[0])
    journal.flush()
    shutil.rmtree(path.parent)
    with pytest.raises(JournalError, match=r"the folder of .* was removed") as caught:
        finish(journal, RECORDS[1:2])
    (kept,) = (one for one in tmp_path.rglob(f"fetched-1-{name}") if not one.name.startswith("."))
    assert is_there == (kept.parent == tmp_path)
    assert f"what was fetched is in {kept}, and can be continued there" == caught.value.help_text
    assert (["id-0", "id-1"], "http://a.test") == (ids_in(kept), read_companion(kept)["api"])


@pytest.mark.parametrize("depth", [300, 900])
def test_a_deep_event_is_kept(depth, tmp_path):
    """Deeper than what the quick writer writes."""
    path = tmp_path / "e.jsonl"
    deep = {**RECORDS[0], "payload": orjson.loads("[" * depth + "]" * depth)}
    fill(path, [deep, RECORDS[1]])
    assert ["id-0", "id-1"] == ids_in(path)


def nested(depth):
    """A list in a list, so deep."""
    found = []
    for _ in range(depth):
        found = [found]
    return found


def test_an_event_that_could_not_be_read_again():
    """Is none to write."""
    for payload, told in ((nested(100_000), "deeply"), ("x" * 17_000_000, "more than 16 MiB")):
        with pytest.raises(UnkeepableError, match=told):
            line_of({**RECORDS[0], "payload": payload})
