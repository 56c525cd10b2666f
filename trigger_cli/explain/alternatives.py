"""Replays of the same events in the other dialect, and in the other order of delivery."""

from collections.abc import Sequence

from msgspec import Struct

from trigger_cli.dialects import is_refusal, refused_by
from trigger_cli.engine.errors import EndlessError
from trigger_cli.engine.sensitivity import late_sensitivities, sensitivities
from trigger_cli.explain.case import Case, outcome_verdict
from trigger_cli.explain.evidence import Outcome
from trigger_cli.explain.records import DialectView, OrderView
from trigger_cli.explain.sentence import Sentence, event_named, say
from trigger_cli.explain.tally import Passing, by_key
from trigger_cli.model import Event, EventTrigger, Firing
from trigger_cli.times import format_duration
from trigger_cli.views.firing_identity import are_alike, likeness, time_and_key_of

ENOUGH_FIRINGS = 100
"""How many firings, from the first that differs on, decide which rows of section D matter."""
_COMPARED = 1_000
"""The most events in which a swapped pair is searched."""


class Alternatives(Struct, frozen=True):
    """Other outcomes for the same events; ``None``: the outcome is the same."""

    dialect: DialectView | None = None
    order: OrderView | None = None


def alternatives(case: Case) -> Alternatives:
    """The outcomes for an automation in another dialect, and in another order of delivery."""
    return Alternatives(other_dialect(case), other_order(case))


def row_matters(case: Case, row: str) -> bool:
    """Whether the trigger (or child) fires with the other choice for one row of section D.

    True if the replay cannot be repeated; then the records are trusted.
    """
    if not case.evidence.can_repeat:
        return True
    try:
        outcome = case.again(dialect=case.evidence.with_row(row), told="firings of all triggers")
    except EndlessError:  # too many firings to report
        return True
    return first_firing(outcome, case.trigger.path) is not None


def first_firing(outcome: Outcome, path: str) -> Firing | None:
    """The first firing of a trigger of the automation, if it fired."""
    return next((one for one in outcome.fired if one.trigger.path == path), None)


# --- The other dialect ---------------------------------------------------------------------


def other_dialect(case: Case) -> DialectView | None:
    """The other dialect's verdict, if the verdict or the firings differ."""
    evidence = case.evidence
    about = (case.automation, evidence.dialect, evidence.other_dialect)
    sensitive = sensitivities(*about)
    if evidence.may_have_late_events:
        sensitive += late_sensitivities(*about)
    if not sensitive or not evidence.can_repeat:
        return None
    try:
        return _compared(case, sensitive)
    except EndlessError:  # too many firings to report
        return None


def _compared(case: Case, sensitive: Sequence[str]) -> DialectView | None:
    """The other dialect's verdict on an automation that is sensitive to the dialect."""
    evidence = case.evidence
    other = evidence.other_dialect
    outcome = case.again(dialect=other)
    verdict = outcome_verdict(case.automation, outcome, other)
    same = are_alike(outcome.firings, case.own_firings)
    refused = refused_by(other, case.automation.server_refusals)
    differs = not same or verdict != case.verdict
    if not differs and not refused:
        return None
    enough = None
    # With `--start`, a replay that ends before its first event is an error.
    if not same and evidence.options.start is None:
        enough = _enough(case.own_firings, outcome.firings)
    compared = [row for row in sensitive if not is_refusal(row)]
    without_effect = _without_effect(case, compared, enough, firings_alone=not same)
    rows = [row for row in sensitive if row not in without_effect]
    if differs and not [row for row in rows if row not in refused] and "D11" not in rows:
        # Each row alone changes nothing, but all of them do.
        rows = list(sensitive)
    if verdict == "never-evaluated":
        rows = [row for row in rows if is_refusal(row)]
    return DialectView(
        other.name,
        evidence.dialect.name,
        verdict,
        len(outcome.firings),
        tuple(rows),
        ENOUGH_FIRINGS if enough is not None else None,
    )


def _without_effect(
    case: Case, rows: Sequence[str], enough: int | None, *, firings_alone: bool
) -> set[str]:
    """The rows of section D that change nothing by themselves, as replays show.

    Args:
        case: The automation.
        rows: The rows to try.
        enough: When each replay may end, µs.
        firings_alone: Whether a row may change the verdict, if only the firings are the same.
    """
    own = case.own_firings
    changed = [case.evidence.with_row(row) for row in rows]
    variants = [(case.automation, dialect) for dialect in changed]
    if enough is None:
        alone = case.each_again(variants)
    else:
        # The end has effects of its own, so the replay's own dialect ends there too.
        variants.insert(0, (case.automation, case.evidence.dialect))
        here, *alone = case.each_again(variants, until=enough)
        own = here.firings
    return {
        row
        for row, dialect, one in zip(rows, changed, alone, strict=True)
        if are_alike(one.firings, own)
        and (firings_alone or outcome_verdict(case.automation, one, dialect) == case.verdict)
    }


def _enough(own: Sequence[Firing], other: Sequence[Firing]) -> int | None:
    """The instant, µs, by which there are enough firings to decide why two replays differ.

    ``None`` if there are fewer, from the first that differs on.
    """
    pairs = zip(map(likeness, own), map(likeness, other), strict=False)
    alike = next(
        (place for place, (one, two) in enumerate(pairs) if one != two), min(len(own), len(other))
    )
    last = alike + ENOUGH_FIRINGS - 1
    return min((firings[last].at for firings in (own, other) if len(firings) > last), default=None)


# --- The other order -------------------------------------------------------------------------


def other_order(case: Case) -> OrderView | None:
    """The verdict in the other order (received or occurred), if it differs."""
    other = case.in_other_order
    if other is None:
        return None
    order, outcome = other
    verdict = outcome_verdict(case.automation, outcome, case.dialect)
    if verdict == case.verdict and len(outcome.firings) == case.fired:
        return None
    return OrderView(order, verdict, len(outcome.firings), _swap(case, order))


_IN_ORDER = {"received": "in arrival order", "occurred": "in order of occurrence"}


def _swap(case: Case, order: str) -> Sentence:
    """Which pair of events was swapped, and by how much."""
    pair = _swapped_pair(case, order)
    if pair is None:
        return (f"{_IN_ORDER[order]} events that belong together changed places",)
    first, second, gap, in_order = pair
    return say(
        "{} {} came {} before {}: emit it with `follows`, and it waits",
        _IN_ORDER[in_order],
        event_named(first),
        format_duration(gap),
        event_named(second),
    )


def _swapped_pair(case: Case, order: str) -> tuple[Event, Event, int, str] | None:
    """An expected event, its ``after`` event, by how much it came first, µs, and in which order."""
    passing = _passing_of_pairs(case)
    swapped = case.again(order=order, told="records")
    ignored = {
        one.event.line
        for one in (*swapped.records, *case.evidence.records[case.automation.index])
        if one.kind == "ignored" and one.rule in {"B7", "H2", "E1"}
    }
    starts = by_key(one for one in passing if one.roles.starts)
    best: tuple[Event, Event, int, str] | None = None
    for expected in passing:
        if not expected.roles.expected or expected.event.line not in ignored:
            continue
        for start in starts[expected.key]:
            found = _gap(expected.event, start.event)
            if found is not None and (best is None or found[0] < best[2]):
                best = (expected.event, start.event, *found)
    return best


def _passing_of_pairs(case: Case) -> list[Passing]:
    """The events that passed leaves with ``after``; few enough to compare all pairs."""
    found: list[Passing] = []
    for tally in case.evidence.tallies_of(case.automation):
        if isinstance(tally.trigger, EventTrigger):
            found += tally.passing[:_COMPARED] if tally.trigger.after else []
    return found[:_COMPARED]


def _gap(expected: Event, start: Event) -> tuple[int, str] | None:
    """By how much `expected` precedes `start` in one order alone, and which order that is."""
    if expected.received is None or start.received is None:
        return None
    by_occurred = start.occurred - expected.occurred
    by_received = start.received - expected.received
    if by_received > 0 >= by_occurred:
        return by_received, "received"
    return (by_occurred, "occurred") if by_occurred > 0 >= by_received else None


def only_in_this_order(case: Case, firing: Firing) -> bool:
    """Whether a firing does not happen in the other order of delivery."""
    there = case.firings_in_other_order
    return there is not None and time_and_key_of(firing) not in there
