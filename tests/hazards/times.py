"""Hazards of time: events dated far in the future, long gaps, and watches that fire through them."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.hazards.hazard import Hazard
from tests.hazards.materials import NIGHT, both, holds

_WATCH = {"posture": "Proactive", "expect": ["heartbeat"], "within": 60}
_AFTER = {**_WATCH, "after": ["start"], "for_each": ["prefect.resource.id"]}
_RECORDING = "$SAMPLES/recording.automations.json --log $SAMPLES/recording.events.jsonl"
_TEST = """triggers: watch.json
tests:
- name: near
  until: +2m
  expect:
  - fires: 2
- name: far
  events:
  - log: far.jsonl
  expect:
  - fires: 2
"""
_ANSWERS = {
    "replay": "replay watch.json --log",
    "replay, JSON": "replay watch.json --format json --log",
    "replay, HTML": "replay watch.json --format html -o page.html --log",
    "explain": "explain watch.json --log",
    "lint": "lint watch.json --log",
    "capture": "capture watch.json --log",
    "audit": "audit watch.json --log",
    "sweep": "sweep watch.json --within 60,90 --log",
    "diff --between dialects": "diff watch.json --between dialects --log",
    "diff --between orders": "diff watch.json --between orders --log",
}
"""Commands that replay, before the name of a log."""


def hazards() -> Iterator[Hazard]:
    """Replays that would have no end, and those that are only long."""
    yield from _without_an_end()
    yield from _long()


def _event(occurred: str) -> str:
    far = {"id": "far", "event": "prefect.flow-run.Completed", "occurred": occurred}
    far["received"] = occurred
    resource = {"prefect.resource.id": "prefect.flow-run.far"}
    return json.dumps({**far, "resource": resource}) + "\n"


def _make(folder: Path) -> None:
    night = NIGHT.read_text("utf-8")
    both(
        holds("watch.json", json.dumps({"name": "watch", "trigger": _WATCH})),
        holds("after.json", json.dumps({"name": "after", "trigger": _AFTER})),
        holds("far.jsonl", night, _event("9999-12-31T23:59:59Z")),
        holds("gap.jsonl", night, _event("2027-03-12T05:00:00Z")),
        holds("t.trigger-test.yaml", _TEST),
    )(folder)


def _hazard(
    name: str, meets: str, command: str, exits: set[int], says: str = "", **more: int | bool
) -> Hazard:
    command = f"trigger-cli {command}"
    return Hazard("times", name, meets, command, frozenset(exits), says, _make, **more)


def _without_an_end() -> Iterator[Hazard]:
    far = "an event of the year 9999"
    says = "error: far.jsonl:217: before this event the trigger of .* would go through"
    for meets, command in _ANSWERS.items():
        yield _hazard(far, meets, f"{command} far.jsonl", {3}, says, seconds=20, quick=True)
    says = "error: the trigger of 'watch' would go through .*help: end the replay before that"
    command = "replay watch.json $SAMPLES/nightly.events.jsonl --until 9999-12-31T23:59:59Z"
    yield _hazard("an end in the year 9999", "replay", command, {3}, says, seconds=20, quick=True)
    yield _hazard(
        far, "test", "test t.trigger-test.yaml", {3}, "1 passed, 0 failed, 1 error",
        seconds=20, quick=True,
    )  # fmt: skip
    yield _hazard(
        far, "a trigger that nothing starts", "replay after.json far.jsonl", {0},
        "occurred more than a year from all others", seconds=20, quick=True,
    )  # fmt: skip
    yield _hazard(
        far, "watch", "watch watch.json - < far.jsonl", {0},
        "an event of 9999-12-31T23:59:59.000000Z is set aside", seconds=20, quick=True,
    )  # fmt: skip


def _long() -> Iterator[Hazard]:
    gap = "a gap of a year, which 525,600 windows of 1 min fill"
    for name in ("replay", "replay, JSON", "replay, HTML", "lint", "sweep"):
        yield _hazard(gap, name, f"{_ANSWERS[name]} gap.jsonl", {0, 1}, seconds=240)
    month = "30 days of silence, which 86,400 windows of 30 s fill"
    for meets, command in (
        ("replay", "replay {}"),
        ("replay, JSON", "replay {} --format json"),
        ("explain", "explain {}"),
        ("explain, one that fired", "explain {} --automation no-exports-in-30"),
        ("explain, JSON", "explain {} --format json"),
        ("capture", "capture {} --automation no-exports-in-30"),
        ("diff", "diff {} --between dialects"),
    ):
        whole = f"{command.format(_RECORDING)} --until=+30d"
        yield _hazard(month, meets, whole, {0, 1}, seconds=120)
    # A change of this automation would fire 4,665,263 times.
    yield _hazard(
        month, "explain, one that did not fire",
        f"explain {_RECORDING} --automation heartbeat-any --until=+30d", {0},
        seconds=60, quick=True,
    )  # fmt: skip
    yield _hazard(
        "30 days of silence, which 43,200 windows of 1 min fill", "capture",
        "capture watch.json $SAMPLES/nightly.events.jsonl --until=+30d -o t.yaml && trigger-cli test t.yaml",
        {0}, "43200 of 43,200 firings.*1 passed, 0 failed", seconds=120,
    )  # fmt: skip
