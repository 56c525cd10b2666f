"""The state of a trigger at an instant (``semantics.md`` B1, E1, E2, S2, C3, K7).

Each kind of trigger has a fold of its records: `hold` for buckets, `store` for the firings that a
composite stores, `read_metric` for a metric. `bucket_phase` and `valid_firings` then return what is
still valid at an instant, because the engine updates much only when it is next needed.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from trigger_cli.engine.bucket import is_swept
from trigger_cli.engine.composite import is_too_old
from trigger_cli.model import (
    Bucket,
    BucketTransition,
    CompositeTrigger,
    EventTrigger,
    FiredTransition,
    Firing,
    HeldTransition,
    MetricTransition,
    Transition,
    TriggerTransition,
)

BucketPhase: TypeAlias = Literal["open", "cooling-down", "ended"]
Held: TypeAlias = dict[tuple[str, ...], Bucket]
"""The engine's bucket by bucketing key."""
Stored: TypeAlias = dict[str, Firing]
"""By the child's path, the firing that a composite stores of it (C3)."""


def hold(held: Held, one: TriggerTransition) -> None:
    """Update `held` with the next transition of its event trigger."""
    if isinstance(one, BucketTransition) and one.after is not None:
        held[one.key] = one.after
    else:
        held.pop(one.key, None)


def bucket_phase(
    trigger: EventTrigger, bucket: Bucket, instant: int, *, swept_after: int | None
) -> BucketPhase | None:
    """The state of a bucket that the engine has.

    A window that is past its end without having fired has *ended*, although the engine keeps its
    bucket until an event of its key evaluates it (E5, E6, S1) or the server forgets it (S2): no
    event at or after its end can count in it (B1, E2).

    Args:
        trigger: The bucket's trigger.
        bucket: The bucket after the last transition at or before the instant.
        instant: The instant, µs.
        swept_after: How long after its end a bucket is forgotten (S2), µs; ``None``: never.

    Returns:
        ``open``: an event that occurs now counts (E2); always so for an immediate trigger.
        ``cooling-down``: it starts later (E1). ``ended``: see above. ``None``: forgotten.
    """
    if swept_after is not None and is_swept(bucket, instant, swept_after):
        return None
    if trigger.immediate:
        return "open"
    if instant < bucket.start:
        return "cooling-down"
    return "open" if instant < bucket.end else "ended"


def store(stored: Stored, one: Transition) -> None:
    """Update `stored` with the next transition of its composite trigger."""
    if isinstance(one, HeldTransition):
        child = one.firing.trigger.path
        if one.kind == "stored":
            stored[child] = one.firing
        else:
            stored.pop(child, None)


def valid_firings(
    trigger: CompositeTrigger, firings: Iterable[Firing], instant: int
) -> list[Firing]:
    """Those of the stored firings that are not too old at the instant (C3), µs."""
    return [one for one in firings if not is_too_old(one, trigger, instant)]


class MetricStatus(NamedTuple):
    """The state of a metric trigger (K7)."""

    value: float | None = None
    breached: bool = False
    """Whether the value meets the threshold."""
    triggered: bool = False
    """Whether the trigger has fired and has not been resolved since."""


def read_metric(before: MetricStatus, one: Transition) -> MetricStatus:
    """The metric's state after the next transition of its trigger."""
    if not isinstance(one, MetricTransition | FiredTransition):
        return before
    breached, triggered = before.breached, before.triggered
    if one.kind in {"breached", "recovered"}:
        breached = one.kind == "breached"
    elif one.kind in {"fired", "resolved"}:
        triggered = one.kind == "fired"
    return MetricStatus(one.value, breached, triggered)
