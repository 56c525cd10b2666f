"""``trigger-cli replay`` against recorded firings of real servers, however it is asked."""

import json
import random
from functools import cache
from pathlib import Path

import pytest

from tests.front_door.agreement import firings_by_automation, with_ids
from tests.front_door.door import Asked, to_repeat
from tests.front_door.modes import modes
from tests.oracle.cases import drawn

CONFORMANCE = Path(__file__).parent.parent / "conformance"
CASES = [
    json.loads(line)
    for name in (
        "server-cases.jsonl",
        "recorded-cases.jsonl",
        "server-3.9-cases.jsonl",
        "server-3.9-directed.jsonl",
        "server-3.6-cases.jsonl",
        "server-3.4-cases.jsonl",
    )
    for line in (CONFORMANCE / name).read_text("utf-8").splitlines()
]
ASKED = [(case, dialect) for case in CASES for dialect in case["firings"]]
"""Each case, with each version of the server that was asked about it."""
MODES = 120
SHARES = 20


def slim(firings):
    """What the shared cases tell of a firing."""
    return [
        {key: one[key] for key in ("automation", "at", "labels", "event_id")} for one in firings
    ]


@cache
def random_modes(number):
    """The modes in which the cases are asked in this session, by the case's name."""
    found = drawn(modes(), MODES, number)
    names = [case["case"] for case in CASES]
    return dict(zip(names, random.Random(number).choices(found, k=len(names)), strict=True))


def test_all_cases_are_here():
    """Cases of other people's making, and the recorded ones."""
    shared = [case for case in CASES if case["case"].startswith("fz")]
    assert 59 == len(shared)
    assert 2129 == sum(len(case["firings"].get("server-3.8", ())) for case in shared)
    assert 300 <= len(CASES) - len(shared)
    assert {"server-3.9", "server-3.8", "server-3.6", "server-3.4"} == {one for _, one in ASKED}
    assert 92 == sum(dialect == "server-3.9" for _, dialect in ASKED)


@pytest.mark.parametrize("number", range(SHARES), ids="share-{}".format)
def test_servers_firings_are_reproduced(number, tmp_path, pytestconfig):
    """Same automation, time, labels, event and parts: nothing more, nothing less."""
    modes_of = random_modes(pytestconfig.option.front_door_seed)
    for case, dialect in ASKED[number::SHARES]:
        mode = modes_of[case["case"]]
        asked = Asked(case, tmp_path, dialect, mode)
        firings = with_ids(asked, asked.firings())
        theirs = case["firings"][dialect]
        if theirs and "children" not in theirs[0]:
            firings = slim(firings)
        assert firings_by_automation(sorted_alike(theirs)) == firings_by_automation(
            sorted_alike(firings)
        ), to_repeat(case, dialect, mode)


def sorted_alike(firings):
    """Firings of one automation at one instant in an order that does not depend on the case."""
    return sorted(firings, key=lambda one: (one["at"], json.dumps(one, sort_keys=True)))
