"""`watch` and `fetch` against a real server, killed and started again midway."""

from collections import Counter
from datetime import timedelta

from tests.server.live_run import BULK, TRIGGERS
from trigger_cli.times import parse_instant, to_datetime

NOTHING = Counter()


def fired(run, automation):
    return [
        one for one in run.watched if one["kind"] == "fired" and one["automation"] == automation
    ]


def test_the_watch_lost_and_doubled_nothing(live_run):
    """Every event sent fired once: before, during and after the server's death."""
    sent = Counter(live_run.sent)
    seen = Counter(one["event_id"] for one in fired(live_run, "every event"))
    assert BULK + 80 == sent.total()
    assert (NOTHING, NOTHING) == (sent - seen, seen - sent)


def test_the_watch_reconnected_once(live_run):
    """It says that the connection broke, and that it is back."""
    assert 1 == live_run.watched[-1]["reconnects"]
    assert "not connected: " in live_run.watch_stderr
    assert 130 == live_run.watch_code


def test_deadlines_pass_by_the_wall_clock(live_run):
    """Orders created and not paid fire after ten seconds, although no event comes; paid ones don't."""
    firings = fired(live_run, "unpaid")
    created = dict(live_run.unpaid)
    orders = [one["labels"]["prefect.resource.id"] for one in firings]
    # In any order: a watch that finds the server again late may get both orders after their time.
    assert sorted(created) == sorted(orders)
    for order, one in zip(orders, firings, strict=True):
        late = to_datetime(parse_instant(one["at"])) - created[order] - timedelta(seconds=10)
        # Never early; how late depends on how soon the watch finds the server again.
        assert timedelta(0) <= late


def test_the_fetch_lost_and_doubled_nothing(live_run):
    """The file of a fetch that was killed, and whose server was killed, holds every event once."""
    sent = Counter(live_run.sent)
    held = Counter(one["id"] for one in live_run.fetched)
    assert (NOTHING, NOTHING) == (sent - held, held - sent)


def test_the_fetch_was_killed_midway(live_run):
    """Once itself, with SIGKILL, and once its server; its successor waited for the server."""
    first, second = live_run.killed_at
    assert 0 < first < second < BULK
    assert [-9, 0, 0] == live_run.fetch_codes
    assert "trying again in" in live_run.fetch_stderr


def test_a_fetch_with_nothing_new_adds_nothing(live_run):
    """Run again, it reads the last minutes and finds all of them in the file."""
    assert 0 == live_run.again["events"]["new"]
    assert len(live_run.sent) == live_run.again["events"]["total"]


def test_the_automations_can_be_replayed_as_they_come(live_run):
    """What the server keeps of them is a definition file."""
    assert [one["name"] for one in TRIGGERS] == [one["name"] for one in live_run.automations]
    events = Counter(one["event_id"] for one in live_run.replayed)
    assert Counter(live_run.sent) == events


def test_doctor_names_the_servers_version(live_run):
    """It reaches the server, and the key does."""
    checks = {one["name"]: one for one in live_run.doctor["checks"]}
    assert ("ok", True) == (checks["server"]["status"], "Prefect 3.9" in checks["server"]["detail"])
