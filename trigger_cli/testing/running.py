"""Runs one scenario in each of its dialects and checks its expectations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from trigger_cli.dialects import DIALECTS
from trigger_cli.model import Automation, BadLine, Event, Firing, Heading, Transition
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.testing.events import Replayable, assemble
from trigger_cli.testing.explaining import Explainer
from trigger_cli.testing.judging import FailedExpectation, Happened, judge
from trigger_cli.testing.records import BucketIs, Expectation, Firings, Scenario
from trigger_cli.testing.standing import Standings
from trigger_cli.times import TimePoint


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a scenario in one dialect."""

    scenario: Scenario
    dialect: str
    happened: Happened
    failures: tuple[FailedExpectation, ...]
    events: int
    """How many events were replayed."""
    problems: tuple[BadLine, ...]
    explainer: Explainer

    @property
    def passed(self) -> bool:
        """Whether there are expectations and all were met."""
        return not self.failures and self.scenario.expects

    @property
    def firings(self) -> int:
        """How many firings the automations themselves had."""
        return sum(one.trigger is one.automation.trigger for one in self.happened.firings)


Watch = Callable[[Sequence[Automation], str, Event | Transition], None]
"""Takes everything that happens, for ``--coverage``: the automations, the dialect, the record."""


def run_scenario(
    scenario: Scenario,
    logs: Mapping[tuple[str, ...], Sequence[Event | BadLine]],
    watch: Watch | None = None,
) -> Iterator[Result]:
    """Replay `scenario` in each of its dialects.

    Args:
        scenario: The test.
        logs: What was read of each set of logs that it names.
        watch: Takes everything that happens.
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
    standings = Standings(scenario.automations, DIALECTS[dialect], asked)
    firings: list[Firing] = []

    def note(transition: Transition) -> None:
        standings.note(transition)
        if transition.kind == "fired":
            firings.append(transition.firing)
        if watch is not None:
            watch(scenario.automations, dialect, transition)

    events = 0

    def note_event(event: Event | Heading) -> None:
        nonlocal events
        events += 1
        if watch is not None and isinstance(event, Event):
            watch(scenario.automations, dialect, event)

    options = ReplayOptions(
        dialect=DIALECTS[dialect],
        order=scenario.order,
        start=TimePoint(start),
        until=TimePoint(end),
    )
    run = ReplayRun(
        scenario.automations,
        replayable.events,
        options,
        with_buckets=False,
        compare_dialects=False,
        watch=note_event,
    )
    for transition in run:
        note(transition)
    standings.finish()
    explainer = Explainer(scenario.automations, replayable.events, options)
    happened = Happened(scenario.automations, start, end, firings, standings, explainer.cause_of)
    judged = (judge(one, happened) for one in expectations)
    failures = tuple(one for one in judged if one is not None)
    return Result(scenario, dialect, happened, failures, events, replayable.problems, explainer)


def _end(scenario: Scenario, replayable: Replayable) -> int:
    """The end of the test: its ``until``, or the last time that it names."""
    start = replayable.start
    if scenario.until is not None:
        return scenario.until.resolve(start)
    last = max((event.occurred for event in replayable.events), default=start)
    named = (time for one in scenario.expectations for time in _times(one, start))
    return max(start, last, *named)


def _times(expectation: Expectation, start: int) -> Iterator[int]:
    claim = expectation.claim
    wanted = [claim.wanted]
    if isinstance(claim, Firings):
        wanted += claim.firings
    if isinstance(claim, BucketIs):
        yield claim.at.resolve(start)
    yield from (one.resolve(start) for item in wanted for one in item.moments)
