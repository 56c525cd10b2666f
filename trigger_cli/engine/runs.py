"""Firings in a row without an event, as one number (``semantics.md`` P3, E6).

A watch of ten seconds fires a quarter of a million times in a month of silence. Where only the
number of firings counts, they are passed at once.
"""

from msgspec import Struct

from trigger_cli.match.plan import Parent, PlannedComposite, PlannedEventTrigger
from trigger_cli.model import Automation, Bucket, EventTrigger, Key


class FiringRun(Struct, frozen=True):
    """Firings of one bucket without an event, at equal distances, each one of its automation."""

    automation: Automation
    trigger: EventTrigger
    """The bucket's trigger: the automation's own, or a child for which `fires_alone`."""
    key: Key
    first: int
    """When the first of them happened, µs."""
    step: int
    """The time from each to the next, µs."""
    number: int

    def has(self, instant: int) -> bool:
        """Whether one of them happened at `instant`, µs."""
        place, rest = divmod(instant - self.first, self.step)
        return rest == 0 and 0 <= place < self.number


def fires_alone(planned: PlannedEventTrigger, composites: tuple[PlannedComposite, ...]) -> bool:
    """Whether each of the trigger's firings is one of its automation, and changes nothing else.

    So it is for an automation's own trigger, and for a child if one firing is enough for its
    composite (C2), and for that one's composite.
    """
    parent: Parent | None = planned.parent
    while parent is not None:
        above = composites[parent.composite]
        if above.definition.require != 1:
            return False
        parent = above.parent
    return True


def next_run(
    planned: PlannedEventTrigger, key: Key, bucket: Bucket, until: int
) -> tuple[FiringRun, Bucket] | None:
    """The firings of a window in which nothing is counted, and of those that follow it (E3, E6).

    Args:
        planned: A proactive trigger; with ``after``, a deadline opens no window (E5).
        key: The bucket's key.
        bucket: The window that the deadline of the one before it opened.
        until: The end, µs; no event comes before.

    Returns:
        The firings at or before `until`, and the window that is open then; ``None`` if there are no
        such firings.
    """
    trigger = planned.definition
    within = trigger.within
    number = (until - bucket.end) // within + 1
    is_empty = (
        bucket.end - bucket.start == within and bucket.count == 0 and bucket.last_event is None
    )
    if number < 1 or not is_empty or trigger.threshold <= 0:
        return None
    passed = number * within
    run = FiringRun(planned.automation, trigger, key, bucket.end, within, number)
    return run, Bucket(bucket.start + passed, bucket.end + passed, 0, None)
