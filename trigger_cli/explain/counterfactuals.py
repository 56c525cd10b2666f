"""What would have happened with one thing changed: found by replaying, never by reasoning.

A change is told only if its replay shows that it makes the difference, so every counterfactual
that anyone sees has been verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import Protocol, TypeAlias

from trigger_cli.engine.errors import EndlessError
from trigger_cli.explain.case import Case, would_fire
from trigger_cli.explain.changes import DefinitionChange, together, with_trigger
from trigger_cli.explain.changes_to_fire import (
    changes_to_fire,
    changes_to_fire_more,
    two_changes_to_fire,
)
from trigger_cli.explain.changes_to_silence import changes_to_silence
from trigger_cli.explain.evidence import Outcome
from trigger_cli.explain.records import Counterfactual
from trigger_cli.explain.telling import ToldFiring
from trigger_cli.match.plan import walk
from trigger_cli.model import Firing, Key, Pending

_CURES: Mapping[str, frozenset[str]] = {
    "tags-are-alternatives": frozenset({"match_related"}),
    "window-too-short": frozenset({"within"}),
    "answer-late": frozenset({"within"}),
    "child-expired": frozenset({"within"}),
    "below-threshold": frozenset({"threshold", "for_each and threshold"}),
    "split-over-keys": frozenset({"for_each"}),
    "satisfied-by-other-run": frozenset({"for_each"}),
    "key-missing": frozenset({"for_each"}),
    "name-case": frozenset({"expect name"}),
    "name-nearly": frozenset({"expect name"}),
    "ended-by-live-state": frozenset({"expect name", "after name"}),
    "ended-otherwise": frozenset({"expect name"}),
    "went-on-otherwise": frozenset({"expect name"}),
    "after-never-seen": frozenset({"after name", "after"}),
}
"""By the cause the families of changes that answer it."""
_PAIRED = 8
_MOST_PAIRS = 20
_AT_ONCE = 8
"""How many changes are replayed together."""
MOST_WORK = 150_000
"""How many events all changes together may look at; about as many as a replay takes in 2 s.

At least two changes are tried, however long the log is.
"""
_SHARED = 4
"""What delivery of an event costs all changes together, beside what it costs each: one in four."""
NOTHING_KEPT = "no changes were tried: the log is long, and no temporary file can be written to keep its events"
NOT_ALL_TRIED = "not all changes were tried, as the log is long; narrow it with --from and --to"


def ways_to_fire(case: Case, cause: str, trying: Trying | None) -> tuple[list[Counterfactual], str]:
    """The smallest single changes with which the automation would have fired.

    Returns:
        The changes, smallest first, and why not all were tried, if so.
    """
    return _verified(
        case,
        changes_to_fire(case),
        0,
        lambda outcome: bool(outcome.firings),
        trying=trying,
        cause=cause,
        in_pairs=True,
    )


def ways_to_silence(
    case: Case, told: ToldFiring, firings: Sequence[Firing], trying: Trying | None
) -> tuple[list[Counterfactual], str]:
    """The smallest single changes with which one firing would not have happened."""
    wanted = _identity(told.firing)
    due_before = _due(case.pending_of_all)
    # The same event may have fired it more than once; all of these must go.
    return _verified(
        case,
        changes_to_silence(case, told.firing, told.diagnosis),
        len(firings),
        # Where the deadline only moves past the log's end, nothing is silenced.
        lambda outcome: (
            all(_identity(one) != wanted for one in outcome.firings)
            and _due(outcome.pending) <= due_before
        ),
        trying=trying,
        cause=told.diagnosis.cause,
    )


def ways_to_fire_more(case: Case, firings: int, trying: Trying | None) -> list[Counterfactual]:
    """The smallest changes of a number with which a trigger that fired would fire more often."""
    found, _ = _verified(
        case,
        changes_to_fire_more(case),
        firings,
        lambda outcome: len(outcome.firings) > firings,
        trying=trying,
    )
    return found


def _due(pending: Iterable[Pending]) -> set[tuple[str, Key]]:
    """The buckets whose deadline after the log's end would fire."""
    return {(one.trigger.path, one.key) for one in pending if would_fire(one)}


def _identity(firing: Firing) -> tuple[str, int]:
    """What makes it this firing: its event or, if time alone brought it, when it was."""
    event = firing.event
    return ("at", firing.at) if event is None else ("line", event.line)


class Trying(Protocol):
    """Told how far the changes have been tried."""

    is_interrupted: bool
    """Set when the user interrupts: what was found so far is told."""

    def tried(self, done: int, total: int) -> None:
        """So many of the changes have been tried."""


def _verified(
    case: Case,
    candidates: Iterable[DefinitionChange],
    before: int,
    works: Callable[[Outcome], bool],
    *,
    trying: Trying | None,
    cause: str = "",
    in_pairs: bool = False,
) -> tuple[list[Counterfactual], str]:
    """The changes of which a replay shows that they work: of each family the first.

    Args:
        case: Of the automation's own trigger.
        candidates: The changes worth trying.
        before: How often the automation fires as it is.
        works: Whether an outcome is what is wanted.
        trying: Told of the progress.
        cause: The diagnosed one; what cures it comes first.
        in_pairs: Where no single change works, try two at once: two mistakes may stand.
    """
    if not case.evidence.can_repeat:
        return [], NOTHING_KEPT
    if trying is not None and trying.is_interrupted:
        return [], "interrupted: no changes were tried"
    cures = _CURES.get(cause, frozenset())

    def rank(family: str, size: float) -> tuple[bool, float]:
        return family not in cures, size

    ordered = sorted(candidates, key=lambda one: rank(one.family, one.size))
    found: dict[_Family, Counterfactual] = {}
    work = _Work(case)
    done, left_out = 0, ""

    def attempt(batch: Sequence[DefinitionChange]) -> None:
        variants = [
            (with_trigger(case.automation, change.changed), case.dialect) for change in batch
        ]
        try:
            outcomes = case.each_again(variants)
        except EndlessError:  # one of them fires more often than can be told
            return
        for change, outcome in zip(batch, outcomes, strict=True):
            if works(outcome):
                found.setdefault(
                    _family(change),
                    Counterfactual(
                        change.changed.path,
                        change.fields,
                        change.said,
                        len(outcome.firings),
                        before,
                        change.size,
                    ),
                )

    try:
        rest = ordered
        while rest:
            firsts = _first_of_each(rest)
            wanted = firsts
            if work.is_shared:  # what is tried in vain costs little
                wanted = firsts + [one for one in rest if one not in firsts]
            batch = wanted[: work.take(min(len(wanted), _AT_ONCE))]
            if not batch:
                left_out = NOT_ALL_TRIED
                break
            if trying is not None:
                trying.tried(len(ordered) - len(rest), len(ordered))
            attempt(batch)
            done += len(batch)
            rest = [one for one in rest if one not in batch and _family(one) not in found]
        if in_pairs and not found:
            pairs = islice(_pairs(case, ordered), _MOST_PAIRS)
            while not found and (batch := list(islice(pairs, work.take(_AT_ONCE)))):
                attempt(batch)
    except KeyboardInterrupt:
        if trying is None:
            raise
        trying.is_interrupted = True
        left_out = f"interrupted: {done} of {len(ordered)} changes were tried"
    told = sorted(
        found.items(), key=lambda item: (*rank(item[0][1], item[1].size), item[1].trigger)
    )
    return [one for _, one in told], left_out


_Family: TypeAlias = tuple[str, str]


def _family(change: DefinitionChange) -> _Family:
    """Changes of one trigger and one kind: the first of them that works is told."""
    return change.changed.path, change.family


def _first_of_each(ordered: Iterable[DefinitionChange]) -> list[DefinitionChange]:
    firsts: dict[_Family, DefinitionChange] = {}
    for change in ordered:
        firsts.setdefault(_family(change), change)
    return list(firsts.values())


class _Work:
    """How many changes may still be tried: replays of a long log take long."""

    def __init__(self, case: Case) -> None:
        evidence, index = case.evidence, case.automation.index
        named = sum(one.named for (of, _), one in evidence.tallies.items() if of == index)
        self._each = max(named, 1)
        self._shared = evidence.kept.count // _SHARED
        self._left = max(MOST_WORK, self._shared + 2 * self._each)

    @property
    def is_shared(self) -> bool:
        """Whether what all changes share is more than what each costs."""
        return self._each < self._shared

    def take(self, wanted: int) -> int:
        """How many of the changes wanted may be tried together now; they then count as tried."""
        affordable = max((self._left - self._shared) // self._each, 0)
        granted = min(wanted, affordable)
        if granted:
            self._left -= self._shared + granted * self._each
        return granted


def _pairs(case: Case, ordered: Sequence[DefinitionChange]) -> Iterator[DefinitionChange]:
    """Two changes at once, of each family the nearest, the nearest pairs first."""
    originals = {one.path: one for one in walk(case.automation.trigger)}
    pairs = combinations(_first_of_each(ordered)[:_PAIRED], 2)
    merged = (together(originals[one.changed.path], one, other) for one, other in pairs)
    yield from sorted((one for one in merged if one is not None), key=lambda one: one.size)
    yield from sorted(two_changes_to_fire(case), key=lambda one: one.size)
