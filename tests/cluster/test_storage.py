from pathlib import Path

import fsspec
import pytest

from trigger_cli.cluster.storage import Address, find_stored, masked, open_stored
from trigger_cli.events.sources import is_url
from trigger_cli.same_file import identity_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://bucket/a.jsonl", "s3://bucket/a.jsonl"),
        ("s3://KEY:se/c:r@et@bucket/a.jsonl", "s3://***@bucket/a.jsonl"),
        ("ftp://me:word@host:21/a@b.jsonl", "ftp://***@b.jsonl"),
        ("sftp://token@host/a.jsonl", "sftp://***@host/a.jsonl"),
        ("http://host:8080/a@b.jsonl", "http://host:8080/a@b.jsonl"),
        ("s3://bucket/year=2026/a@b.jsonl", "s3://bucket/year=2026/a@b.jsonl"),
        ("see url='https://h/a?X-Signature=1&b=2', 403", "see url='https://h/a?***', 403"),
        ("s3://bucket/a?.jsonl", "s3://bucket/a?.jsonl"),
    ],
)
def test_secrets_of_urls_are_not_shown(text, expected):
    """Rather too much is masked than too little."""
    assert expected == masked(text)


@pytest.fixture
def stored():
    """Files in fsspec's own memory, with names of all kinds."""
    system = fsspec.filesystem("memory")
    system.pipe({"/logs/b.jsonl": b"2\n", "/logs/a.jsonl": b"1\n", "/logs/old/c.jsonl": b""})
    yield system
    system.rm("/logs", recursive=True)


def test_a_glob_names_files_in_order_with_their_sizes(stored):
    """One listing, in which folders are left out."""
    found = find_stored("memory://logs/*")
    assert ["memory:///logs/a.jsonl", "memory:///logs/b.jsonl"] == [
        source.name.replace("memory://logs", "memory:///logs") for source, _ in found
    ]
    assert [2, 2] == [source.size for source, _ in found]
    with open_stored(found[0][1]) as file:
        assert b"1\n" == file.read()


def test_a_local_file_is_the_same_by_its_url(tmp_path):
    """So it is an output that is read, or a log given twice."""
    (tmp_path / "a.jsonl").touch()
    for url in (f"file://{tmp_path}/a.jsonl", f"file://{tmp_path}/*.jsonl"):
        assert [identity_of(tmp_path / "a.jsonl")] == [one.identity for one, _ in find_stored(url)]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("memory://logs/absent.jsonl", "no such file"),
        ("memory://logs/*.gz", "no file matches"),
        ("memory://logs/old", "it is a folder"),
        ("nowhere://logs/a.jsonl", "Protocol not known"),
        ("s3://key:secret@bucket/a.jsonl", "s3"),
    ],
)
def test_what_is_not_there_is_refused(stored, url, words):
    """With the reason, before anything is read."""
    [(source, _)] = find_stored(url)
    assert source.refusal is not None
    assert words in source.refusal + source.name
    assert "secret" not in source.refusal + source.name


def test_the_package_of_a_scheme_is_named(monkeypatch):
    """Each scheme has one of its own, which the extra does not install."""

    def absent(url):
        raise ImportError("Install s3fs to access S3") from ModuleNotFoundError(name="s3fs")

    monkeypatch.setattr(fsspec.core, "url_to_fs", absent)
    [(source, _)] = find_stored("s3://bucket/a.jsonl")
    assert "Install s3fs to access S3 (pip install s3fs)" == source.refusal


class StorageError(Exception):
    """As botocore's, aiohttp's and Google's: no `OSError`."""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("memory://logs/a.jsonl", "no credentials for KEY"),
        ("memory://KEY:secret@logs/a.jsonl", "StorageError"),
    ],
)
def test_errors_of_storages_become_plain(monkeypatch, url, expected):
    """And do not repeat what a URL holds."""

    def refuse(url):
        raise StorageError("no credentials for KEY")

    monkeypatch.setattr(fsspec.core, "url_to_fs", refuse)
    with pytest.raises(OSError, match=expected) as caught, open_stored(Address(url, "a")):
        pass
    assert expected == caught.value.strerror


def test_a_path_of_any_name_is_opened_as_it_is(tmp_path: Path):
    """No part of it is taken for a URL's syntax."""
    path = tmp_path / "a b#c%20?[d]::e~.jsonl"
    path.write_bytes(b"1\n")
    assert not is_url(str(path))
    with open_stored(Address(None, str(path))) as file:
        assert b"1\n" == file.read(100)
