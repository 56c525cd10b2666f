"""The content of a test file: plain data with places."""

from typing import Literal, TypeAlias

from msgspec import Struct

from trigger_cli.model import Automation, DeliveryOrder, Finding, Labels, Span
from trigger_cli.times import TimePoint

NOWHERE = Span(1, 1, 1, 1)


# --- Events ------------------------------------------------------------------------------


class EventSpec(Struct, frozen=True):
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


class LogFiles(Struct, frozen=True):
    """Logs whose events a test uses."""

    span: Span
    paths: tuple[str, ...]


EventSource: TypeAlias = EventSpec | LogFiles


# --- Expectations ------------------------------------------------------------------------


class NoEvent(Struct, frozen=True):
    """The firing has no event: a deadline caused it."""


class EventWanted(Struct, frozen=True):
    """The event of an expected firing; fields that are ``None`` or empty match any."""

    text: str | None = None
    """Its id, or its name with or without ``prefect.``."""
    id: str | None = None
    name: str | None = None
    resource: tuple[tuple[str, str], ...] = ()


class FiringWanted(Struct, frozen=True):
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
    def time_points(self) -> tuple[TimePoint, ...]:
        """All times that it contains."""
        return self.at + (self.between or ())


class Fires(Struct, frozen=True):
    """The expected number of firings."""

    wanted: FiringWanted
    least: int = 0
    most: int | None = None
    span: Span = NOWHERE
    """The span of the number."""


class Firings(Struct, frozen=True):
    """A list of expected firings."""

    wanted: FiringWanted
    """The selection that all of them share."""
    firings: tuple[FiringWanted, ...]
    exact: bool = False
    """Whether the list and the labels are complete."""
    span: Span = NOWHERE
    """The span of the list."""
    key_span: Span = NOWHERE


StateName: TypeAlias = Literal["open", "cooling-down", "none"]
STATES: tuple[StateName, ...] = ("open", "cooling-down", "none")


class BucketIs(Struct, frozen=True):
    """The state of a bucket at an instant (for a composite: the firings that it stores)."""

    wanted: FiringWanted
    at: TimePoint
    state: StateName | None = None
    count: int | None = None
    state_span: Span | None = None
    count_span: Span | None = None
    count_key_span: Span | None = None


class CauseIs(Struct, frozen=True):
    """Why an automation fired or did not: the cause of `explain`."""

    wanted: FiringWanted
    code: str
    span: Span = NOWHERE


Claim: TypeAlias = Fires | Firings | BucketIs | CauseIs


class Expectation(Struct, frozen=True):
    """One item of ``expect``."""

    span: Span
    claim: Claim
    dialect: str | None = None
    """The only dialect to which it applies."""


# --- Scenarios ---------------------------------------------------------------------------


class Scenario(Struct, frozen=True):
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


class Suite(Struct, frozen=True):
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
