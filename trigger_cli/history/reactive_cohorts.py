"""Replays reactive triggers that differ only in their threshold together.

Until one of them fires, such triggers have equal buckets, because only E3 uses the threshold. So
triggers that share a bucket are one *cohort*, and an event costs one step per cohort, not per
trigger. The steps are the engine's (`take_event`), first for the lowest threshold. If it does not
fire, none does. If it does, all thresholds up to the count fire, and the step is repeated for the
others.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.engine.bucket import Change, is_swept, take_event
from trigger_cli.history.proactive_cohorts import Fires
from trigger_cli.model import Bucket, Event, EventTrigger, Key, NameRoles


class _ReactiveMember(Struct, frozen=True):
    number: int
    trigger: EventTrigger


class _ReactiveCohort(NamedTuple):
    bucket: Bucket | None
    members: tuple[_ReactiveMember, ...]
    """By threshold, the lowest first."""


class ReactiveCohorts:
    """Reactive triggers that take the same events into windows of the same length.

    Args:
        triggers: The triggers, each with its number.
        dialect: The dialect of the replay.
        buffer: How long the server dialect keeps a bucket past its end, µs (S2).
        fires: Called for each firing.
    """

    def __init__(
        self,
        triggers: Sequence[tuple[int, EventTrigger]],
        dialect: Dialect,
        buffer: int,
        fires: Fires,
    ) -> None:
        self._dialect = dialect
        self._buffer = buffer
        self._fires = fires
        members = sorted(
            (_ReactiveMember(*one) for one in triggers), key=lambda one: one.trigger.threshold
        )
        self._fresh = (_ReactiveCohort(None, tuple(members)),)
        self._by_key: dict[Key, tuple[_ReactiveCohort, ...]] = {}

    def take(self, event: Event, clock: int, key: Key, roles: NameRoles) -> None:
        """Let all triggers take an event with that key at the clock, µs (B5-B8)."""
        after: list[_ReactiveCohort] = []
        for cohort in self._by_key.get(key, self._fresh):
            bucket, members = cohort
            if (
                bucket is not None
                and self._dialect.expired_buckets_are_swept
                and is_swept(bucket, clock, self._buffer)
            ):
                bucket = None
            while members:
                changes: list[Change] = []
                lowest = members[0].trigger
                stepped = take_event(lowest, self._dialect, bucket, event, roles, changes)
                fired = [change for change in changes if change.kind == "fired"]
                if not fired:
                    after.append(_ReactiveCohort(stepped, members))
                    break
                up_to = _reached(members, fired)
                for member in members[:up_to]:
                    for _ in fired:
                        self._fires(member.number, clock, key)
                after.append(_ReactiveCohort(stepped, members[:up_to]))
                members = members[up_to:]
        self._by_key[key] = tuple(after) if len(after) == 1 else _merged(after)


def _reached(members: Sequence[_ReactiveMember], fired: Sequence[Change]) -> int:
    """The number of members that fire as the first of them did.

    A threshold below 1 is reached without an event, so one event may fire it twice: once for the
    window that it ended, and once for the next.
    """
    if len(fired) > 1:
        return sum(1 for one in members if one.trigger.threshold == members[0].trigger.threshold)
    bucket = fired[0].before
    assert bucket is not None
    return next(
        (n for n, one in enumerate(members) if one.trigger.threshold > bucket.count), len(members)
    )


def _merged(cohorts: Sequence[_ReactiveCohort]) -> tuple[_ReactiveCohort, ...]:
    """Merge cohorts that have reached the same bucket."""
    found: dict[object, _ReactiveCohort] = {}
    for one in cohorts:
        bucket = one.bucket
        state = None if bucket is None else (bucket.start, bucket.end, bucket.count)
        known = found.get(state)
        if known is None:
            found[state] = one
        else:
            both = sorted(known.members + one.members, key=lambda x: x.trigger.threshold)
            found[state] = _ReactiveCohort(bucket, tuple(both))
    return tuple(found.values())
