"""What an explanation consists of: plain data that every format renders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from trigger_cli.explain.sentence import Part, Sentence, say
from trigger_cli.match.why_not import Check
from trigger_cli.model import (
    Automation,
    DeliveryTransition,
    Event,
    FiredTransition,
    Firing,
    Heading,
    Trigger,
    TriggerTransition,
)
from trigger_cli.views.standing import Stand

Verdict: TypeAlias = Literal["fired", "did-not-fire", "pending", "never-evaluated"]
StageName: TypeAlias = Literal[
    "events", "named", "matched", "related", "counted", "threshold", "fired"
]


class Diagnosis(NamedTuple):
    """The decisive cause."""

    cause: str
    """A code of `trigger_cli.explain.causes.CAUSES`."""
    said: Sentence
    """One plain sentence, with the numbers."""
    event: Event | None = None
    """The event that decided, where one did that the trigger did not take."""


def because(cause: str, words: str, *parts: Part | Sentence) -> Diagnosis:
    """A cause with its sentence, made as `say` does."""
    return Diagnosis(cause, say(words, *parts))


class Stage(NamedTuple):
    """How many events came so far."""

    name: StageName
    events: int


class Refusal(NamedTuple):
    """The clause that stopped most events, and what it found."""

    clause: str
    failed: int
    expected: tuple[str, ...]
    values: tuple[tuple[str | None, int], ...]
    """The values most often refused, with how many events had each; ``None``: had none."""
    nearest: tuple[tuple[str, int], ...]
    """The nearest spellings in the log, with how many events have each."""
    hint: str


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many events came how far, and where everything ended."""

    stages: tuple[Stage, ...]
    ended_at: StageName | None = None
    """The first stage that nothing reached; ``None`` if something fired."""
    refusal: Refusal | None = None


class NearestMiss(NamedTuple):
    """What came closest to firing."""

    trigger: str
    """The trigger's path."""
    labels: tuple[tuple[str, str], ...]
    said: Sentence
    count: int  # type: ignore[assignment]  # the field's word; nobody counts in a tuple
    threshold: float
    start: int | None = None
    """The window, µs."""
    end: int | None = None
    missed_by: int | None = None
    """How much time was missing, µs."""
    event: Event | None = None
    """The event that would have made it."""
    value: float | None = None
    """The metric's value, where it is one."""


class Counterfactual(NamedTuple):
    """One change of the definition, replayed."""

    trigger: str
    """The path of the trigger that is changed."""
    change: Mapping[str, object]
    """The fields with their new values, as a definition has them."""
    said: Sentence
    """What to change."""
    firings: int
    """How often the automation would have fired."""
    before: int
    """How often it fires as it is."""
    size: float
    """How big the change is; the smallest come first."""
    verified: bool = True


class DialectView(NamedTuple):
    """What another dialect would have made of the same events."""

    dialect: str
    beside: str
    """The replay's dialect, with which it is compared."""
    verdict: Verdict
    firings: int
    rows: tuple[str, ...]
    """The rows of section D that make the difference."""
    seen_in: int | None = None
    """In how many firings, from the first that differs on; ``None``: in all."""


class OrderView(NamedTuple):
    """What another order of delivery would have made of them."""

    order: str
    verdict: Verdict
    firings: int
    said: Sentence


WatchState: TypeAlias = Literal["fired", "satisfied", "renewed", "pending", "open"]


class Watch(NamedTuple):
    """One window of a proactive trigger."""

    trigger: str
    labels: tuple[tuple[str, str], ...]
    start: int
    end: int
    state: WatchState
    count: int  # type: ignore[assignment]
    by: Event | None
    """The event that satisfied or renewed it."""


class StoredFiring(NamedTuple):
    """A firing that a composite holds of a child."""

    trigger: str
    """The composite's path."""
    firing: Firing
    expires: int | None
    """When it will be too old, µs."""


class HeldBucket(NamedTuple):
    """A bucket as it stood at a moment."""

    trigger: str
    labels: tuple[tuple[str, str], ...]
    start: int
    end: int
    count: int  # type: ignore[assignment]
    threshold: int
    state: Stand


class MetricReading(NamedTuple):
    """A metric as it stood at a moment."""

    trigger: str
    value: float | None
    shown: str
    """The value as a person reads it."""
    breached: bool
    triggered: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """How everything stood at one instant."""

    at: int
    buckets: tuple[HeldBucket, ...]
    stored: tuple[StoredFiring, ...]
    waiting: tuple[tuple[Event | Heading, int], ...]
    """Events that waited for the one they follow, with the instant until which they would."""
    metrics: tuple[MetricReading, ...]


@dataclass(frozen=True, slots=True)
class Clauses:
    """The clauses of one event or metric trigger, asked about one event."""

    trigger: str
    checks: tuple[Check, ...]
    transitions: tuple[TriggerTransition, ...]
    """What the event did to the trigger's buckets."""
    diagnosis: Diagnosis
    fired: bool = False


@dataclass(frozen=True, slots=True)
class OneEvent:
    """What one event did."""

    event: Event
    fired: bool
    """Whether the automation fired because of it."""
    diagnosis: Diagnosis
    leaves: tuple[Clauses, ...]
    deliveries: tuple[DeliveryTransition, ...]
    """Duplicate, waiting, released: what became of it before the triggers."""
    came_of_it: tuple[FiredTransition, ...] = ()
    """The automation's own firings that follow from it, perhaps by way of others."""

    @property
    def did_something(self) -> bool:
        """Whether a bucket or a metric of the automation took it."""
        return any(leaf.transitions for leaf in self.leaves)


@dataclass(frozen=True, slots=True)
class OneFiring:
    """One firing, and what made it."""

    number: int
    """Counted from 1."""
    total: int
    firing: Firing
    diagnosis: Diagnosis
    chain: tuple[TriggerTransition, ...]
    """From the first cause to the firing."""
    is_chosen: bool = False
    """Whether it is told because it tells most, and not because it was asked for or is the first."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one trigger did or did not fire."""

    automation: Automation
    trigger: Trigger
    verdict: Verdict
    firings: int
    diagnosis: Diagnosis
    funnel: Funnel
    checks: tuple[Check, ...] = ()
    """The clauses, asked about the event that came nearest, or that was asked for."""
    checked: Event | None = None
    """That event."""
    nearest_miss: NearestMiss | None = None
    counterfactuals: tuple[Counterfactual, ...] = ()
    more_firings: tuple[Counterfactual, ...] = ()
    """For what fired: the changes with which its nearest miss would have fired too."""
    not_tried: str = ""
    """Why no changes, or not all of them, were tried."""
    chain: tuple[TriggerTransition, ...] = ()
    watches: tuple[Watch, ...] = ()
    watch_count: int = 0
    other_dialect: DialectView | None = None
    other_order: OrderView | None = None
    event: OneEvent | None = None
    moment: Moment | None = None
    firing: OneFiring | None = None
    causes: tuple[tuple[str, int], ...] = ()
    """Of a trigger that fired: each cause with how many firings have it, the commonest first."""
    children: tuple[Explanation, ...] = ()
    since_created: Explanation | None = None
    """The same without the events from before the automation was created."""
    notes: tuple[Sentence, ...] = ()
