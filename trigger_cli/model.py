"""Every data type that crosses a wall between two parts of trigger-cli.

All of it is immutable and none of it knows how it was read or how it will be shown.
Instants are ``int`` microseconds since the Unix epoch (UTC) and durations are ``int``
microseconds (``semantics.md`` T1); ``times.py`` converts.

The types on the replay's hot path (`Heading`, `Event`, `Bucket`, `Transition`, `Firing`) are named
tuples, which cost a third of a frozen dataclass to make; definitions are frozen
dataclasses, which ``dataclasses.replace`` can vary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

Labels: TypeAlias = Mapping[str, str]
"""A resource's labels, e.g. ``{"prefect.resource.id": "prefect.flow-run.1"}``."""

Posture: TypeAlias = Literal["Reactive", "Proactive"]
MetricName: TypeAlias = Literal["successes", "duration", "lateness"]
MetricOperator: TypeAlias = Literal["<", "<=", ">", ">="]
DeliveryOrder: TypeAlias = Literal["occurred", "received", "log"]
"""In which order a log's events are taken (O1)."""
CompositeKind: TypeAlias = Literal["compound", "sequence"]


# --- Event logs ----------------------------------------------------------------------


class Heading(NamedTuple):
    """What delivery needs of an event (O1-O4): all but its resources, which were not read.

    No trigger can be offered a heading: what has no labels cannot be matched.
    """

    line: int
    """Where it stands, counted from 1 over all logs of the replay together."""
    id: str
    name: str
    """What happened, e.g. ``prefect.flow-run.Completed`` (the log's key ``event``)."""
    occurred: int
    """When it happened, µs (T1)."""
    received: int | None
    """When the server got it, µs; ``None`` where the log does not say."""
    follows: str | None
    """The id of the event that must be processed before this one (O4)."""


class Event(NamedTuple):
    """One event of a log: a heading, and the resources that triggers match."""

    line: int
    """This field and the next five as in `Heading`."""
    id: str
    name: str
    occurred: int
    received: int | None
    follows: str | None
    resource: Labels
    """The primary resource."""
    related: tuple[Labels, ...]
    """The related resources, in the log's order (B2 depends on it)."""


def heading_of(event: Event | Heading) -> Heading:
    """The event without its resources."""
    return Heading(*event[:6]) if isinstance(event, Event) else event


Key: TypeAlias = tuple[str, ...]
"""A bucketing key: the values of a trigger's ``for_each`` labels, in its order (B2)."""
Taking: TypeAlias = tuple[int, int, Key]
"""That a filter takes an event: the filter's number, the event's role (a place in `ROLES`), and the
bucketing key. A plan's triggers know their filter by its number."""


class NameRoles(NamedTuple):
    """What an event's name makes of it for one trigger (N1)."""

    starts: bool
    """It matches ``after``."""
    expected: bool
    """It matches ``expect``."""


ROLES: Final = tuple(
    NameRoles(starts, expected) for starts in (False, True) for expected in (False, True)
)
"""All there are; the place of one is ``2 * starts + expected``."""


class Match(NamedTuple):
    """An event, and what takes it: all that a replay is told of it (N, M, B2)."""

    event: Event
    takings: tuple[Taking, ...]
    """By each filter that takes it, in the filters' order; none where no trigger does."""


class Unmatched(NamedTuple):
    """Headings in a row, in columns: events that no trigger takes."""

    lines: Sequence[int]
    """`Heading.line` of each, and so on for each column."""
    ids: Sequence[str]
    occurred: Sequence[int]
    follows: Sequence[str | None]
    name_codes: Sequence[int]
    names: Sequence[str]
    """The names that `name_codes` are places in; it may hold more."""
    received: Sequence[int | None] = ()
    """Empty where the reader was not asked for it."""

    def heading(self, row: int) -> Heading:
        """One of them."""
        name = self.names[self.name_codes[row]]
        received = self.received[row] if self.received else None
        return Heading(
            self.lines[row], self.ids[row], name, self.occurred[row], received, self.follows[row]
        )

    def part(self, start: int, stop: int) -> Unmatched:
        """The rows from `start` up to `stop`."""
        return Unmatched(
            self.lines[start:stop],
            self.ids[start:stop],
            self.occurred[start:stop],
            self.follows[start:stop],
            self.name_codes[start:stop],
            self.names,
            self.received[start:stop],
        )


class BadLine(NamedTuple):
    """A record of a log that is no event; the replay goes on without it."""

    source: str
    line: int
    """Counted from 1 within its own source."""
    message: str


LogRecord: TypeAlias = Event | Match | Heading | Unmatched | BadLine
"""What a log holds, as it is read."""


# --- Definitions ---------------------------------------------------------------------

Patterns: TypeAlias = tuple[str, ...]
LabelPatterns: TypeAlias = tuple[tuple[str, Patterns], ...]
"""One ``match`` object: each label with its alternatives, in the order written (M1)."""


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """A reactive or proactive event trigger (rules N, M, B, E, P)."""

    path: str
    """Where it stands in its automation: ``$``, or ``$.triggers[0]`` for a child."""
    posture: Posture = "Reactive"
    match: LabelPatterns = ()
    match_related: tuple[LabelPatterns, ...] = ()
    expect: Patterns = ()
    after: Patterns = ()
    for_each: tuple[str, ...] = ()
    """Labels of the bucketing key, sorted and without repetition (B2)."""
    threshold: int = 1
    within: int = 0
    """Length of the window, µs."""

    @property
    def immediate(self) -> bool:
        """Reactive with ``within`` 0: every expected event counts (E2)."""
        return self.posture == "Reactive" and self.within == 0


@dataclass(frozen=True, slots=True)
class MetricTrigger:
    """A metric trigger (rules K)."""

    path: str
    metric: MetricName
    threshold: float
    operator: MetricOperator
    range: int = 300_000_000
    """Length of the window the metric looks back over, µs."""
    firing_for: int = 300_000_000
    """How long the breach must hold before the trigger fires, µs."""
    match: LabelPatterns = ()
    match_related: tuple[LabelPatterns, ...] = ()


@dataclass(frozen=True, slots=True)
class CompositeTrigger:
    """A compound or sequence trigger (rules C)."""

    path: str
    kind: CompositeKind
    triggers: tuple[Trigger, ...]
    require: int
    """How many children must have fired (C1): all of them for a sequence."""
    within: int | None = None
    """How far apart the children's firings may lie, µs; ``None``: no limit."""


Trigger: TypeAlias = EventTrigger | MetricTrigger | CompositeTrigger


@dataclass(frozen=True, slots=True)
class Automation:
    """A trigger with what surrounds it in its definition file."""

    index: int
    """Its place in definition order, from 0 over all files; ties are broken by it."""
    name: str
    source: str
    """The file it was read from, as the user named it."""
    trigger: Trigger
    enabled: bool = True
    server_refusals: tuple[str, ...] = ()
    """Why the open-source server would refuse the definition (V4): ids of section D."""
    created: int | None = None
    """When the server created it, µs; only exported automations say."""
    updated: int | None = None


# --- Findings about definitions --------------------------------------------------------

Severity: TypeAlias = Literal["error", "warning", "info"]


class Span(NamedTuple):
    """A stretch of a text file: lines and columns count from 1, columns in characters.

    ``end_column`` is one past the last character, as editors and SARIF count.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class Edit(NamedTuple):
    """A piece of a file's text to replace; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """How to mend what a finding is about; all of its edits belong together."""

    description: str
    edits: tuple[Edit, ...]
    safe: bool
    """Whether it can only do what the author meant; others are for a person to judge."""


class RuleHelp(NamedTuple):
    """What a view may tell about the rule behind a finding."""

    code: str
    name: str
    severity: Severity
    summary: str
    markdown: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say about one place of a definition file.

    Text from the file (`message`, `excerpt`, `help`) is data: renderers must show it inert.
    """

    code: str
    """Stable, e.g. ``TRG101``."""
    name: str
    """Readable, e.g. ``unknown-key``."""
    severity: Severity
    message: str
    """One sentence: what was found and what was expected."""
    file: str
    span: Span
    pointer: str = ""
    """JSON Pointer (RFC 6901) to the value, ``""`` for the whole document."""
    excerpt: str = ""
    """The source line at ``span.line``, without its newline."""
    help: str | None = None
    """What to do, e.g. ``did you mean `threshold`?``"""
    automation: str | None = None
    trigger: str | None = None
    """The trigger's path within its automation, e.g. ``$.triggers[0]``."""
    fix: Fix | None = None


# --- What a replay yields ------------------------------------------------------------


class Bucket(NamedTuple):
    """The open window of one bucketing key of one event trigger (B1)."""

    start: int
    end: int
    count: int  # type: ignore[assignment]  # the field's word; nobody counts in a tuple
    last_event: Event | None


TransitionKind: TypeAlias = Literal[
    "opened",
    "counted",
    "ignored",
    "fired",
    "closed",
    "renewed",
    "dropped",
    "waiting",
    "released",
    "duplicate",
    "stored",
    "superseded",
    "expired",
    "cleared",
    "breached",
    "resolved",
    # Beyond the contract's list: a metric's value changed, and its breach ended.
    "measured",
    "recovered",
]


class RunMeasure(NamedTuple):
    """One of the measurements that the metric's value is made of."""

    run: str
    """The run: the primary resource's id."""
    state: str
    """The run's latest state (K2), or the state that ended the span (K3, K4)."""
    occurred: int
    """When the event that reports `state` occurred, µs."""
    leaves: int
    """When that event leaves the window, µs (K6)."""
    failed: bool | None
    """Whether the run counts as failed (K2); ``None`` for the other metrics."""
    began: int | None
    """When the span began: the latest ``Running`` (K3) or ``Late`` (K4), µs; ``None`` for K2."""
    event_line: int
    """``Event.line`` of that event."""
    event_id: str
    """``Event.id`` of that event."""

    @property
    def duration(self) -> int | None:
        """How long the span took, µs (K3, K4); ``None`` for K2."""
        return None if self.began is None else self.occurred - self.began


class Firing(NamedTuple):
    """One firing of one trigger; a composite's carries its children's (C5)."""

    seq: int
    """The ``seq`` of the ``fired`` transition that reports it."""
    automation: Automation
    trigger: Trigger
    at: int
    """The simulated clock, µs (T6)."""
    labels: tuple[tuple[str, str], ...]
    """Each ``for_each`` label with its value (B3)."""
    event: Event | None
    """The triggering event; ``None`` where time alone brought the firing."""
    children: tuple[Firing, ...]


class Transition(NamedTuple):
    """One thing that happened in a replay: the record every view is made from.

    ``automation`` and ``trigger`` are ``None`` for what concerns the delivery of an event
    rather than one trigger (``waiting``, ``released`` and ``duplicate``: rules O).
    """

    seq: int
    """Position in the replay, from 0; ``because`` refers to it."""
    at: int
    """The simulated clock, µs."""
    kind: TransitionKind
    rule: str
    """The rule of ``semantics.md`` that decided it, e.g. ``E2``."""
    automation: Automation | None
    trigger: Trigger | None
    key: Key
    event: Event | Heading | None
    """A heading only where `trigger` is ``None``: no trigger was offered that event."""
    before: Bucket | None
    """The bucket before and (next field) after; ``None`` where there is none."""
    after: Bucket | None
    because: tuple[int, ...]
    """The ``seq`` of each transition that this one follows from."""
    firing: Firing | None = None
    """The firing itself (``fired``), or the child firing that was ``stored``,
    ``superseded``, ``expired`` or ``cleared``."""
    due: int | None = None
    """When what waits here is due, µs (``waiting``)."""
    value: float | None = None
    """The metric's value after it (all records of a metric trigger)."""
    runs: tuple[RunMeasure, ...] = ()
    """What the value was made of (``fired`` by a metric)."""

    @property
    def subject(self) -> Event | Heading | None:
        """The event it is about: of a firing at a deadline, the one that the firing carries (E3)."""
        if self.event is None and self.kind == "fired" and self.firing is not None:
            return self.firing.event
        return self.event

    @property
    def offered(self) -> Event | None:
        """`event`, unless no trigger was offered it."""
        return self.event if isinstance(self.event, Event) else None


class Pending(NamedTuple):
    """A deadline that lies after the end of the replay (T5)."""

    automation: Automation
    trigger: Trigger
    key: tuple[str, ...]
    due: int
    count: int  # type: ignore[assignment]
    threshold: float
    value: float | None = None
    """The metric's value, where the deadline is a metric trigger's."""


def key_labels(trigger: Trigger, key: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each ``for_each`` label of `trigger` with its value in `key` (B3)."""
    if isinstance(trigger, EventTrigger):
        return tuple(zip(trigger.for_each, key, strict=True))
    return ()
