"""Which file is meant, and that an output is no input."""

import os
from pathlib import Path

import pytest

from trigger_cli.same_file import (
    InputIsOutputError,
    identity_of,
    keeping_inputs,
    require_no_output,
)


def test_links_and_handles_are_one_file(tmp_path):
    file = tmp_path / "file"
    file.touch()
    (tmp_path / "soft").symlink_to(file)
    os.link(file, tmp_path / "hard")
    with file.open("rb") as opened:
        names = (file, str(file), tmp_path / "soft", tmp_path / "hard", opened)
        assert 1 == len({identity_of(one) for one in names})
    assert identity_of(opened) is None  # it is closed
    (tmp_path / "other").touch()
    assert identity_of(file) != identity_of(tmp_path / "other")


@pytest.mark.parametrize("name", ["/dev/null", ".", "missing", "a\0b", "a" * 10_000])
def test_what_is_no_file_has_no_identity(name):
    assert identity_of(name) is None
    require_no_output(identity_of(name))


def test_an_output_is_refused_while_it_is_one(tmp_path):
    file, outer = tmp_path / "file", tmp_path / "outer"
    file.touch()
    outer.touch()
    with keeping_inputs([outer]):
        with keeping_inputs([file, Path("missing")]):
            for one in (file, outer):
                with pytest.raises(InputIsOutputError, match=f"{one.name} is read by this command"):
                    require_no_output(identity_of(one))
        require_no_output(identity_of(file))
        with pytest.raises(InputIsOutputError):
            require_no_output(identity_of(outer))
    require_no_output(identity_of(outer))
