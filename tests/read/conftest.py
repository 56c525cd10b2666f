"""Fixtures of the tests of `trigger_cli.events`."""

from __future__ import annotations

import pytest


@pytest.fixture
def log(tmp_path):
    """Writes a log file and gives its path."""

    def write(content: bytes, name: str = "log") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write
