"""What would have happened with one thing changed: found by replaying, never by reasoning.

A change is told only if its replay shows that it makes the difference, so every counterfactual
that anyone sees has been verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice

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
MOST_REPLAYS = 60
MOST_EVENTS = 3_000_000
"""How many events all replays together may take, which is some seconds."""
TOO_MANY_EVENTS = "the log has too many events to replay again; narrow it with --from and --to"
NOT_ALL_TRIED = "not all changes were tried, as the log is long; narrow it with --from and --to"


def ways_to_fire(case: Case, cause: str) -> tuple[list[Counterfactual], str]:
    """The smallest single changes with which the automation would have fired.

    Returns:
        The changes, smallest first, and why not all were tried, if so.
    """
    return _verified(
        case,
        changes_to_fire(case),
        0,
        lambda outcome: bool(outcome.firings),
        cause=cause,
        in_pairs=True,
    )


def ways_to_silence(
    case: Case, told: ToldFiring, firings: Sequence[Firing]
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
        cause=told.diagnosis.cause,
    )


def ways_to_fire_more(case: Case, firings: int) -> list[Counterfactual]:
    """The smallest changes of a number with which a trigger that fired would fire more often."""
    found, _ = _verified(
        case, changes_to_fire_more(case), firings, lambda outcome: len(outcome.firings) > firings
    )
    return found


def _due(pending: Iterable[Pending]) -> set[tuple[str, Key]]:
    """The buckets whose deadline after the log's end would fire."""
    return {(one.trigger.path, one.key) for one in pending if would_fire(one)}


def _identity(firing: Firing) -> tuple[str, int]:
    """What makes it this firing: its event or, if time alone brought it, when it was."""
    event = firing.event
    return ("at", firing.at) if event is None else ("line", event.line)


def _verified(
    case: Case,
    candidates: Iterable[DefinitionChange],
    before: int,
    works: Callable[[Outcome], bool],
    *,
    cause: str = "",
    in_pairs: bool = False,
) -> tuple[list[Counterfactual], str]:
    """The changes of which a replay shows that they work.

    Args:
        case: Of the automation's own trigger.
        candidates: The changes worth trying.
        before: How often the automation fires as it is.
        works: Whether an outcome is what is wanted.
        cause: The diagnosed one; what cures it comes first.
        in_pairs: Where no single change works, try two at once: two mistakes may stand.
    """
    evidence = case.evidence
    if not evidence.can_repeat:
        return [], TOO_MANY_EVENTS
    events = max(evidence.kept.count, 1)
    budget = min(MOST_REPLAYS, MOST_EVENTS // events)
    cures = _CURES.get(cause, frozenset())

    def rank(family: str, size: float) -> tuple[bool, float]:
        return family not in cures, size

    ordered = sorted(candidates, key=lambda one: rank(one.family, one.size))
    found: dict[tuple[str, str], Counterfactual] = {}
    left_out = ""

    def attempt(change: DefinitionChange) -> None:
        outcome = case.again(with_trigger(case.automation, change.changed))
        if works(outcome):
            found[change.changed.path, change.family] = Counterfactual(
                change.changed.path,
                change.fields,
                change.said,
                len(outcome.firings),
                before,
                change.size,
            )

    for change in ordered:
        if (change.changed.path, change.family) in found:
            continue
        if not budget:
            left_out = NOT_ALL_TRIED
            break
        budget -= 1
        attempt(change)
    if in_pairs and not found:
        for change in islice(_pairs(case, ordered), min(budget, _MOST_PAIRS)):
            attempt(change)
            if found:
                break
    told = sorted(
        found.items(), key=lambda item: (*rank(item[0][1], item[1].size), item[1].trigger)
    )
    return [one for _, one in told], left_out


def _pairs(case: Case, ordered: Sequence[DefinitionChange]) -> Iterator[DefinitionChange]:
    """Two changes at once, of each family the nearest, the nearest pairs first."""
    nearest: dict[tuple[str, str], DefinitionChange] = {}
    for change in ordered:
        nearest.setdefault((change.changed.path, change.family), change)
    originals = {one.path: one for one in walk(case.automation.trigger)}
    pairs = combinations(list(nearest.values())[:_PAIRED], 2)
    merged = (together(originals[one.changed.path], one, other) for one, other in pairs)
    yield from sorted((one for one in merged if one is not None), key=lambda one: one.size)
    yield from sorted(two_changes_to_fire(case), key=lambda one: one.size)
