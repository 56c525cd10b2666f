"""Reactive triggers that differ in their threshold alone, stepped together.

Until one of them fires, such triggers have the very same bucket: the threshold is asked for only by
E3. So those that share a bucket are one *cohort*, and an event costs one step a cohort, not one
a trigger. The steps are the engine's own (`take_event`): whether the lowest threshold fires is
asked first; if it does not, none does; if it does, so do all up to the count that was reached, and
the others are stepped once more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from trigger_cli.dialect import Dialect
from trigger_cli.engine.bucket import Change, is_swept, take_event
from trigger_cli.engine.compile import CompiledEventTrigger, Key
from trigger_cli.history.delivered import Delivered
from trigger_cli.model import Bucket, EventTrigger

Fires: TypeAlias = Callable[[int, int, Key], None]
"""Told of a firing: the trigger's number, the clock in µs, the bucketing key."""


class _Member(NamedTuple):
    number: int
    trigger: EventTrigger


class _Cohort(NamedTuple):
    bucket: Bucket | None
    members: tuple[_Member, ...]
    """By threshold, the lowest first."""


class Cohorts:
    """Triggers that take the same events into windows of the same length.

    Args:
        leaf: One of them, compiled.
        triggers: All of them, each with its number.
        dialect: Whose rules hold.
        buffer: How long a bucket lingers past its end in the server dialect, µs (S2).
        fires: Told of each firing.
    """

    def __init__(
        self,
        leaf: CompiledEventTrigger,
        triggers: Sequence[tuple[int, EventTrigger]],
        dialect: Dialect,
        buffer: int,
        fires: Fires,
    ) -> None:
        self._leaf = leaf
        self._dialect = dialect
        self._buffer = buffer
        self._fires = fires
        members = sorted((_Member(*one) for one in triggers), key=lambda one: one.trigger.threshold)
        self._fresh = (_Cohort(None, tuple(members)),)
        self._by_key: dict[Key, tuple[_Cohort, ...]] = {}

    def take(self, one: Delivered) -> None:
        """Let all triggers take an event, if it is for them."""
        leaf, event = self._leaf, one.event
        roles = leaf.roles(event.name)
        if roles is None:
            return
        if leaf.matches is not None and not leaf.matches(event.resource, event.related):
            return
        key = leaf.key_of(event)
        after: list[_Cohort] = []
        for cohort in self._by_key.get(key, self._fresh):
            bucket, members = cohort
            if (
                bucket is not None
                and self._dialect.expired_buckets_are_swept
                and is_swept(bucket, one.clock, self._buffer)
            ):
                bucket = None
            while members:
                changes: list[Change] = []
                lowest = members[0].trigger
                stepped = take_event(lowest, self._dialect, bucket, event, roles, changes)
                fired = next((change for change in changes if change.kind == "fired"), None)
                if fired is None:
                    after.append(_Cohort(stepped, members))
                    break
                assert fired.before is not None
                count = fired.before.count
                up_to = next(
                    (n for n, x in enumerate(members) if x.trigger.threshold > count), len(members)
                )
                for member in members[:up_to]:
                    self._fires(member.number, one.clock, key)
                after.append(_Cohort(stepped, members[:up_to]))
                members = members[up_to:]
        self._by_key[key] = tuple(after) if len(after) == 1 else _merged(after)


def _merged(cohorts: Sequence[_Cohort]) -> tuple[_Cohort, ...]:
    """Cohorts that have come to the same bucket are one again."""
    found: dict[object, _Cohort] = {}
    for one in cohorts:
        bucket = one.bucket
        state = None if bucket is None else (bucket.start, bucket.end, bucket.count)
        known = found.get(state)
        if known is None:
            found[state] = one
        else:
            both = sorted(known.members + one.members, key=lambda x: x.trigger.threshold)
            found[state] = _Cohort(bucket, tuple(both))
    return tuple(found.values())


def cohorts_of(
    leaves: Sequence[CompiledEventTrigger], dialect: Dialect, buffer: int, fires: Fires
) -> list[Cohorts]:
    """The triggers, numbered as they come, in as few cohorts as can be."""
    groups: dict[object, list[tuple[int, CompiledEventTrigger]]] = {}
    for number, leaf in enumerate(leaves):
        own = leaf.definition
        alike = (own.match, own.match_related, own.expect, own.after, own.for_each, own.within)
        groups.setdefault(alike, []).append((number, leaf))
    return [
        Cohorts(group[0][1], [(n, leaf.definition) for n, leaf in group], dialect, buffer, fires)
        for group in groups.values()
    ]
