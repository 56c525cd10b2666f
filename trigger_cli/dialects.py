"""The dialects, as frozen values that the rules query (``semantics.md``, section D).

``docs`` follows the documentation page; ``server-3.9`` and the others follow an open-source server
of that version. A dialect is not a second engine: it is the set of named differences below. A rule
queries a difference only where the dialects differ.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace


class Dialect(Struct, frozen=True):
    """One choice for each row of section D; the defaults are those of ``docs``."""

    name: str
    is_server: bool
    label_lists_exclude: bool = True
    """D1: ``["a-*", "!a-b"]`` takes a-* except a-b (M4); else it is a plain OR (M6)."""
    related_negation_is_absence: bool = True
    """D2: ``!p`` in ``match_related`` asserts that no such resource is related (M5)."""
    name_negation_excludes: bool = True
    """D3: ``!x`` in ``expect`` or ``after`` excludes x (N3); else alone it matches nothing,
    and beside others it takes their names but x (N4)."""
    name_star_takes_nothing: bool = True
    """D4: ``foo*`` matches the name ``foo`` (N2); else it does not (N4)."""
    glob_characters: bool = False
    """D5: ``?`` and ``[`` in patterns are glob characters (N4, M6); else literal (N3)."""
    satisfied_windows_tile: bool = True
    """D6: a satisfied proactive window is followed at once by the next (P4); else it is
    dropped at an evaluation and not reopened there (P5)."""
    after_arms_at_start: bool = False
    """D7: an unkeyed proactive trigger with ``after`` arms itself at the clock's start (P6)."""
    after_reopens_at_end: bool = True
    """D8: an ``after`` event at or past the end of a reactive window opens a new one (S1)."""
    expired_buckets_are_swept: bool = False
    """D9: a bucket is forgotten some time (60 s) after its end, whatever its kind (S2)."""
    composite_within_required: bool = False
    """D10: a composite without ``within`` is refused (V4)."""
    evaluates_metrics: bool = True
    """D11: metric triggers are evaluated (K); else refused (V4)."""
    posture_required: bool = False
    """D12: an event trigger without ``posture`` is refused (V4)."""
    openings_count_held: bool = False
    """D13: a proactive bucket that an ``after`` event opens counts the expected events in its window
    that were processed before (H4)."""
    renewals_count_held: bool = False
    """D14: the bucket with which a heartbeat renews the watch counts them too (H4, H6)."""
    open_buckets_keep_last_event: bool = False
    """D15: only opening a bucket and counting an event set its last event (H5)."""
    held_copies_are_ignored: bool = False
    """D16: a second copy of an expected event is ignored while the first is held (H3)."""
    text_within_refused: bool = False
    """D17: a proactive ``within`` given as a string is an internal error (V3)."""
    only_trailing_stars: bool = False
    """D18: a ``*`` is a wildcard only at a pattern's end; else anywhere (N2, N4)."""
    heartbeats_renew: bool = True
    """D19: a heartbeat renews the watch that it satisfies (E4)."""
    related_list_refused: bool = False
    """D20: ``match_related`` as a list is refused."""
    self_followers_wait: bool = False
    """D22: an event that follows itself waits for 15 minutes; else it goes on (O4)."""
    candidates_by_prefix: bool = False
    """D23: a name is a candidate by its prefix alone, so that ``!a`` beside other patterns takes
    names that begin like one of them; else one of the patterns must match the name (N4)."""

    def __hash__(self) -> int:
        # Caches of compiled patterns hash the dialect at each use.
        return hash(self.name)

    @property
    def refuses_metrics(self) -> bool:
        """The opposite of D11."""
        return not self.evaluates_metrics

    @property
    def holds(self) -> bool:
        """Whether proactive triggers with ``after`` hold expected events (H1)."""
        return self.openings_count_held or self.renewals_count_held or self.held_copies_are_ignored


DOCS: Final = Dialect("docs", is_server=False)

DOCS_2026_08: Final = replace(
    DOCS,
    name="docs-2026-08",
    label_lists_exclude=False,
    related_negation_is_absence=False,
)

SERVER_3_9: Final = Dialect(
    name="server-3.9",
    is_server=True,
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
    openings_count_held=True,
    renewals_count_held=True,
    open_buckets_keep_last_event=True,
    held_copies_are_ignored=True,
)

SERVER_3_8: Final = replace(
    SERVER_3_9,
    name="server-3.8",
    openings_count_held=False,
    renewals_count_held=False,
    open_buckets_keep_last_event=False,
    held_copies_are_ignored=False,
    text_within_refused=True,
)

SERVER_3_6: Final = replace(
    SERVER_3_8,
    name="server-3.6",
    glob_characters=False,
    only_trailing_stars=True,
    candidates_by_prefix=True,
)

SERVER_3_4: Final = replace(
    SERVER_3_6,
    name="server-3.4",
    heartbeats_renew=False,
    related_list_refused=True,
    self_followers_wait=True,
)
"""For 3.3 and later: before, a composite's firing carried no event (D21)."""

SERVER: Final = SERVER_3_9
"""The dialect of the newest server."""

ALL_DIALECTS: Final = (DOCS, DOCS_2026_08, SERVER_3_9, SERVER_3_8, SERVER_3_6, SERVER_3_4)
DIALECTS: Final = {**{dialect.name: dialect for dialect in ALL_DIALECTS}, "server": SERVER}
"""The dialects by each name that a user may give."""


_VERSIONS: Final = (
    ((3, 9), SERVER_3_9),
    ((3, 6, 23), SERVER_3_8),
    ((3, 4, 16), SERVER_3_6),
    ((3, 0, 2), SERVER_3_4),
)
"""The first version of each dialect's servers, the newest first."""


def dialect_of_version(version: str) -> Dialect | None:
    """The dialect of a server's version, e.g. ``3.9.1``; ``None`` if no dialect is known.

    A server newer than all known versions has the newest dialect.
    """
    numbers = _numbers(version)
    return next((dialect for since, dialect in _VERSIONS if numbers >= since), None)


def advice_for(text: str) -> str | None:
    """``for a server 3.7, use server-3.8``, if a server's version stands where a dialect should.

    Args:
        text: The name, or names with commas; ``None`` is returned if each is a dialect, or no
            server's version.
    """
    for name in map(str.strip, text.split(",")):
        version = name.removeprefix("server-")
        if name not in DIALECTS and (dialect := dialect_of_version(version)):
            return f"for a server {version}, use {dialect.name}"
    return None


def is_newer_than_known(version: str) -> bool:
    """Whether a server's version is newer than the newest that was measured."""
    return _numbers(version)[:2] > _VERSIONS[0][0][:2]


def _numbers(version: str) -> tuple[int, ...]:
    """The three numbers of a version; empty if `version` is none."""
    found = re.match(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", version)
    return () if found is None else tuple(int(one) for one in found.groups("0"))


def counterpart(dialect: Dialect) -> Dialect:
    """The dialect to compare with: for ``docs`` the newest server's, for a server ``docs``."""
    return DOCS if dialect.is_server else SERVER


class Difference(Struct, frozen=True):
    """One row of section D."""

    id: str
    field: str
    """The field of `Dialect` that holds the choice."""
    on: str
    if_true: str
    if_false: str

    def says(self, dialect: Dialect) -> str:
        """What the dialect does, in words."""
        return self.if_true if getattr(dialect, self.field) else self.if_false

    def told(self, dialect: Dialect, other: Dialect) -> str:
        """A sentence about how the two dialects differ."""
        return (
            f"{self.on}: {self.says(dialect)} ({dialect.name}); {self.says(other)} ({other.name})"
        )

    def parts(self, dialect: Dialect, other: Dialect) -> bool:
        """Whether the two dialects differ in this row."""
        return bool(getattr(dialect, self.field) != getattr(other, self.field))


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
        "excludes nothing; takes only names that a pattern beside it takes",
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
        "are glob characters",
        "stand for themselves",
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
        "arms itself at start-up and fires without it",
        "waits for the after event",
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
        "a reactive bucket past its end, or with within 0",
        "forgotten after about 60 s",
        "no time limit",
    ),
    Difference(
        "D10",
        "composite_within_required",
        "a composite without within",
        "the definition is refused",
        "no limit",
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
        "the definition is refused",
        "Reactive",
    ),
    Difference(
        "D13",
        "openings_count_held",
        "an expected event that is processed before the after event of its window",
        "counts in that window",
        "does not count",
    ),
    Difference(
        "D14",
        "renewals_count_held",
        "an expected event that is processed before an earlier heartbeat",
        "counts in the renewed window",
        "does not count in the renewed window",
    ),
    Difference(
        "D15",
        "open_buckets_keep_last_event",
        "the event of a proactive firing after repeated after events, or after a late event",
        "is the first, or the last that counted",
        "is the latest",
    ),
    Difference(
        "D16",
        "held_copies_are_ignored",
        "a second copy of an expected event after 30 minutes, in a window that is still open",
        "is ignored",
        "counts",
    ),
    Difference(
        "D17",
        "text_within_refused",
        "the within of a proactive trigger as a string",
        "the server ends in an internal error",
        "is read",
    ),
    Difference(
        "D18",
        "only_trailing_stars",
        "a * elsewhere than at a pattern's end",
        "stands for itself",
        "is a wildcard",
    ),
    Difference(
        "D19",
        "heartbeats_renew",
        "a heartbeat that satisfies a proactive watch",
        "renews it",
        "does not renew it",
    ),
    Difference(
        "D20",
        "related_list_refused",
        "match_related as a list",
        "the definition is refused",
        "all of its objects must match",
    ),
    Difference(
        "D22",
        "self_followers_wait",
        "an event that follows itself",
        "waits for 15 minutes",
        "goes on",
    ),
    Difference(
        "D23",
        "candidates_by_prefix",
        "a negated name beside others in expect or after",
        "takes names that begin like one of the others",
        "takes only what one of the others matches",
    ),
)


_REFUSALS: Final = {
    "D10": "composite_within_required",
    "D11": "refuses_metrics",
    "D12": "posture_required",
    "D17": "text_within_refused",
    "D20": "related_list_refused",
}
"""Rows for which a server refuses a definition (V3, V4), each with its field of `Dialect`."""


def refused_by(dialect: Dialect, rows: Iterable[str]) -> tuple[str, ...]:
    """The rows of an automation's `server_refusals` for which the dialect's server refuses it."""
    return tuple(row for row in rows if getattr(dialect, _REFUSALS[row]))


def is_refusal(row: str) -> bool:
    """Whether a row of section D is about a definition that a server refuses."""
    return row in _REFUSALS


DIFFERENCE_BY_ID: Final = {one.id: one for one in DIFFERENCES}


@lru_cache(maxsize=100)
def dialects_in(text: str) -> tuple[Dialect, ...]:
    """The dialects named in a comma-separated list.

    ``both`` means the two newest: the documentation's and the server's.

    Raises:
        ValueError: A name is unknown; the message lists the known names.
    """
    if text == "both":
        return (DOCS, SERVER_3_9, SERVER_3_8)
    names = [one.strip() for one in text.split(",")]
    unknown = [one for one in names if one not in DIALECTS]
    if unknown:
        advice = f"; {meant}" if (meant := advice_for(text)) else ""
        raise ValueError(f"no list of dialects, expected {', '.join(DIALECTS)}, or both{advice}")
    return tuple(DIALECTS[one] for one in names)


def with_difference(dialect: Dialect, difference: Difference, other: Dialect) -> Dialect:
    """`dialect` with `other`'s choice for one row of section D."""
    return replace(dialect, **{difference.field: getattr(other, difference.field)})
