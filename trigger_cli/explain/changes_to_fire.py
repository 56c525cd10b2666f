"""Candidates for single changes with which a trigger would have fired; each must be tested."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from trigger_cli.dialects import Dialect
from trigger_cli.explain import changes
from trigger_cli.explain.case import Case
from trigger_cli.explain.changes import DefinitionChange
from trigger_cli.explain.composite import missed_rounds
from trigger_cli.explain.metric import breaches_of, values_of
from trigger_cli.explain.proactive import longest_unwatched_state, satisfying_event
from trigger_cli.explain.reactive import (
    TRIED,
    longer,
    nearly_cooled_down,
    short_windows,
    shorter,
)
from trigger_cli.explain.tally import ClauseTally, LeafTally, Role, by_key
from trigger_cli.explain.unmatched import custom_state_names, names_in
from trigger_cli.match.lists import listed
from trigger_cli.match.patterns import compile_label, is_negated
from trigger_cli.match.why_not import longer_patterns
from trigger_cli.model import CompositeTrigger, EventTrigger, Key, MetricTrigger
from trigger_cli.vocabulary import (
    RESOURCE_ID,
    RESOURCE_NAME,
    RESOURCE_ROLE,
    RUN_PREFIXES,
    RUNNING_STATES,
    TERMINAL_STATES,
    is_live_state,
    is_sign_of_life,
    near_names,
    state_of,
    tells_no_state,
)

_TRIED = 6
"""How many numbers of one kind are tried, from the closest on."""


def changes_to_fire(case: Case) -> Iterator[DefinitionChange]:
    """Candidate changes of one trigger, and of its children that never fired."""
    match case.trigger:
        case EventTrigger(posture="Proactive"):
            yield from _of_filters(case)
            yield from _of_watch(case)
        case EventTrigger():
            yield from _of_filters(case)
            yield from _of_window(case)
        case MetricTrigger():
            yield from _of_labels(case.metric_trigger, case.tally)
            yield from _of_metric(case)
        case CompositeTrigger():
            yield from _of_composite(case)


def changes_to_fire_more(case: Case) -> Iterator[DefinitionChange]:
    """Longer windows, for near misses of a further firing; none, for events while it cooled down."""
    match case.trigger:
        case EventTrigger(posture="Reactive") as trigger if trigger.within:
            yield from _of_cooling_down(case)
            for short in short_windows(case)[:TRIED]:
                yield longer(trigger, short)
        case CompositeTrigger(within=within) as composite if within:
            for missed in missed_rounds(case)[:_TRIED]:
                yield changes.change_duration(composite, "within", changes.at_least(missed.span))
        case _:
            pass


def two_changes_to_fire(case: Case) -> Iterator[DefinitionChange]:
    """Pairs of changes of an event trigger; the second corrects what fails after the first."""
    if not isinstance(case.trigger, EventTrigger):
        return
    trigger = case.trigger
    first = [*_of_labels(trigger, case.tally)]
    first += _names(case, "expect", trigger.expect)
    first += _names(case, "after", trigger.after)
    for one in sorted(first, key=lambda change: change.size)[:_TRIED]:
        changed = one.changed
        assert isinstance(changed, EventTrigger)
        tally = case.evidence.tally_over(changed, case.evidence.kept.matchable())
        second = sorted(_of_labels(changed, tally), key=lambda change: change.size)
        for other in second[:_TRIED]:
            yield changes.followed_by(one, other)


# --- Event triggers --------------------------------------------------------------------------


def _of_filters(case: Case) -> Iterator[DefinitionChange]:
    trigger, tally = case.event_trigger, case.tally
    if not tally.roles["expect"].related:
        yield from _names(case, "expect", trigger.expect)
    if trigger.after and not tally.roles["after"].related:
        yield from _names(case, "after", trigger.after)
        yield from _other_starts(case)
    yield from _of_labels(trigger, tally)
    if trigger.after:
        yield changes.drop_after(trigger)
    if trigger.for_each:
        yield changes.change_for_each(trigger, ())
        for label in trigger.for_each if len(trigger.for_each) > 1 else ():
            rest = tuple(one for one in trigger.for_each if one != label)
            yield changes.change_for_each(trigger, rest)
    if RESOURCE_ID not in trigger.for_each and (trigger.after or trigger.posture == "Proactive"):
        yield changes.change_for_each(trigger, (RESOURCE_ID,))


def _names(case: Case, field: Role, patterns: tuple[str, ...]) -> Iterator[DefinitionChange]:
    for near in near_names(patterns, case.evidence.names):
        size = 0.1 + (1 - near.likeness)
        if "*" in near.pattern or is_negated(near.pattern):
            yield changes.add_name(case.event_trigger, field, near.name, size=size)
        else:
            yield changes.replace_name(
                case.event_trigger, field, near.pattern, near.name, size=size
            )
    for pattern in patterns:
        if meant := listed(pattern):
            yield changes.replace_name(case.event_trigger, field, pattern, *meant, size=0.1)
    for name in custom_state_names(case, patterns)[:3]:
        yield changes.add_name(case.event_trigger, field, name, size=0.4)
    for name in [*names_in(case, field, case.evidence.other_dialect)][:3]:
        yield changes.add_name(case.event_trigger, field, name, size=0.4)


def _other_starts(case: Case) -> Iterator[DefinitionChange]:
    """States at which a watch may start whose ``after`` event never comes."""
    for name in case.names if case.event_trigger.posture == "Proactive" else ():
        if is_live_state(name):
            size = 0.6 if state_of(name) in RUNNING_STATES else 0.7
            yield changes.add_name(case.event_trigger, "after", name, size=size)


def _of_labels(
    trigger: EventTrigger | MetricTrigger, tally: LeafTally
) -> Iterator[DefinitionChange]:
    refusing: dict[str, ClauseTally] = {
        **tally.roles["after"].clauses,
        **tally.roles["expect"].clauses,
    }
    for place in changes.places(trigger):
        clause = refusing.get(place.clause(trigger))
        if clause is None:
            continue
        yield from _moves(trigger, place, clause, tally)
        patterns = changes.patterns_at(trigger, place)
        for pattern in patterns:
            if is_negated(pattern):
                yield changes.drop_pattern(trigger, place, pattern)
        if not any(map(is_negated, patterns)):
            for number, value in enumerate(_values(trigger, place, clause, tally.dialect)):
                yield changes.add_pattern(trigger, place, value, 0.5 + number / 100)
        yield changes.drop_label(trigger, place)


def _values(
    trigger: EventTrigger | MetricTrigger,
    place: changes.ClausePlace,
    clause: ClauseTally,
    dialect: Dialect,
) -> list[str]:
    """The values that a clause should take as well: what is nearly wanted, then what is common.

    The id or name of one past run, or of another flow or tag, is no remedy, unless it is nearly the
    one wanted.
    """
    found = {value: events for value, events in clause.values.most_common() if value}
    with_star = {
        pattern: None
        for value in found
        for pattern in longer_patterns(clause.expected, value, dialect)
    }
    near = [*with_star] or [one.name for one in near_names(clause.expected, found)]
    common = [value for value in found if value not in near][:2] if not with_star else []
    if place.related is not None and place.label in {RESOURCE_ID, RESOURCE_NAME}:
        common = []
    if place.related is None and place.label == RESOURCE_ID:
        kinds = {kind: None for value in common for kind in RUN_PREFIXES if value.startswith(kind)}
        common = [value for value in common if not value.startswith(RUN_PREFIXES)]
        common += [f"{kind}*" for kind in kinds]
    if place.related is None and place.label == RESOURCE_NAME and _is_of_runs(trigger):
        common = []
    return near + common


def _is_of_runs(trigger: EventTrigger | MetricTrigger) -> bool:
    """Whether a trigger takes events of runs alone."""
    return isinstance(trigger, MetricTrigger) or (
        bool(trigger.expect) and all(one.startswith(RUN_PREFIXES) for one in trigger.expect)
    )


def _moves(
    trigger: EventTrigger | MetricTrigger,
    place: changes.ClausePlace,
    clause: ClauseTally,
    tally: LeafTally,
) -> Iterator[DefinitionChange]:
    """The move that the hints suggest for a clause in the wrong place."""
    hints = " ".join(clause.hints)
    elsewhere = "match_related" if place.related is None else "match"
    if f"belongs in {elsewhere}" in hints:
        yield changes.move(trigger, place)
    elif place.related is not None and "another related resource has it" in hints:
        fits = compile_label(clause.expected, tally.dialect)
        for one in () if tally.nearest is None else tally.nearest.related:
            if fits(one.get(place.label, "")) and (role := one.get(RESOURCE_ROLE)):
                yield changes.replace_role(trigger, place.related, role)
        yield changes.split_object(trigger, place.related)


def _of_cooling_down(case: Case) -> Iterator[DefinitionChange]:
    """No window, or one for each resource, for events that it ignored after a firing (E1)."""
    trigger = case.event_trigger
    if not trigger.within or trigger.threshold > 1:
        return
    records = case.evidence.records[case.automation.index]
    if any(one.rule == "E1" and one.trigger.path == trigger.path for one in records):
        for early, _ in nearly_cooled_down(case)[:_TRIED]:
            yield shorter(trigger, early)
        yield changes.change_duration(trigger, "within", 0)
        if not trigger.for_each:
            yield changes.change_for_each(trigger, (RESOURCE_ID,))


def _of_window(case: Case) -> Iterator[DefinitionChange]:
    trigger = case.event_trigger
    yield from _of_cooling_down(case)
    if trigger.threshold > 1:
        best = max((story.bucket.count for story in case.windows), default=0)
        for threshold in sorted({max(best, 1), 1}, reverse=True):
            if threshold < trigger.threshold:
                yield changes.change_number(trigger, "threshold", threshold)
        passed = case.tally.roles["expect"].related
        if trigger.for_each and best < passed < trigger.threshold:
            # Keys split the count, and the sum over all keys is still too small.
            fewer = changes.change_number(trigger, "threshold", passed)
            both = changes.combined(trigger, changes.change_for_each(trigger, ()), fewer)
            if both is not None:
                yield both
    for short in short_windows(case)[:TRIED]:
        yield longer(trigger, short)
    for span in _spans(case)[:_TRIED] if not trigger.within else ():
        yield changes.change_duration(trigger, "within", changes.just_above(span))


def _spans(case: Case) -> list[int]:
    """The spans of events that the server forgot (S2), the shortest first, µs."""
    trigger = case.event_trigger
    apart = max(trigger.threshold, 1) - 1
    found = set()
    for own in by_key(case.tally.passing).values():
        expected = sorted(one.event.occurred for one in own if one.roles.expected)
        starts = [one.event.occurred for one in own if one.roles.starts]
        for start in starts if trigger.after else expected:
            # The `after` event that opens a window does not count in it (B5).
            first = (bisect_right if trigger.after else bisect_left)(expected, start)
            if first + apart < len(expected):
                found.add(expected[first + apart] - start)
    return sorted(found)


def _of_watch(case: Case) -> Iterator[DefinitionChange]:
    trigger = case.event_trigger
    for story in case.windows:
        by = satisfying_event(case, story)
        if by is None or not trigger.after or by.name in trigger.after:
            continue
        wide = next(
            (one for one in trigger.expect if one.endswith(".*") and tells_no_state(by.name)), ""
        )
        if wide and by.name.startswith(wide[:-1]):
            # Such a pattern is meant to take the states.
            yield changes.add_name(trigger, "expect", f"!{by.name}", size=0.5)
            ends = (f"{wide[:-1]}{state}" for state in TERMINAL_STATES)
            yield changes.replace_name(trigger, "expect", wide, *ends, size=0.55)
        if is_sign_of_life(by.name):
            # What does not end the run is no answer, or starts the next watch.
            if by.name in trigger.expect and changes.may_drop(trigger.expect, by.name):
                yield changes.drop_name(trigger, "expect", by.name)
            yield changes.add_name(trigger, "after", by.name, size=0.6)
            break
    if (unwatched := longest_unwatched_state(case)) is not None:
        yield changes.add_name(trigger, "after", unwatched[0].name, size=0.5)
    counts = [story.bucket.count for story in case.windows if satisfying_event(case, story)]
    if counts:
        yield changes.change_number(trigger, "threshold", min(counts) + 1)
    if trigger.threshold <= 0:
        yield changes.change_number(trigger, "threshold", 1)
    delays = set()
    for story in case.windows:
        by = satisfying_event(case, story)
        start = story.bucket.end - trigger.within
        if by is not None and by.occurred > start:
            delays.add(by.occurred - start)
        if by is None and story.ending is None and case.evidence.report.end is not None:
            delays.add(case.evidence.report.end - start)
    if not trigger.after:
        # Wherever windows begin, one of half the length of a silence lies within it.
        delays.update(silence // 2 for silence in _silences(case))
    for delay in sorted(delays, reverse=True)[:_TRIED]:
        within = changes.at_most(delay)
        if changes.SHORTEST_PROACTIVE <= within < trigger.within:
            yield changes.change_duration(trigger, "within", within)


def _silences(case: Case) -> Iterator[int]:
    """The times between expected events that follow each other in a bucket, µs."""
    latest: dict[Key, int] = {}
    for one in case.tally.passing:
        occurred = one.event.occurred
        if one.key in latest:
            yield occurred - latest[one.key]
        latest[one.key] = occurred


# --- Metric triggers -------------------------------------------------------------------------


def _of_metric(case: Case) -> Iterator[DefinitionChange]:
    trigger = case.metric_trigger
    rising = trigger.operator in {">", ">="}
    values = sorted({value for _, value in values_of(case)}, reverse=rising)
    for value in values[:_TRIED]:
        change = changes.change_bound(trigger, value, breached=True)
        if change is not None:
            yield change
    for breach in breaches_of(case):
        held = changes.at_most(breach.length(case.evidence.report.end or 0))
        if held < trigger.firing_for:
            yield changes.change_duration(trigger, "firing_for", held)


# --- Composite triggers ------------------------------------------------------------------------


def _of_composite(case: Case) -> Iterator[DefinitionChange]:
    trigger = case.composite
    for nearest in missed_rounds(case)[:1]:
        yield changes.change_duration(trigger, "within", changes.at_least(nearest.span))
    fired = sum(1 for child in case.children if child.firings)
    if trigger.kind == "compound":
        for require in range(min(fired, trigger.require - 1), 0, -1):
            yield changes.change_number(trigger, "require", require)
    else:
        yield changes.change_kind(trigger)
    for child in case.children:
        if not child.firings:
            yield from changes_to_fire(child)
