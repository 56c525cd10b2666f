"""What lists of patterns match, as far as that is known without a log."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain, product

from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.lint.knowledge.catalog import Known, known_events, matched_by
from trigger_cli.lint.subject import LeafAt
from trigger_cli.match.patterns import (
    STAR,
    TextPredicate,
    compile_label,
    compile_pattern,
    is_negated,
)
from trigger_cli.model import EventTrigger, MetricTrigger, Patterns
from trigger_cli.vocabulary import (
    ALL_STATES,
    FLOW_RUN,
    RESOURCE_ID,
    RUN_PREFIXES,
    TERMINAL_STATES,
    state_of,
)


def positive(patterns: Iterable[str]) -> Patterns:
    """The patterns that are not negated."""
    return tuple(p for p in patterns if not is_negated(p))


def negated(patterns: Iterable[str]) -> Patterns:
    """The patterns that are negated, with their ``!``."""
    return tuple(p for p in patterns if is_negated(p))


def takes(pattern: str, text: str) -> bool:
    """Whether a pattern matches a text, as the documentation reads it.

    Only a star matches a literal ``*``, so `text` may be a pattern too: then the result is whether
    the first pattern matches everything that the second matches.
    """
    return _compiled(pattern)(text)


def covers(pattern: str, text: str) -> bool:
    """As `takes`, and on a server too: there a name's star stands for one character or more (N4)."""
    return takes(pattern, text) and _compiled_for_server(pattern)(text)


def all_covered(
    by: Patterns, patterns: Patterns, covering: Callable[[str, str], bool] = covers
) -> bool:
    """Whether each of `patterns` is covered by one of the patterns `by`."""
    exact, starred = frozenset(by), [p for p in by if STAR in p]
    return all(
        (q in exact and covering(q, q)) or any(covering(p, q) for p in starred) for q in patterns
    )


@lru_cache(maxsize=4096)
def _compiled_for_server(pattern: str) -> TextPredicate:
    return compile_pattern(pattern.replace(STAR, "?*"), SERVER)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> TextPredicate:
    return compile_pattern(pattern, DOCS)


def takes_name(names: Patterns, name: str) -> bool:
    """Whether ``expect`` matches a name (N1, N3)."""
    return not names or compile_label(names, DOCS)(name)


def may_overlap(pattern: str, other: str) -> bool:
    """Whether a text may match both patterns; false only if that is impossible."""
    if STAR not in pattern:
        return takes(other, pattern)
    if STAR not in other:
        return takes(pattern, other)
    one, two = (p.partition(STAR)[0] for p in (pattern, other))
    return one.startswith(two) or two.startswith(one)


def lists_may_overlap(patterns: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a text may match a pattern of both lists; false only if that is impossible."""
    if not set(patterns).isdisjoint(others):
        return True
    one, two = ([p for p in listed if STAR in p] for listed in (patterns, others))
    pairs = chain(product(one, others), product(patterns, two))
    return any(may_overlap(p, q) for p, q in pairs)


def ids_of(trigger: EventTrigger | MetricTrigger) -> Patterns:
    """The patterns of ``match`` for the resource's id; empty if there are none."""
    return dict(trigger.match).get(RESOURCE_ID, ())


def is_unfiltered(trigger: EventTrigger | MetricTrigger, of: str = "") -> bool:
    """Whether the filters match every event, or every event of resources with the prefix `of`."""
    return not any(trigger.match_related) and all(
        any(takes(p, f"{of}*") for p in positive(patterns)) and (label == RESOURCE_ID or not of)
        for label, patterns in trigger.match
    )


def population(one: LeafAt) -> tuple[Known, ...] | None:
    """Prefect's events that a trigger may match; ``None`` if unknown.

    If no name is expected, the kind of the primary resource decides.
    """
    trigger = one.trigger
    if isinstance(trigger, MetricTrigger):
        return tuple(k for k in known_events().values() if run_state(k.name) is not None)
    names = positive(trigger.expect + trigger.after)
    if trigger.expect and names:
        found = [known for name in names for known in matched_by(name)]
        return tuple(found) if found and all(map(matched_by, names)) else None
    if trigger.expect or trigger.after:
        return None
    return _of_resources(positive(ids_of(trigger)))


def _of_resources(ids: Patterns) -> tuple[Known, ...] | None:
    """Prefect's events of resources with these ids; ``None`` if one is of no kind that is known."""
    found = [
        known
        for known in known_events().values()
        if known.resource_id and any(takes(known.resource_id, i) for i in ids)
    ]
    kinds = all(any(takes(k.resource_id or "", i) for k in found) for i in ids)
    return tuple(found) if found and kinds else None


def run_state(name: str) -> str | None:
    """The state in ``prefect.flow-run.<State>``."""
    return state_of(name) if name.startswith(FLOW_RUN) else None


def is_about_runs(names: Iterable[str]) -> bool:
    """Whether every pattern names states (or the heartbeat) of flow runs or of task runs."""
    names = positive(names)
    return bool(names) and any(all(n.startswith(kind) for n in names) for kind in RUN_PREFIXES)


def exact_states(names: Iterable[str]) -> tuple[str, ...]:
    """The states that the patterns name one by one."""
    return tuple(state for name in positive(names) if (state := state_of(name)) is not None)


def is_terminal(name: str) -> bool:
    """Whether the event reports the end of a run."""
    return state_of(name) in TERMINAL_STATES


def may_run(name: str) -> bool:
    """Whether the run of an event with this name may have started to run."""
    state = state_of(name)
    return state is None or ALL_STATES.get(state) not in {"SCHEDULED", "PENDING"}


def is_keyed_by_run(trigger: EventTrigger) -> bool:
    """Whether each run has a separate bucket."""
    return RESOURCE_ID in trigger.for_each


def names_one_resource(trigger: EventTrigger) -> bool:
    """Whether ``match`` matches only one resource."""
    ids = ids_of(trigger)
    return len(ids) == 1 and STAR not in ids[0] and not is_negated(ids[0])


def runs_share_bucket(trigger: EventTrigger) -> bool:
    """Whether the event of one run may complete what another run's event started."""
    return (
        bool(trigger.after)
        and not trigger.for_each
        and is_about_runs(trigger.after + trigger.expect)
        and not names_one_resource(trigger)
    )


def same_filters(one: EventTrigger, other: EventTrigger) -> bool:
    """Whether two triggers match the same resources."""
    return one.match == other.match and [r for r in one.match_related if r] == [
        r for r in other.match_related if r
    ]


def filters_include(wide: EventTrigger, narrow: EventTrigger) -> bool:
    """Whether `wide` certainly matches every resource that `narrow` matches."""
    own = dict(narrow.match)
    for label, patterns in wide.match:
        theirs = own.get(label)
        if theirs is None or negated(patterns + theirs):
            return False
        if not all_covered(patterns, theirs, takes):
            return False
    return all(labels in narrow.match_related for labels in wide.match_related if labels)
