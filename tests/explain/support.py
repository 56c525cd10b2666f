"""Explanations of one trigger and a few events, in a line each."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support import at, automations
from trigger_cli.dialects import DOCS, Dialect
from trigger_cli.explain.evidence import Evidence, NearNames
from trigger_cli.explain.explain import Question, explain
from trigger_cli.explain.gathering import gather
from trigger_cli.explain.records import Explanation
from trigger_cli.explain.sentence import written
from trigger_cli.model import Event
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.testing.events import in_order
from trigger_cli.times import TimePoint


def numbered(events: Sequence[Event]) -> list[Event]:
    """The events with their line numbers, each received when it occurred unless it says so."""
    return [one._replace(line=line) for line, one in enumerate(events, 1)]


def received(event: Event, seconds: float) -> Event:
    """The event, received so many seconds after noon."""
    return event._replace(received=at(seconds))


def evidence_of(
    trigger: Mapping[str, Any] | str,
    events: Sequence[Event],
    dialect: Dialect = DOCS,
    *,
    order: str = "occurred",
    find: int | None = None,
    until: float | None = None,
    taken_from: float | None = None,
    start: float | None = None,
) -> Evidence:
    """One automation's replay, gathered."""

    def snapshot(seconds: float | None) -> TimePoint | None:
        return None if seconds is None else TimePoint(at(seconds))

    chosen = automations(trigger)
    options = ReplayOptions(
        dialect=dialect,
        order=order,
        until=snapshot(until),
        taken_from=snapshot(taken_from),
        start=snapshot(start),
    )
    return gather(
        chosen,
        in_order(numbered(events), order),
        options,
        needs=NearNames(chosen).needs(),
        find=None if find is None else lambda one: one.line == find,
    )


def explained(
    trigger: Mapping[str, Any] | str,
    events: Sequence[Event],
    dialect: Dialect = DOCS,
    *,
    firing: int | None = None,
    snapshot: float | None = None,
    find: int | None = None,
    **options: Any,
) -> Explanation:
    """The explanation of one automation."""
    evidence = evidence_of(trigger, events, dialect, find=find, **options)
    question = Question(
        event=None if find is None else evidence.found[0],
        firing=firing,
        at=None if snapshot is None else at(snapshot),
    )
    return explain(evidence, evidence.automations[0], question)


def summary(explanation: Explanation) -> str:
    """Its decisive sentence; instants as JSON has them."""
    return written(explanation.diagnosis.said)
