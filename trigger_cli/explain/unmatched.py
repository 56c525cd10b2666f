"""Why no event reached a trigger's buckets: names (N) and resources (M)."""

from collections.abc import Mapping

from trigger_cli.dialects import Dialect
from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Diagnosis, because
from trigger_cli.explain.scope import Scope
from trigger_cli.explain.sentence import (
    Name,
    Sentence,
    event_named,
    listed,
    say,
    times,
    wanted_and_found,
)
from trigger_cli.explain.tally import ClauseTally, Role, RoleTally, roles_in
from trigger_cli.match.lists import listed as listed_in
from trigger_cli.match.patterns import (
    GLOB_CHARACTERS,
    compile_label,
    glob_expression,
    is_negated,
)
from trigger_cli.match.why_not import why_not
from trigger_cli.model import EventTrigger, MetricTrigger
from trigger_cli.vocabulary import (
    ALL_STATES,
    FLOW_RUN,
    SAME_BUT_FOR_CASE,
    STATE_TYPES,
    STATES,
    UNDELIVERED_NAMES,
    NearName,
    near_names,
    state_of,
)


def unmatched(case: Case) -> Diagnosis | None:
    """Why no event passed the filters, or ``None`` if some did in every role."""
    if not case.evidence.delivered:
        return _undelivered(case, "expect") or Diagnosis("no-events", _no_events(case))
    trigger, tallies = case.trigger, case.tally.roles
    roles: list[Role] = ["expect"]
    if isinstance(trigger, EventTrigger) and trigger.after:
        roles.append("after")
    for role in roles:
        if not tallies[role].named:
            return unnamed(case, role)
    for role in roles:
        if not tallies[role].related:
            return refused(case, role)
    return None


def _no_events(case: Case) -> Sentence:
    read = case.evidence.read
    if not read and case.evidence.options.taken_from is not None:
        return ("No event of the log came from then on.",)
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
    if case.scope is not None:
        return _no_name_in_scope(case, case.scope, role)
    lost = _undelivered(case, role)
    if lost is not None:
        return lost
    in_all = f"({times(names.total(), 'event')} in all)"
    log = case.log
    if isinstance(case.trigger, MetricTrigger):
        return because(
            "name-never-seen",
            f"The metric is made of events named {FLOW_RUN}<State>, and no event of {log} is "
            f"named so {in_all}.",
        )
    patterns = _patterns(case.event_trigger, role)
    wanted = listed(patterns)
    near = near_names(patterns, names)
    has = say(f"{log} has {{}} {{}}", f"{near[0].events:,}", Name(near[0].name)) if near else ()
    elsewhere = names_in(case, role, case.evidence.other_dialect)
    if elsewhere:
        row = _name_row(case, role)
        said = say(
            f"In the {case.dialect.name} dialect {role} {{}} takes no name of {log}; in the "
            f"{case.evidence.other_dialect.name} dialect it takes {{}} ({row}).",
            wanted,
            _events_of(elsewhere),
        )
        return Diagnosis("after-never-seen" if role == "after" else _NAME_ROWS[row], said)
    if role == "after":
        return because(
            "after-never-seen",
            f"after waits for {{}}, and no such event is in {log}: no window was ever opened{{}}.",
            wanted,
            ("; ", *has) if near else (),
        )
    globbed = _matched_as_globs(case, patterns)
    if globbed:
        return because(
            "glob-in-name",
            "In event names ? and [ are no wildcards, so expect {} matches nothing; as a glob it "
            "would match {} (D5).",
            wanted,
            _events_of({name: names[name] for name in globbed}),
        )
    custom = _custom_states(case, patterns)
    if custom:
        (pattern, name, events), *_ = custom
        return because(
            "custom-state-name",
            "expect lists {}; the log has {} whose state is of that type, but named {}.",
            Name(pattern),
            times(events, "event"),
            Name(name),
        )
    for pattern in patterns:
        if there := {one: names[one] for one in listed_in(pattern) if one in names}:
            words = f"expect lists {{}}, which is one name and no list; {log} has {{}}."
            return because("name-nearly", words, Name(pattern), _events_of(there))
    if near and not _is_other_state(near[0]):
        code = "name-case" if near[0].likeness == SAME_BUT_FOR_CASE else "name-nearly"
        return because(code, "expect lists {}; {}.", Name(near[0].pattern), has)
    if near:
        words = f"No event of {log} is named {{}} {in_all}; the nearest is {{}} ({{}})."
        nearest = times(near[0].events, "event")
        return because("name-never-seen", words, wanted, Name(near[0].name), nearest)
    words = f"No event of {log} is named {{}}, nor anything like it {in_all}."
    return because("name-never-seen", words, wanted)


def _is_other_state(near: NearName) -> bool:
    """Whether a name is near that of a state which is no misspelling, but another event's."""
    return near.likeness < SAME_BUT_FOR_CASE and state_of(near.pattern) in ALL_STATES


def _no_name_in_scope(case: Case, scope: Scope, role: Role) -> Diagnosis:
    """Why no event in scope has a name that the trigger wants in this role."""
    if not scope.events and scope.resource:
        return because("no-events", "No event is about {}.", Name(scope.resource))
    if not scope.events:
        labels = listed([f"{label}={value}" for label, value in scope.labels], last="and")
        return because("no-events", "No event has {}.", labels)
    events, last = scope.events, scope.events[-1]
    watched = isinstance(case.trigger, EventTrigger) and case.trigger.posture == "Proactive"
    so = "no window was opened" if watched else "nothing was counted"
    code = "after-never-seen" if role == "after" else "name-never-seen"
    if len(events) == 1:
        words = "Its only event, {}, is not in {}, so {}."
        return because(code, words, event_named(last), role, so)
    names = listed(dict.fromkeys(one.name for one in events), last="and", limit=4)
    words = "None of its {} is in {}, so {} ({}; the last on line {})."
    return because(code, words, times(len(events), "event"), role, so, names, str(last.line))


def _patterns(trigger: EventTrigger, role: Role) -> tuple[str, ...]:
    return trigger.expect if role == "expect" else trigger.after


def _events_of(found: Mapping[str, int]) -> Sentence:
    return say("{} of {}", times(sum(found.values()), "event"), listed(found, last="and"))


def _undelivered(case: Case, role: Role) -> Diagnosis | None:
    """What delivery did with the events that have such a name (O2, O3, O4)."""
    found = names_in(case, role, case.dialect)
    if not found:
        return None
    own = None if case.scope is None else {one.line for one in case.scope.events}
    waiting = sum(
        one.name in found and (own is None or one.line in own)
        for one, _ in case.evidence.report.waiting
    )
    unsent = sum(events for name, events in found.items() if name in UNDELIVERED_NAMES)
    total = sum(found.values())
    copies = total - waiting - unsent
    fates = [
        ("waiting-for-leader", waiting, "waited to the end for the event to follow (O4)"),
        ("duplicate", copies, "had the id of an event processed less than 30 min before (O2)"),
        ("never-delivered", unsent, "never reached the triggers (O3)"),
    ]
    (cause, most, what), *others = (one for one in fates if one[1] > 0)
    words = "The only event of {} {}." if total == 1 else "All events of {} {}."
    if others:
        words = f"Of {total:,} events of {{}} {most:,} {{}}"
        words += "".join(f", and {events:,} {of}" for _, events, of in others) + "."
    return because(cause, words, listed(found, last="and"), what)


def _matched_as_globs(case: Case, patterns: tuple[str, ...]) -> list[str]:
    """The names that patterns with ``?`` or ``[`` would match if these were wildcards."""
    globs = [glob_expression(one) for one in patterns if GLOB_CHARACTERS.intersection(one)]
    return [name for name in case.evidence.names if any(glob.match(name) for glob in globs)]


_NAME_ROWS = {
    "D3": "negated-name",
    "D4": "star-needs-character",
    "D5": "glob-in-name",
    "D18": "star-inside",
}
"""For each row of section D about event names, the cause that it makes."""


def _name_row(case: Case, role: Role) -> str:
    """The row of section D by which the other dialect takes names that this one does not."""
    alone = (row for row in _NAME_ROWS if names_in(case, role, case.evidence.with_row(row)))
    negated = any(map(is_negated, _patterns(case.event_trigger, role)))
    return next(alone, "D3" if negated else "D4")


def names_in(case: Case, role: Role, dialect: Dialect) -> Mapping[str, int]:
    """The names in the log that a dialect takes in a role, each with its number of events."""
    roles_of = roles_in(case.tally.trigger, dialect)
    return {
        name: events
        for name, events in case.evidence.names.items()
        if (roles := roles_of(name)) and (roles.expected if role == "expect" else roles.starts)
    }


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
            if name != pattern and types[state_type]:
                found.append((pattern, name, types[state_type]))
    return sorted(found, key=lambda one: -one[2])


def custom_state_names(case: Case, patterns: tuple[str, ...]) -> list[str]:
    """Names in the log of states with the wanted types, the most frequent first."""
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
    return because(
        "after-never-matched" if role == "after" else _code(case, clause, related=of_related),
        "{} refused {} of {}: {}.{}",
        Name(clause.clause),
        all_of_them if clause.failed == came else times(clause.failed, "event"),
        _role_names(case, role),
        _wanted_and_found(clause),
        _refused_too(case, tally, clause),
    )


def _refused_too(case: Case, tally: RoleTally, first: ClauseTally) -> Sentence:
    """Another clause that must change as well, as it refused all events."""
    of_related = tally.matched > 0
    for other in tally.refused_all(related=of_related):
        if other is first or (of_related and _object(other) == _object(first)):
            continue
        them = "it" if other.failed == 1 else "them"
        said = _wanted_and_found(other)
        return say(f" {{}} refused {them} too: {{}}.", Name(other.clause), said)
    # What fails `match` is not asked about `match_related`.
    nearest = case.tally.nearest
    if of_related or nearest is None:
        return ()
    checks = why_not(case.tally.trigger, nearest, case.dialect)
    failed = next((one for one in checks if one.is_related and not one.passed), None)
    if failed is None:
        return ()
    return say(f" And {{}} (line {nearest.line}, the nearest event).", wanted_and_found(failed))


def _object(clause: ClauseTally) -> str:
    """The object of ``match_related`` that a clause is of: a list has ``match_related[0]``."""
    return clause.clause.partition(".")[0]


def _role_names(case: Case, role: Role) -> Sentence:
    if isinstance(case.trigger, MetricTrigger):
        return ("a flow run's state",)
    patterns = _patterns(case.event_trigger, role)
    return listed(patterns) if patterns else ("any name",)


def _wanted_and_found(clause: ClauseTally) -> Sentence:
    hint = clause.told_hint
    if not clause.expected:
        return (clause.hint,)
    wants: Sentence = ("it wants ", *listed(clause.expected))
    value, events = clause.values.most_common(1)[0]
    nearest = _nearest_value(clause)
    if nearest is not None and nearest.name != value:
        how = "differs only in upper and lower case"
        if nearest.likeness < SAME_BUT_FOR_CASE:
            how = "is nearly that"
        have = "has" if nearest.events == 1 else "have"
        which = f"; {nearest.events:,} of {clause.failed:,} {have} "
        return (*wants, which, Name(nearest.name), f", which {how}")
    if value is None:
        return (*wants, f"; {hint}") if hint else wants
    most = "all have" if events == clause.failed else f"most often ({events:,}) they have"
    if clause.failed == 1:
        most = "it has"
    found: Sentence = (*wants, f"; {most} ", Name(value))
    return (*found, f" ({hint})") if hint else found


def _nearest_value(clause: ClauseTally) -> NearName | None:
    """The refused value that is nearly wanted, unless something else is told about the clause."""
    if any(clause.hint.startswith(words) for words in _HINT_CODES):
        return None
    values = {value: events for value, events in clause.values.items() if value is not None}
    return next(iter(near_names(clause.expected, values, 1)), None)


def _code(case: Case, clause: ClauseTally, *, related: bool) -> str:
    if not clause.expected:
        return "empty-pattern-list"
    for words, code in _HINT_CODES.items():
        if clause.hint.startswith(words):
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
    """Whether ``?`` or ``[`` in a pattern is the cause (D5)."""
    if not any(GLOB_CHARACTERS.intersection(pattern) for pattern in clause.expected):
        return False
    fits = compile_label(clause.expected, case.evidence.other_dialect)
    return any(value is not None and fits(value) for value in clause.values)
