"""``replay --format json`` and ``jsonl`` (``interface.md``, replay)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trigger_cli.model import (
    CompositeTrigger,
    DeliveryTransition,
    EventTrigger,
    FiredTransition,
    Firing,
    HeldTransition,
    MetricTransition,
    MetricTrigger,
    Pending,
    RunMeasure,
    Transition,
    Trigger,
    TriggerTransition,
    key_labels,
    subject_of,
)
from trigger_cli.render.common.plain_json import (
    bounded,
    document_in_pieces,
    event_place,
    instant,
    labels_object,
    problem_object,
)
from trigger_cli.report import AutomationSummary, MetricState, ReplayReport
from trigger_cli.times import SECOND, format_instant
from trigger_cli.views.windows import bucket_of

if TYPE_CHECKING:
    from trigger_cli.render.replay.view import Shows

FORMAT = "trigger-cli/replay@1"


def replay_object(report: ReplayReport, shows: Shows) -> dict[str, Any]:
    """The object of ``--format json``."""
    rest, firings = _parts(report, shows)
    return {**rest, "firings": list(firings)}


def replay_document(report: ReplayReport, shows: Shows) -> Iterator[str]:
    """The text of `replay_object` in pieces, so that firings are not all in memory."""
    rest, firings = _parts(report, shows)
    return document_in_pieces({**rest, "firings": firings})


def _parts(report: ReplayReport, shows: Shows) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    """The object with an empty list of firings at the documented place, and the firings."""
    summary = replay_summary(report, shows)
    after = {key: summary.pop(key) for key in ("pending", "waiting", "metrics", "problems")}
    firings = (
        firing_object(firing)
        for firing in report.firings
        if shows.automation(firing.automation) and shows.firing(firing)
    )
    return {**summary, "firings": [], **after}, firings


def replay_summary(report: ReplayReport, shows: Shows) -> dict[str, Any]:
    """The JSON object without its firings; the last line of ``--format jsonl``."""
    log = report.log
    return {
        "format": FORMAT,
        "dialect": report.dialect,
        "order": report.order,
        "start": instant(report.start),
        "end": instant(report.end),
        "log": {
            "lines": log.lines,
            "events": log.events,
            "malformed": log.malformed,
            "duplicates": log.duplicates,
            "waiting": log.waiting,
            "leaderless": log.leaderless,
            "matched": log.matched,
            "sources": [bounded(source) for source in log.sources],
        },
        "automations": [
            _automation(one) for one in report.automations if shows.automation(one.automation)
        ],
        "pending": [_pending(one) for one in report.pending if shows.automation(one.automation)],
        "waiting": [
            {**event_place(event), "due": format_instant(due)} for event, due in report.waiting
        ],
        "metrics": [_metric(one) for one in report.metrics if shows.automation(one.automation)],
        "problems": [problem_object(one) for one in report.problems],
    }


def firing_object(firing: Firing) -> dict[str, Any]:
    """A firing of an automation's own trigger."""
    return {"automation": bounded(firing.automation.name), **_firing(firing)}


def transition_object(transition: Transition) -> dict[str, Any]:
    """One record of ``--format jsonl``."""
    of_trigger = None if isinstance(transition, DeliveryTransition) else transition
    labels = () if of_trigger is None else key_labels(of_trigger.trigger, of_trigger.key)
    event = subject_of(transition)
    record: dict[str, Any] = {
        "kind": transition.kind,
        "at": format_instant(transition.at),
        "automation": of_trigger and bounded(of_trigger.automation.name),
        "trigger": of_trigger and of_trigger.trigger.path,
        "labels": labels_object(labels),
        **event_place(event),
        "bucket": of_trigger and _bucket(of_trigger),
        "rule": transition.rule,
        "seq": transition.seq,
        "because": list(transition.because),
        "event": None if event is None else bounded(event.name),
    }
    match transition:
        case DeliveryTransition(due=int(due)):
            record["due"] = format_instant(due)
        case MetricTransition():
            record |= {"value": transition.value, "runs": []}
        case HeldTransition():
            record["child"] = _firing(transition.firing)
        case FiredTransition(trigger=MetricTrigger()):
            record |= {"value": transition.value, "runs": [_run(run) for run in transition.runs]}
        case FiredTransition(trigger=CompositeTrigger()):
            record["children"] = [_firing(child) for child in transition.firing.children]
    return record


def _firing(firing: Firing) -> dict[str, Any]:
    return {
        "trigger": firing.trigger.path,
        "at": format_instant(firing.at),
        "labels": labels_object(firing.labels),
        **event_place(firing.event),
        "children": [_firing(child) for child in firing.children],
    }


def _run(run: RunMeasure) -> dict[str, Any]:
    return {
        "run": bounded(run.run),
        "state": bounded(run.state),
        "occurred": format_instant(run.occurred),
        "failed": run.failed,
        "seconds": None if run.duration is None else run.duration / SECOND,
        "event_id": bounded(run.event_id),
        "event_line": run.event_line,
    }


def _bucket(one: TriggerTransition) -> dict[str, Any] | None:
    bucket = bucket_of(one)
    if bucket is None or not isinstance(one.trigger, EventTrigger):
        return None
    return {
        "start": format_instant(bucket.start),
        "end": format_instant(bucket.end),
        "count": bucket.count,
        "threshold": one.trigger.threshold,
    }


def _automation(summary: AutomationSummary) -> dict[str, Any]:
    automation = summary.automation
    return {
        "name": bounded(automation.name),
        "source": bounded(automation.source),
        "enabled": automation.enabled,
        "type": _type(automation.trigger),
        "firings": summary.firings,
        "dialect_sensitive": list(summary.dialect_sensitive),
        "server_refusals": list(automation.server_refusals),
    }


def _type(trigger: Trigger) -> str:
    match trigger:
        case EventTrigger():
            return "event"
        case MetricTrigger():
            return "metric"
        case CompositeTrigger():
            return trigger.kind


def _pending(pending: Pending) -> dict[str, Any]:
    return {
        "automation": bounded(pending.automation.name),
        "trigger": pending.trigger.path,
        "labels": labels_object(key_labels(pending.trigger, pending.key)),
        "due": format_instant(pending.due),
        "count": pending.count,
        "threshold": pending.threshold,
        **({} if pending.value is None else {"value": pending.value}),
    }


def _metric(metric: MetricState) -> dict[str, Any]:
    return {
        "automation": bounded(metric.automation.name),
        "trigger": metric.trigger.path,
        "at": format_instant(metric.at),
        "state": metric.state,
        "value": metric.value,
    }
