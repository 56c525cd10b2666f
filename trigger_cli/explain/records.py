"""The parts of an explanation, as plain data that every format renders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

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
from trigger_cli.views.trigger_state import BucketPhase

Verdict: TypeAlias = Literal["fired", "did-not-fire", "pending", "never-evaluated"]
StageName: TypeAlias = Literal[
    "events", "named", "matched", "related", "counted", "threshold", "fired"
]


class Diagnosis(Struct, frozen=True):
    """The decisive cause."""

    cause: str
    """A code of `trigger_cli.explain.causes.CAUSES`."""
    said: Sentence
    """One sentence with the numbers."""
    event: Event | None = None
    """The decisive event, if it is one that the trigger did not take."""


def because(cause: str, words: str, *parts: Part | Sentence) -> Diagnosis:
    """A diagnosis whose sentence is made as by `say`."""
    return Diagnosis(cause, say(words, *parts))


class Stage(Struct, frozen=True):
    """The number of events that reached a stage."""

    name: StageName
    events: int


class Refusal(Struct, frozen=True):
    """The clause that refused most events, and the values it refused."""

    clause: str
    failed: int
    expected: tuple[str, ...]
    values: tuple[tuple[str | None, int], ...]
    """The values most often refused, with their number of events; ``None``: no value."""
    nearest: tuple[tuple[str, int], ...]
    """The nearest spellings in the log, with their number of events."""
    hint: str


EventsOf: TypeAlias = Literal["log", "part", "scope"]


class Funnel(Struct, frozen=True):
    """How many events reached each stage, and the stage where all ended."""

    stages: tuple[Stage, ...]
    ended_at: StageName | None = None
    """The first stage that no event reached; ``None`` if something fired."""
    refusal: Refusal | None = None
    of: EventsOf = "log"
    """Whose events they are: the log's, those of a part of it, or of one bucket or resource."""
    undelivered: int = 0
    """How many more events of the log, or of its part, never reached a trigger (O2, O3, O4)."""


class NearestMiss(Struct, frozen=True):
    """The case that came closest to firing."""

    trigger: str
    """The trigger's path."""
    labels: tuple[tuple[str, str], ...]
    said: Sentence
    count: int
    threshold: float
    start: int | None = None
    """The window's start, and (next field) its end, µs."""
    end: int | None = None
    missed_by: int | None = None
    """The time that was missing, µs."""
    event: Event | None = None
    """The event that would have fired it."""
    value: float | None = None
    """The metric's value, for a metric trigger."""


class Counterfactual(Struct, frozen=True):
    """One change of the definition, with the result of its replay."""

    trigger: str
    """The path of the changed trigger."""
    change: Mapping[str, object]
    """The fields with their new values, in the form of a definition."""
    said: Sentence
    """The change in words."""
    firings: int
    """The number of firings with the change."""
    before: int
    """The number of firings without it."""
    size: float
    """The size of the change; smaller ones come first."""
    verified: bool = True


class DialectView(Struct, frozen=True):
    """The outcome of the same events in another dialect."""

    dialect: str
    beside: str
    """The replay's dialect, which it is compared with."""
    verdict: Verdict
    firings: int
    rows: tuple[str, ...]
    """The rows of section D that cause the difference."""
    seen_in: int | None = None
    """How many firings were compared, from the first that differs on; ``None``: all."""


class OrderView(Struct, frozen=True):
    """The outcome of the same events in another order of delivery."""

    order: str
    verdict: Verdict
    firings: int
    said: Sentence


WatchState: TypeAlias = Literal["fired", "satisfied", "renewed", "pending", "open"]


class Watch(Struct, frozen=True):
    """One window of a proactive trigger."""

    trigger: str
    labels: tuple[tuple[str, str], ...]
    start: int
    end: int
    state: WatchState
    count: int
    by: Event | None
    """The event that satisfied it."""


class StoredFiring(Struct, frozen=True):
    """A child's firing that a composite stores."""

    trigger: str
    """The composite's path."""
    firing: Firing
    expires: int | None
    """When it will expire, µs."""


class HeldBucket(Struct, frozen=True):
    """A bucket at an instant."""

    trigger: str
    labels: tuple[tuple[str, str], ...]
    start: int
    end: int
    count: int
    threshold: int
    state: BucketPhase


class MetricReading(Struct, frozen=True):
    """A metric at an instant."""

    trigger: str
    value: float | None
    shown: str
    """The formatted value."""
    breached: bool
    triggered: bool


class Snapshot(Struct, frozen=True):
    """The state of an automation at one instant."""

    at: int
    buckets: tuple[HeldBucket, ...]
    stored: tuple[StoredFiring, ...]
    waiting: tuple[tuple[Event | Heading, int], ...]
    """Events that waited for their leader, each with the end of its wait."""
    metrics: tuple[MetricReading, ...]


class Clauses(Struct, frozen=True):
    """The clauses of one event or metric trigger, checked against one event."""

    trigger: str
    checks: tuple[Check, ...]
    transitions: tuple[TriggerTransition, ...]
    """What the event did to the trigger's buckets."""
    diagnosis: Diagnosis
    fired: bool = False


class OneEvent(Struct, frozen=True):
    """What one event did."""

    event: Event
    fired: bool
    """Whether the automation fired because of it."""
    diagnosis: Diagnosis
    leaves: tuple[Clauses, ...]
    deliveries: tuple[DeliveryTransition, ...]
    """What delivery did with the event: duplicate, waiting, released."""
    came_of_it: tuple[FiredTransition, ...] = ()
    """The automation's own firings that it caused, directly or through others."""
    later: tuple[FiredTransition, ...] = ()
    """Of these, the ones at deadlines and by later events."""

    @property
    def did_something(self) -> bool:
        """Whether a bucket or a metric of the automation took the event."""
        return any(leaf.transitions for leaf in self.leaves)


class ToldFiring(Struct, frozen=True):
    """One firing and its cause."""

    number: int
    """The firing's number, from 1."""
    total: int
    firing: Firing
    diagnosis: Diagnosis
    is_chosen: bool
    """Whether it was chosen for its unusual cause, although it is not the first."""
    causes: tuple[tuple[str, int], ...]
    """Each cause of all firings with its number of firings, the most frequent first; empty if not
    all were diagnosed."""


class Conclusion(Struct, frozen=True, kw_only=True):
    """Whether one trigger fired, and the decisive cause."""

    automation: Automation
    trigger: Trigger
    verdict: Verdict
    firings: int
    diagnosis: Diagnosis
    event: OneEvent | None = None
    """What the requested event did."""
    firing: ToldFiring | None = None
    """For an automation that fired: the firing to report."""
    snapshot: Snapshot | None = None
    """The state at the requested instant."""


class Explanation(Conclusion, frozen=True, kw_only=True):
    """The conclusion for one trigger, and the evidence."""

    funnel: Funnel
    first_firings: tuple[Firing, ...] = ()
    """The first of the automation's own firings."""
    checks: tuple[Check, ...] = ()
    """The clauses, checked against the nearest or the requested event."""
    checked: Event | None = None
    """The event that was checked."""
    nearest_miss: NearestMiss | None = None
    counterfactuals: tuple[Counterfactual, ...] = ()
    more_firings: tuple[Counterfactual, ...] = ()
    """For a trigger that fired: changes with which its nearest miss would have fired too."""
    not_tried: str = ""
    """Why changes, or some of them, were not tried."""
    chain: tuple[TriggerTransition, ...] = ()
    watches: tuple[Watch, ...] = ()
    watch_count: int = 0
    other_dialect: DialectView | None = None
    other_order: OrderView | None = None
    children: tuple[Explanation, ...] = ()
    since_created: Explanation | None = None
    """The same explanation without events before the automation was created."""
    notes: tuple[Sentence, ...] = ()
