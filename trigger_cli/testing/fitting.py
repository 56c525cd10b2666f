"""Finds the firings that an expectation refers to."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from trigger_cli.model import Event, Firing
from trigger_cli.testing.expect_fields import names_automation
from trigger_cli.testing.records import EventWanted, FiringWanted, NoEvent
from trigger_cli.vocabulary import PREFECT


def in_scope(firing: Firing, wanted: FiringWanted) -> bool:
    """Whether the firing is of the wanted automation and trigger."""
    named = names_automation(wanted.automation, firing.automation.name)
    return named and firing.trigger.path == (wanted.trigger or "$")


def fits(firing: Firing, wanted: FiringWanted, start: int, *, exact: bool = False) -> bool:
    """Whether the firing matches `wanted`, in a test that starts at `start`, µs.

    With `exact`, `wanted` must contain all labels of the firing.
    """
    return (
        in_scope(firing, wanted)
        and _labels_fit(firing, wanted, exact=exact)
        and (not wanted.at or any(firing.at == one.resolve(start) for one in wanted.at))
        and (
            wanted.between is None
            or wanted.between[0].resolve(start) <= firing.at <= wanted.between[1].resolve(start)
        )
        and (wanted.event is None or _event_fits(firing.event, wanted.event))
    )


def _labels_fit(firing: Firing, wanted: FiringWanted, *, exact: bool) -> bool:
    own = dict(firing.labels)
    if exact:
        return own == dict(wanted.labels or ())
    return all(own.get(label) == value for label, value in wanted.labels or ())


def _event_fits(event: Event | None, wanted: EventWanted | NoEvent) -> bool:
    if event is None or isinstance(wanted, NoEvent):
        return event is None and isinstance(wanted, NoEvent)
    if wanted.text is not None:
        return wanted.text == event.id or _name_fits(event.name, wanted.text)
    return (
        (wanted.id is None or wanted.id == event.id)
        and (wanted.name is None or _name_fits(event.name, wanted.name))
        and all(event.resource.get(label) == value for label, value in wanted.resource)
    )


def _name_fits(name: str, wanted: str) -> bool:
    """Whether `wanted` is the name in full, without ``prefect.``, or in shorthand."""
    spelled = (wanted, PREFECT + wanted, PREFECT + ".".join(wanted.split(maxsplit=1)))
    return any(name == one or fnmatchcase(name, one) for one in spelled)


def paired(
    wanted: Sequence[FiringWanted], firings: Sequence[Firing], start: int, *, exact: bool
) -> dict[int, int]:
    """Pair as many wanted firings as possible, each with a firing that matches it.

    Pairs greedily, then by augmenting paths, so that a vague item never takes the only firing that
    matches a precise one.

    Returns:
        The index of the firing for each index of a paired wanted firing.
    """
    by_time: dict[int, list[int]] = {}
    for place, firing in enumerate(firings):
        by_time.setdefault(firing.at, []).append(place)

    def choices(item: FiringWanted) -> list[int]:
        places: Sequence[int] = range(len(firings))
        if item.at:
            times = sorted({one.resolve(start) for one in item.at})
            places = [place for time in times for place in by_time.get(time, ())]
        return [place for place in places if fits(firings[place], item, start, exact=exact)]

    options = [choices(item) for item in wanted]
    found: dict[int, int] = {}
    owner: dict[int, int] = {}
    for item in range(len(wanted)):
        _augment(item, options, found, owner)
    return found


def _augment(
    item: int, options: Sequence[Sequence[int]], found: dict[int, int], owner: dict[int, int]
) -> None:
    """Pair `item`, and note its firing in `found` and `owner`; moves others to another if needed."""
    came_from: dict[int, int] = {}
    waiting = [item]
    for asking in waiting:  # the loop extends the list
        for place in options[asking]:
            if place in came_from:
                continue
            came_from[place] = asking
            if place in owner:
                waiting.append(owner[place])
                continue
            free: int | None = place
            while free is not None:  # what an item had before is free for the one that asked it
                mover = owner[free] = came_from[free]
                found[mover], free = free, found.get(mover)
            return
