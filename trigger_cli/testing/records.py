"""What a test file holds, once read: plain data with places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from trigger_cli.model import Automation, DeliveryOrder, Finding, Labels, Span
from trigger_cli.moments import Moment

NOWHERE = Span(1, 1, 1, 1)


# --- Events ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventSpec:
    """An event that a test makes, perhaps several times."""

    span: Span
    name: str
    at: Moment
    resource: Labels
    related: tuple[Labels, ...] = ()
    id: str | None = None
    """``None``: one of its own."""
    follows: str | None = None
    received: Moment | None = None
    """``None``: when it occurred."""
    times: int = 1
    every: int = 0
    """How far apart the repetitions are, µs."""


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Logs whose events a test takes."""

    span: Span
    paths: tuple[str, ...]


EventSource: TypeAlias = EventSpec | LogFiles


# --- Expectations ------------------------------------------------------------------------


class NoEvent(NamedTuple):
    """Fired by time alone."""


class EventWanted(NamedTuple):
    """The event that made a firing; what is ``None`` or empty does not matter."""

    text: str | None = None
    """Its id, or its name with or without ``prefect.``."""
    id: str | None = None
    name: str | None = None
    resource: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FiringWanted:
    """Which firings are meant; what is ``None`` does not matter."""

    span: Span
    automation: str | None = None
    """The automation's name, or a glob."""
    trigger: str | None = None
    """The trigger's path; ``None``: the automation's own trigger."""
    labels: tuple[tuple[str, str], ...] | None = None
    at: tuple[Moment, ...] = ()
    """At one of these instants."""
    between: tuple[Moment, Moment] | None = None
    event: EventWanted | NoEvent | None = None

    @property
    def moments(self) -> tuple[Moment, ...]:
        """All times it names."""
        return self.at + (self.between or ())


@dataclass(frozen=True, slots=True)
class Fires:
    """How many firings of a kind there are."""

    wanted: FiringWanted
    least: int = 0
    most: int | None = None
    span: Span = NOWHERE
    """Of the number."""


@dataclass(frozen=True, slots=True)
class Firings:
    """Which firings there are, one by one."""

    wanted: FiringWanted
    """What holds for each of them."""
    firings: tuple[FiringWanted, ...]
    exact: bool = False
    """Whether there are no others, and labels are complete."""
    span: Span = NOWHERE
    """Of the list."""


StateName: TypeAlias = Literal["open", "cooling-down", "none"]
STATES: tuple[StateName, ...] = ("open", "cooling-down", "none")


@dataclass(frozen=True, slots=True)
class BucketIs:
    """How a bucket stands at an instant (for a composite: the firings it holds)."""

    wanted: FiringWanted
    at: Moment
    state: StateName | None = None
    count: int | None = None
    state_span: Span | None = None
    count_span: Span | None = None


@dataclass(frozen=True, slots=True)
class CauseIs:
    """Why an automation fired or did not, as `explain` has it."""

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
    """The only dialect in which it is expected."""


# --- Scenarios ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scenario:
    """One test: triggers, events, and what is to come of them."""

    name: str
    span: Span
    """Of the name."""
    automations: tuple[Automation, ...]
    events: tuple[EventSource, ...]
    expectations: tuple[Expectation, ...]
    dialects: tuple[str, ...] = ("docs",)
    order: DeliveryOrder = "occurred"
    start: Moment | None = None
    until: Moment | None = None
    end: Span = NOWHERE
    """Of the whole test, after whose end expectations can be added."""
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
