"""The current state of triggers, from the same records that every other view uses."""

from collections import deque

from msgspec import Struct, field
from msgspec.structs import replace

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
from trigger_cli.views.trigger_state import (
    MetricStatus,
    Stored,
    bucket_phase,
    read_metric,
    store,
    valid_firings,
)

_KEPT_FIRINGS = 200


class OpenBucket(Struct, frozen=True):
    """A window that has not ended."""

    automation: Automation
    trigger: EventTrigger
    key: tuple[str, ...]
    bucket: Bucket

    def due(self, now: int) -> int | None:
        """When it ends or, if it cools down, opens, µs; ``None``: it has no end."""
        if self.bucket.start > now:
            return self.bucket.start
        return self.bucket.end if self.trigger.within else None


class Held(Struct, frozen=True):
    """A composite that stores some of the firings that it needs."""

    automation: Automation
    trigger: CompositeTrigger
    firings: tuple[Firing, ...]

    @property
    def due(self) -> int | None:
        """When the earliest firing becomes too old, µs; ``None``: never."""
        if self.trigger.within is None:
            return None
        return min(one.at for one in self.firings) + self.trigger.within


class Measured(Struct, frozen=True):
    """A metric and its value."""

    automation: Automation
    trigger: MetricTrigger
    status: MetricStatus
    due: int | None = None
    """When it fires if nothing changes, µs."""

    @property
    def state(self) -> str:
        """The state in one word."""
        if self.status.triggered:
            return "triggered" if self.status.breached else "recovering"
        return "breached" if self.status.breached else "quiet"


Row = OpenBucket | Held | Measured


class Board(Struct):
    """The open windows, stored firings, metrics and latest firings."""

    firings: int = 0
    """The number of the automations' own firings."""
    recent: deque[Firing] = field(default_factory=lambda: deque(maxlen=_KEPT_FIRINGS))
    by_automation: dict[int, int] = field(default_factory=dict)
    _buckets: dict[tuple[int, str, tuple[str, ...]], OpenBucket] = field(default_factory=dict)
    _composites: dict[tuple[int, str], tuple[Automation, CompositeTrigger, Stored]] = field(
        default_factory=dict
    )
    _metrics: dict[tuple[int, str], Measured] = field(default_factory=dict)

    def add(self, one: Transition) -> None:
        """Add the next record."""
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
                status = read_metric(MetricStatus() if before is None else before.status, one)
                self._metrics[place] = Measured(automation, trigger, status)
        if one.kind == "fired" and one.is_own:
            self.firings += 1
            self.recent.append(one.firing)
            index = automation.index
            self.by_automation[index] = self.by_automation.get(index, 0) + 1

    def rows(self, now: int, pending: list[Pending]) -> list[Row]:
        """The state at `now`, sorted by deadline.

        Args:
            now: The log's time, µs.
            pending: The engine's list of deadlines, for metrics.
        """
        self._buckets = {
            place: one for place, one in self._buckets.items() if not _is_over(one, now)
        }
        found: list[tuple[int | None, int, Row]] = [
            (one.due(now), one.automation.index, one) for one in self._buckets.values()
        ]
        for automation, trigger, stored in self._composites.values():
            firings = valid_firings(trigger, stored.values(), now)
            if firings:
                held = Held(automation, trigger, tuple(firings))
                found.append((held.due, automation.index, held))
        dues = {(one.automation.index, one.trigger.path): one.due for one in pending}
        for place, metric in self._metrics.items():
            due = dues.get(place)
            found.append((due, metric.automation.index, replace(metric, due=due)))
        found.sort(key=lambda one: (one[0] is None, one[0] or 0, one[1]))
        return [row for _, _, row in found]


def _is_over(one: OpenBucket, now: int) -> bool:
    # The engine keeps a reactive window until its next event, but it is over.
    phase = bucket_phase(one.trigger, one.bucket, now, swept_after=None)
    return phase == "ended" and one.trigger.posture == "Reactive"
