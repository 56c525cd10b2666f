"""The data types that the parts of trigger-cli exchange.

All of them are immutable and independent of input formats and views. Instants are ``int``
microseconds since the Unix epoch (UTC) and durations are ``int`` microseconds (``semantics.md``
T1); ``times.py`` converts.

They are frozen ``msgspec.Struct``, and `replace` of ``msgspec.structs`` makes changed copies. A class
of these takes a fortieth of the time of a frozen dataclass to define, which each start of a command
pays, and an instance takes a third of the time of a named tuple to make. What is used as a tuple
(stored as bytes, unpacked, sorted or compared by its fields in order) is a ``NamedTuple``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from msgspec import Struct

Labels: TypeAlias = Mapping[str, str]
"""A resource's labels, e.g. ``{"prefect.resource.id": "prefect.flow-run.1"}``."""

Posture: TypeAlias = Literal["Reactive", "Proactive"]
MetricName: TypeAlias = Literal["successes", "duration", "lateness"]
MetricOperator: TypeAlias = Literal["<", "<=", ">", ">="]
DeliveryOrder: TypeAlias = Literal["occurred", "received", "log"]
"""The order in which a log's events are taken (O1)."""
CompositeKind: TypeAlias = Literal["compound", "sequence"]


# --- Event logs ----------------------------------------------------------------------


class Heading(NamedTuple):
    """What delivery needs of an event (O1-O4): all but its resources, which were not read.

    A heading is never offered to a trigger, because it has no labels to match.
    """

    line: int
    """The line number, from 1 over all logs of the replay."""
    id: str
    name: str
    """The event's name, e.g. ``prefect.flow-run.Completed`` (the log's key ``event``)."""
    occurred: int
    """When it occurred, µs (T1)."""
    received: int | None
    """When the server received it, µs; ``None`` if the log does not say."""
    follows: str | None
    """The id of the event that must be processed before this one (O4)."""


class Event(NamedTuple):
    """One event of a log: a heading and the resources that triggers match."""

    line: int
    """This field and the next five are as in `Heading`."""
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
"""A filter takes an event: the filter's number, the event's role (an index into `ROLES`), and the
bucketing key. A plan's triggers refer to their filter by its number."""


class NameRoles(NamedTuple):
    """The roles that an event's name gives it for one trigger (N1)."""

    starts: bool
    """It matches ``after``."""
    expected: bool
    """It matches ``expect``."""


ROLES: Final = tuple(
    NameRoles(starts, expected) for starts in (False, True) for expected in (False, True)
)
"""All roles; the index of one is ``2 * starts + expected``."""


class Match(Struct, frozen=True):
    """An event and its takings: the input of a replay (N, M, B2)."""

    event: Event
    takings: tuple[Taking, ...]
    """One per filter that takes the event, in the filters' order; empty if no trigger takes it."""


def event_in(record: Event | Match | Heading) -> Event | Heading:
    """The event of a record."""
    return record.event if isinstance(record, Match) else record


class Unmatched(NamedTuple):
    """Consecutive headings in columns: events that no trigger takes."""

    lines: Sequence[int]
    """`Heading.line` of each heading; the other columns correspond to its other fields."""
    ids: Sequence[str]
    occurred: Sequence[int]
    follows: Sequence[str | None]
    name_codes: Sequence[int]
    names: Sequence[str]
    """The names that `name_codes` are indexes into; may have names that are not used."""
    received: Sequence[int | None] = ()
    """Empty if the reader was not asked for it."""

    def heading(self, row: int) -> Heading:
        """The heading of a row."""
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


class BadLine(Struct, frozen=True):
    """A record of a log that is no event; the replay skips it."""

    source: str
    line: int
    """The line number from 1 within its source."""
    message: str


LogRecord: TypeAlias = Event | Match | Heading | Unmatched | BadLine
"""A record of a log, as it is read."""


# --- Definitions ---------------------------------------------------------------------

Patterns: TypeAlias = tuple[str, ...]
LabelPatterns: TypeAlias = tuple[tuple[str, Patterns], ...]
"""One ``match`` object: each label with its alternatives, in the order written (M1)."""


class EventTrigger(Struct, frozen=True):
    """A reactive or proactive event trigger (rules N, M, B, E, P)."""

    path: str
    """The trigger's path in its automation: ``$``, or ``$.triggers[0]`` for a child."""
    posture: Posture = "Reactive"
    match: LabelPatterns = ()
    match_related: tuple[LabelPatterns, ...] = ()
    expect: Patterns = ()
    after: Patterns = ()
    for_each: tuple[str, ...] = ()
    """The labels of the bucketing key, sorted and unique (B2)."""
    threshold: int = 1
    within: int = 0
    """The length of the window, µs."""

    @property
    def immediate(self) -> bool:
        """Reactive with ``within`` 0: every expected event counts (E2)."""
        return self.posture == "Reactive" and self.within == 0


class MetricTrigger(Struct, frozen=True):
    """A metric trigger (rules K)."""

    path: str
    metric: MetricName
    threshold: float
    operator: MetricOperator
    range: int = 300_000_000
    """The length of the window that the metric covers, µs."""
    firing_for: int = 300_000_000
    """How long the breach must last before the trigger fires, µs."""
    match: LabelPatterns = ()
    match_related: tuple[LabelPatterns, ...] = ()


class CompositeTrigger(Struct, frozen=True):
    """A compound or sequence trigger (rules C)."""

    path: str
    kind: CompositeKind
    triggers: tuple[Trigger, ...]
    require: int
    """How many children must have fired (C1): all of them for a sequence."""
    within: int | None = None
    """The longest time between the children's firings, µs; ``None``: no limit."""


Trigger: TypeAlias = EventTrigger | MetricTrigger | CompositeTrigger


class Automation(Struct, frozen=True):
    """A trigger, with the other fields of its definition."""

    index: int
    """Its index in definition order, from 0 over all files; breaks ties."""
    name: str
    source: str
    """The file it was read from, under the name that the user gave."""
    trigger: Trigger
    enabled: bool = True
    server_refusals: tuple[str, ...] = ()
    """Why the open-source server would refuse the definition (V4): ids of section D."""
    created: int | None = None
    """When the server created it, µs; known only for exported automations."""
    updated: int | None = None


# --- Findings about definitions --------------------------------------------------------

Severity: TypeAlias = Literal["error", "warning", "info"]


EXCERPT_LIMIT = 400
"""The most characters of a source line that a finding keeps."""


class Span(NamedTuple):
    """A range of a text file: lines and columns count from 1, columns in characters.

    ``end_column`` is one past the last character, as in editors and SARIF.
    """

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def excerpt_from(self) -> int:
        """How many characters of its line are before `Finding.excerpt`: of a long line, most."""
        return max(self.column - 1 - EXCERPT_LIMIT // 2, 0)

    def excerpt_of(self, line: str) -> str:
        """The part of its first line that is shown."""
        return line[self.excerpt_from :][:EXCERPT_LIMIT]


class Edit(NamedTuple):
    """A replacement for a range of a file's text; an empty span inserts."""

    span: Span
    text: str


class Fix(Struct, frozen=True):
    """A correction for a finding; its edits must be applied as a whole."""

    description: str
    edits: tuple[Edit, ...]
    safe: bool
    """Whether it preserves the author's intent for certain; a person must review other fixes."""


class RuleHelp(Struct, frozen=True):
    """The documentation of a finding's rule, for views."""

    code: str
    name: str
    severity: Severity
    summary: str
    markdown: str
    address: str
    """The URL of the rule's page."""


class Finding(Struct, frozen=True):
    """A remark about one place of a definition file.

    Text from the file (`message`, `excerpt`, `help`) is data: renderers must escape it.
    """

    code: str
    """The stable code, e.g. ``TRG101``."""
    name: str
    """The readable name, e.g. ``unknown-key``."""
    severity: Severity
    message: str
    """One sentence: what was found and what was expected."""
    file: str
    span: Span
    pointer: str = ""
    """JSON Pointer (RFC 6901) to the value, ``""`` for the whole document."""
    excerpt: str = ""
    """The source line at ``span.line``, without its newline; of a long line `Span.excerpt_of`."""
    help: str | None = None
    """What to do, e.g. ``did you mean `threshold`?``"""
    automation: str | None = None
    trigger: str | None = None
    """The trigger's path within its automation, e.g. ``$.triggers[0]``."""
    fix: Fix | None = None
    after_fix: bool = False
    """Whether it appears only once the fix of another finding has been applied."""


# --- What a replay yields ------------------------------------------------------------


class Bucket(Struct, frozen=True):
    """The open window of one bucketing key of one event trigger (B1)."""

    start: int
    end: int
    count: int
    last_event: Event | None


DeliveryKind: TypeAlias = Literal["waiting", "released", "duplicate"]
BucketKind: TypeAlias = Literal["opened", "counted", "ignored", "closed", "renewed", "dropped"]
# Not in the contract's list: `measured` (the value changed) and `recovered` (the breach ended).
MetricKind: TypeAlias = Literal["measured", "breached", "recovered", "resolved"]
HeldKind: TypeAlias = Literal["stored", "superseded", "expired", "cleared"]
TransitionKind: TypeAlias = DeliveryKind | BucketKind | MetricKind | HeldKind | Literal["fired"]


class RunMeasure(NamedTuple):
    """One of the measurements that make up a metric's value."""

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
        """The length of the span, µs (K3, K4); ``None`` for K2."""
        return None if self.began is None else self.occurred - self.began


class Firing(Struct, frozen=True):
    """One firing of one trigger; a composite's firing has those of its children (C5)."""

    seq: int
    """The ``seq`` of the ``fired`` transition that reports it."""
    automation: Automation
    trigger: Trigger
    at: int
    """The simulated clock, µs (T6)."""
    labels: tuple[tuple[str, str], ...]
    """Each ``for_each`` label with its value (B3)."""
    event: Event | None
    """The triggering event; ``None`` if a deadline fired it."""
    children: tuple[Firing, ...]

    @property
    def is_own(self) -> bool:
        """Whether the automation fired, and not only a child of its trigger."""
        return self.trigger is self.automation.trigger


# The records of a replay, from which every view is made. Each class has exactly the fields that its
# kinds always have.

_Kind = TypeVar("_Kind")
_Event = TypeVar("_Event")
_Trigger = TypeVar("_Trigger")
_Before = TypeVar("_Before")
_After = TypeVar("_After")


class _ReplayRecord(Struct, Generic[_Kind, _Event], frozen=True):
    seq: int
    """The position in the replay, from 0."""
    at: int
    """The simulated clock, µs."""
    kind: _Kind
    rule: str
    """The rule of ``semantics.md`` that decided."""
    because: tuple[int, ...]
    """The `seq` of each record that it follows from."""
    event: _Event
    """The event that caused it; ``None`` for a deadline."""


class _TriggerRecord(_ReplayRecord[_Kind, _Event], Generic[_Kind, _Event, _Trigger], frozen=True):
    automation: Automation
    trigger: _Trigger


class _BucketRecord(
    _TriggerRecord[_Kind, _Event, EventTrigger],
    Generic[_Kind, _Event, _Before, _After],
    frozen=True,
):
    key: Key
    """The bucketing key (B2)."""
    before: _Before
    after: _After


class DeliveryTransition(_ReplayRecord[DeliveryKind, Event | Heading], frozen=True):
    """What delivery did with an event (O2, O4), or a heading if it is offered to no trigger."""

    due: int | None = None
    """When the wait of the event ends, µs (``waiting``)."""

    @property
    def offered(self) -> Event | None:
        """`event`, or ``None`` if it is offered to no trigger."""
        return self.event if isinstance(self.event, Event) else None


class Opened(_BucketRecord[Literal["opened"], Event | None, None, Bucket], frozen=True):
    """A bucket was opened (B5, B6, E6, E7, P3, P6)."""


class Counted(_BucketRecord[Literal["counted"], Event, Bucket, Bucket], frozen=True):
    """An event counted in its bucket (E2)."""


class Ignored(_BucketRecord[Literal["ignored"], Event, Bucket | None, Bucket | None], frozen=True):
    """An event did not count (B5, B7, E1, S2).

    `before` and `after` are ``None`` if the trigger waits for an ``after`` event (B7).
    """


class Renewed(_BucketRecord[Literal["renewed"], Event, Bucket, Bucket], frozen=True):
    """A heartbeat replaced a bucket that it satisfied by a new one (E4)."""


class Closed(_BucketRecord[Literal["closed", "dropped"], Event | None, Bucket, None], frozen=True):
    """A bucket ended without firing, or was forgotten (E5, E6, P5, S1, S2)."""


BucketTransition: TypeAlias = Opened | Counted | Ignored | Renewed | Closed
"""A change of a bucket of an event trigger, except a firing."""


class MetricTransition(_TriggerRecord[MetricKind, Event | None, MetricTrigger], frozen=True):
    """A change of a metric (K), except a firing."""

    value: float | None
    """The metric's value after the change."""

    @property
    def key(self) -> Key:
        """A metric has no key."""
        return ()


class HeldTransition(_TriggerRecord[HeldKind, Event | None, CompositeTrigger], frozen=True):
    """A change of a child's firing that a composite stores (C)."""

    firing: Firing
    """The child's firing."""

    @property
    def key(self) -> Key:
        """A composite has no key."""
        return ()


class FiredTransition(_TriggerRecord[Literal["fired"], Event | None, Trigger], frozen=True):
    """A trigger fired (E3, K7, C2, C4)."""

    key: Key
    firing: Firing
    before: Bucket | None = None
    """The bucket that fired and was closed (event triggers)."""
    value: float | None = None
    """The metric's value, and (next field) its measurements (metric triggers)."""
    runs: tuple[RunMeasure, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether the automation fired, and not only a child of its trigger."""
        return self.trigger is self.automation.trigger


TriggerTransition: TypeAlias = (
    BucketTransition | MetricTransition | HeldTransition | FiredTransition
)
Transition: TypeAlias = DeliveryTransition | TriggerTransition


RECORDS: Mapping[TransitionKind, Callable[..., Transition]] = {
    "waiting": DeliveryTransition,
    "released": DeliveryTransition,
    "duplicate": DeliveryTransition,
    "opened": Opened,
    "counted": Counted,
    "ignored": Ignored,
    "closed": Closed,
    "renewed": Renewed,
    "dropped": Closed,
    "measured": MetricTransition,
    "breached": MetricTransition,
    "recovered": MetricTransition,
    "resolved": MetricTransition,
    "stored": HeldTransition,
    "superseded": HeldTransition,
    "expired": HeldTransition,
    "cleared": HeldTransition,
    "fired": FiredTransition,
}
"""The record class of each kind."""


def value_of(one: Transition) -> float | None:
    """The metric's value after the record; ``None`` for other triggers, and if undefined."""
    return one.value if isinstance(one, MetricTransition | FiredTransition) else None


def subject_of(one: Transition) -> Event | Heading | None:
    """The record's event; for a firing at a deadline, the event that the firing carries (E3)."""
    if one.kind == "fired" and one.event is None:
        return one.firing.event
    return one.event


class Pending(Struct, frozen=True):
    """A deadline after the end of the replay (T5)."""

    automation: Automation
    trigger: Trigger
    key: Key
    due: int
    count: int
    threshold: float
    value: float | None = None
    """The metric's value, for a deadline of a metric trigger."""


def key_labels(trigger: Trigger, key: Key) -> tuple[tuple[str, str], ...]:
    """Each ``for_each`` label of `trigger` with its value in `key` (B3)."""
    if isinstance(trigger, EventTrigger):
        return tuple(zip(trigger.for_each, key, strict=True))
    return ()
