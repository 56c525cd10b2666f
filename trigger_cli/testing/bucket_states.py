"""The state of buckets at given instants, from the records of a replay."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import inf

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER
from trigger_cli.match.plan import walk
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    DeliveryTransition,
    EventTrigger,
    Transition,
    Trigger,
    key_labels,
)
from trigger_cli.testing.records import StateName
from trigger_cli.views.trigger_state import Held, Stored, bucket_phase, hold, store, valid_firings


class BucketState(Struct, frozen=True):
    """The state of one bucket at one instant."""

    labels: tuple[tuple[str, str], ...]
    state: StateName
    count: int
    start: int | None = None
    end: int | None = None


class BucketStates:
    """Follows the buckets of some automations, and keeps their states at the `instants`, µs."""

    def __init__(
        self, automations: Iterable[Automation], dialect: Dialect, instants: Iterable[int]
    ) -> None:
        self._triggers = {
            (one.index, trigger.path): trigger
            for one in automations
            for trigger in walk(one.trigger)
        }
        self._swept_after = EXPIRED_BUCKET_BUFFER if dialect.expired_buckets_are_swept else None
        self._open: defaultdict[tuple[int, str], Held] = defaultdict(dict)
        self._stored: defaultdict[tuple[int, str], Stored] = defaultdict(dict)
        self._waiting = sorted(set(instants), reverse=True)
        self._answers: dict[int, dict[tuple[int, str], list[BucketState]]] = {}

    def note(self, transition: Transition) -> None:
        """Add the next record."""
        self._answer_before(transition.at)
        if isinstance(transition, DeliveryTransition):
            return
        trigger = transition.trigger
        identity = (transition.automation.index, trigger.path)
        if isinstance(trigger, EventTrigger):
            hold(self._open[identity], transition)
        elif isinstance(trigger, CompositeTrigger):
            store(self._stored[identity], transition)

    def finish(self) -> None:
        """End the records."""
        self._answer_before(inf)

    def at(self, instant: int, automation: Automation, path: str) -> list[BucketState]:
        """The buckets of a trigger at one of the `instants`."""
        return self._answers.get(instant, {}).get((automation.index, path), [])

    def _answer_before(self, end: float) -> None:
        while self._waiting and self._waiting[-1] < end:
            instant = self._waiting.pop()
            self._answers[instant] = {
                identity: list(self._states(identity, trigger, instant))
                for identity, trigger in self._triggers.items()
            }

    def _states(
        self, identity: tuple[int, str], trigger: Trigger, instant: int
    ) -> Iterator[BucketState]:
        if isinstance(trigger, CompositeTrigger):
            count = len(valid_firings(trigger, self._stored[identity].values(), instant))
            yield BucketState((), "open" if count else "none", count)
        for key, bucket in self._open[identity].items():
            assert isinstance(trigger, EventTrigger)
            phase = bucket_phase(trigger, bucket, instant, swept_after=self._swept_after)
            # In a test, `none` means that no window is open: one that has ended is not open.
            state: StateName = "none" if phase is None or phase == "ended" else phase
            labels = key_labels(trigger, key)
            yield BucketState(labels, state, bucket.count, bucket.start, bucket.end)
