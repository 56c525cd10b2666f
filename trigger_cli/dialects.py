"""The two dialects as one frozen value that the rules ask (``semantics.md``, section D).

``docs`` is what the documentation page promises, ``server`` what the open-source server 3.8
does. A dialect is no second engine: it is the set of named differences below, and each is
asked about in exactly the place where the two part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Dialect:
    """One choice for each row of section D."""

    name: str
    label_lists_exclude: bool
    """D1: ``["a-*", "!a-b"]`` takes a-* except a-b (M4); else it is a plain OR (M6)."""
    related_negation_is_absence: bool
    """D2: ``!p`` in ``match_related`` asserts that no such resource is related (M5)."""
    name_negation_excludes: bool
    """D3: ``!x`` in ``expect`` or ``after`` excludes x (N3); else it matches nothing (N4)."""
    name_star_takes_nothing: bool
    """D4: ``foo*`` matches the name ``foo`` (N2); else it does not (N4)."""
    glob_characters: bool
    """D5: ``?`` and ``[`` in patterns are glob characters (N4, M6); else literal (N3)."""
    satisfied_windows_tile: bool
    """D6: a satisfied proactive window is followed at once by the next (P4); else it is
    dropped at an evaluation and not reopened there (P5)."""
    after_arms_at_start: bool
    """D7: an unkeyed proactive trigger with ``after`` arms itself at the clock's start (P6)."""
    after_reopens_at_end: bool
    """D8: an ``after`` event at or past the end of a reactive window opens a new one (S1)."""
    expired_buckets_are_swept: bool
    """D9: a bucket is forgotten some time (60 s) after its end, whatever its kind (S2)."""
    composite_within_required: bool
    """D10: a composite without ``within`` is refused (V4)."""
    evaluates_metrics: bool
    """D11: metric triggers are evaluated (K); else refused (V4)."""
    posture_required: bool
    """D12: an event trigger without ``posture`` is refused (V4)."""


DOCS = Dialect(
    name="docs",
    label_lists_exclude=True,
    related_negation_is_absence=True,
    name_negation_excludes=True,
    name_star_takes_nothing=True,
    glob_characters=False,
    satisfied_windows_tile=True,
    after_arms_at_start=False,
    after_reopens_at_end=True,
    expired_buckets_are_swept=False,
    composite_within_required=False,
    evaluates_metrics=True,
    posture_required=False,
)

SERVER = Dialect(
    name="server",
    label_lists_exclude=False,
    related_negation_is_absence=False,
    name_negation_excludes=False,
    name_star_takes_nothing=False,
    glob_characters=True,
    satisfied_windows_tile=False,
    after_arms_at_start=True,
    after_reopens_at_end=False,
    expired_buckets_are_swept=True,
    composite_within_required=True,
    evaluates_metrics=False,
    posture_required=True,
)

DIALECTS = {dialect.name: dialect for dialect in (DOCS, SERVER)}


class Difference(NamedTuple):
    """One row of section D."""

    id: str
    field: str
    """The field of `Dialect` that holds the choice."""
    on: str
    docs: str
    server: str


DIFFERENCES = (
    Difference(
        "D1",
        "label_lists_exclude",
        "a negated pattern beside others in a label's list",
        "excludes what it names",
        "is one more alternative, so the list takes nearly every value",
    ),
    Difference(
        "D2",
        "related_negation_is_absence",
        "a negated pattern in match_related",
        "no such related resource",
        "some other related resource",
    ),
    Difference(
        "D3",
        "name_negation_excludes",
        "!x in expect or after",
        "excludes x",
        "matches nothing",
    ),
    Difference(
        "D4",
        "name_star_takes_nothing",
        "foo* on the event name foo",
        "matches",
        "does not match",
    ),
    Difference(
        "D5",
        "glob_characters",
        "? and [ in patterns",
        "stand for themselves",
        "are glob characters",
    ),
    Difference(
        "D6",
        "satisfied_windows_tile",
        "a proactive window that ended satisfied",
        "the next window follows at once",
        "unwatched for one window, or with for_each until the key's next event",
    ),
    Difference(
        "D7",
        "after_arms_at_start",
        "Proactive with after and without for_each",
        "waits for the after event",
        "arms itself at start-up and fires without it",
    ),
    Difference(
        "D8",
        "after_reopens_at_end",
        "an after event just past an expired window",
        "opens a new window",
        "is lost for up to 60 s",
    ),
    Difference(
        "D9",
        "expired_buckets_are_swept",
        "within 0 with after or with threshold above 1",
        "no time limit",
        "forgotten after about 60 s",
    ),
    Difference(
        "D10",
        "composite_within_required",
        "a composite without within",
        "no limit",
        "the definition is refused",
    ),
    Difference(
        "D11",
        "evaluates_metrics",
        "metric triggers",
        "evaluated",
        "the definition is refused",
    ),
    Difference(
        "D12",
        "posture_required",
        "posture missing",
        "Reactive",
        "the definition is refused",
    ),
)


def with_difference(dialect: Dialect, difference: Difference, other: Dialect) -> Dialect:
    """`dialect`, but with `other`'s choice for one row of section D."""
    return replace(dialect, **{difference.field: getattr(other, difference.field)})
