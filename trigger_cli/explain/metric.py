"""Why a metric trigger did not fire (K)."""

from __future__ import annotations

from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Diagnosis, NearestMiss
from trigger_cli.explain.sentence import At, Sentence
from trigger_cli.explain.unmatched import unmatched
from trigger_cli.model import MetricTrigger, value_of
from trigger_cli.times import SECOND, format_duration
from trigger_cli.views.breaches import Breach, note_breach


def no_metric_firing(case: Case) -> Diagnosis:
    """The decisive cause."""
    diagnosis = unmatched(case)
    if diagnosis is not None:
        return diagnosis
    trigger = case.metric_trigger
    if case.pending:
        first = min(case.pending, key=lambda one: one.due)
        said: Sentence = (
            f"The value is {shown_value(trigger, first.value)}, {_bound(trigger)}; ",
            "it fires at ",
            At(first.due),
            " if that lasts.",
        )
        return Diagnosis("pending-deadline", said)
    values = values_of(case)
    if not values:
        passed = case.tally.roles["expect"].related
        said = (f"No event made a run that {trigger.metric} can measure ({passed:,} passed).",)
        return Diagnosis("metric-undefined", said)
    longest = _longest_breach(case)
    if longest is not None:
        start, held, _ = longest
        said = (
            f"The value was {_bound(trigger)} for {format_duration(held)} from ",
            At(start),
            f" on, and firing_for asks for {format_duration(trigger.firing_for)}.",
        )
        return Diagnosis("breach-too-short", said)
    at, closest = closest_value(case)
    said = (
        f"The value was never {_bound(trigger)}: ",
        f"it came closest with {shown_value(trigger, closest)} at ",
        At(at),
        ".",
    )
    return Diagnosis("metric-never-breached", said)


def values_of(case: Case) -> list[tuple[int, float]]:
    """The metric's defined values, each with when it was first so."""
    values = ((one.at, value_of(one)) for one in case.records)
    return [(at, value) for at, value in values if value is not None]


def closest_value(case: Case) -> tuple[int, float]:
    """The value that came closest to the threshold, or furthest beyond it."""
    rising = case.metric_trigger.operator in {">", ">="}
    return max(values_of(case), key=lambda one: one[1] if rising else -one[1])


def breaches_of(case: Case) -> list[Breach]:
    """When the value met the threshold."""
    found: list[Breach] = []
    for one in case.records:
        note_breach(found, one)
    return found


def _longest_breach(case: Case) -> tuple[int, int, float | None] | None:
    """When the longest breach began, how long it lasted, both µs, and the value at first."""
    end = case.evidence.report.end or 0
    lengths = ((one.start, one.length(end), one.value) for one in breaches_of(case))
    return max(lengths, key=lambda one: one[1], default=None)


def metric_miss(case: Case) -> NearestMiss | None:
    """How close the value came, or for how long it held."""
    trigger = case.metric_trigger
    longest = _longest_breach(case)
    if longest is not None:
        start, held, value = longest
        said: Sentence = (
            f"{shown_value(trigger, value)} from ",
            At(start),
            f" held for {format_duration(held)} of {format_duration(trigger.firing_for)}.",
        )
        missed = max(trigger.firing_for - held, 0)
        return _miss(case, said, start, start + held, missed, value)
    if not values_of(case):
        return None
    at, closest = closest_value(case)
    said = (f"{shown_value(trigger, closest)} at ", At(at), f"; it fires {_bound(trigger)}.")
    return _miss(case, said, at, at, None, closest)


def _miss(
    case: Case, said: Sentence, start: int, end: int, missed_by: int | None, value: float | None
) -> NearestMiss:
    trigger = case.metric_trigger
    return NearestMiss(
        trigger.path, (), said, 0, trigger.threshold, start, end, missed_by, None, value
    )


def shown_value(trigger: MetricTrigger, value: float | None) -> str:
    """A value as a person reads it: a fraction, or a duration."""
    if value is None:
        return "undefined"
    if trigger.metric == "successes":
        return f"{value:.4g}"
    return format_duration(round(value * SECOND))


def _bound(trigger: MetricTrigger) -> str:
    return f"{trigger.operator} {shown_value(trigger, trigger.threshold)}"
