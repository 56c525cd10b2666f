"""What is open, from the records alone."""

from tests.live.test_replay import ABSENCE, session
from tests.support import at, event, flow_run
from trigger_cli.live.board import Held, Measured, OpenBucket

COUNT = {"expect": ["a"], "threshold": 3, "within": 60}
BOTH = {
    "type": "compound",
    "require": "all",
    "within": 30,
    "triggers": [{"expect": ["a"]}, {"expect": ["b"]}],
}


def rows(live, seconds):
    live.live = True
    list(live.tick(at(seconds)))
    return live.rows(at(seconds))


def test_a_window_is_open_until_its_end():
    """Then nobody waits for it, although the engine keeps it until the next event."""
    live = session(COUNT)
    list(live.take(event("a", 0), at(0)))
    [row] = rows(live, 1)
    assert isinstance(row, OpenBucket)
    assert (1, at(60)) == (row.bucket.count, row.due(at(1)))
    assert [] == rows(live, 60)


def test_a_cool_down_ends_when_the_next_window_opens():
    """A window that lies ahead is due at its start."""
    live = session({**COUNT, "threshold": 1})
    list(live.take(event("a", 0), at(0)))
    [row] = rows(live, 1)
    assert isinstance(row, OpenBucket)
    assert at(60) == row.due(at(1))


def test_a_composite_holds_firings_until_they_are_too_old():
    """The first of two."""
    live = session(BOTH)
    list(live.take(event("a", 0), at(0)))
    [row] = [one for one in rows(live, 1) if isinstance(one, Held)]
    assert (1, at(30)) == (len(row.firings), row.due)
    list(live.take(event("b", 2), at(2)))
    assert [] == [one for one in rows(live, 3) if isinstance(one, Held)]
    assert 1 == live.board.firings


def test_a_metric_that_is_about_to_fire():
    """Its value, and when."""
    metric = {
        "name": "successes",
        "operator": "<",
        "threshold": 0.9,
        "range": 600,
        "firing_for": 20,
    }
    live = session({"type": "metric", "posture": "Metric", "metric": metric})
    list(live.take(flow_run("Pending", 0), at(0)))
    list(live.take(flow_run("Failed", 5), at(5)))
    [row] = rows(live, 6)
    assert isinstance(row, Measured)
    assert (0.0, "breached", at(25)) == (row.status.value, row.state, row.due)


def test_what_is_due_first_comes_first():
    """Across automations."""
    live = session(COUNT, ABSENCE)
    list(live.take(event("a", 0), at(0)))
    assert ["Proactive", "Reactive"] == [one.trigger.posture for one in rows(live, 1)]
