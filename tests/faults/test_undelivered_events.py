"""Faults G and H: there is an explanation, and a true one, of events that reached no trigger (O2-O4)
and of logs too long to keep whole.
"""

import json

import pytest

from tests.cli.running import run
from tests.faults.running import FAULTS, inputs
from tests.support import log_event, written_log, written_trigger
from trigger_cli.explain import evidence, tally

ID = "prefect.resource.id"
WATCH = {"type": "event", "posture": "Proactive", "after": ["start"], "expect": ["done"],
         "for_each": [ID], "within": 60}  # fmt: skip


def explained(*arguments):
    """The explanation of the only automation, as JSON has it."""
    done = run("explain", *arguments, "--format", "json")
    assert 0 == done.returncode, done.stderr.decode()
    (explanation,) = json.loads(done.stdout)["explanations"]
    return explanation


def written(folder, trigger, *events):
    """A definition and a log; an event is its name, when it occurred, and further keys."""
    lines = [
        log_event(name, **{"id": f"{name}@{time}", "occurred": f"2026-03-01T12:{time}Z", **more})
        for name, time, more in events
    ]
    definition = written_trigger(folder / "t.json", trigger)
    return definition, written_log(folder / "log.jsonl", lines)


UNDELIVERED = {
    "G4": (
        "waiting-for-leader",
        (
            "done (line 2) came in time, but it follows lost, which the log does not have: it waits until"
            " 2026-03-01T12:15:30.000000Z (O4)."
        ),
    ),
    "G1": (
        "never-delivered",
        (
            "prefect.log.write (line 2) came in time, but prefect.log.write events never reach triggers"
            " (O3)."
        ),
    ),
    "G2": (
        "duplicate",
        (
            "x (line 2) came in time, but an event with its id was processed less than 30 min before: it"
            " was dropped (O2)."
        ),
    ),
}


@pytest.mark.parametrize("letter", UNDELIVERED)
def test_an_answer_that_was_not_delivered_is_named(letter):
    """Fault G: the watch fired although an answer came."""
    explanation = explained(*inputs(letter), "--until", "+2m")
    assert "fired" == explanation["verdict"]
    assert UNDELIVERED[letter] == (explanation["cause"], explanation["summary"])


def test_a_failing_test_explains_it_too():
    """Fault G, by ``test``."""
    done = run("test", FAULTS / "G4.trigger-test.yaml")
    assert 1 == done.returncode
    assert b"done (line 2) came in time, but it follows lost" in done.stdout
    assert b"(waiting-for-leader)" in done.stdout


@pytest.mark.parametrize("for_each", [[ID], []], ids=str)
def test_an_answer_released_too_late_is_named(for_each, tmp_path):
    """It occurred in time and waited for its leader until after the deadline (O4)."""
    files = written(
        tmp_path,
        {**WATCH, "for_each": for_each},
        ("start", "00:00", {}),
        ("done", "00:30", {"follows": "leader"}),
        ("other", "02:00", {"id": "leader"}),
    )
    explanation = explained(*files)
    assert "waiting-for-leader" == explanation["cause"]
    assert "waited for it until 2026-03-01T12:02:00.000000Z (O4)" in explanation["summary"]


def test_an_answer_that_arrived_too_late_is_named(tmp_path):
    """It occurred in time and stands in the log after the deadline."""
    files = written(
        tmp_path, WATCH, ("start", "00:00", {}), ("other", "02:00", {}), ("done", "00:30", {})
    )
    explanation = explained(*files, "--order", "log")
    expected = (
        "done (line 3) came in time, but it was processed only at 2026-03-01T12:02:00.000000Z."
    )
    assert ("arrived-late", expected) == (explanation["cause"], explanation["summary"])


@pytest.mark.parametrize(
    ("name", "events", "cause"),
    [
        (
            "prefect.log.write",
            [("prefect.log.write", "00:00", {}), ("y", "01:00", {})],
            "never-delivered",
        ),
        ("x", [("x", "00:00", {"follows": "lost"}), ("y", "01:00", {})], "waiting-for-leader"),
        ("x", [("y", "00:00", {"id": "e"}), ("x", "00:01", {"id": "e"})], "duplicate"),
    ],
    ids=["log.write", "waiting", "copy"],
)
@pytest.mark.parametrize("role", ["expect", "after"])
def test_a_trigger_whose_events_were_not_delivered(role, name, events, cause, tmp_path):
    """It did not fire, and not because its events are missing in the log."""
    trigger = {"type": "event", "posture": "Reactive", "expect": [name]}
    if role == "after":
        trigger = {**trigger, "expect": ["z"], "after": [name], "within": 60}
        events = [*events, ("z", "02:00", {})]
    assert cause == explained(*written(tmp_path, trigger, *events))["cause"]


def test_a_metric_whose_only_event_waits(tmp_path):
    """It is in the log, and was not measured (O4)."""
    metric = {"name": "successes", "operator": "<", "threshold": 0.9, "range": 600}
    state = ("prefect.flow-run.Failed", "00:00", {"follows": "lost"})
    files = written(tmp_path, {"type": "metric", "metric": metric}, state, ("y", "01:00", {}))
    assert "waiting-for-leader" == explained(*files)["cause"]


def test_a_log_beyond_what_is_kept_is_explained(tmp_path, monkeypatch):
    """Fault H: the only expected event comes after more others than are kept."""
    monkeypatch.setattr(tally, "KEPT_PASSING", 100)
    starts = [("start", f"{place // 60:02}:{place % 60:02}", {}) for place in range(150)]
    done = ("done", "05:00", {"resource": {ID: "run"}})
    trigger = {**WATCH, "posture": "Reactive", "within": 600}
    explanation = explained(*written(tmp_path, trigger, *starts, done))
    assert ("did-not-fire", "split-over-keys") == (explanation["verdict"], explanation["cause"])
    assert "the expected one prefect.resource.id=run" in explanation["summary"]


def test_a_filter_that_refuses_late_is_named(tmp_path, monkeypatch):
    """After more events than are asked why they fail, of the other role or at another stage."""
    monkeypatch.setattr(tally, "ASKED_WHY_NOT", 10)
    trigger = {"type": "event", "posture": "Reactive", "expect": ["done"], "after": ["start"],
               "match": {"team": "a"}, "match_related": {ID: "prefect.tag.b"}, "within": 600}  # fmt: skip
    starts = [("start", f"00:{place:02}", {}) for place in range(20)]
    done = ("done", "05:00", {"resource": {ID: "r", "team": "a"}})
    explanation = explained(*written(tmp_path, trigger, *starts, done))
    assert "related-never-matched" == explanation["cause"]
    assert "match_related" in explanation["summary"]


def test_firings_between_the_records_kept_are_not_forgotten(tmp_path, monkeypatch):
    """Of a trigger's transitions the first and the last are kept, and all of its firings."""
    monkeypatch.setattr(evidence, "KEPT_RECORDS", 5)
    trigger = {"type": "event", "posture": "Reactive", "after": ["start"], "expect": ["done"],
               "within": 60}  # fmt: skip
    lost = [("done", f"{place:02}:00", {}) for place in range(20)]
    answered = [("start", "20:00", {}), ("done", "20:10", {})]
    late = [("done", f"{place:02}:00", {}) for place in range(21, 40)]
    explanation = explained(*written(tmp_path, trigger, *lost, *answered, *late))
    assert ("fired", "fired") == (explanation["verdict"], explanation["cause"])


def test_a_composite_with_many_firings_is_shown_in_full(tmp_path):
    """Of more transitions than are kept, those that are may begin with what a firing cleared."""
    children = [{"type": "event", "posture": "Reactive", "expect": [one]} for one in "xy"]
    trigger = {"type": "compound", "require": "all", "within": 60, "triggers": children}
    definition = written_trigger(tmp_path / "t.json", trigger)
    names = enumerate(("xyy" * 467)[:1400])
    log = written_log(tmp_path / "log.jsonl", (log_event(name, 40 * n) for n, name in names))
    done = run("replay", definition, log, "--limit", "3000")
    assert 0 == done.returncode, done.stderr.decode()
    assert b"holds nothing after a firing" in done.stdout
