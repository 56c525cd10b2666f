"""What would fire at deadlines after the end of a replay if no further event came (T5)."""

from collections.abc import Iterable

from trigger_cli.model import CompositeTrigger, MetricTrigger, Pending, Trigger


def would_fire(pending: Pending) -> bool:
    """Whether the deadline fires if no further event comes (E3); a satisfied window's does not."""
    return isinstance(pending.trigger, MetricTrigger) or pending.count < pending.threshold


def would_fire_by(trigger: Trigger, pending: Iterable[Pending]) -> bool:
    """Whether one of its automation's deadlines fires a trigger if no further event comes."""
    return _fires_by(trigger, {one.trigger.path for one in pending if would_fire(one)})


def _fires_by(trigger: Trigger, paths: set[str]) -> bool:
    if isinstance(trigger, CompositeTrigger):
        # If one firing is enough (C2), a child's deadline is also the parent's.
        return trigger.require == 1 and any(_fires_by(one, paths) for one in trigger.triggers)
    return trigger.path in paths
