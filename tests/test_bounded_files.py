"""Files of settings: of bounded size, and refused in words."""

from pathlib import Path

import pytest

from trigger_cli.bounded_files import MOST_BYTES, BadFileError, read_small, read_toml


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = [", "not TOML: "),
        (b"a = " + b"[" * 50_000, "nested too deeply"),
        (b"a = " + b"9" * 50_000, "a number is too long"),
        (b"a." * 100_000 + b"a = 1", "more than 100 parts"),
        (b"a = 1 # \xff", "not UTF-8 text at byte 9"),
        (b"#" * (MOST_BYTES + 1), "larger than 1 MiB"),
    ],
)
def test_what_is_no_toml(content, message, tmp_path):
    """Each says why."""
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    with pytest.raises(BadFileError, match=message):
        read_toml(path)


def test_a_device_without_an_end():
    """No more of it is read than a file may hold."""
    with pytest.raises(BadFileError, match="larger than"):
        read_small(Path("/dev/zero"))


def test_what_editors_write(tmp_path):
    """A byte order mark and other line ends are no mistake."""
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    assert read_toml(path) == {"a": 1, "b": 2}
