"""Hazards of amounts: every event fires, and every event has a bucket of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.hazards.hazard import Hazard

_FIRINGS = 150_000
_BUCKETS = 100_000
_EACH_FIRES = {"posture": "Reactive", "threshold": 1, "within": 0}
_EACH_OPENS = {
    "posture": "Reactive",
    "for_each": ["prefect.resource.id"],
    "threshold": 2,
    "within": 600,
}


_OF_FIRINGS = {
    "replay": "replay fires.json log.jsonl",
    "replay, JSON": "replay fires.json log.jsonl --format json",
    "replay, JSON Lines": "replay fires.json log.jsonl --format jsonl",
    "replay, HTML": "replay fires.json log.jsonl -o page.html",
    "explain": "explain fires.json log.jsonl",
    "diff --between dialects": "diff fires.json --between dialects --log log.jsonl",
    "diff --between orders": "diff fires.json --between orders --log log.jsonl",
    "lint": "lint fires.json --log log.jsonl",
    "sweep": "sweep fires.json --within 0,60 --log log.jsonl",
    "events": "events log.jsonl",
}
_OF_BUCKETS = {
    "replay": "replay opens.json log.jsonl",
    "replay, HTML": "replay opens.json log.jsonl -o page.html",
    "explain": "explain opens.json log.jsonl",
    "lint": "lint opens.json --log log.jsonl",
}


def hazards() -> Iterator[Hazard]:
    """The commands that keep something of each firing, or of each bucket."""
    for name, commands, events in (
        (f"{_FIRINGS:,} events that each fire", _OF_FIRINGS, _FIRINGS),
        (f"{_BUCKETS:,} open buckets", _OF_BUCKETS, _BUCKETS),
    ):
        for meets, command in commands.items():
            yield _hazard(name, meets, command, events)


def _hazard(name: str, meets: str, command: str, events: int) -> Hazard:
    def make(folder: Path) -> None:
        for file, trigger in (("fires", _EACH_FIRES), ("opens", _EACH_OPENS)):
            definition = {"name": file, "trigger": trigger}
            (folder / f"{file}.json").write_text(json.dumps(definition), "utf-8")
        with (folder / "log.jsonl").open("w", encoding="utf-8") as log:
            for number in range(events):
                minute, second = divmod(number % 3600, 60)
                # The received time of every tenth event is in another order.
                late = 9 if number % 10 else 5
                event = {
                    "id": f"event-{number}",
                    "event": "prefect.flow-run.Completed",
                    "occurred": f"2026-03-{number // 86_400 + 1:02}T{number // 3600 % 24:02}:{minute:02}:{second:02}Z",
                    "received": f"2026-03-09T{number // 3600 % 24:02}:{minute:02}:{second:02}.{late}Z",
                    "resource": {"prefect.resource.id": f"prefect.flow-run.{number}"},
                }
                log.write(json.dumps(event) + "\n")

    exits = frozenset({0, 1})
    return Hazard("amounts", name, meets, f"trigger-cli {command}", exits, make=make, seconds=180)
