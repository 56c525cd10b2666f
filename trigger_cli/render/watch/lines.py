"""`watch` line by line: firings and notices, as text or JSON."""

from __future__ import annotations

from typing import Any

from trigger_cli.model import Pending, Transition
from trigger_cli.render.common.plain_json import bounded, dump_json, instant
from trigger_cli.render.replay.json_report import firing_object, transition_object
from trigger_cli.times import format_instant

FORMAT = "trigger-cli/watch@1"


def transition_line(one: Transition) -> str:
    """A transition in the format of `replay --format jsonl`; a firing with its children."""
    value = transition_object(one)
    if one.kind == "fired" and one.is_own:
        value["firing"] = firing_object(one.firing)
    return dump_json(value)


def summary_line(
    *,
    source: str,
    dialect: str,
    started: int | None,
    ended: int | None,
    events: int,
    matched: int,
    duplicates: int,
    malformed: int,
    ahead: int,
    reconnects: int,
    firings: dict[str, int],
    pending: list[Pending],
) -> str:
    """The last line of ``--format jsonl``."""
    value: dict[str, Any] = {
        "kind": "summary",
        "format": FORMAT,
        "source": bounded(source),
        "dialect": dialect,
        "start": instant(started),
        "end": instant(ended),
        "events": events,
        "matched": matched,
        "duplicates": duplicates,
        "malformed": malformed,
        "ahead": ahead,
        "reconnects": reconnects,
        "firings": sum(firings.values()),
        "automations": [
            {"name": bounded(name), "firings": count} for name, count in firings.items()
        ],
        "pending": [
            {
                "automation": bounded(one.automation.name),
                "trigger": one.trigger.path,
                "due": format_instant(one.due),
                "count": one.count,
                "threshold": one.threshold,
            }
            for one in pending
        ],
    }
    return dump_json(value)
