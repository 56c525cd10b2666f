"""The options of a command that gives the same replay."""

from datetime import UTC

import pytest

from trigger_cli.cli.same_replay import options_again
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.times import parse_duration


@pytest.mark.parametrize("buffer", [0, 1, 90_500_000, 100_000_500_000, 12_345_678_000_000])
def test_a_buffer_is_read_as_it_was(buffer):
    """``1e-06s`` and ``1.23457e+07s`` are no durations, and ``100000s`` was another one."""
    option, written = options_again(ReplayOptions(expired_bucket_buffer=buffer), UTC)
    assert ("--expired-bucket-buffer", buffer) == (option, parse_duration(written))
