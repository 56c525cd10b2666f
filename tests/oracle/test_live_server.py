"""Our command line against a real server, end to end: its exports in, its firings out."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from tests.limits import LONGEST
from tests.oracle.live_server import NAME, POLLING_INTERVAL, TRIGGERS, UNPOLLED
from tests.support import REPOSITORY

SLACK = 1.5
"""How much longer than a poll it may take, seconds, beside what the machine is seen to lag."""


@pytest.fixture(scope="module")
def firings(live_server, tmp_path_factory):
    """The server's firings and ours: (automation, labels, event) with their times."""
    folder = tmp_path_factory.mktemp("exports")
    (folder / "automations.json").write_text(json.dumps(live_server.automations), "utf-8")
    # As an API page, and in the order in which the server exports: the latest first.
    page = {"events": live_server.events, "total": len(live_server.events), "next_page": None}
    (folder / "events.json").write_text(json.dumps(page), "utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "trigger_cli",
            "replay",
            "automations.json",
            "events.json",
            "--dialect",
            "server",
            "--order",
            "received",
            "--format",
            "json",
            "--until",
            live_server.exported.isoformat(),
        ],
        cwd=folder,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    assert done.returncode == 0, done.stderr
    ours = [
        ((one["automation"], tuple(sorted(one["labels"].items())), one["event_id"]), one["at"])
        for one in json.loads(done.stdout)["firings"]
    ]
    theirs = []
    for one in live_server.events:
        if one["event"] == "prefect.automation.triggered":
            event = one["payload"]["triggering_event"]
            labels = tuple(sorted(one["payload"]["triggering_labels"].items()))
            what = (one["resource"][NAME], labels, event and event["id"])
            theirs.append((what, one["occurred"]))
    return timed(theirs), timed(ours)


def timed(found):
    return sorted((datetime.fromisoformat(at), what) for what, at in found)


def test_the_server_did_what_it_was_asked(live_server):
    """All automations are there, and each of them fired."""
    assert set(TRIGGERS) == {one["name"] for one in live_server.automations}
    fired = {
        one["resource"][NAME]
        for one in live_server.events
        if one["event"] == "prefect.automation.triggered"
    }
    assert set(TRIGGERS) == fired


def test_our_firings_are_the_servers(firings, live_server, say):
    """Each firing of the server's has one of ours, no later than its polls explain, and back.

    What ours fires within a poll of the export, the server had no time for.
    """
    theirs, ours = firings
    left = list(ours)
    missing, lags = [], []
    expected = {what: at for at, what in ours if what[0] == UNPOLLED}
    lag = max(at - expected[what] for at, what in theirs if what in expected)
    slack = SLACK + lag.total_seconds()
    for at, what in theirs:
        # A watch without key begins with the server's first look at it, a poll late, and ends
        # with another.
        polls = 2 if what[0] == "nobody returns anything" else 1
        earliest = at - timedelta(seconds=polls * POLLING_INTERVAL + slack)
        found = next((one for one in left if one[1] == what and earliest <= one[0] <= at), None)
        if found is None:
            missing.append((at, what))
        else:
            left.remove(found)
            lags.append((at - found[0]).total_seconds())
    too_late = live_server.exported - timedelta(seconds=2 * POLLING_INTERVAL + slack)
    say(
        f"live server: {len(theirs)} firings of {len(TRIGGERS)} automations, {len(missing)} of"
        f" them not ours, {len(left)} of ours not its; it was {max(lags, default=0):.1f} s late at"
        " the most"
    )
    assert [] == missing
    assert [] == [one for one in left if one[0] < too_late]
