"""The outcomes of changed definitions, determined by replays, never by inference.

A change is reported only if its replay shows the difference, so every reported counterfactual has
been verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import Protocol, TypeAlias

from trigger_cli.explain.case import Case
from trigger_cli.explain.changes import DefinitionChange, combined, with_trigger
from trigger_cli.explain.changes_to_fire import (
    changes_to_fire,
    changes_to_fire_more,
    two_changes_to_fire,
)
from trigger_cli.explain.changes_to_silence import changes_to_silence
from trigger_cli.explain.evidence import MOST_WORK, Occasion, Trial, occasion_of
from trigger_cli.explain.records import Counterfactual, ToldFiring
from trigger_cli.match.plan import walk
from trigger_cli.model import Firing, Key, Pending
from trigger_cli.views.deadlines import would_fire

_CURES: Mapping[str, frozenset[str]] = {
    "tags-are-alternatives": frozenset({"match_related"}),
    "window-too-short": frozenset({"within"}),
    "answer-late": frozenset({"within"}),
    "child-expired": frozenset({"within"}),
    "within-zero": frozenset({"within"}),
    "below-threshold": frozenset({"threshold", "for_each and threshold"}),
    "split-over-keys": frozenset({"for_each"}),
    "satisfied-by-other-run": frozenset({"for_each"}),
    "key-missing": frozenset({"for_each"}),
    "name-case": frozenset({"expect name"}),
    "name-nearly": frozenset({"expect name"}),
    "ended-by-live-state": frozenset({"expect name", "after name"}),
    "lost-to-satisfied-window": frozenset({"within"}),
    "ended-otherwise": frozenset({"expect name"}),
    "went-on-otherwise": frozenset({"expect name"}),
    "after-never-seen": frozenset({"after name", "after"}),
}
"""For each cause, the families of changes that address it."""
_PAIRED = 8
_MOST_PAIRS = 20
_AT_ONCE = 8
"""How many changes are replayed together."""
_SHARED = 4
"""The cost of replaying an event for one change, as a multiple of its delivery for all changes."""
NOTHING_KEPT = "no changes were tried: the log is long, and no temporary file can be written to keep its events"
TOO_OFTEN = "changes with which it would fire too often to replay are not listed"
NOT_ALL_TRIED = "not all changes were tried, as the log is long; narrow it with --from and --to"


def ways_to_fire(case: Case, cause: str, trying: Trying | None) -> tuple[list[Counterfactual], str]:
    """The smallest single changes with which the automation would have fired.

    Returns:
        The changes, smallest first, and the reason if not all were tried.
    """
    return _verified(
        case,
        changes_to_fire(case),
        0,
        lambda trial: trial.firings > 0,
        trying=trying,
        cause=cause,
        in_pairs=True,
    )


def ways_to_silence(
    case: Case, told: ToldFiring, firings: Sequence[Firing], trying: Trying | None
) -> tuple[list[Counterfactual], str]:
    """The smallest single changes with which one firing would not have happened."""
    wanted = occasion_of(told.firing)
    due_before = _due(case.pending_of_all)
    # The same event may have fired the trigger more than once; all of these firings must go.
    return _verified(
        case,
        changes_to_silence(case, told.firing, told.diagnosis),
        len(firings),
        # A firing that only moves past the log's end is not prevented.
        lambda trial: not trial.has_wanted and _due(trial.pending) <= due_before,
        trying=trying,
        wanted=wanted,
        cause=told.diagnosis.cause,
    )


def ways_to_fire_more(case: Case, firings: int, trying: Trying | None) -> list[Counterfactual]:
    """The smallest numeric changes with which a trigger that fired would fire more often."""
    found, _ = _verified(
        case,
        changes_to_fire_more(case),
        firings,
        lambda trial: trial.firings > firings,
        trying=trying,
    )
    return found


def _due(pending: Iterable[Pending]) -> set[tuple[str, Key]]:
    """The buckets whose deadline after the log's end would fire."""
    return {(one.trigger.path, one.key) for one in pending if would_fire(one)}


class Trying(Protocol):
    """Reports the progress of testing changes."""

    is_interrupted: bool
    """Set when the user interrupts; the results so far are reported."""

    def tried(self, done: int, total: int) -> None:
        """Report that `done` of `total` changes have been tested."""


def _verified(
    case: Case,
    candidates: Iterable[DefinitionChange],
    before: int,
    works: Callable[[Trial], bool],
    *,
    trying: Trying | None,
    wanted: Occasion | None = None,
    cause: str = "",
    in_pairs: bool = False,
) -> tuple[list[Counterfactual], str]:
    """The changes that a replay shows to work, the first of each family.

    Args:
        case: The case of the automation's own trigger.
        candidates: The changes to test.
        before: The number of firings of the unchanged automation.
        works: Whether a trial has the desired result.
        trying: Reports the progress.
        wanted: The occasion of the firing that a trial looks for.
        cause: The diagnosed cause; changes that address it come first.
        in_pairs: If no single change works, test pairs, because there may be two mistakes.
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
        nonlocal left_out
        variants = [
            (with_trigger(case.automation, change.changed), case.dialect) for change in batch
        ]
        for change, trial in zip(batch, case.each_trial(variants, wanted), strict=True):
            if trial is None:
                left_out = TOO_OFTEN
            if trial is not None and works(trial):
                found.setdefault(
                    _family(change),
                    Counterfactual(
                        change.changed.path,
                        change.fields,
                        change.said,
                        trial.firings,
                        before,
                        change.size,
                    ),
                )

    try:
        rest = ordered
        while rest:
            firsts = _first_of_each(rest)
            next_ones = firsts
            if work.is_shared:  # failed attempts cost little
                next_ones = firsts + [one for one in rest if one not in firsts]
            batch = next_ones[: work.take(min(len(next_ones), _AT_ONCE))]
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
    """The trigger and kind of a change; only the first of them that works is reported."""
    return change.changed.path, change.family


def _first_of_each(ordered: Iterable[DefinitionChange]) -> list[DefinitionChange]:
    firsts: dict[_Family, DefinitionChange] = {}
    for change in ordered:
        firsts.setdefault(_family(change), change)
    return list(firsts.values())


class _Work:
    """The budget of changes to test, because replays of a long log are slow.

    At least two changes are tried on a log of any length.
    """

    def __init__(self, case: Case) -> None:
        evidence = case.evidence
        named = sum(one.named for one in evidence.tallies_of(case.automation))
        self._each = max(named, 1)
        self._shared = evidence.kept.count // _SHARED
        self._left = max(MOST_WORK, self._shared + 2 * self._each)

    @property
    def is_shared(self) -> bool:
        """Whether the cost that all changes share exceeds the cost of each."""
        return self._each < self._shared

    def take(self, wanted: int) -> int:
        """Spend the budget for up to `wanted` changes; return how many may be tested now."""
        affordable = max((self._left - self._shared) // self._each, 0)
        granted = min(wanted, affordable)
        if granted:
            self._left -= self._shared + granted * self._each
        return granted


def _pairs(case: Case, ordered: Sequence[DefinitionChange]) -> Iterator[DefinitionChange]:
    """Pairs of changes, one of each family, the smallest first."""
    originals = {one.path: one for one in walk(case.automation.trigger)}
    pairs = combinations(_first_of_each(ordered)[:_PAIRED], 2)
    merged = (combined(originals[one.changed.path], one, other) for one, other in pairs)
    yield from sorted((one for one in merged if one is not None), key=lambda one: one.size)
    yield from sorted(two_changes_to_fire(case), key=lambda one: one.size)
