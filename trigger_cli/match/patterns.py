"""Patterns compiled to predicates (``semantics.md`` N and M).

All decisions are made when a trigger is compiled: an exact pattern becomes an equality test, a list
of exact patterns a set, ``prefix*`` a ``startswith``. An event only costs calls.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from fnmatch import translate
from functools import lru_cache
from typing import TypeAlias

from trigger_cli.dialects import Dialect
from trigger_cli.model import (
    EventTrigger,
    LabelPatterns,
    Labels,
    MetricTrigger,
    NameRoles,
    Patterns,
)

TextPredicate: TypeAlias = Callable[[str], bool]
ResourcePredicate: TypeAlias = Callable[[Labels], bool]
RelatedPredicate: TypeAlias = Callable[[Sequence[Labels]], bool]
EventPredicate: TypeAlias = Callable[[Labels, Sequence[Labels]], bool]

NEGATION = "!"
STAR = "*"
GLOB_CHARACTERS = frozenset("?[")


def is_negated(pattern: str) -> bool:
    """Whether `pattern` begins with ``!``."""
    return pattern.startswith(NEGATION)


def is_literal(pattern: str) -> bool:
    """Whether `pattern`, without its negation, stands for itself alone in every dialect (N2 to N4)."""
    return STAR not in pattern and not GLOB_CHARACTERS.intersection(pattern)


# --- One pattern ---------------------------------------------------------------------


def compile_pattern(pattern: str, dialect: Dialect) -> TextPredicate:
    """A predicate for one pattern, which ignores its negation.

    ``*`` matches any run of characters, the empty run too (N2, M3). If the dialect has more glob
    characters (N4, M6), a pattern with any of them is matched as by ``fnmatchcase``. If it allows a
    star only at the end (D18), any other star is literal.
    """
    if dialect.only_trailing_stars:
        if pattern.endswith(STAR):
            return lambda text: text.startswith(pattern[:-1])
        return lambda text: text == pattern
    if dialect.glob_characters and GLOB_CHARACTERS.intersection(pattern):
        expression = glob_expression(pattern)
        return lambda text: expression.match(text) is not None
    if STAR not in pattern:
        return lambda text: text == pattern
    first, *middle, last = pattern.split(STAR)
    if not any(middle):
        if not last:
            return lambda text: text.startswith(first)
        if not first:
            return lambda text: text.endswith(last)
    return _with_stars(first, [part for part in middle if part], last)


def glob_expression(pattern: str) -> re.Pattern[str]:
    """The regular expression that ``fnmatchcase`` uses for a pattern, built in linear time.

    `fnmatch` takes quadratic time: for each ``[`` without an end it searches to the pattern's end.
    """
    last = pattern.rfind("]")
    parts = []
    place = 0
    while (begin := pattern.find("[", place)) >= 0:
        parts.append(pattern[place:begin])
        # Right after the bracket, or after a `!` there, a `]` belongs to the class.
        first = begin + 1 + pattern.startswith("!", begin + 1)
        first += pattern.startswith("]", first)
        if last < first:
            parts.append("[[]")
            place = begin + 1
        else:
            place = pattern.index("]", first) + 1
            parts.append(pattern[begin:place])
    return re.compile(translate("".join(parts) + pattern[place:]))


def _with_stars(first: str, middle: Sequence[str], last: str) -> TextPredicate:
    # Each part is matched at its leftmost place, which is linear in the text. A regular expression
    # with many `.*` could take exponential time on a long hostile label.
    shortest = len(first) + sum(map(len, middle)) + len(last)

    def matches(text: str) -> bool:
        if len(text) < shortest or not text.startswith(first) or not text.endswith(last):
            return False
        place = len(first)
        end = len(text) - len(last)
        for part in middle:
            found = text.find(part, place, end)
            if found < 0:
                return False
            place = found + len(part)
        return True

    return matches


def _any_of(patterns: Iterable[str], dialect: Dialect) -> TextPredicate:
    patterns = tuple(patterns)
    wild = [p for p in patterns if not is_literal(p)]
    literal = frozenset(patterns).difference(wild)
    if not wild:
        return literal.__contains__
    predicates = [compile_pattern(pattern, dialect) for pattern in wild]
    if len(patterns) == 1:
        return predicates[0]
    return lambda text: text in literal or any(predicate(text) for predicate in predicates)


def _split(patterns: Patterns) -> tuple[Patterns, Patterns]:
    """The positive patterns, and the negated ones without their ``!``."""
    positive = tuple(p for p in patterns if not is_negated(p))
    negated = tuple(p.removeprefix(NEGATION) for p in patterns if is_negated(p))
    return positive, negated


def _excluding(patterns: Patterns, dialect: Dialect) -> TextPredicate:
    """Some positive pattern matches, or there is none, and no negated pattern does (N3, M4)."""
    positive, negated = _split(patterns)
    if not negated:
        return _any_of(positive, dialect)
    excluded = _any_of(negated, dialect)
    if not positive:
        return lambda text: not excluded(text)
    included = _any_of(positive, dialect)
    return lambda text: included(text) and not excluded(text)


def _alternatives(patterns: Patterns, dialect: Dialect) -> TextPredicate:
    """A plain OR in which each ``!p`` means "not p" (M6)."""
    positive, negated = _split(patterns)
    if not negated:
        return _any_of(positive, dialect)
    included = _any_of(positive, dialect)
    excluded = [compile_pattern(p, dialect) for p in negated]
    return lambda text: included(text) or any(not predicate(text) for predicate in excluded)


# --- Event names ---------------------------------------------------------------------


def compile_names(trigger: EventTrigger, dialect: Dialect) -> Callable[[str], NameRoles | None]:
    """Return the roles of a name for `trigger`; ``None`` if it has none (N1)."""
    return _compiled_names(trigger.expect, trigger.after, dialect)


def only_names(trigger: EventTrigger) -> frozenset[str] | None:
    """The only names that may have a role for `trigger`; ``None``: others may, too (N1)."""
    patterns = trigger.expect + trigger.after
    if not trigger.expect or any(is_negated(p) or not is_literal(p) for p in patterns):
        return None
    return frozenset(patterns)


@lru_cache(maxsize=1_000)  # as `compile_label`
def _compiled_names(
    expect: Patterns, after: Patterns, dialect: Dialect
) -> Callable[[str], NameRoles | None]:
    if dialect.name_negation_excludes:
        starts = _excluding(after, dialect) if after else _never
        expects = _excluding(expect, dialect) if expect else _always
        interesting: TextPredicate = _always
    else:
        starts = _alternatives(after, dialect) if after else _never
        expects = _alternatives(expect, dialect) if expect else _always
        # The server finds candidates by the patterns as written, including `!`: a negated one
        # matches no name, and is evaluated only for names that another pattern admits.
        interesting = (
            _any_of(expect + after, dialect)
            if expect and not dialect.candidates_by_prefix
            else _always
        )
    begins = None if dialect.name_star_takes_nothing else _server_prefix(expect, after)

    def roles(name: str) -> NameRoles | None:
        if not interesting(name) or (begins is not None and not begins(name)):
            return None
        found = NameRoles(starts(name), expects(name))
        return found if any(found) else None

    return roles


def _server_prefix(expect: Patterns, after: Patterns) -> TextPredicate:
    """N4's second condition: the name matches one pattern with ``*`` as one or more characters."""
    patterns = expect + after if expect else (STAR,)
    expression = re.compile("|".join(re.escape(p).replace("\\*", ".+") for p in patterns))
    return lambda name: expression.match(name) is not None


def _always(_text: str) -> bool:
    return True


def _never(_text: str) -> bool:
    return False


# --- Resources -----------------------------------------------------------------------


def compile_resources(
    trigger: EventTrigger | MetricTrigger, dialect: Dialect
) -> EventPredicate | None:
    """A predicate for an event's primary and related resources (M1, M2).

    ``None`` if every event passes, which saves a call per event.
    """
    own = compile_match(trigger.match, dialect) if trigger.match else None
    related = [compile_related(one, dialect) for one in trigger.match_related if one]
    if not related:
        if own is None:
            return None
        primary = own
        return lambda resource, _related: primary(resource)
    if len(related) == 1:
        only = related[0]
        if own is None:
            return lambda _resource, others: only(others)
        primary = own
        return lambda resource, others: primary(resource) and only(others)

    def matches(resource: Labels, others: Sequence[Labels]) -> bool:
        return (own is None or own(resource)) and all(one(others) for one in related)

    return matches


@lru_cache(maxsize=1_000)
def compile_label(patterns: Patterns, dialect: Dialect) -> TextPredicate:
    """A predicate for the value of one label (M3, M4, M6); an empty list matches nothing.

    Cached, because explanations need the same predicate for each event.
    """
    if not patterns:
        return _never
    if dialect.label_lists_exclude:
        return _excluding(patterns, dialect)
    return _alternatives(patterns, dialect)


def compile_match(labels: LabelPatterns, dialect: Dialect) -> ResourcePredicate:
    """A predicate for one resource: it has all labels, each with a matching value (M1)."""
    predicates = [(label, compile_label(patterns, dialect)) for label, patterns in labels]
    if len(predicates) == 1:
        ((only, fits),) = predicates

        def matches_one(resource: Labels) -> bool:
            value = resource.get(only)
            return value is not None and fits(value)

        return matches_one

    def matches(resource: Labels) -> bool:
        for label, predicate in predicates:
            value = resource.get(label)
            if value is None or not predicate(value):
                return False
        return True

    return matches


def asserts_absence(labels: LabelPatterns, dialect: Dialect) -> bool:
    """Whether a ``match_related`` object can match because a related resource is absent (M5)."""
    return dialect.related_negation_is_absence and any(
        is_negated(pattern) for _, patterns in labels for pattern in patterns
    )


def compile_related(labels: LabelPatterns, dialect: Dialect) -> RelatedPredicate:
    """A predicate for the related resources and one ``match_related`` object (M2, M5, M6)."""
    if not labels:
        return lambda _related: True
    satisfied = compile_match(labels, dialect)
    if not asserts_absence(labels, dialect):
        return lambda related: any(satisfied(resource) for resource in related)
    forbidden = compile_forbidden(labels, dialect)
    needs_one = one_must_satisfy(labels)

    def matches(related: Sequence[Labels]) -> bool:
        if any(forbidden(resource) for resource in related):
            return False
        return not needs_one or any(satisfied(resource) for resource in related)

    return matches


@lru_cache(maxsize=1_000)  # as `compile_label`
def compile_forbidden(labels: LabelPatterns, dialect: Dialect) -> ResourcePredicate:
    """A predicate for the related resources that a ``match_related`` object forbids (M5).

    They satisfy the labels without negated patterns, and one of their values matches a negated one.
    """
    negative = [label for label in labels if any(map(is_negated, label[1]))]
    described = compile_match(tuple(label for label in labels if label not in negative), dialect)
    forbidden_values = [
        (label, _any_of(_split(patterns)[1], dialect)) for label, patterns in negative
    ]

    def forbidden(resource: Labels) -> bool:
        return described(resource) and any(
            (value := resource.get(label)) is not None and excluded(value)
            for label, excluded in forbidden_values
        )

    return forbidden


def one_must_satisfy(labels: LabelPatterns) -> bool:
    """Whether a list of a ``match_related`` object has negated patterns beside others (M5)."""
    return any(all(_split(patterns)) for _, patterns in labels)
