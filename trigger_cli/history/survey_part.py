"""Counts the names, resources, labels, delays and firings of a part of a log, in any process."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import TypeAlias

from trigger_cli.events.batch import Rows
from trigger_cli.history.counting import delay_step
from trigger_cli.history.server_log import server_firing
from trigger_cli.model import Labels
from trigger_cli.vocabulary import FIRING_NAMES, RESOURCE_ID, RESOURCE_ROLE, UUID

MOST_VALUES = 1_000
"""How many different ids, or values of a label, are counted exactly."""
_SHORT = 200

KindPart: TypeAlias = tuple[
    int, list[str], list[tuple[tuple[str, ...], int]], list[tuple[str, list[str]]]
]
"""Of resources of one kind or role: how many there are, the different ids, how many have each set
of labels, and the different values of each label. All in order of appearance; ids and values up to
one more than `MOST_VALUES`."""

SurveyPart: TypeAlias = tuple[
    list[tuple[str, str, int]],
    dict[str, tuple[int, int]],
    dict[str, KindPart],
    dict[str, KindPart],
    dict[int, int],
    int,
    int,
    dict[str, int],
]
"""How many events have each name and kind of resource; when each name occurred first and last, µs;
the primary resources by kind; the related ones by role; the delays by `delay_step`; the longest, µs;
how many events lack `received`; the server's own firings by automation. Only built-in types, which a
process can send to another."""


def survey_part(rows: Rows) -> SurveyPart:
    """Count one or more events, whose labels were read without matching."""
    run, labels = rows.headings(), rows.labels()
    names = [run.names[code] for code in run.name_codes]
    resources = [own for own, _, _ in labels]
    kinds = [_kind(own.get(RESOURCE_ID, "")) for own in resources]
    named = Counter(zip(names, kinds, strict=True))
    delays = [
        received - occurred
        for occurred, received in zip(run.occurred, run.received, strict=True)
        if received is not None
    ]
    firings = filter(None, map(server_firing, rows.named(FIRING_NAMES)))
    return (
        [(name, kind, count) for (name, kind), count in named.items()],
        _spans(names, run.occurred),
        _by_kind(kinds, resources),
        _by_role([related for _, related, _ in labels]),
        dict(Counter(map(delay_step, delays))),
        max(delays, default=0),
        len(labels) - len(delays),
        dict(Counter(one.automation_name or one.automation_id for one in firings)),
    )


def _spans(names: Sequence[str], occurred: Sequence[int]) -> dict[str, tuple[int, int]]:
    in_time = sorted(zip(occurred, names, strict=True))
    first = {name: at for at, name in reversed(in_time)}
    last = {name: at for at, name in in_time}
    return {name: (first[name], last[name]) for name in first}


def _by_kind(kinds: Sequence[str], resources: Sequence[Labels]) -> dict[str, KindPart]:
    of_kind: dict[str, list[Labels]] = {kind: [] for kind in kinds}
    for kind, resource in zip(kinds, resources, strict=True):
        of_kind[kind].append(resource)
    return {kind: _kind_part(some, Counter(map(tuple, some))) for kind, some in of_kind.items()}


def _by_role(related: Sequence[tuple[Labels, ...]]) -> dict[str, KindPart]:
    # By identity first: a reader gives lists, and resources, that are alike as one and the same.
    lists = {id(some): some for some in related}
    numbers: Counter[int] = Counter()
    resources: dict[int, Labels] = {}
    for identity, count in Counter(map(id, related)).items():
        for one in lists[identity]:
            resources[id(one)] = one
            numbers[id(one)] += count
    of_role: dict[str, list[Labels]] = {}
    for one in resources.values():
        of_role.setdefault(one.get(RESOURCE_ROLE, ""), []).append(one)
    found = {}
    for role, some in of_role.items():
        shapes: Counter[tuple[str, ...]] = Counter()
        for one in some:
            shapes[tuple(one)] += numbers[id(one)]
        found[role] = _kind_part(some, shapes)
    return found


def _kind_part(resources: Sequence[Labels], shapes: Counter[tuple[str, ...]]) -> KindPart:
    """The counts of different resources, of which so many have each set of labels."""
    values: dict[str, list[str]] = {label: [] for shape in shapes for label in shape}
    for one in resources:
        for label, value in one.items():
            values[label].append(value)
    return (
        shapes.total(),
        _different([one.get(RESOURCE_ID, "") for one in resources]),
        [*shapes.items()],
        [(label, _different(some)) for label, some in values.items()],
    )


def _different(texts: Iterable[str]) -> list[str]:
    """The different texts in order of appearance, up to one more than are counted."""
    rest = iter(texts)
    found = dict.fromkeys(islice(rest, MOST_VALUES + 1))
    if len(found) <= MOST_VALUES:
        found.update(dict.fromkeys(rest))
    return list(islice(found, MOST_VALUES + 1))


def kind_of(resource_id: str) -> str:
    """The kind of a resource from its id: ``prefect.flow-run.<uuid>`` is a ``prefect.flow-run``."""
    found = UUID.search(resource_id[:1_000])
    if found is not None:
        return resource_id[: found.start()].rstrip(".:/-_") or "(a bare UUID)"
    if resource_id.startswith("prefect."):
        return ".".join(resource_id.split(".", 2)[:2])
    head, dot, _ = resource_id.rpartition(".")
    return head if dot else resource_id


_known_kind = lru_cache(2_000)(kind_of)
"""For short ids: most events are about a resource of a recent event."""


def _kind(resource_id: str) -> str:
    return _known_kind(resource_id) if len(resource_id) < _SHORT else kind_of(resource_id)
