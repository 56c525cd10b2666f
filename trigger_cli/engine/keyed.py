"""The keys of reactive triggers, evaluated apart from everything else.

A bucket of a reactive trigger changes only when an event of its key is taken (B, E, S): no
deadline and no other key has a part in it. So keys can be dealt out to any number of processes,
each of which needs of an event only what `KeyedTriggers.take` is given. Proactive triggers have
deadlines, composites hear of other triggers, and a trigger without ``for_each`` has one key only:
these stay with the replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from trigger_cli.dialects import Dialect
from trigger_cli.engine.bucket import Change, is_swept, take_event
from trigger_cli.model import Automation, Bucket, Event, EventTrigger, NameRoles, Trigger

OpenBucket: TypeAlias = tuple[int, int, int]
"""A bucket's start, end and count."""


def stands_alone(trigger: Trigger) -> bool:
    """Whether a root trigger's keys can be evaluated each by itself."""
    return (
        isinstance(trigger, EventTrigger)
        and trigger.posture == "Reactive"
        and bool(trigger.for_each)
    )


class KeyedTriggers:
    """Evaluates the keys of some automations' reactive root triggers.

    Args:
        automations: Those of which `stands_alone` holds are evaluated.
        dialect: Which of section D's choices hold.
        expired_bucket_buffer: How long a bucket lingers past its end in the server dialect, µs.
    """

    def __init__(
        self, automations: Sequence[Automation], dialect: Dialect, expired_bucket_buffer: int
    ) -> None:
        self._dialect = dialect
        self._buffer = expired_bucket_buffer
        self._triggers = {
            one.index: one.trigger
            for one in automations
            if isinstance(one.trigger, EventTrigger) and stands_alone(one.trigger)
        }

    def take(
        self,
        automation: int,
        held: OpenBucket | None,
        occurred: int,
        clock: int,
        starts: bool,
        expected: bool,
    ) -> tuple[OpenBucket | None, int]:
        """Take an event that the trigger matches.

        Args:
            automation: `Automation.index`.
            held: The open bucket of the event's key (B2), if there is one.
            occurred: When the event occurred, µs.
            clock: The simulated clock when it is taken, µs.
            starts: Whether its name matches ``after``.
            expected: Whether its name matches ``expect``.

        Returns:
            The key's bucket afterwards, and how often the trigger fired.
        """
        bucket = None if held is None else Bucket(*held, None)
        if (
            bucket is not None
            and self._dialect.expired_buckets_are_swept
            and is_swept(bucket, clock, self._buffer)
        ):
            bucket = None  # S2
        changes: list[Change] = []
        after = take_event(
            self._triggers[automation],
            self._dialect,
            bucket,
            Event(0, "", "", occurred, None, None, {}, ()),
            NameRoles(starts, expected),
            changes,
        )
        fired = sum(change.kind == "fired" for change in changes)
        return (None if after is None else after[:3]), fired
