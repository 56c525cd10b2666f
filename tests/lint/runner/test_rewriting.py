"""`lint/runner/rewriting.py`: a file is written anew as it was read, or stays as it is."""

import codecs

import pytest

from trigger_cli.lint.runner.rewriting import ChangedMeanwhileError, ReadOnlyFileError, rewrite


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    return path


@pytest.mark.parametrize("mode", [0o444, 0o555])
def test_a_file_that_nobody_may_write_stays(file, mode):
    """Whoever may replace it, as root may."""
    file.chmod(mode)
    with pytest.raises(ReadOnlyFileError):
        rewrite(str(file), b"old", "new")
    assert file.read_bytes() == b"old"


@pytest.mark.parametrize("mode", [0o644, 0o464, 0o446])
def test_a_file_that_somebody_may_write_is_written(file, mode):
    """The owner, the group or others; the mode stays."""
    file.chmod(mode)
    rewrite(str(file), b"old", "n\u00e9w")
    assert file.read_text("utf-8") == "n\u00e9w"
    assert file.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_byte_order_mark_stays_and_none_is_added(file, mark):
    """The text is without it."""
    file.write_bytes(mark + b"old")
    rewrite(str(file), mark + b"old", "new")
    assert file.read_bytes() == mark + b"new"


def test_a_file_that_was_changed_meanwhile_stays(file):
    """The text was made from other bytes."""
    with pytest.raises(ChangedMeanwhileError):
        rewrite(str(file), b"older", "new")
    assert file.read_bytes() == b"old"
