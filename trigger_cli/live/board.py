"""What is open right now, kept from the same records that every other view reads."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from trigger_cli.model import (
    Automation,
    Bucket,
    BucketTransition,
    CompositeTrigger,
    DeliveryTransition,
    EventTrigger,
    Firing,
    MetricTrigger,
    Pending,
    Transition,
)
from trigger_cli.views.standing import (
    MetricStand,
    Stored,
    firings_held,
    read_metric,
    standing,
    store,
)

_KEPT_FIRINGS = 200


class OpenBucket(NamedTuple):
    """A window that has not ended."""

    automation: Automation
    trigger: EventTrigger
    key: tuple[str, ...]
    bucket: Bucket

    def due(self, now: int) -> int | None:
        """When it ends, or where it cools down, opens; ``None``: it has no end."""
        if self.bucket.start > now:
            return self.bucket.start
        return self.bucket.end if self.trigger.within else None


class Held(NamedTuple):
    """A composite that holds some of the firings it needs."""

    automation: Automation
    trigger: CompositeTrigger
    firings: tuple[Firing, ...]

    @property
    def due(self) -> int | None:
        """When the earliest of them is too old; ``None``: never."""
        if self.trigger.within is None:
            return None
        return min(one.at for one in self.firings) + self.trigger.within


class Measured(NamedTuple):
    """A metric and its value."""

    automation: Automation
    trigger: MetricTrigger
    stand: MetricStand
    due: int | None = None
    """When it fires if nothing changes."""

    @property
    def state(self) -> str:
        """In a word."""
        if self.stand.triggered:
            return "triggered" if self.stand.breached else "recovering"
        return "breached" if self.stand.breached else "quiet"


Row = OpenBucket | Held | Measured


@dataclass(slots=True)
class Board:
    """The open windows, held firings, metrics and latest firings."""

    firings: int = 0
    """The automations' own."""
    recent: deque[Firing] = field(default_factory=lambda: deque(maxlen=_KEPT_FIRINGS))
    by_automation: dict[int, int] = field(default_factory=dict)
    _buckets: dict[tuple[int, str, tuple[str, ...]], OpenBucket] = field(default_factory=dict)
    _composites: dict[tuple[int, str], tuple[Automation, CompositeTrigger, Stored]] = field(
        default_factory=dict
    )
    _metrics: dict[tuple[int, str], Measured] = field(default_factory=dict)

    def add(self, one: Transition) -> None:
        """Take the next record."""
        if isinstance(one, DeliveryTransition):
            return
        automation, trigger = one.automation, one.trigger
        place = (automation.index, trigger.path)
        match trigger:
            case EventTrigger():
                after = one.after if isinstance(one, BucketTransition) else None
                if after is None:
                    self._buckets.pop((*place, one.key), None)
                else:
                    opened = OpenBucket(automation, trigger, one.key, after)
                    self._buckets[*place, one.key] = opened
            case CompositeTrigger():
                _, _, stored = self._composites.setdefault(place, (automation, trigger, {}))
                store(stored, one)
            case MetricTrigger():
                before = self._metrics.get(place)
                stand = read_metric(MetricStand() if before is None else before.stand, one)
                self._metrics[place] = Measured(automation, trigger, stand)
        if one.kind == "fired" and one.is_own:
            self.firings += 1
            self.recent.append(one.firing)
            index = automation.index
            self.by_automation[index] = self.by_automation.get(index, 0) + 1

    def rows(self, now: int, pending: list[Pending]) -> list[Row]:
        """What is open at `now`, what is due first coming first.

        Args:
            now: The log's time, µs.
            pending: The engine's own list of deadlines, for the metrics'.
        """
        self._buckets = {
            place: one for place, one in self._buckets.items() if not _is_over(one, now)
        }
        found: list[tuple[int | None, int, Row]] = [
            (one.due(now), one.automation.index, one) for one in self._buckets.values()
        ]
        for automation, trigger, stored in self._composites.values():
            firings = firings_held(trigger, stored.values(), now)
            if firings:
                held = Held(automation, trigger, tuple(firings))
                found.append((held.due, automation.index, held))
        dues = {(one.automation.index, one.trigger.path): one.due for one in pending}
        for place, metric in self._metrics.items():
            due = dues.get(place)
            found.append((due, metric.automation.index, metric._replace(due=due)))
        found.sort(key=lambda one: (one[0] is None, one[0] or 0, one[1]))
        return [row for _, _, row in found]


def _is_over(one: OpenBucket, now: int) -> bool:
    # The engine lets a reactive window be until its next event; nobody waits for it any more.
    stand = standing(one.trigger, one.bucket, now, swept_after=None)
    return stand == "ended" and one.trigger.posture == "Reactive"
