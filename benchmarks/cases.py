"""The automations of the benchmark's lanes, by name, written to files of their own."""

import json
from pathlib import Path
from typing import Any

from peers import FLOW, NAME

SAMPLES = Path(__file__).resolve().parent.parent / "sample_events"
RECORDING = SAMPLES / "recording.automations.json"
_STATES = ("Failed", "Running", "Completed", "Pending", "Scheduled")
_RUN = "prefect.resource.id"


def _selective(number: int) -> dict[str, Any]:
    """What a team sets up for one of its flows."""
    return {
        "name": f"flow {number}",
        "trigger": {
            "posture": "Reactive",
            "expect": [f"prefect.flow-run.{_STATES[number % len(_STATES)]}"],
            "match": {_RUN: "prefect.flow-run.*"},
            "match_related": {
                "prefect.resource.role": "flow",
                "prefect.resource.name": FLOW if number == 0 else f"flow-{number}",
            },
            "for_each": [f"related:flow:{_RUN}"],
            "threshold": 3,
            "within": 600,
        },
    }


def _event(**trigger: Any) -> dict[str, Any]:
    return {"name": "one", "trigger": {"posture": "Reactive", **trigger}}


_COMPOUND = {
    "name": "compound",
    "trigger": {
        "type": "compound",
        "require": "all",
        "within": 600,
        "triggers": [
            {"posture": "Reactive", "expect": ["prefect.flow-run.Running"], "threshold": 2},
            {
                "type": "sequence",
                "within": 600,
                "triggers": [
                    {"posture": "Reactive", "expect": ["prefect.flow-run.Pending"]},
                    {"posture": "Reactive", "expect": ["prefect.flow-run.Completed"]},
                ],
            },
        ],
    },
}
_METRIC = {
    "name": "metric",
    "trigger": {
        "type": "metric",
        "metric": {"name": "duration", "operator": ">", "threshold": 60, "range": 3600},
    },
}

CASES: dict[str, list[dict[str, Any]]] = {
    "1 automation": [_selective(0)],
    "10 automations": [_selective(number) for number in range(10)],
    "100 automations": [_selective(number) for number in range(100)],
    "1,000 automations": [_selective(number) for number in range(1_000)],
    "recording's ten": json.loads(RECORDING.read_text("utf-8")),
    "everything, one key": [_event(threshold=5, within=600)],
    "everything, each resource": [_event(threshold=5, within=600, for_each=[_RUN])],
    "each run": [_event(expect=[NAME], threshold=5, within=600, for_each=[_RUN])],
    "no key": [_event(expect=[NAME], threshold=5, within=600)],
    "watch each run": [
        {
            "name": "watch",
            "trigger": {
                "posture": "Proactive",
                "after": [NAME],
                "expect": ["never"],
                "within": 10_000_000,
                "for_each": [_RUN],
            },
        }
    ],
    "watch for the end": [
        {
            "name": "watch",
            "trigger": {
                "posture": "Proactive",
                "after": ["prefect.flow-run.Running"],
                "expect": ["prefect.flow-run.Completed"],
                "within": 600,
                "for_each": [_RUN],
            },
        }
    ],
    "composites": [_COMPOUND],
    "metric": [_METRIC],
}


def write_case(folder: Path, name: str) -> Path:
    """A file with the automations of a case."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(CASES[name]), "utf-8")
    return path
