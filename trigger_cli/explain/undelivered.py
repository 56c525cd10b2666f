"""Why an event reached no trigger, or reached it too late (O2, O3, O4)."""

from __future__ import annotations

from typing import NamedTuple

from trigger_cli.explain.case import Case
from trigger_cli.explain.sentence import At, Name, Sentence
from trigger_cli.model import Event, FiredTransition
from trigger_cli.vocabulary import UNDELIVERED_NAMES


class Undelivered(NamedTuple):
    """What kept an event from the triggers."""

    cause: str
    """A code of `trigger_cli.explain.causes.CAUSES`."""
    said: Sentence
    """A clause without its full stop, which can follow "but"."""


def undelivered(case: Case, event: Event) -> Undelivered | None:
    """Why no trigger took the event; ``None`` if nothing of that kind is known."""
    if event.name in UNDELIVERED_NAMES:
        said: Sentence = (Name(event.name), " events never reach triggers (O3)")
        return Undelivered("never-delivered", said)
    deliveries = case.evidence.deliveries_of(event)
    kinds = {one.kind for one in deliveries}
    if "duplicate" in kinds:
        said = ("an event with its id was processed less than 30 min before: it was dropped (O2)",)
        return Undelivered("duplicate", said)
    if "waiting" in kinds and "released" not in kinds:
        due = max((one.due for one in deliveries if one.due is not None), default=None)
        return Undelivered("waiting-for-leader", _waits(case, event, due))
    return None


def too_late(case: Case, event: Event, fired: FiredTransition) -> Undelivered | None:
    """Why the trigger took the event only after it had fired; ``None`` if it did not."""
    taken = next(iter(case.records_of(event)), None)
    if taken is None or taken.seq < fired.seq:
        return None
    at = taken.at
    if any(one.kind == "released" for one in case.evidence.deliveries_of(event)):
        said: Sentence = ("it waited for ", Name(event.follows or ""), " until ", At(at), " (O4)")
        return Undelivered("waiting-for-leader", said)
    return Undelivered("arrived-late", ("it was processed only at ", At(at)))


def _waits(case: Case, event: Event, due: int | None) -> Sentence:
    leader = event.follows or ""
    known = case.evidence.has_id(leader)
    why = "which the log does not have" if known is False else "which has not been processed"
    until: Sentence = () if due is None else (" until ", At(due))
    return ("it follows ", Name(leader), f", {why}: it waits", *until, " (O4)")
