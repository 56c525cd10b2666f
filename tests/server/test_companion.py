"""`server/companion.py`: where a fetched file came from."""

import pytest

from trigger_cli.server.companion import companion_of, read_companion, write_companion


def test_what_is_written_is_read(tmp_path):
    """Facts that are not known are left out."""
    path = tmp_path / "automations.json"
    write_companion(path, api="http://a.test/api", version="3.9.1", since=None)
    assert {"format": "trigger-cli/fetch@1", "api": "http://a.test/api", "version": "3.9.1"} == (
        read_companion(path)
    )
    assert [".automations.json.fetch.json"] == [one.name for one in tmp_path.iterdir()]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": "other"}', b"\xff", b"null"])
def test_what_is_none_of_ours_tells_nothing(tmp_path, content):
    """Nor does a file that is not there."""
    path = tmp_path / "e.jsonl"
    assert read_companion(path) is None
    companion_of(path).write_bytes(content)
    assert read_companion(path) is None
