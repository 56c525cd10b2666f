"""How a bucket stands at an instant (``semantics.md`` B1, E1, E2, S2), for everyone who asks."""

from __future__ import annotations

from typing import Literal, TypeAlias

from trigger_cli.engine.bucket import is_swept
from trigger_cli.model import Bucket, EventTrigger, Transition

Stand: TypeAlias = Literal["open", "cooling-down", "ended"]
Held: TypeAlias = dict[tuple[str, ...], Bucket]
"""By bucketing key, the bucket that the engine holds."""


def hold(held: Held, one: Transition) -> None:
    """Bring `held` up to date with the next transition of its event trigger."""
    if one.after is None:
        held.pop(one.key, None)
    else:
        held[one.key] = one.after


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
