"""Where a typed place is."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from tests.debugger.sessions import session_of
from tests.support import at, flow_run
from trigger_cli.debugger.goto import go_to
from trigger_cli.debugger.position import at_stop

RECORDING = session_of(
    [flow_run("Failed", second, id=f"id-{second}") for second in range(0, 600, 60)],
    {"expect": ["prefect.flow-run.Failed"], "threshold": 3, "within": 300},
).recording


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("start", 0),
        ("end", 540),
        ("#3", 120),
        ("+2m", 420),
        ("-90s", 180),
        ("12:04:30", 240),
        ("12:05", 300),
        ("2026-03-01T12:01:00Z", 60),
        ("2026-03-01T11:00:00Z", 0),
        ("id-480", 480),
        ("id-0", 0),
    ],
)
def test_places(text, seconds):
    """Each way to name a place, from 12:05:00."""
    here = at_stop(RECORDING, 5)
    found = go_to(RECORDING, text, here, UTC)
    assert at(seconds) == RECORDING.stop_at(found.stop)


def test_a_time_of_day_is_of_the_shown_zone():
    """13:02 in Berlin is 12:02 UTC."""
    found = go_to(RECORDING, "13:02", at_stop(RECORDING, 5), ZoneInfo("Europe/Berlin"))
    assert at(120) == RECORDING.stop_at(found.stop)


@pytest.mark.parametrize("text", ["", "#99", "25:00", "+x", "nothing", "#0", "12:61"])
def test_no_place(text):
    """What is none says so."""
    with pytest.raises(ValueError):  # noqa: PT011  # any message
        go_to(RECORDING, text, at_stop(RECORDING, 0), UTC)
