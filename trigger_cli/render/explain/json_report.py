"""``explain --format json`` (``interface.md``, explain)."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict

from trigger_cli.explain.causes import CHAPTERS
from trigger_cli.explain.records import (
    Clauses,
    Counterfactual,
    DialectView,
    Explanation,
    Funnel,
    HeldBucket,
    NearestMiss,
    OneEvent,
    OrderView,
    Refusal,
    Snapshot,
    ToldFiring,
    Watch,
)
from trigger_cli.explain.sentence import Sentence, written
from trigger_cli.match.why_not import Check
from trigger_cli.model import Event, Heading
from trigger_cli.render.common.plain_json import bounded, instant, labels_object, with_texts
from trigger_cli.render.replay.json_report import firing_object, transition_object
from trigger_cli.times import SECOND, format_instant

FORMAT = "trigger-cli/explain@1"
KEPT_WINDOWS = 200


def codes_object() -> dict[str, Any]:
    """The object of ``--codes --format json``: every cause, with the title of its chapter."""
    codes = [
        {
            "code": cause.code,
            "chapter": chapter.title,
            "text": cause.paragraph,
            "advice": cause.remedy or None,
        }
        for chapter in CHAPTERS
        for cause in chapter.causes
    ]
    return {"format": "trigger-cli/explain-codes@1", "codes": codes}


def explain_object(
    explanations: Sequence[Explanation], *, dialect: str, order: str
) -> dict[str, Any]:
    """The object of ``--format json``."""
    return {
        "format": FORMAT,
        "dialect": dialect,
        "order": order,
        "explanations": [explanation_object(one) for one in explanations],
    }


def explanation_object(one: Explanation) -> dict[str, Any]:
    """One explanation, with the explanations of its children."""
    return {
        "automation": bounded(one.automation.name),
        "source": bounded(one.automation.source),
        "trigger": one.trigger.path,
        "verdict": one.verdict,
        "firings": one.firings,
        "summary": _said(one.diagnosis.said),
        "cause": one.diagnosis.cause,
        "causes": {} if one.firing is None else dict(one.firing.causes),
        "funnel": [{"stage": stage.name, "events": stage.events} for stage in one.funnel.stages],
        "funnel_ended_at": _ended(one.funnel),
        "checks": [_check(check) for check in one.checks],
        "checked_event": _event(one.checked),
        "nearest_miss": None if one.nearest_miss is None else _miss(one.nearest_miss),
        "counterfactuals": [_counterfactual(change) for change in one.counterfactuals],
        "more_firings": [_counterfactual(change) for change in one.more_firings],
        "counterfactuals_left_out": one.not_tried or None,
        "chain": [transition_object(transition) for transition in one.chain],
        "windows": [_watch(watch) for watch in one.watches[-KEPT_WINDOWS:]],
        "other_dialect": None if one.other_dialect is None else _dialect(one.other_dialect),
        "other_order": None if one.other_order is None else _order(one.other_order),
        "notes": [_said(note) for note in one.notes],
        "event": None if one.event is None else _one_event(one.event),
        "moment": None if one.snapshot is None else _snapshot(one.snapshot),
        "firing": None if one.firing is None else _firing(one.firing),
        "children": [explanation_object(child) for child in one.children],
        "since_created": None
        if one.since_created is None
        else explanation_object(one.since_created),
    }


def _said(sentence: Sentence) -> str:
    return written(sentence, name=bounded)


def _ended(funnel: Funnel) -> dict[str, Any] | None:
    if funnel.ended_at is None and funnel.refusal is None:
        return None
    return {
        "stage": funnel.ended_at,
        "clause": None if funnel.refusal is None else _refusal(funnel.refusal),
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "clause": bounded(refusal.clause),
        "failed": refusal.failed,
        "expected": [bounded(one) for one in refusal.expected],
        "actual": [
            {"value": None if value is None else bounded(value), "events": events}
            for value, events in refusal.values
        ],
        "nearest": [
            {"value": bounded(value), "events": events} for value, events in refusal.nearest
        ],
        "hint": refusal.hint,
    }


def _check(check: Check) -> dict[str, Any]:
    return {name: with_texts(value, bounded) for name, value in asdict(check).items()}


def _event(event: Event | Heading | None) -> dict[str, Any] | None:
    if event is None:
        return None
    return {
        "id": bounded(event.id),
        "line": event.line,
        "event": bounded(event.name),
        "occurred": format_instant(event.occurred),
    }


def _miss(miss: NearestMiss) -> dict[str, Any]:
    return {
        "trigger": miss.trigger,
        "labels": labels_object(miss.labels),
        "summary": _said(miss.said),
        "count": miss.count,
        "threshold": miss.threshold,
        "start": instant(miss.start),
        "end": instant(miss.end),
        "missed_by": None if miss.missed_by is None else miss.missed_by / SECOND,
        "event": _event(miss.event),
        "value": miss.value,
    }


def _counterfactual(one: Counterfactual) -> dict[str, Any]:
    return {
        "trigger": one.trigger,
        "change": with_texts(one.change, bounded),
        "summary": _said(one.said),
        "firings": one.firings,
        "firings_before": one.before,
        "verified": one.verified,
    }


def _watch(watch: Watch) -> dict[str, Any]:
    return {**_opened(watch), "by": _event(watch.by)}


def _opened(one: Watch | HeldBucket) -> dict[str, Any]:
    """A window or a bucket, all fields by their names."""
    times = {"start": format_instant(one.start), "end": format_instant(one.end)}
    return asdict(one) | times | {"labels": labels_object(one.labels)}


def _dialect(view: DialectView) -> dict[str, Any]:
    return {
        "dialect": view.dialect,
        "verdict": view.verdict,
        "firings": view.firings,
        "because": list(view.rows),
        "because_seen_in": view.seen_in,
    }


def _order(view: OrderView) -> dict[str, Any]:
    return {
        "order": view.order,
        "verdict": view.verdict,
        "firings": view.firings,
        "summary": _said(view.said),
    }


def _one_event(one: OneEvent) -> dict[str, Any]:
    return {
        **(_event(one.event) or {}),
        "fired": one.fired,
        "summary": _said(one.diagnosis.said),
        "cause": one.diagnosis.cause,
        "triggers": [_clauses(leaf) for leaf in one.leaves],
        "came_of_it": [firing_object(fired.firing) for fired in one.came_of_it],
        "delivery": [transition_object(transition) for transition in one.deliveries],
    }


def _clauses(leaf: Clauses) -> dict[str, Any]:
    return {
        "trigger": leaf.trigger,
        "fired": leaf.fired,
        "summary": _said(leaf.diagnosis.said),
        "cause": leaf.diagnosis.cause,
        "checks": [_check(check) for check in leaf.checks],
        "transitions": [transition_object(transition) for transition in leaf.transitions],
    }


def _snapshot(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "at": format_instant(snapshot.at),
        "buckets": [_opened(one) for one in snapshot.buckets],
        "stored": [
            {
                "composite": one.trigger,
                **firing_object(one.firing),
                "expires": instant(one.expires),
            }
            for one in snapshot.stored
        ],
        "waiting": [
            {**(_event(event) or {}), "due": format_instant(due)} for event, due in snapshot.waiting
        ],
        "metrics": [
            {
                "trigger": one.trigger,
                "value": one.value,
                "breached": one.breached,
                "state": "Triggered" if one.triggered else "Resolved",
            }
            for one in snapshot.metrics
        ],
    }


def _firing(one: ToldFiring) -> dict[str, Any]:
    return {
        "number": one.number,
        "of": one.total,
        **firing_object(one.firing),
        "summary": _said(one.diagnosis.said),
        "cause": one.diagnosis.cause,
    }
