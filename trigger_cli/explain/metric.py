"""Why a metric trigger did not fire (K)."""

from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Diagnosis, NearestMiss, because
from trigger_cli.explain.sentence import At, say, times
from trigger_cli.explain.unmatched import unmatched
from trigger_cli.model import MetricName, MetricTrigger, value_of
from trigger_cli.times import LONGEST, SECOND, format_duration
from trigger_cli.views.breaches import Breach, note_breach

_MEASURED: dict[MetricName, str] = {
    "successes": "runs that were Pending before (K2)",
    "duration": "runs that end after Running (K3)",
    "lateness": "runs that were Late and then Running or Crashed (K4)",
}


def no_metric_firing(case: Case) -> Diagnosis:
    """The decisive cause."""
    diagnosis = unmatched(case)
    if diagnosis is not None:
        return diagnosis
    trigger = case.metric_trigger
    if case.pending:
        first = min(case.pending, key=lambda one: one.due)
        now = shown_value(trigger, first.value)
        words = f"The value is {now}, {bound(trigger)}; it fires at {{}} if that lasts."
        return because("pending-deadline", words, At(first.due))
    if not values_of(case):
        passed = case.tally.roles["expect"].related
        words = (
            f"{trigger.metric} measures {_MEASURED[trigger.metric]}, and the {times(passed, 'event')} "
            "that passed made no such run."
        )
        return because("metric-undefined", words)
    longest = _longest_breach(case)
    if longest is not None:
        start, held, _ = longest
        return because(
            "breach-too-short",
            f"The value was {bound(trigger)} for {format_duration(held)} from {{}} on, and "
            f"firing_for asks for {'more than ' if held == trigger.firing_for else ''}"
            f"{format_duration(trigger.firing_for)}.",
            At(start),
        )
    at, closest = _closest_value(case)
    return because(
        "metric-never-breached",
        f"The value was never {bound(trigger)}: it came closest with "
        f"{shown_value(trigger, closest)} at {{}}.",
        At(at),
    )


def values_of(case: Case) -> list[tuple[int, float]]:
    """The metric's defined values, each with the time of its first occurrence."""
    values = ((one.at, value_of(one)) for one in case.records)
    return [(at, value) for at, value in values if value is not None]


def _closest_value(case: Case) -> tuple[int, float]:
    """The value closest to the threshold, or furthest beyond it."""
    rising = case.metric_trigger.operator in {">", ">="}
    return max(values_of(case), key=lambda one: one[1] if rising else -one[1])


def breaches_of(case: Case) -> list[Breach]:
    """The periods in which the value met the threshold."""
    found: list[Breach] = []
    for one in case.records:
        note_breach(found, one)
    return found


def _longest_breach(case: Case) -> tuple[int, int, float | None] | None:
    """The start and duration of the longest breach, both µs, and its first value."""
    end = case.evidence.report.end or 0
    lengths = ((one.start, one.length(end), one.value) for one in breaches_of(case))
    return max(lengths, key=lambda one: one[1], default=None)


def metric_miss(case: Case) -> NearestMiss | None:
    """How close the value came, or how long it met the threshold."""
    trigger = case.metric_trigger
    longest = _longest_breach(case)
    if longest is not None:
        start, held, value = longest
        end, missed_by = start + held, max(trigger.firing_for - held, 0)
        spans = f"{format_duration(held)} of {format_duration(trigger.firing_for)}"
        words = f"A breach from {{}} on, first with {shown_value(trigger, value)}, lasted {spans}."
        said = say(words, At(start))
    elif values_of(case):
        start, value = _closest_value(case)
        end, missed_by = start, None
        said = say(f"{shown_value(trigger, value)} at {{}}; it fires {bound(trigger)}.", At(start))
    else:
        return None
    return NearestMiss(
        trigger.path, (), said, 0, trigger.threshold, start, end, missed_by, None, value
    )


def shown_value(trigger: MetricTrigger, value: float | None) -> str:
    """A value formatted as a fraction or a duration."""
    if value is None:
        return "undefined"
    if trigger.metric == "successes":
        return f"{value:.4g}"
    if abs(value) > LONGEST / SECOND:  # no run takes so long, but a threshold may be that large
        return f"{value:g} s"
    return format_duration(round(value * SECOND))


def bound(trigger: MetricTrigger) -> str:
    """The threshold with its operator, formatted."""
    return f"{trigger.operator} {shown_value(trigger, trigger.threshold)}"
