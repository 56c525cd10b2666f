"""Shared by rules that need a log: the facts of triggers, and labels that rejected events."""

from collections.abc import Iterator

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.facts import Facts, LabelFacts, LeafFacts, Place
from trigger_cli.lint.subject import EventAt, LeafAt, Subject, ValueAt
from trigger_cli.vocabulary import near_names


def leaves(subject: Subject, facts: Facts) -> Iterator[tuple[LeafAt, LeafFacts]]:
    """The event and metric triggers of the replay, with their facts."""
    if not facts.events:
        return
    for one in subject.leaves:
        leaf = facts.leaves.get(one.path or "")
        if leaf is not None:
            yield one, leaf


def never_opened(one: LeafAt, leaf: LeafFacts) -> bool:
    """Whether expected events came, and none of ``after`` that would open a window (E6)."""
    if not isinstance(one, EventAt) or not one.trigger.after:
        return False
    return bool(leaf.expected and not leaf.starting and not leaf.opened and not leaf.fired)


def absent_labels(one: LeafAt, leaf: LeafFacts) -> Iterator[tuple[ValueAt, str]]:
    """The labels that no resource of the named events has."""
    for place, seen in leaf.labels.items():
        if leaf.named and not seen.present and not _excludes(one, place):
            yield one.at(*place), str(place[-1])


def culprit(one: LeafAt, leaf: LeafFacts) -> tuple[ValueAt, str, str | None] | None:
    """The first label whose patterns match no value of the log, with a message."""
    for place, seen in leaf.labels.items():
        if seen.present and not seen.fits and not _excludes(one, place):
            at = one.at(*place)
            patterns = [pattern for _, pattern in at.strings()]
            return (
                at,
                f"but no {quoted(str(place[-1]))} fits {' or '.join(map(quoted, patterns[:3]))}",
                _nearest(patterns, seen),
            )
    return None


def times(count: int) -> str:
    """A number of times in words: ``once``, ``12 times``."""
    return "once" if count == 1 else f"{count} times"


def events(count: int, one: str, many: str) -> str:
    """A number of events with what they do: ``1 event meets``, ``3 events meet``."""
    return f"1 event {one}" if count == 1 else f"{count} events {many}"


def _nearest(patterns: list[str], seen: LabelFacts) -> str | None:
    near = near_names(patterns, dict.fromkeys(seen.values, 1), 1)
    if near:
        return f"the nearest in the log is {quoted(near[0].name)}"
    return f"the log has for instance {quoted(min(seen.values))}" if seen.values else None


def _excludes(one: LeafAt, place: Place) -> bool:
    """Whether the label must be absent or different."""
    return any(pattern.startswith("!") for _, pattern in one.at(*place).strings())
