"""``audit --format json``."""

from collections.abc import Sequence
from typing import Any

from trigger_cli.explain.sentence import written
from trigger_cli.history.accounts import Twice
from trigger_cli.history.audit import AutomationAudit, RecordedFiring, Unrecorded
from trigger_cli.history.audit_log import Audit
from trigger_cli.history.better_dialect import BetterDialect
from trigger_cli.history.delays import Delays, delays_of
from trigger_cli.history.reasons import Reason
from trigger_cli.render.common.plain_json import bounded, event_place, instant, labels_object
from trigger_cli.times import SECOND, format_instant

FORMAT = "trigger-cli/audit@1"


def audit_object(
    audit: Audit, better: BetterDialect | None, *, dialect: str, order: str
) -> dict[str, Any]:
    """The object of ``--format json``."""
    audits = audit.automations
    return {
        "format": FORMAT,
        "dialect": dialect,
        "order": order,
        "start": instant(audit.started),
        "end": instant(audit.ended),
        "log": {
            "events": audit.events,
            "malformed": audit.malformed,
            "leaderless": audit.leaderless,
        },
        "recorded": sum(len(one.recorded) for one in audits),
        "simulated": sum(one.simulated for one in audits),
        "matched": sum(len(one.matched) for one in audits),
        "unexplained": audit.unexplained,
        "better_dialect": None if better is None else _better(better),
        "automations": [_automation(one) for one in audits],
        "not_evaluated": [bounded(one.name) for one in audit.not_evaluated],
        "other_automations": {bounded(name): count for name, count in audit.others.items()},
        "delays": _delays([one for each in audits for one in each.matched]),
        "processed_twice": [_twice(one) for one in audit.twice],
        "firings": [_recorded(each, one) for each in audits for one in each.recorded],
        "unexpected": [_unrecorded(each, one) for each in audits for one in each.unrecorded],
    }


def _better(better: BetterDialect) -> dict[str, Any]:
    return {
        "dialect": better.dialect.name,
        "missed": better.missed,
        "unexpected": better.unexpected,
    }


def _automation(one: AutomationAudit) -> dict[str, Any]:
    return {
        "name": bounded(one.automation.name),
        "source": bounded(one.automation.source),
        "recorded": len(one.recorded),
        "simulated": one.simulated,
        "matched": len(one.matched),
        "missed": len(one.missed),
        "unexpected": len(one.unrecorded),
        "unexplained": one.unexplained,
        "delays": _delays(one.matched),
    }


def _delays(matched: Sequence[RecordedFiring]) -> dict[str, Any]:
    by_event, by_deadline = delays_of(matched)
    return {"by_event": _distribution(by_event), "by_deadline": _distribution(by_deadline)}


def _distribution(delays: Delays | None) -> dict[str, Any] | None:
    if delays is None:
        return None
    return {
        "firings": delays.number,
        "min": delays.least / SECOND,
        "median": delays.median / SECOND,
        "p90": delays.ninetieth / SECOND,
        "max": delays.most / SECOND,
    }


def _recorded(audit: AutomationAudit, one: RecordedFiring) -> dict[str, Any]:
    pair = one.pair
    return {
        "automation": bounded(audit.automation.name),
        "at": format_instant(one.firing.at),
        "line": one.firing.line,
        "labels": labels_object(one.firing.labels),
        **(event_place(one.event) if one.event is not None else _unknown(one.firing.event_id)),
        "matched": pair is not None,
        "simulated_at": None if pair is None else format_instant(pair.simulated.at),
        "delay": None if pair is None else pair.delay / SECOND,
        "by": None if pair is None else ("deadline" if pair.simulated.by_deadline else "event"),
        "reason": _reason(one.reason),
    }


def _unrecorded(audit: AutomationAudit, one: Unrecorded) -> dict[str, Any]:
    simulated = one.simulated
    return {
        "automation": bounded(audit.automation.name),
        "at": format_instant(simulated.at),
        "labels": labels_object(simulated.labels),
        **event_place(simulated.event),
        "by": "deadline" if simulated.by_deadline else "event",
        "reason": _reason(one.reason),
    }


def _unknown(event_id: str | None) -> dict[str, Any]:
    """An event that is not in the log."""
    return {"event_id": None if event_id is None else bounded(event_id), "event_line": None}


def _reason(reason: Reason | None) -> dict[str, Any] | None:
    if reason is None:
        return None
    return {
        "code": reason.code,
        "text": written(reason.said, name=bounded),
        "proof": reason.proof,
        "event_line": reason.event_line,
    }


def _twice(one: Twice) -> dict[str, Any]:
    return {
        "event_id": bounded(one.event.id),
        "event_line": one.event.line,
        "event": bounded(one.event.name),
        "times": len(one.gaps) + 1,
        "gaps": [gap / SECOND for gap in one.gaps],
        "seen_by": bounded(one.seen_by) if one.seen_by else None,
    }
