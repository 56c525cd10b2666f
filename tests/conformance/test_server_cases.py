"""The real server's firings on 60 random cases, reproduced exactly.

Each case is a line of ``server-cases.jsonl``: automations, events in arrival order, and what
Prefect's open-source server 3.8.8 fired on a simulated clock.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trigger_cli.definitions import load_text
from trigger_cli.dialect import SERVER
from trigger_cli.engine.replay import replay
from trigger_cli.events.decoding import event_of
from trigger_cli.moments import format_instant, parse_instant

CASES = [
    json.loads(line)
    for line in Path(__file__).with_name("server-cases.jsonl").read_text("utf-8").splitlines()
]


def test_all_cases_are_here():
    """The file holds 60 cases, and together they fire 2,132 times."""
    assert 60 == len(CASES)
    assert 2132 == sum(len(case["firings"]["server"]) for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_servers_firings_are_reproduced(case):
    """Same automation, time, labels and event: nothing more, nothing less."""
    definitions = load_text(json.dumps(case["automations"]), file="case.json")
    events = [event_of(one, number, "case", number) for number, one in enumerate(case["events"], 1)]
    fired = [
        {
            "automation": one.automation.name,
            "at": format_instant(one.at),
            "labels": dict(one.firing.labels),
            "event_id": one.firing.event and one.firing.event.id,
        }
        for one in replay(
            definitions.automations, events, SERVER, until=parse_instant(case["until"])
        )
        if one.kind == "fired" and one.trigger is one.automation.trigger
    ]
    assert in_order(case["firings"]["server"]) == in_order(fired)


def in_order(firings):
    return sorted(firings, key=lambda one: json.dumps(one, sort_keys=True))
