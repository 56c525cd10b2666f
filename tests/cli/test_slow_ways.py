"""The quick way of a command gives the same bytes as the slow one that stays in the tests."""

import pytest

from tests.cli.running import run
from tests.history.test_diff import slow_group
from tests.support import SAMPLES
from trigger_cli.engine.replay import Replay
from trigger_cli.history import diff

RECORDING = (
    SAMPLES / "recording.automations.json",
    "--log",
    SAMPLES / "recording.events.jsonl",
)
NIGHT = (SAMPLES / "triggers", "--log", SAMPLES / "nightly.events.jsonl")


@pytest.mark.parametrize(
    ("files", "dialect", "order"),
    [
        (RECORDING, "docs", "occurred"),
        (RECORDING, "server-3.9", "received"),
        (NIGHT, "server-3.4", "log"),
    ],
    ids=["recording", "recording, as received", "night"],
)
def test_firings_passed_in_a_row_change_no_explanation(files, dialect, order, monkeypatch):
    """Stepping through each window of a trial tells the same."""
    command = ("explain", *files, "--dialect", dialect, "--order", order)
    command += ("--until=+5h", "--format", "json")
    passed = []
    pass_run = Replay._pass_run

    def noting(*arguments):
        passed.append(pass_run(*arguments))
        return passed[-1]

    monkeypatch.setattr(Replay, "_pass_run", noting)
    quick = run(*command)
    monkeypatch.setattr(Replay, "_pass_run", lambda *_: False)
    assert run(*command) == quick
    assert any(passed), "no firing was passed, so that nothing was compared"


@pytest.mark.parametrize("between", ["docs,server-3.9", "server-3.9,server-3.4", "orders"])
@pytest.mark.parametrize(
    ("files", "output_format"), [(RECORDING, "json"), (NIGHT, "table")], ids=["recording", "night"]
)
def test_firings_paired_side_by_side_are_paired_the_same(
    files, between, output_format, monkeypatch
):
    """Pairing one identity after the other, with all in memory, tells the same."""
    command = ("diff", *files, "--between", between, "--format", output_format)
    quick = run(*command)
    monkeypatch.setattr(diff, "_group", slow_group)
    assert run(*command) == quick
    assert b"" != quick.stdout
