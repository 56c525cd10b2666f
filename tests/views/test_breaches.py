"""`views/breaches.py`: when a metric met its threshold."""

from tests.support import at, automations, flow_run, replay
from tests.views.test_windows import METRIC
from trigger_cli.views.breaches import Breach, note_breach

EVENTS = [
    flow_run("Pending", 0, "a"),
    flow_run("Failed", 10, "a"),
    flow_run("Completed", 20, "a"),
    flow_run("Pending", 25, "b"),
    flow_run("Failed", 30, "b"),
]


def breaches(records, **options):
    found = []
    for one in records:
        note_breach(found, one, **options)
    return found


def test_breaches_have_a_beginning_and_perhaps_an_end():
    """The second is not over: until now it has lasted 30 s."""
    first, second = breaches(replay(automations(METRIC), EVENTS))
    assert Breach(at(10), at(20), 0.0) == first
    assert Breach(at(30), None, 0.5) == second
    assert [10_000_000, 30_000_000] == [one.length(at(60)) for one in (first, second)]


def test_no_more_are_kept_than_asked_for():
    """The first ones, whose ends those of later ones are not."""
    records = replay(automations(METRIC), [*EVENTS, flow_run("Completed", 40, "b")])
    assert [Breach(at(10), at(20), 0.0)] == breaches(records, most=1)
    assert [at(10)] == [one.start for one in breaches(replay(automations(METRIC), EVENTS), most=1)]


def test_a_breach_without_its_end_among_the_records_is_left_out():
    """Nobody knows how long it was."""
    records = [one for one in replay(automations(METRIC), EVENTS) if one.kind != "recovered"]
    assert [at(30)] == [one.start for one in breaches(records)]
