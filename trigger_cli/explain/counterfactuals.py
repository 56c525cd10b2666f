"""What would have happened with one thing changed: found by replaying, never by reasoning.

A change is told only if its replay shows that it makes the difference, so every counterfactual
that anyone sees has been verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from trigger_cli.explain.case import Case
from trigger_cli.explain.changes import DefinitionChange, with_trigger
from trigger_cli.explain.changes_to_fire import changes_to_fire, changes_to_fire_more
from trigger_cli.explain.changes_to_silence import changes_to_silence
from trigger_cli.explain.evidence import Outcome
from trigger_cli.explain.records import Counterfactual
from trigger_cli.model import Firing

MOST_REPLAYS = 60
MOST_EVENTS = 3_000_000
"""How many events all replays together may take, which is some seconds."""
TOO_MANY_EVENTS = "the log has too many events to replay again; narrow it with --from and --to"
NOT_ALL_TRIED = "not all changes were tried, as the log is long; narrow it with --from and --to"


def ways_to_fire(case: Case) -> tuple[list[Counterfactual], str]:
    """The smallest single changes with which the automation would have fired.

    Returns:
        The changes, smallest first, and why not all were tried, if so.
    """
    return _verified(case, changes_to_fire(case), 0, lambda outcome: bool(outcome.firings))


def ways_to_silence(
    case: Case, firing: Firing, firings: Sequence[Firing]
) -> tuple[list[Counterfactual], str]:
    """The smallest single changes with which one firing would not have happened."""
    wanted = _identity(firing)
    # The same event may have fired it more than once; all of these must go.
    return _verified(
        case,
        changes_to_silence(case, firing),
        len(firings),
        lambda outcome: all(_identity(one) != wanted for one in outcome.firings),
    )


def ways_to_fire_more(case: Case, firings: int) -> list[Counterfactual]:
    """The smallest changes of a number with which a trigger that fired would fire more often."""
    found, _ = _verified(
        case, changes_to_fire_more(case), firings, lambda outcome: len(outcome.firings) > firings
    )
    return found


def _identity(firing: Firing) -> tuple[str, int]:
    """What makes it this firing: its event or, if time alone brought it, when it was."""
    event = firing.event
    return ("at", firing.at) if event is None else ("line", event.line)


def _verified(
    case: Case,
    candidates: Iterable[DefinitionChange],
    before: int,
    works: Callable[[Outcome], bool],
) -> tuple[list[Counterfactual], str]:
    evidence = case.evidence
    if not evidence.can_repeat:
        return [], TOO_MANY_EVENTS
    events = max(len(evidence.kept.events()), 1)
    budget = min(MOST_REPLAYS, MOST_EVENTS // events)
    found: dict[tuple[str, str], Counterfactual] = {}
    left_out = ""
    for change in sorted(candidates, key=lambda one: one.size):
        family = (change.changed.path, change.family)
        if family in found or (change.family == "posture" and found):
            # The opposite posture is another trigger; it is told only if nothing else helps.
            continue
        if not budget:
            left_out = NOT_ALL_TRIED
            break
        budget -= 1
        outcome = evidence.again(with_trigger(case.automation, change.changed))
        if works(outcome):
            found[family] = Counterfactual(
                change.changed.path,
                change.fields,
                change.said,
                len(outcome.firings),
                before,
                change.size,
            )
    return sorted(found.values(), key=lambda one: (one.size, one.trigger)), left_out
