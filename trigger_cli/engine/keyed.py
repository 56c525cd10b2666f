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

from trigger_cli.dialect import Dialect
from trigger_cli.engine.bucket import Change, is_swept, take_event
from trigger_cli.engine.compile import Key
from trigger_cli.matching import NameRoles
from trigger_cli.model import Automation, Bucket, Event, EventTrigger, Trigger

KeyState: TypeAlias = dict[tuple[int, Key], tuple[int, int, int]]
"""By automation and key: the open bucket's start, end and count."""


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
        state: KeyState,
        automation: int,
        key: Key,
        occurred: int,
        clock: int,
        starts: bool,
        expected: bool,
    ) -> int:
        """Take an event that the trigger matches, and change its key's bucket in `state`.

        Args:
            state: The open buckets.
            automation: `Automation.index`.
            key: The event's bucketing key (B2).
            occurred: When the event occurred, µs.
            clock: The simulated clock when it is taken, µs.
            starts: Whether its name matches ``after``.
            expected: Whether its name matches ``expect``.

        Returns:
            How often the trigger fired.
        """
        held = state.get((automation, key))
        bucket = None if held is None else Bucket(*held, None)
        if (
            bucket is not None
            and self._dialect.expired_buckets_are_swept
            and is_swept(bucket, clock, self._buffer)
        ):
            bucket = None  # S2
        changes: list[Change] = []
        event = Event(0, "", "", occurred, None, None, {}, ())
        after = take_event(
            self._triggers[automation],
            self._dialect,
            bucket,
            event,
            NameRoles(starts, expected),
            changes,
        )
        if after is None:
            state.pop((automation, key), None)
        else:
            state[automation, key] = after[:3]
        return sum(change.kind == "fired" for change in changes)
