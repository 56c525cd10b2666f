"""Runs a scenario in each of its dialects and checks its expectations."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain

from msgspec import Struct, field

from trigger_cli.dialects import DIALECTS
from trigger_cli.engine.errors import EndlessError
from trigger_cli.explain.evidence import Evidence, NearNames
from trigger_cli.explain.explain import Question, conclude, explain
from trigger_cli.explain.gathering import gather
from trigger_cli.explain.records import Explanation
from trigger_cli.explain.scope import Scope, scope_over
from trigger_cli.model import Automation, BadLine, Event, Firing, Heading, Transition, Unmatched
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.testing.bucket_states import BucketStates
from trigger_cli.testing.events import Replayable, assemble
from trigger_cli.testing.expect_fields import names_automation
from trigger_cli.testing.judging import FailedExpectation, Happened, judge
from trigger_cli.testing.records import BucketIs, Firings, Scenario
from trigger_cli.times import TimePoint


class Explainer(Struct, dict=True):
    """Explains the automations of one run; the evidence is collected once, on first use."""

    automations: Sequence[Automation]
    events: Sequence[Event]
    options: ReplayOptions
    """The options of the replay."""
    _known: dict[tuple[int, tuple[tuple[str, str], ...]], Explanation] = field(default_factory=dict)

    @cached_property
    def _evidence(self) -> Evidence:
        needs = NearNames(self.automations).needs()
        return gather(self.automations, self.events, self.options, needs=needs)

    def explain(
        self, automation: Automation, labels: tuple[tuple[str, str], ...] = ()
    ) -> Explanation:
        """Why the automation fired or did not, with the changes that would make a difference."""
        key = (automation.index, labels)
        if key not in self._known:
            self._known[key] = explain(
                self._evidence, automation, Question(scope=self._scope(labels))
            )
        return self._known[key]

    def _scope(self, labels: tuple[tuple[str, str], ...]) -> Scope | None:
        return scope_over(labels, self._evidence.kept.matchable()) if labels else None

    def cause_of(self, automation: Automation) -> str:
        """The code of the decisive cause."""
        return conclude(self._evidence, automation, Question()).diagnosis.cause


class Result(Struct, frozen=True):
    """The result of a scenario in one dialect."""

    scenario: Scenario
    dialect: str
    """As the test calls it."""
    happened: Happened
    failures: tuple[FailedExpectation, ...]
    events: int
    """How many events were replayed."""
    problems: tuple[BadLine, ...]
    leaderless: int
    """How many events waited in vain for the event that they follow (O4)."""
    explainer: Explainer
    error: str | None = None
    """Why the replay was ended, if it would have no end; then nothing is judged."""

    @property
    def passed(self) -> bool:
        """Whether there are expectations and all of them were met."""
        return not self.failures and self.scenario.expects and self.error is None

    @property
    def rules(self) -> str:
        """The name of the dialect, of which `server` is another."""
        return DIALECTS[self.dialect].name

    @property
    def firings(self) -> int:
        """How many times the automations themselves fired."""
        return sum(one.is_own for one in self.happened.firings)

    @property
    def asked_firings(self) -> int:
        """Of these, the ones of automations that the test is about."""
        asked = {one.claim.wanted.automation for one in self.scenario.expectations} or {None}
        return sum(
            firing.is_own and any(names_automation(one, firing.automation.name) for one in asked)
            for firing in self.happened.firings
        )


Watch = Callable[[Sequence[Automation], str], Callable[[Event | Transition], None]]
"""For ``--coverage``: from the automations and dialect of a replay, what records each of its steps."""


def run_scenario(
    scenario: Scenario,
    logs: Mapping[tuple[str, ...], Sequence[Event | BadLine]],
    watch: Watch | None = None,
) -> Iterator[Result]:
    """Replay `scenario` in each of its dialects.

    `logs` contains the records of each set of logs; `watch` is told of each replay.
    """
    replayable = assemble(scenario, logs)
    end = _end(scenario, replayable)
    for dialect in scenario.dialects:
        yield _run(scenario, dialect, replayable, end, watch)


def _run(
    scenario: Scenario, dialect: str, replayable: Replayable, end: int, watch: Watch | None
) -> Result:
    start = replayable.start
    expectations = [one for one in scenario.expectations if one.dialect in {None, dialect}]
    asked = [one.claim.at.resolve(start) for one in expectations if isinstance(one.claim, BucketIs)]
    states = BucketStates(scenario.automations, DIALECTS[dialect], asked)
    firings: list[Firing] = []
    observe = None if watch is None else watch(scenario.automations, dialect)

    events = 0

    def note_event(event: Event | Heading | Unmatched) -> None:
        nonlocal events
        events += len(event.ids) if isinstance(event, Unmatched) else 1
        if observe is not None and isinstance(event, Event):
            observe(event)

    options = ReplayOptions(
        dialect=DIALECTS[dialect],
        order=scenario.order,
        start=TimePoint(start),
        until=TimePoint(end),
        may_be_empty=True,
    )
    run = ReplayRun(
        scenario.automations,
        replayable.events,
        options,
        with_buckets=False,
        compare_dialects=False,
        watch=note_event,
    )
    error: str | None = None
    try:
        for transition in run:
            states.note(transition)
            if transition.kind == "fired":
                firings.append(transition.firing)
            if observe is not None:
                observe(transition)
    except EndlessError as endless:
        error = endless.message
        expectations = []
    states.finish()
    explainer = Explainer(scenario.automations, replayable.events, options)
    happened = Happened(scenario.automations, start, end, firings, states, explainer.cause_of)
    judged = (judge(one, happened) for one in expectations)
    failures = tuple(one for one in judged if one is not None)
    return Result(
        scenario,
        dialect,
        happened,
        failures,
        events,
        replayable.problems,
        run.report().log.leaderless,
        explainer,
        error,
    )


def _end(scenario: Scenario, replayable: Replayable) -> int:
    """The end of the test, µs: its ``until``, or the last time in it."""
    start = replayable.start
    if scenario.until is not None:
        return scenario.until.resolve(start)
    claims = [one.claim for one in scenario.expectations]
    wanted = [one.wanted for one in claims]
    wanted += [item for one in claims if isinstance(one, Firings) for item in one.firings]
    named = (time_point.resolve(start) for one in wanted for time_point in one.time_points)
    occurred = (event.occurred for event in replayable.events)
    return max(chain([start], named, occurred))
