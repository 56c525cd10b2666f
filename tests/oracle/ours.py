"""The same case by our engine, in the form in which the oracle answers."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.front_door.agreement import with_ids
from tests.front_door.door import PLAIN, Asked, Mode
from tests.support import replay
from trigger_cli.definitions import load_text
from trigger_cli.dialects import DIALECTS
from trigger_cli.engine.replay import Replay
from trigger_cli.events.decoding import event_of
from trigger_cli.model import Automation, Event, Firing, Transition
from trigger_cli.times import format_instant, parse_instant


def firings(case: dict[str, Any], dialect: str, mode: Mode = PLAIN) -> list[dict[str, Any]]:
    """What ``trigger-cli replay`` answers on a case: by time, then in definition order."""
    with TemporaryDirectory() as folder:
        asked = Asked(case, Path(folder), dialect, mode)
        return with_ids(asked, asked.firings())


def transitions(case: dict[str, Any], dialect: str = "server-3.8") -> list[Transition]:
    """Everything that the product's replay does on a case."""
    return list(
        replay(
            automations(case),
            events(case),
            DIALECTS[dialect],
            start=_start(case),
            until=parse_instant(case["until"]),
        )
    )


def records(
    running: Replay, case: dict[str, Any], *, until_quiet: bool = False
) -> list[Transition]:
    """Everything that a new replay, of whatever kind, does on a case: all events are taken."""
    start = _start(case)
    if start is not None:
        running.start(start)
    found = [record for event in events(case) for record in running.take(event)]
    return [*found, *running.finish(parse_instant(case["until"]), until_quiet=until_quiet)]


def events(case: dict[str, Any]) -> list[Event]:
    """The case's events, numbered from 1."""
    return [
        event_of(one | {"id": one.get("id") or f"case:{number}"}, number)
        for number, one in enumerate(case["events"], 1)
    ]


def _start(case: dict[str, Any]) -> int | None:
    return parse_instant(case["start"]) if case.get("start") else None


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
