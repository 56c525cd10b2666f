"""The content of a test file: plain data with places."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from trigger_cli.model import Automation, DeliveryOrder, Finding, Labels, Span
from trigger_cli.times import TimePoint

NOWHERE = Span(1, 1, 1, 1)


# --- Events ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventSpec:
    """An event that a test creates, once or several times."""

    span: Span
    name: str
    at: TimePoint
    resource: Labels
    related: tuple[Labels, ...] = ()
    id: str | None = None
    """``None``: a generated one."""
    follows: str | None = None
    received: TimePoint | None = None
    """``None``: the same as `occurred`."""
    times: int = 1
    every: int = 0
    """The time between repetitions, µs."""


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Logs whose events a test uses."""

    span: Span
    paths: tuple[str, ...]


EventSource: TypeAlias = EventSpec | LogFiles


# --- Expectations ------------------------------------------------------------------------


class NoEvent(NamedTuple):
    """The firing has no event: a deadline caused it."""


class EventWanted(NamedTuple):
    """The event of an expected firing; fields that are ``None`` or empty match any."""

    text: str | None = None
    """Its id, or its name with or without ``prefect.``."""
    id: str | None = None
    name: str | None = None
    resource: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FiringWanted:
    """Selects firings; fields that are ``None`` match any."""

    span: Span
    automation: str | None = None
    """The automation's name, or a glob."""
    trigger: str | None = None
    """The trigger's path; ``None``: the automation's own trigger."""
    labels: tuple[tuple[str, str], ...] | None = None
    at: tuple[TimePoint, ...] = ()
    """At one of these instants."""
    between: tuple[TimePoint, TimePoint] | None = None
    event: EventWanted | NoEvent | None = None

    @property
    def moments(self) -> tuple[TimePoint, ...]:
        """All times that it contains."""
        return self.at + (self.between or ())


@dataclass(frozen=True, slots=True)
class Fires:
    """The expected number of firings."""

    wanted: FiringWanted
    least: int = 0
    most: int | None = None
    span: Span = NOWHERE
    """The span of the number."""


@dataclass(frozen=True, slots=True)
class Firings:
    """A list of expected firings."""

    wanted: FiringWanted
    """The selection that all of them share."""
    firings: tuple[FiringWanted, ...]
    exact: bool = False
    """Whether the list and the labels are complete."""
    span: Span = NOWHERE
    """The span of the list."""


StateName: TypeAlias = Literal["open", "cooling-down", "none"]
STATES: tuple[StateName, ...] = ("open", "cooling-down", "none")


@dataclass(frozen=True, slots=True)
class BucketIs:
    """The state of a bucket at an instant (for a composite: the firings that it stores)."""

    wanted: FiringWanted
    at: TimePoint
    state: StateName | None = None
    count: int | None = None
    state_span: Span | None = None
    count_span: Span | None = None


@dataclass(frozen=True, slots=True)
class CauseIs:
    """Why an automation fired or did not: the cause of `explain`."""

    wanted: FiringWanted
    code: str
    span: Span = NOWHERE


Claim: TypeAlias = Fires | Firings | BucketIs | CauseIs


@dataclass(frozen=True, slots=True)
class Expectation:
    """One item of ``expect``."""

    span: Span
    claim: Claim
    dialect: str | None = None
    """The only dialect to which it applies."""


# --- Scenarios ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scenario:
    """One test: triggers, events and expectations."""

    name: str
    span: Span
    """The span of the name."""
    automations: tuple[Automation, ...]
    events: tuple[EventSource, ...]
    expectations: tuple[Expectation, ...]
    dialects: tuple[str, ...] = ("docs",)
    order: DeliveryOrder = "occurred"
    start: TimePoint | None = None
    until: TimePoint | None = None
    end: Span = NOWHERE
    """The span of the test; expectations can be added after its end."""
    expects: bool = True
    """Whether there is an ``expect``."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A test file."""

    file: str
    text: str = ""
    scenarios: tuple[Scenario, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether it cannot be run."""
        return any(one.severity == "error" for one in self.findings)

    def excerpt(self, line: int) -> str:
        """The source line, counted from 1."""
        lines = self.text.splitlines()
        return lines[line - 1][:400] if 0 < line <= len(lines) else ""
