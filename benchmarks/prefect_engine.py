"""Prefect's own engine on the same automations and events: its firings, and how long it takes.

It runs in the oracle's environment (``python tests/oracle/make_environment.py``).
"""

import json
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from cases import CASES
from generate import lines

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))


class Engines(NamedTuple):
    """What both engines made of the same case."""

    events: int
    prefect_seconds: float
    prefect_firings: int
    same: bool


def prefect_engine(events: int) -> Engines | None:
    """Have Prefect's engine take so many events; ``None`` without its environment."""
    # Only here, as the tests are no part of an installation.
    from tests.oracle import make_environment, ours  # noqa: PLC0415
    from tests.oracle.client import Oracle  # noqa: PLC0415

    version = make_environment.VERSIONS[0]
    python = make_environment.python_of(make_environment.place(version))
    if not python.exists():
        return None
    taken: list[dict[str, Any]] = [json.loads(line) for line in lines(events)]
    case = {
        "automations": CASES["recording's ten"],
        "events": taken,
        "start": taken[0]["occurred"],
        "until": taken[-1]["occurred"],
    }
    oracle = Oracle(version, python)
    begun = time.perf_counter()
    theirs = oracle.firings(case)
    seconds = time.perf_counter() - begun
    oracle.close()
    found = ours.root_firings(ours.transitions(case))

    def alike(firings: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return sorted(
            (one["automation"], one["at"], one["event_id"] or "", str(one["labels"]))
            for one in firings
        )

    return Engines(events, seconds, len(theirs), alike(theirs) == alike(found))
