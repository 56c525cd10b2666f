"""How a trigger stands at an instant, for everyone who asks (``semantics.md`` B1, E1, E2, S2, C3, K7).

Each kind of trigger has its fold of records: `hold` for buckets, `store` for the firings that a
composite keeps, `read_metric` for a metric. `standing` and `firings_held` then say what of it still
holds at an instant, since the engine lets much be until something asks for it.
"""

from __future__ import annotations

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

Stand: TypeAlias = Literal["open", "cooling-down", "ended"]
Held: TypeAlias = dict[tuple[str, ...], Bucket]
"""By bucketing key, the bucket that the engine holds."""
Stored: TypeAlias = dict[str, Firing]
"""By the child's path, the firing that a composite keeps of it (C3)."""


def hold(held: Held, one: TriggerTransition) -> None:
    """Bring `held` up to date with the next transition of its event trigger."""
    if isinstance(one, BucketTransition) and one.after is not None:
        held[one.key] = one.after
    else:
        held.pop(one.key, None)


def standing(
    trigger: EventTrigger, bucket: Bucket, instant: int, *, swept_after: int | None
) -> Stand | None:
    """How a bucket that the engine holds stands.

    A window that is past its end without having fired has *ended*, although the engine keeps its
    bucket until an event of its key evaluates it (E5, E6, S1) or the server forgets it (S2):
    nothing that occurs from its end on can count in it (B1, E2).

    Args:
        trigger: The bucket's trigger.
        bucket: As the last transition at or before the instant left it.
        instant: When, µs.
        swept_after: How long after its end a bucket is forgotten (S2), µs; ``None``: never.

    Returns:
        ``open``: what occurs now counts in it (E2); an immediate trigger's bucket always is.
        ``cooling-down``: it has yet to start (E1). ``ended``: see above. ``None``: forgotten.
    """
    if swept_after is not None and is_swept(bucket, instant, swept_after):
        return None
    if trigger.immediate:
        return "open"
    if instant < bucket.start:
        return "cooling-down"
    return "open" if instant < bucket.end else "ended"


def store(stored: Stored, one: Transition) -> None:
    """Bring `stored` up to date with the next transition of its composite trigger."""
    if isinstance(one, HeldTransition):
        child = one.firing.trigger.path
        if one.kind == "stored":
            stored[child] = one.firing
        else:
            stored.pop(child, None)


def firings_held(
    trigger: CompositeTrigger, firings: Iterable[Firing], instant: int
) -> list[Firing]:
    """Those of the stored firings that are not too old at the instant (C3), µs."""
    return [one for one in firings if not is_too_old(one, trigger, instant)]


class MetricStand(NamedTuple):
    """How a metric trigger stands (K7)."""

    value: float | None = None
    breached: bool = False
    """Whether the value meets the threshold."""
    triggered: bool = False
    """Whether it fired and has not been resolved since."""


def read_metric(before: MetricStand, one: Transition) -> MetricStand:
    """How the metric stands after the next transition of its trigger."""
    if not isinstance(one, MetricTransition | FiredTransition):
        return before
    breached, triggered = before.breached, before.triggered
    if one.kind in {"breached", "recovered"}:
        breached = one.kind == "breached"
    elif one.kind in {"fired", "resolved"}:
        triggered = one.kind == "fired"
    return MetricStand(one.value, breached, triggered)
