"""A real server's log beside our replay of it: ``tests/recordings``.

The log holds the server's own firings as ``prefect.automation.triggered`` events. On automations
whose firings do not depend on when the server polls or on the one event that it processed
twice, they must agree firing for firing.
"""

import json
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.support import read_log

RECORDINGS = Path(__file__).with_name("recordings")
AUTOMATIONS = RECORDINGS / "server-run.automations.json"
LOG = RECORDINGS / "server-run.events.jsonl.zst"


@pytest.fixture(scope="module")
def recorded():
    """The triggering events of the server's own firings, by automation, in order."""
    firings = {}
    for event in read_log(LOG, order="log"):
        if event.name == "prefect.automation.triggered":
            triggering = [
                one["prefect.resource.id"].removeprefix("prefect.event.")
                for one in event.related
                if one.get("prefect.resource.role") == "triggering-event"
            ]
            name = event.resource["prefect.resource.name"]
            firings.setdefault(name, []).extend(triggering or [None])
    return firings


@pytest.fixture(scope="module")
def replayed():
    """The triggering events of our firings, by automation, in order."""
    done = run(
        "replay", AUTOMATIONS, LOG, "--dialect", "server", "--order", "received", "--format", "json"
    )
    assert 0 == done.returncode, done.stderr
    firings = {}
    for one in json.loads(done.stdout)["firings"]:
        firings.setdefault(one["automation"], []).append(one["event_id"])
    return firings


def test_the_recording_is_whole(recorded):
    """214 firings of nine automations; `heartbeat-any` is the tenth and never fired."""
    assert 214 == sum(map(len, recorded.values()))
    assert 9 == len(recorded)


@pytest.mark.parametrize(
    ("automation", "firings"), [("after-table", 12), ("cust-then-rev", 14), ("failed-reactive", 20)]
)
def test_the_server_and_we_agree_firing_for_firing(recorded, replayed, automation, firings):
    """The same triggering events, in the same order."""
    assert firings == len(recorded[automation])
    assert recorded[automation] == replayed[automation]
