"""`watch` a line at a time: firings and notices, as text or JSON."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from trigger_cli.model import Pending, Transition
from trigger_cli.render.common.plain_json import bounded, dump_json
from trigger_cli.render.replay.firing_lines import firing_line
from trigger_cli.render.replay.json_report import firing_object, transition_object
from trigger_cli.times import format_instant

FORMAT = "trigger-cli/watch@1"


def is_root_firing(one: Transition) -> bool:
    """Whether an automation itself fired."""
    return (
        one.kind == "fired" and one.automation is not None and one.trigger is one.automation.trigger
    )


def transition_line(one: Transition) -> str:
    """A transition as `replay --format jsonl` writes it; a firing with its children."""
    value = transition_object(one)
    if is_root_firing(one) and one.firing is not None:
        value["firing"] = firing_object(one.firing)
    return dump_json(value)


def text_line(one: Transition, zone: tzinfo) -> str:
    """A firing for a person, or for ``grep``."""
    assert one.firing is not None
    return firing_line(one.firing, zone)


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
        "start": None if started is None else format_instant(started),
        "end": None if ended is None else format_instant(ended),
        "events": events,
        "matched": matched,
        "duplicates": duplicates,
        "malformed": malformed,
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
