"""The same case by our engine, in the form in which the oracle answers."""

from __future__ import annotations

import json
from typing import Any

from trigger_cli.definitions import load_text
from trigger_cli.dialect import SERVER
from trigger_cli.engine.replay import replay
from trigger_cli.events.decoding import event_of
from trigger_cli.model import Automation, Firing, Transition
from trigger_cli.moments import format_instant, parse_instant


def transitions(case: dict[str, Any]) -> list[Transition]:
    """Everything that our engine does on a case, in the server's dialect."""
    events = [
        event_of(one, number, "case", number, None) for number, one in enumerate(case["events"], 1)
    ]
    return list(
        replay(
            automations(case),
            events,
            SERVER,
            start=parse_instant(case["start"]) if case.get("start") else None,
            until=parse_instant(case["until"]),
        )
    )


def automations(case: dict[str, Any]) -> tuple[Automation, ...]:
    """The case's automations, read as a definition file is."""
    definitions = load_text(json.dumps(case["automations"]), file="case.json")
    errors = [one.message for one in definitions.findings if one.severity == "error"]
    assert not errors, errors
    return definitions.automations


def root_firings(records: list[Transition]) -> list[dict[str, Any]]:
    """The automations' own firings among `records`, in their order."""
    return [
        {"automation": one.automation.name, **described(one.firing)}
        for one in records
        if one.kind == "fired" and one.trigger is one.automation.trigger
    ]


def described(firing: Firing) -> dict[str, Any]:
    """A firing and what it is made of."""
    return {
        "trigger": firing.trigger.path,
        "at": format_instant(firing.at),
        "labels": dict(firing.labels),
        "event_id": firing.event and firing.event.id,
        "children": [described(child) for child in firing.children],
    }
