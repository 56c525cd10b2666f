"""The state of buckets at an instant, from the records of a replay."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER
from trigger_cli.match.plan import walk
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    EventTrigger,
    TriggerTransition,
    key_labels,
)
from trigger_cli.testing.records import StateName
from trigger_cli.views.standing import Stored, buckets_held, firings_held, standing, store


class Standing(Struct, frozen=True):
    """The state of one bucket at one instant."""

    labels: tuple[tuple[str, str], ...]
    state: StateName
    count: int
    start: int | None = None
    end: int | None = None


def standings_at(
    instant: int,
    automation: Automation,
    path: str,
    records: Iterable[TriggerTransition],
    dialect: Dialect,
) -> Iterator[Standing]:
    """The buckets of a trigger of an automation at an instant, µs; for a metric there are none.

    Args:
        instant: Changes at exactly that instant are included.
        automation: The automation.
        path: The path of its trigger.
        records: The transitions of the replay, at least up to the instant, in order.
        dialect: The dialect of the replay.
    """
    trigger = next((one for one in walk(automation.trigger) if one.path == path), None)
    own = (
        one
        for one in records
        if one.at <= instant
        and one.automation.index == automation.index
        and one.trigger.path == path
    )
    if isinstance(trigger, CompositeTrigger):
        stored: Stored = {}
        for one in own:
            store(stored, one)
        count = len(firings_held(trigger, stored.values(), instant))
        yield Standing((), "open" if count else "none", count)
    elif isinstance(trigger, EventTrigger):
        swept_after = EXPIRED_BUCKET_BUFFER if dialect.expired_buckets_are_swept else None
        for key, bucket in buckets_held(own).items():
            stand = standing(trigger, bucket, instant, swept_after=swept_after)
            # In a test, `none` means that no window is open: one that has ended is not open.
            state: StateName = "none" if stand is None or stand == "ended" else stand
            labels = key_labels(trigger, key)
            yield Standing(labels, state, bucket.count, bucket.start, bucket.end)
