"""`watch` line by line: firings and notices, as text or JSON."""

from typing import Any

from msgspec import Struct

from trigger_cli.model import Pending, Transition
from trigger_cli.render.common.plain_json import bounded, dump_json, instant
from trigger_cli.render.replay.json_report import firing_object, transition_object
from trigger_cli.times import format_instant

FORMAT = "trigger-cli/watch@1"


class Status(Struct, frozen=True):
    """The counts of a watch, and how its source and its clock stand."""

    source: str
    dialect: str
    now: int
    """The log's time, µs."""
    started: bool
    """Whether the engine's clock has started."""
    connected: bool
    notice: str
    """A problem of the source, or the latest message on it; ``""`` if there is none."""
    events: int
    matched: int
    firings: int
    malformed: int
    """How many lines were no events."""
    ahead: int
    """How many events were set aside, being ahead of this machine's clock."""
    reconnects: int
    automations: int


def transition_line(one: Transition) -> str:
    """A transition in the format of `replay --format jsonl`; a firing with its children."""
    value = transition_object(one)
    if one.kind == "fired" and one.is_own:
        value["firing"] = firing_object(one.firing)
    return dump_json(value)


def summary_line(
    status: Status,
    *,
    started: int | None,
    ended: int | None,
    duplicates: int,
    firings: dict[str, int],
    pending: list[Pending],
) -> str:
    """The last line of ``--format jsonl``."""
    value: dict[str, Any] = {
        "kind": "summary",
        "format": FORMAT,
        "source": bounded(status.source),
        "dialect": status.dialect,
        "start": instant(started),
        "end": instant(ended),
        "events": status.events,
        "matched": status.matched,
        "duplicates": duplicates,
        "malformed": status.malformed,
        "ahead": status.ahead,
        "reconnects": status.reconnects,
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
