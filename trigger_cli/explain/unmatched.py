"""Why no event came as far as a trigger's buckets: names (N) and resources (M)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import translate

from trigger_cli.dialects import Dialect
from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Diagnosis
from trigger_cli.explain.sentence import Name, Sentence, listed, times
from trigger_cli.explain.tally import ClauseTally, Role, metric_roles
from trigger_cli.match.patterns import GLOB_CHARACTERS, compile_label, compile_names, is_negated
from trigger_cli.model import EventTrigger, MetricTrigger
from trigger_cli.vocabulary import (
    FLOW_RUN,
    SAME_BUT_FOR_CASE,
    STATE_TYPES,
    STATES,
    UNDELIVERED_NAMES,
    NearName,
    near_names,
)

_NAME_CODES = {"D3": "negated-name", "D4": "star-needs-character"}


def unmatched(case: Case) -> Diagnosis | None:
    """Why no event passed the filters, or ``None`` if some did in every role there is."""
    if not case.evidence.delivered:
        return Diagnosis("no-events", _no_events(case))
    tally, trigger = case.tally, case.trigger
    expect, after = tally.roles["expect"], tally.roles["after"]
    has_after = isinstance(trigger, EventTrigger) and bool(trigger.after)
    if not expect.named:
        return unnamed(case, "expect")
    if has_after and not after.named:
        return unnamed(case, "after")
    if not expect.related:
        return refused(case, "expect")
    if has_after and not after.related:
        return refused(case, "after")
    return None


def _no_events(case: Case) -> Sentence:
    read = case.evidence.read
    if not read:
        return ("The log has no events.",)
    taken = case.evidence.names.total()
    if not taken:
        said = f"No event of the log was taken ({times(read, 'event')} read)"
        return (f"{said}: see --from, --to and --until.",)
    return (f"No event of the log reached the triggers ({times(read, 'event')} read).",)


# --- Names -------------------------------------------------------------------------------


def unnamed(case: Case, role: Role) -> Diagnosis:
    """Why no event has a name that the trigger wants in this role."""
    names = case.evidence.names
    lost = _undelivered(case, role)
    if lost is not None:
        return lost
    if isinstance(case.trigger, MetricTrigger):
        said: Sentence = (
            f"The metric is made of events named {FLOW_RUN}<State>, and no event of the log ",
            f"is named so ({times(names.total(), 'event')} in all).",
        )
        return Diagnosis("name-never-seen", said)
    trigger = case.event_trigger
    patterns = trigger.expect if role == "expect" else trigger.after
    wanted = listed(patterns)
    if role == "after":
        tail: Sentence = (", and no such event is in the log: no window was ever opened",)
        return Diagnosis(
            "after-never-seen", ("after waits for ", *wanted, *tail, *_near(case, role))
        )
    globbed = _matched_as_globs(case, patterns)
    if globbed:
        events = sum(case.evidence.names[name] for name in globbed)
        said = (
            "In event names ? and [ are no wildcards, so expect ",
            *wanted,
            f" matches nothing; as a glob it would match {times(events, 'event')} of ",
            *listed(globbed, last="and"),
            " (D5).",
        )
        return Diagnosis("glob-in-name", said)
    found = _names_in(case, role, case.evidence.other_dialect)
    if found:
        row = _row_of(patterns)
        said = (
            "In this dialect expect ",
            *wanted,
            " matches none of the log's names; ",
            f"in the other it would match {times(sum(found.values()), 'event')} of ",
            *listed(found, last="and"),
            f" ({row}).",
        )
        return Diagnosis(_NAME_CODES[row], said)
    custom = _custom_states(case, patterns)
    if custom:
        (pattern, name, events), *_ = custom
        said = (
            "expect lists ",
            Name(pattern),
            f"; the log has {times(events, 'event')} whose state is of that type, but named ",
            Name(name),
            ".",
        )
        return Diagnosis("custom-state-name", said)
    near = near_names(patterns, names)
    if near:
        code = "name-case" if near[0].likeness == SAME_BUT_FOR_CASE else "name-nearly"
        return Diagnosis(code, ("expect lists ", Name(near[0].pattern), "; ", *_has(near[0]), "."))
    said = ("No event of the log is named ", *wanted, ", nor anything like it")
    return Diagnosis("name-never-seen", (*said, f" ({times(names.total(), 'event')} in all)."))


def _undelivered(case: Case, role: Role) -> Diagnosis | None:
    """What kept the events that have such a name from the triggers (O2, O3, O4)."""
    found = _names_in(case, role, case.dialect)
    if not found:
        return None
    only = (
        f"The only {times(sum(found.values()), 'event')} of ",
        *listed(found, last="and"),
    )
    waiting = {event.name for event, _ in case.evidence.report.waiting}
    if not waiting.isdisjoint(found):
        said: Sentence = (*only, " waited to the end for the event to follow (O4).")
        return Diagnosis("waiting-for-leader", said)
    if UNDELIVERED_NAMES.issuperset(found):
        return Diagnosis("never-delivered", (*only, " never reached the triggers (O3)."))
    said = (*only, " had the id of an event processed less than 30 min before (O2).")
    return Diagnosis("duplicate", said)


def _near(case: Case, role: Role) -> Sentence:
    trigger = case.event_trigger
    near = near_names(trigger.expect if role == "expect" else trigger.after, case.evidence.names)
    return ("; ", *_has(near[0]), ".") if near else (".",)


def _has(near: NearName) -> Sentence:
    return (f"the log has {near.events:,} ", Name(near.name))


def _row_of(patterns: tuple[str, ...]) -> str:
    """Which of the rows D3 and D4 makes the dialects read names differently."""
    return "D3" if any(map(is_negated, patterns)) else "D4"


def _matched_as_globs(case: Case, patterns: tuple[str, ...]) -> list[str]:
    """The names that patterns with ``?`` or ``[`` would match if these were wildcards."""
    globs = [re.compile(translate(one)) for one in patterns if GLOB_CHARACTERS.intersection(one)]
    return [name for name in case.evidence.names if any(glob.match(name) for glob in globs)]


def _names_in(case: Case, role: Role, dialect: Dialect) -> Mapping[str, int]:
    trigger = case.trigger
    roles_of = (
        compile_names(trigger, dialect) if isinstance(trigger, EventTrigger) else metric_roles
    )
    found = {}
    for name, events in case.evidence.names.items():
        roles = roles_of(name)
        if roles is not None and (roles.expected if role == "expect" else roles.starts):
            found[name] = events
    return found


def _custom_states(case: Case, patterns: tuple[str, ...]) -> list[tuple[str, str, int]]:
    found = []
    for pattern in patterns:
        state = pattern.removeprefix(FLOW_RUN)
        state_type = STATES.get(state)
        # The first state of a type has the type's name.
        if (
            not pattern.startswith(FLOW_RUN)
            or not state_type
            or state != STATE_TYPES[state_type][0]
        ):
            continue
        for name, types in case.evidence.states.items():
            if types[state_type]:
                found.append((pattern, name, types[state_type]))
    return sorted(found, key=lambda one: -one[2])


def custom_state_names(case: Case, patterns: tuple[str, ...]) -> list[str]:
    """Names in the log of states of the wanted types, the commonest first."""
    return [name for _, name, _ in _custom_states(case, patterns)]


# --- Resources ---------------------------------------------------------------------------


def refused(case: Case, role: Role) -> Diagnosis:
    """Why no event of a wanted name passed ``match`` and ``match_related``."""
    tally = case.tally.roles[role]
    of_related = tally.matched > 0
    clause = tally.commonest(related=of_related)
    assert clause is not None
    came = tally.matched if of_related else tally.named
    all_of_them = f"all {came:,} events" if came > 1 else "the only event"
    names = _role_names(case, role)
    said: Sentence = (
        Name(clause.clause),
        f" refused {all_of_them if clause.failed == came else times(clause.failed, 'event')} of ",
        *names,
        ": ",
        *_wanted_and_found(clause),
    )
    if role == "after":
        return Diagnosis("after-never-matched", (*said, "."))
    return Diagnosis(_code(case, clause, related=of_related), (*said, "."))


def _role_names(case: Case, role: Role) -> Sentence:
    if isinstance(case.trigger, MetricTrigger):
        return ("a flow run's state",)
    patterns = case.event_trigger.expect if role == "expect" else case.event_trigger.after
    return listed(patterns) if patterns else ("any name",)


def _wanted_and_found(clause: ClauseTally) -> Sentence:
    hint = clause.hints.most_common(1)[0][0] if clause.hints else ""
    if not clause.expected:
        return (hint,)
    value, events = clause.values.most_common(1)[0]
    wants: Sentence = ("it wants ", *listed(clause.expected))
    if value is None:
        return (*wants, f"; {hint}") if hint else wants
    most = "all have" if events == clause.failed else f"most often ({events:,}) they have"
    if clause.failed == 1:
        most = "it has"
    found: Sentence = (*wants, f"; {most} ", Name(value))
    return (*found, f" ({hint})") if hint else found


def _code(case: Case, clause: ClauseTally, *, related: bool) -> str:
    hint = clause.hints.most_common(1)[0][0] if clause.hints else ""
    if not clause.expected:
        return "empty-pattern-list"
    for words, code in _HINT_CODES.items():
        if hint.startswith(words):
            return code
    if _glob(case, clause):
        return "glob-in-label"
    if related:
        return "related-never-matched"
    return "label-missing" if set(clause.values) == {None} else "resource-never-matched"


_HINT_CODES = {
    "a related resource has it": "resource-is-related",
    "the event's own resource has it": "related-is-primary",
    "another related resource has it": "related-split",
    "forbidden": "related-forbidden",
}


def _glob(case: Case, clause: ClauseTally) -> bool:
    """Whether it is ``?`` or ``[`` that makes the difference (D5)."""
    if not any(GLOB_CHARACTERS.intersection(pattern) for pattern in clause.expected):
        return False
    fits = compile_label(clause.expected, case.evidence.other_dialect)
    return any(value is not None and fits(value) for value in clause.values)
