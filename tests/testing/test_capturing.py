"""`capturing.py`, `trimming.py`, `pseudonyms.py`, `writing.py`: tests cut out of a log."""

import itertools
import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import REPOSITORY, SAMPLES, at, automations, event, read_log
from trigger_cli.definitions import Definitions, load
from trigger_cli.model import Event
from trigger_cli.testing import capturing, writing
from trigger_cli.testing.capturing import (
    CaptureRecorder,
    cut,
    delivered_alike,
    firings_of,
    gives,
)
from trigger_cli.testing.events import in_order as ordered
from trigger_cli.testing.reading import read_suite
from trigger_cli.testing.running import run_scenario
from trigger_cli.testing.trimming import trimmed
from trigger_cli.views.firing_identity import identity_of

RECORDING = REPOSITORY / "tests" / "recordings" / "server-run.events.jsonl.zst"
AUTOMATIONS = load([str(RECORDING.with_name("server-run.automations.json"))]).automations
SAMPLE_TRIGGERS = load([str(SAMPLES / "triggers")]).automations


@cache
def read(path, order):
    return [one for one in read_log(path, order=order) if isinstance(one, Event)]


def recorded(automation, path, dialect, order):
    recorder = CaptureRecorder(automation, dialect, order, None)
    for one in read(path, order):
        recorder.take(one)
    return recorder.finish(None)


def recorder_of(trigger, events, dialect="docs", order="occurred", *, start=None):
    """A recorder of the trigger that has taken events, each of which gets a line of its own."""
    (automation,) = automations(trigger)
    recorder = CaptureRecorder(automation, dialect, order, start)
    for line, one in enumerate(events, 1):
        recorder.take(one._replace(line=line))
    return recorder


def minimal(found, recording):
    """Whether no single event can be left out."""
    return all(
        not gives(
            found.setting,
            found.target,
            delivered_alike(found.events[:place] + found.events[place + 1 :], recording.waited),
        )
        for place in range(len(found.events))
    )


@pytest.mark.parametrize("automation", AUTOMATIONS, ids=lambda one: one.name)
def test_slices_of_the_recording_give_the_same_firings(automation):
    """All ten automations, as the server ran them; and they are 1-minimal.

    Two events a firing where it takes two, one where it takes one.
    """
    recording = recorded(automation, RECORDING, "server", "received")
    found = cut(recording)
    again = firings_of(found.setting, found.events)
    assert list(map(identity_of, recording.firings)) == list(map(identity_of, again))
    assert minimal(found, recording)
    assert found.minimal
    assert SLICES[automation.name] == len(found.events)


# What each automation's firings take of the recording's 1,907 events.
SLICES = {
    "after-table": 24,
    "both-exports": 36,
    "cust-then-rev": 28,
    "failed-reactive": 20,
    "heartbeat-any": 1,
    "no-exports-in-30": 17,
    "not-dev": 79,
    "per-flow-two-completed-in-120": 34,
    "stuck-running": 12,
    "two-completed-in-60": 30,
}


@pytest.mark.parametrize("automation", SAMPLE_TRIGGERS, ids=lambda one: one.name)
def test_slices_of_the_sample_night(automation):
    """Every kind of trigger, metrics and composites too; trimmed, they fire as before."""
    recording = recorded(automation, SAMPLES / "nightly.events.jsonl", "docs", "occurred")
    found = cut(recording)
    assert list(map(identity_of, recording.firings)) == list(map(identity_of, found.firings))
    assert minimal(found, recording)
    slim = trimmed(found.events, found.setting, found.target)
    assert gives(found.setting, found.target, slim)


@pytest.mark.parametrize("automation", AUTOMATIONS, ids=lambda one: one.name)
def test_a_single_firing(automation):
    """The last one alone: others may be lost on the way, none are added."""
    recording = recorded(automation, RECORDING, "server", "received")
    number = len(recording.firings)
    found = cut(recording, number=number)
    assert identity_of(recording.firings[-1]) in set(map(identity_of, found.firings))
    assert set(map(identity_of, found.firings)) <= set(map(identity_of, recording.firings))
    assert len(found.events) <= SLICES[automation.name]


def test_what_never_fired_keeps_its_nearest_miss():
    """As near as the log brought it, by as few events."""
    trigger = {"posture": "Reactive", "expect": ["a"], "threshold": 3, "within": 60}
    events = (event("a", seconds) for seconds in (0, 50, 200, 400, 401, 600))
    found = cut(recorder_of(trigger, events).finish(None))
    assert ([at(0), at(50)], (), 2) == (
        [one.occurred for one in found.events],
        found.firings,
        found.target.reached.count,
    )


def test_a_composite_that_never_fired_keeps_most_of_its_children():
    """Two of three within the time: one child that counted an event was taken for as near."""
    children = [{"expect": [name]} for name in "abc"]
    trigger = {"type": "compound", "require": "all", "within": 60, "triggers": children}
    log = [event(name, seconds) for name, seconds in (("a", 0), ("c", 200), ("b", 230), ("a", 900))]
    found = cut(recorder_of(trigger, log).finish(None))
    assert [at(200), at(230)] == [one.occurred for one in found.events]
    assert ("$", 2) == (found.target.reached.trigger, found.target.reached.count)


def test_what_a_composite_within_the_composite_stores_is_as_near_as_it_came():
    """The count of a child that fired at once was taken: no bucket has it, so no test can ask for it."""
    inner = {
        "type": "compound",
        "require": "all",
        "within": 60,
        "triggers": [{"expect": ["a"]}] * 2,
    }
    inner["triggers"][1] = {"expect": ["b"]}
    trigger = {**inner, "triggers": [inner, {"expect": ["c"]}]}
    found = cut(recorder_of(trigger, [event("a", 0), event("a", 90)]).finish(None))
    reached = found.target.reached
    assert ("$.triggers[0]", 1, 1) == (reached.trigger, reached.count, len(found.events))


def test_a_follower_no_longer_waits_for_what_was_cut_off():
    """In the log its leader had come; in the slice it would wait for 15 minutes (O4)."""
    trigger = {"posture": "Reactive", "expect": ["b"], "threshold": 1}
    events = [event("a", 0, id="leader"), event("b", 5, follows="leader")]
    found = cut(recorder_of(trigger, events).finish(None))
    assert [("b", None)] == [(one.name, one.follows) for one in found.events]
    assert [at(5)] == [one.at for one in found.firings]


def test_a_leader_that_came_late_stays():
    """A follower that waited was processed by its leader's coming; without it, it would not be."""
    trigger = {"posture": "Reactive", "expect": ["b"], "threshold": 1}
    events = [event("b", 5, follows="leader"), event("a", 60, id="leader")]
    found = cut(recorder_of(trigger, events, order="log").finish(None))
    assert ["b", "a"] == [one.name for one in found.events]
    assert [at(60)] == [one.at for one in found.firings]


TRIGGERS = [
    {"posture": "Reactive", "expect": ["a"], "threshold": 2, "within": 30},
    {"posture": "Reactive", "after": ["b"], "expect": ["a"], "threshold": 2, "within": 20},
    {"posture": "Proactive", "expect": ["a"], "threshold": 1, "within": 20},
    {"posture": "Proactive", "after": ["b"], "expect": ["a"], "within": 15,
     "for_each": ["prefect.resource.id"]},
    {"type": "sequence", "within": 40, "triggers": [
        {"posture": "Reactive", "expect": ["a"]}, {"posture": "Reactive", "expect": ["b"]}]},
    {"type": "compound", "require": 2, "within": 30, "triggers": [
        {"posture": "Reactive", "expect": ["a"]}, {"posture": "Reactive", "expect": ["b"]},
        {"posture": "Proactive", "expect": ["c"], "within": 25}]},
]  # fmt: skip
LEADERS = st.none() | st.just("lost") | st.integers(1, 25).map("e{}".format)
STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.sampled_from("xy"), LEADERS),
    max_size=25,
)


def stepped(steps):
    """The events of steps."""
    times = itertools.accumulate(seconds for _, seconds, _, _ in steps)
    for line, ((name, _, resource, leader), seconds) in enumerate(
        zip(steps, times, strict=True), 1
    ):
        yield event(name, seconds, resource, id=f"e{line}", follows=leader)


@given(st.sampled_from(TRIGGERS), STEPS, st.sampled_from(["docs", "server"]))
def test_any_log_can_be_cut(trigger, steps, dialect):
    """The slice gives the same firings and is 1-minimal, whatever events follow (O4)."""
    recording = recorder_of(trigger, stepped(steps), dialect, start=at(0)).finish(None)
    found = cut(recording)
    again = firings_of(found.setting, ordered(found.events, "occurred"))
    assert list(map(identity_of, recording.firings)) == list(map(identity_of, again))
    assert minimal(found, recording)


def test_many_firings_take_their_own_events_alone():
    """One event more than a firing needs would fire too early: the chains are cut one by one."""
    trigger = {"posture": "Reactive", "threshold": 5, "within": 600}
    events = (event("x", place * 50) for place in range(480))
    recording = recorder_of(trigger, events).finish(None)
    found = cut(recording)
    assert len(recording.firings) > 30
    assert 5 * len(recording.firings) == len(found.events)


@pytest.mark.parametrize("limit", [3, 12])
def test_a_slice_that_no_test_should_have_is_refused(limit, monkeypatch):
    """At once where the firings alone have too many events."""
    monkeypatch.setattr(capturing, "MOST_EVENTS", limit)
    trigger = {"posture": "Reactive", "threshold": 4, "within": 600}
    recorder = recorder_of(trigger, (event("x", place * 50) for place in range(60)))
    with pytest.raises(capturing.SliceTooLargeError, match="events or more"):
        cut(recorder.finish(None))


def test_a_slice_may_have_as_many_events_as_are_allowed(monkeypatch):
    """One more is refused."""
    recording = recorder_of({"posture": "Reactive"}, [event("x", 0)]).finish(None)
    monkeypatch.setattr(capturing, "MOST_EVENTS", 1)
    assert 1 == len(cut(recording).events)
    monkeypatch.setattr(capturing, "MOST_EVENTS", 0)
    with pytest.raises(capturing.SliceTooLargeError):
        cut(recording)


def test_the_first_of_the_buckets_that_came_as_near_is_kept():
    """Where nothing fired."""
    trigger = {"posture": "Reactive", "threshold": 3, "for_each": ["prefect.resource.id"]}
    log = [event("x", at, one) for at, one in enumerate("abba")]
    reached = recorder_of({**trigger, "within": 600}, log).finish(None).reached
    assert (2, "b") == (reached.count, dict(reached.labels)["prefect.resource.id"])


SILENCE = {"posture": "Proactive", "expect": ["a"], "within": 20}
SILENCES = [
    SILENCE,
    {"type": "compound", "require": "any", "triggers": [SILENCE, {"expect": ["c"]}]},
    {**SILENCE, "expect": ["a", "b"], "threshold": 2, "for_each": ["prefect.resource.id"]},
]


@pytest.mark.parametrize("trigger", SILENCES)
def test_firings_in_a_row_without_an_event_take_a_few_replays_together(trigger, monkeypatch):
    """Each was cut out alone, by a replay from the start of the log."""
    replays = []
    monkeypatch.setattr(
        capturing, "gives", lambda *arguments: replays.append(1) or gives(*arguments)
    )
    events = [event("a", 5), event("b", 31), event("a", 45), event("c", 50)]
    recording = recorder_of(trigger, events, start=at(0)).finish(at(20_000))
    found = cut(recording)
    assert len(recording.firings) > 990
    assert list(map(identity_of, recording.firings)) == list(map(identity_of, found.firings))
    assert minimal(found, recording)
    assert len(replays) < 40


@given(st.sampled_from([*TRIGGERS, *SILENCES]), STEPS, st.sampled_from(["docs", "server"]))
def test_chains_that_share_their_beginnings_are_whole(trigger, steps, dialect):
    """Each has the lines of all records that its firing goes back to, and of their leaders."""
    recorder = recorder_of(trigger, stepped(steps), dialect, start=at(0))
    recording = recorder.finish(at(600))
    assert recording.chains == {
        identity_of(one): recorder._chain(one.seq, {}) for one in recording.firings
    }


@pytest.mark.parametrize("dialect", ["docs", "server"])
def test_of_very_many_firings_a_test_lists_some_and_counts_all(dialect, monkeypatch):
    """A file of all of them would be more than a test file may hold."""
    monkeypatch.setattr(writing, "MOST_LISTED", 20)
    monkeypatch.setattr(writing, "LISTED_AT_AN_END", 3)

    def written(until: int) -> str:
        recorder = recorder_of(SILENCE, [event("other", 0)], dialect, start=at(0))
        found = cut(recorder.finish(at(until)))
        return writing.suite_text(
            writing.Captured(
                found.setting, found.events, found.firings, None, (), "triggers.json", "silence"
            )
        )

    assert "exact: true" in written(400)
    text = written(420)
    places = ["+20s", "+40s", "+1m", "+6m20s", "+6m40s", "+7m"]
    assert places == re.findall(r"at: (\S+),", text)
    assert "fires: 21" in text
    assert "exact" not in text
    suite = read_suite(text, "silence.yaml", lambda _path: Definitions(automations(SILENCE)))
    assert [True] == [one.passed for one in run_scenario(suite.scenarios[0], {})]
