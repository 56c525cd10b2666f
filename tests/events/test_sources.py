import gzip
import io
import os
import sys
from pathlib import Path

import pytest

from tests.events.logs import Pipe, in_pieces
from trigger_cli.events.sources import Source, find_sources, plain_text


def found(*paths: str, stdin=None) -> list[tuple[str, str | None]]:
    return [(source.name, source.refusal) for source in find_sources(paths, stdin)]


def read(source: Source, stdin=None) -> tuple[bytes, int, list[str]]:
    """What a source holds, how many bytes were counted, and what failed."""
    counts: list[int] = []
    failures: list[str] = []
    content = b"".join(plain_text(source, stdin, count=counts.append, fail=failures.append))
    return content, sum(counts), failures


def test_a_path_is_a_source_with_its_size(log):
    """A file is named as it was given, and its size is known."""
    path = log(b"12345")
    assert find_sources([path], None) == (Source(path, None, 5, identity(path)),)


def identity(file):
    """Of a file, whatever its name."""
    status = os.stat(file)  # noqa: PTH116  # by its descriptor too
    return status.st_dev, status.st_ino


def test_a_glob_finds_files_in_the_order_of_their_names(tmp_path, monkeypatch):
    """`*` and `**` find files; folders among the matches are passed over."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.log", "a.log", "old/c.log", "old/x.log/d.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert found("*.log") == [("a.log", None), ("b.log", None)]
    assert found("./**/*.log") == [
        (f".{os.sep}{Path(name)}", None)
        for name in ("a.log", "b.log", "old/c.log", "old/x.log/d.log")
    ]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path, monkeypatch):
    """What exists is meant literally."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log[1]").touch()
    (tmp_path / "log1").touch()
    assert found("log[1]") == [("log[1]", None)]


def test_what_cannot_be_read_is_told_before_reading(tmp_path, monkeypatch):
    """A missing file, a folder, an empty glob and an impossible name each have their reason."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    *others, (odd, reason) = found("missing", "folder", "*.log", "a\0b")
    assert ("a\0b", True) == (odd, "embedded null" in reason)  # in the words of Python's version
    assert others == [
        ("missing", "no such file or directory"),
        ("folder", "it is a folder: name the files or use a glob, e.g. 'logs/*.jsonl'"),
        ("*.log", "no file matches this pattern"),
    ]


def test_a_file_without_permission_is_told_before_reading(log, monkeypatch):
    """Permission is asked for without opening the file."""
    path = log(b"")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert found(path) == [(path, "permission denied")]


def test_a_file_that_goes_away_is_a_failure():
    """What happens between finding and reading is reported, not raised."""
    assert read(Source("missing")) == (b"", 0, ["no such file or directory"])


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a device that fails")
def test_a_device_error_is_a_failure():
    """A disk that fails while it is read is reported, not raised."""
    assert read(Source("/proc/self/mem")) == (b"", 0, ["input/output error"])


def test_standard_input_is_read_as_it_comes():
    """A pipe cannot seek and has no size; its first bytes may come one at a time."""
    content = b"some lines\n" * 3
    for data in (content, gzip.compress(content)):
        pipe = Pipe(in_pieces(data, 1))
        assert find_sources(["-"], pipe) == (Source("-"),)
        assert read(Source("-"), pipe) == (content, len(data), [])


def test_standard_input_from_a_file_has_a_size(log):
    """`< file` is a file; what was read of it before does not count."""
    with Path(log(b"12345")).open("rb") as file:
        file.read(2)
        assert find_sources(["-"], file) == (Source("-", None, 3, identity(file.fileno())),)


def test_standard_input_can_be_named_once():
    """The second `-` would find nothing."""
    assert found("-", "-", stdin=io.BytesIO()) == [
        ("-", None),
        ("-", "standard input can be read only once"),
    ]


def test_a_closed_standard_input_is_told(monkeypatch):
    """`<&-` leaves Python without a standard input."""
    stream = io.BytesIO(b"")
    stream.close()
    closed = [("-", "standard input is closed")]
    assert found("-", stdin=stream) == closed
    monkeypatch.setattr(sys, "stdin", None)
    assert found("-") == closed
    assert read(Source("-")) == (b"", 0, ["standard input is closed"])


def test_standard_input_closed_while_it_waits_is_a_failure():
    """A stream that was closed after it was found is reported, not raised."""
    stream = io.BytesIO(b"")
    stream.close()
    assert read(Source("-"), stream) == (b"", 0, ["I/O operation on closed file."])


def test_the_processes_own_standard_input_is_the_default(monkeypatch):
    """Without a stream given, `-` is what was piped into the command."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"lines")))
    assert read(Source("-")) == (b"lines", 5, [])


def test_damage_ends_the_content_with_a_failure(log):
    """What was read before the damage is there; what the matter is is told."""
    content = bytes(range(256)) * 4000
    data = gzip.compress(content, 0)[:-100_000]
    got, count, failures = read(Source(log(data)))
    assert (content.startswith(got), len(got) > 800_000) == (True, True)
    assert (count, failures) == (len(data), ["damaged: the compressed data breaks off"])


def test_damage_of_bzip2_is_called_damage(log):
    """Its library reports damage as an error of the system."""
    assert read(Source(log(b"BZh9" + bytes(100))))[2] == ["damaged: invalid data stream"]


def test_a_closed_reader_closes_the_file(log):
    """Leaving in the middle leaves no file open; the test run would fail on one."""
    path = log(b"x" * 1_000_000)
    chunks = plain_text(Source(path), None, count=lambda _: None, fail=lambda _: None)
    next(chunks)
    chunks.close()
