"""Why an event does not pass a trigger's filters: the rules of ``patterns.py``, by clause.

The compiled predicates return only yes or no, as fast as possible. `why_not` evaluates the same
rules (N and M of ``semantics.md``) clause by clause and reports what each expected and found. A
property test checks that both agree: an event passes if, and only if, every check has passed.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from unicodedata import normalize

from msgspec import Struct

from trigger_cli.dialects import Dialect, counterpart
from trigger_cli.match.patterns import (
    asserts_absence,
    compile_forbidden,
    compile_label,
    compile_match,
    compile_names,
    compile_pattern,
    is_negated,
    one_must_satisfy,
)
from trigger_cli.model import Event, EventTrigger, LabelPatterns, Labels, MetricTrigger, Patterns
from trigger_cli.vocabulary import FLOW_RUN, RESOURCE_ROLE, state_name

NAME_CLAUSES = frozenset({"expect", "expect or after", "event"})
"""The clauses that are about the event's name."""


class Check(Struct, frozen=True):
    """The result of one clause of a trigger for one event."""

    clause: str
    """The clause's path in the definition, e.g. ``match.prefect.resource.name``."""
    passed: bool
    expected: tuple[str, ...]
    """The patterns, as written."""
    actual: str | None
    """The event's value; ``None`` if it has none."""
    hint: str = ""
    """A remark for the reader; may be empty."""

    @property
    def is_name(self) -> bool:
        """Whether the clause is about the event's name."""
        return self.clause in NAME_CLAUSES

    @property
    def is_related(self) -> bool:
        """Whether the clause is about related resources."""
        return self.clause.startswith("match_related")


def why_not(
    trigger: EventTrigger | MetricTrigger, event: Event, dialect: Dialect
) -> tuple[Check, ...]:
    """Check every clause of `trigger` against `event`; the event passes if all checks do."""
    return (
        _name_check(trigger, event.name, dialect),
        *_match_checks(trigger.match, event, dialect),
        *_related_checks(trigger.match_related, event, dialect),
    )


# --- Names (N, K1) -----------------------------------------------------------------------


def _name_check(trigger: EventTrigger | MetricTrigger, name: str, dialect: Dialect) -> Check:
    if isinstance(trigger, MetricTrigger):
        return Check("event", state_name(name) is not None, (f"{FLOW_RUN}*",), name)
    clause = "expect or after" if trigger.after else "expect"
    expected = tuple(dict.fromkeys(trigger.expect + trigger.after))
    roles = compile_names(trigger, dialect)(name)
    if roles is None:
        return Check(clause, passed=False, expected=expected, actual=name)
    hint = ""
    if trigger.after:
        hint = {
            (True, True): "matches both expect and after",
            (True, False): "matches after: it starts the watch",
            (False, True): "matches expect: it counts",
        }[roles.starts, roles.expected]
    return Check(clause, passed=True, expected=expected, actual=name, hint=hint)


# --- The primary resource (M1) -------------------------------------------------------------


def _match_checks(labels: LabelPatterns, event: Event, dialect: Dialect) -> Iterator[Check]:
    for label, patterns in labels:
        value = event.resource.get(label)
        passed = value is not None and compile_label(patterns, dialect)(value)
        hint = "" if passed else _match_hint(label, patterns, event, dialect)
        yield Check(f"match.{label}", passed, patterns, value, hint)


def _match_hint(label: str, patterns: Patterns, event: Event, dialect: Dialect) -> str:
    if not patterns:
        return "an empty list matches nothing"
    value = event.resource.get(label)
    if any(_has(resource, label, patterns, dialect) for resource in event.related):
        return "a related resource has it: this belongs in match_related"
    if value is None:
        return "the resource has no such label"
    return _value_hint(patterns, value, dialect)


def _value_hint(patterns: Patterns, value: str, dialect: Dialect) -> str:
    lower = tuple(one.casefold() for one in patterns)
    if compile_label(lower, dialect)(value.casefold()):
        return "differs only in upper and lower case"
    for fold, hint in _FOLDS:
        if compile_label(tuple(map(fold, patterns)), dialect)(fold(value)):
            return hint
    other = counterpart(dialect)
    if compile_label(patterns, other)(value):
        return f"the {other.name} dialect would take it"
    if longer := longer_patterns(patterns, value, dialect):
        return f"the value goes on: {longer[0]} would match it"
    return ""


def _without_spaces(text: str) -> str:
    return "".join(text.split())


_FOLDS = (
    (_without_spaces, "differs only in white space"),
    (partial(normalize, "NFC"), "has the same letters, in other Unicode characters (NFC, NFD)"),
)
"""What two texts may differ in that look alike, and how that is told."""


def longer_patterns(patterns: Patterns, value: str, dialect: Dialect) -> tuple[str, ...]:
    """The patterns with ``.*`` added that match a value which they match up to a dot."""
    longer = (f"{one}.*" for one in patterns if one and not is_negated(one))
    return tuple(one for one in longer if compile_label((one,), dialect)(value))


def _has(resource: Labels, label: str, patterns: Patterns, dialect: Dialect) -> bool:
    value = resource.get(label)
    positive = tuple(one for one in patterns if not is_negated(one))
    return value is not None and bool(positive) and compile_label(positive, dialect)(value)


# --- Related resources (M2, M5, M6) --------------------------------------------------------


def _related_checks(
    objects: Sequence[LabelPatterns], event: Event, dialect: Dialect
) -> Iterator[Check]:
    for place, labels in enumerate(objects):
        where = "match_related" if len(objects) == 1 else f"match_related[{place}]"
        yield from _object_checks(where, labels, event, dialect)


def _object_checks(
    where: str, labels: LabelPatterns, event: Event, dialect: Dialect
) -> Iterator[Check]:
    if asserts_absence(labels, dialect):
        culprit = next(filter(compile_forbidden(labels, dialect), event.related), None)
        if culprit is not None:
            yield from _absence_checks(where, labels, culprit, dialect)
            return
        if not one_must_satisfy(labels):
            for label, patterns in labels:
                hint = "no such related resource" if any(map(is_negated, patterns)) else ""
                yield Check(
                    f"{where}.{label}", passed=True, expected=patterns, actual=None, hint=hint
                )
            return
    best = max(event.related, key=_nearness(labels, dialect), default=None)
    for label, patterns in labels:
        value = None if best is None else best.get(label)
        passed = value is not None and compile_label(patterns, dialect)(value)
        hint = "" if passed else _related_hint(label, patterns, value, event, dialect)
        yield Check(f"{where}.{label}", passed, patterns, value, hint)


def _absence_checks(
    where: str, labels: LabelPatterns, culprit: Labels, dialect: Dialect
) -> Iterator[Check]:
    for label, patterns in labels:
        value = culprit.get(label)
        excluded = value is not None and any(
            compile_pattern(one[1:], dialect)(value) for one in patterns if is_negated(one)
        )
        hint = "forbidden: a related resource has it" if excluded else ""
        yield Check(f"{where}.{label}", not excluded, patterns, value, hint)


@lru_cache(maxsize=1_000)  # as `compile_label`
def _nearness(labels: LabelPatterns, dialect: Dialect) -> Callable[[Labels], tuple[int, bool]]:
    """How many of the labels a related resource satisfies, and whether it has the role."""
    predicates = [compile_match((one,), dialect) for one in labels]
    roles = dict(labels).get(RESOURCE_ROLE)
    in_role = compile_label(roles, dialect) if roles else None

    def nearness(resource: Labels) -> tuple[int, bool]:
        role = resource.get(RESOURCE_ROLE)
        return (
            sum(predicate(resource) for predicate in predicates),
            in_role is not None and role is not None and in_role(role),
        )

    return nearness


def _related_hint(
    label: str, patterns: Patterns, value: str | None, event: Event, dialect: Dialect
) -> str:
    if not patterns:
        return "an empty list matches nothing"
    having = [one for one in event.related if _has(one, label, patterns, dialect)]
    if label != RESOURCE_ROLE and having:
        role = having[0].get(RESOURCE_ROLE)
        of_role = f", in the role {role}" if role else ""
        return (
            f"another related resource has it{of_role}, but one must satisfy all labels of the "
            "object"
        )
    if _has(event.resource, label, patterns, dialect):
        return "the event's own resource has it: this belongs in match"
    if not event.related:
        return "the event has no related resources"
    if value is None:
        return "the nearest related resource has no such label"
    return _value_hint(patterns, value, dialect)
