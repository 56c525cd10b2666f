"""The state of an automation at one instant, from the records up to then."""

from collections.abc import Iterable

from trigger_cli.explain.case import Case
from trigger_cli.explain.metric import shown_value
from trigger_cli.explain.records import HeldBucket, MetricReading, Snapshot, StoredFiring
from trigger_cli.match.plan import walk
from trigger_cli.model import (
    CompositeTrigger,
    DeliveryTransition,
    Event,
    EventTrigger,
    Heading,
    MetricTrigger,
    TriggerTransition,
    key_labels,
)
from trigger_cli.views.trigger_state import (
    Held,
    MetricStatus,
    Stored,
    bucket_phase,
    hold,
    read_metric,
    store,
    valid_firings,
)


def snapshot_at(case: Case, at: int) -> Snapshot:
    """All open buckets asked about, stored firings, waiting events and metrics at the instant `at`, µs.

    Changes at exactly that instant are included.
    """
    automation = case.automation
    records = [one for one in case.evidence.records[automation.index] if one.at <= at]
    buckets: list[HeldBucket] = []
    stored: list[StoredFiring] = []
    metrics: list[MetricReading] = []
    for trigger in walk(automation.trigger):
        own = [one for one in records if one.trigger.path == trigger.path]
        match trigger:
            case EventTrigger():
                buckets += _held(case, trigger, own, at)
            case CompositeTrigger():
                stored += _stored(trigger, own, at)
            case MetricTrigger():
                metrics.append(_reading(trigger, own))
    waiting = _waiting(one for one in case.evidence.deliveries if one.at <= at)
    return Snapshot(at, tuple(buckets), tuple(stored), tuple(waiting), tuple(metrics))


def _held(
    case: Case, trigger: EventTrigger, own: list[TriggerTransition], at: int
) -> Iterable[HeldBucket]:
    held: Held = {}
    for one in own:
        hold(held, one)
    buffer = case.evidence.options.expired_bucket_buffer
    swept_after = buffer if case.dialect.expired_buckets_are_swept else None
    for key, bucket in held.items():
        if case.scope is not None and not case.scope.has(trigger, key):
            continue
        state = bucket_phase(trigger, bucket, at, swept_after=swept_after)
        if state is not None:
            yield HeldBucket(
                trigger.path,
                key_labels(trigger, key),
                bucket.start,
                bucket.end,
                max(bucket.count, 0),
                trigger.threshold,
                state,
            )


def _stored(
    trigger: CompositeTrigger, own: list[TriggerTransition], at: int
) -> Iterable[StoredFiring]:
    held: Stored = {}
    for one in own:
        store(held, one)
    for firing in valid_firings(trigger, held.values(), at):
        expires = None if trigger.within is None else firing.at + trigger.within
        yield StoredFiring(trigger.path, firing, expires)


def _reading(trigger: MetricTrigger, own: list[TriggerTransition]) -> MetricReading:
    status = MetricStatus()
    for one in own:
        status = read_metric(status, one)
    value, breached, triggered = status
    return MetricReading(trigger.path, value, shown_value(trigger, value), breached, triggered)


def _waiting(deliveries: Iterable[DeliveryTransition]) -> Iterable[tuple[Event | Heading, int]]:
    held: dict[str, tuple[Event | Heading, int]] = {}
    for one in deliveries:
        if one.kind == "waiting" and one.due is not None:
            held[one.event.id] = (one.event, one.due)
        elif one.kind == "released":
            held.pop(one.event.id, None)
    return held.values()
