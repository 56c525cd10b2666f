"""Summarises a log in one pass: names, resources, labels, order, gaps and chains.

Memory is bounded for logs of any length: unbounded sets are counted exactly up to a limit, and
reported as more beyond it.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heappush, heappushpop
from typing import NamedTuple, TypeVar

from trigger_cli.history.counting import DelayScale, Distinct
from trigger_cli.history.server_log import server_firing
from trigger_cli.model import BadLine, Event, Labels
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_ROLE

MOST_NAMES = 2_000
MOST_LABELS = 1_000
MOST_VALUES = 1_000
REMEMBERED_IDS = 200_000
MOST_ALIKE = 5_000
KEPT_GAPS = 5
_SHORT = 200
_T = TypeVar("_T")

OTHERS = "(others)"
"""The name under which everything beyond a limit is counted."""

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


@dataclass(slots=True)
class LabelTally:
    """One label of one kind of resource: its count and its values."""

    events: int = 0
    values: Distinct = field(default_factory=lambda: Distinct(MOST_VALUES))


@dataclass(slots=True)
class NameTally:
    """One event name."""

    events: int = 0
    first: int | None = None
    last: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, event: Event, kind: str) -> None:
        """Add an event with the name; it occurred no earlier than those before it."""
        self.events += 1
        if self.first is None:
            self.first = event.occurred
        self.last = event.occurred
        if kind in self.kinds or len(self.kinds) < 20:
            self.kinds[kind] += 1


@dataclass(slots=True)
class KindTally:
    """One kind of resource, or one role: its number of resources, and their labels."""

    events: int = 0
    ids: Distinct = field(default_factory=lambda: Distinct(MOST_VALUES))
    labels: dict[str, LabelTally] = field(default_factory=dict)
    _of_shape: dict[tuple[str, ...], list[LabelTally]] = field(default_factory=dict)
    """The tallies of the labels that a resource has, in its order: most have the same ones."""

    def add(self, labels: Mapping[str, str], count: int = 1) -> None:
        """Add `count` equal resources."""
        self.events += count
        self.ids.add(labels.get(RESOURCE_ID, ""))
        shape = tuple(labels)
        tallies = self._of_shape.get(shape)
        if tallies is None:
            tallies = [self._tally_of(label) for label in shape]
            if len(self._of_shape) < MOST_LABELS:
                self._of_shape[shape] = tallies
        for tally, value in zip(tallies, labels.values(), strict=True):
            tally.events += count
            tally.values.add(value)

    def _tally_of(self, label: str) -> LabelTally:
        tally = self.labels.get(label)
        if tally is None:
            tally = LabelTally()
            if len(self.labels) < MOST_LABELS:
                self.labels[label] = tally
        return tally


class Gap(NamedTuple):
    """A period without events."""

    length: int
    """Its length, µs."""
    start: int


@dataclass(slots=True)
class Chains:
    """Statistics of events that follow others (O4)."""

    followers: int = 0
    """The number of events that name a leader."""
    leader_missing: int = 0
    """How many of them have a leader that the log does not have, as far as ids are remembered."""
    leader_later: int = 0
    """How many of them come before their leader."""
    longest: int = 0
    """The number of events in the longest chain."""
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often an event of the first name is followed by one of the second."""


@dataclass(slots=True)
class Survey:
    """The summary of a log."""

    events: int = 0
    malformed: int = 0
    dropped_labels: int = 0
    """Labels with a value that is no string, taken as absent (O6)."""
    problem: BadLine | None = None
    """The first line that is no event."""
    names: dict[str, NameTally] = field(default_factory=dict)
    kinds: dict[str, KindTally] = field(default_factory=dict)
    """By kind of primary resource."""
    roles: dict[str, KindTally] = field(default_factory=dict)
    """By role of related resource."""
    first: int | None = None
    """When the first event occurred, µs."""
    last: int | None = None
    out_of_order: int = 0
    """Events that occurred before an earlier event of the log."""
    most_out_of_order: int = 0
    """The largest such difference, µs."""
    falling: int = 0
    """Events that occurred before the previous one: most, in a log with the newest first."""
    duplicates: int = 0
    duplicate_examples: list[str] = field(default_factory=list)
    forgot_ids: bool = False
    """Whether there were too many ids to detect every duplicate."""
    without_received: int = 0
    delays: DelayScale = field(default_factory=DelayScale)
    """The time from occurrence to receipt."""
    gaps: list[Gap] = field(default_factory=list)
    """The longest gaps, longest first."""
    chains: Chains = field(default_factory=Chains)
    firings: Counter[str] = field(default_factory=Counter)
    """The server's own firings, by automation."""

    @property
    def has_more_names(self) -> bool:
        """Whether there are more names than `names` lists; its entry `OTHERS` counts the rest."""
        return OTHERS in self.names and len(self.names) > MOST_NAMES

    @property
    def newest_first(self) -> bool:
        """Whether the log runs backwards, like answers of the API."""
        return self.events > 2 and self.falling * 2 > self.events


class Surveyor:
    """Reads a log twice: in its own order, and then in order of occurrence."""

    def __init__(self) -> None:
        self.survey = Survey()
        self._latest: int | None = None
        self._above = 0
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._previous: int | None = None
        # Lists of related resources that are one and the same, by identity, with how many events
        # have each: most of a log's are.
        self._same: dict[int, tuple[tuple[Labels, ...], int]] = {}
        self._gaps: list[Gap] = []
        self._chains: OrderedDict[str, tuple[int, str]] = OrderedDict()
        # Leaders that have not been seen yet, with the number of followers of each.
        self._awaited: OrderedDict[str, int] = OrderedDict()

    def as_it_stands(self, rows: Iterable[tuple[str, int, int | None]]) -> None:
        """Count disorder and duplicates.

        Args:
            rows: For each event, in the log's own order: its id (empty if it has none), when it
                occurred and when it was received, µs.
        """
        for ident, occurred, received in rows:
            self._note_order(occurred, received)
            if ident:
                self._note_identity(ident)

    def in_time(self, records: Iterable[Event | BadLine]) -> Survey:
        """Read the records in order of occurrence; return the complete survey."""
        survey = self.survey
        for record in records:
            if isinstance(record, Event):
                self._note(record)
            else:
                survey.malformed += 1
                survey.problem = survey.problem or record
        self._tally_related()
        survey.gaps = sorted(self._gaps, reverse=True)
        survey.chains.leader_missing = sum(self._awaited.values())
        return survey

    def _note_order(self, occurred: int, received: int | None) -> None:
        survey = self.survey
        if self._latest is None or occurred >= self._latest:
            self._latest = occurred
        else:
            survey.out_of_order += 1
            survey.most_out_of_order = max(survey.most_out_of_order, self._latest - occurred)
        survey.falling += survey.events > 0 and occurred < self._above
        self._above = occurred
        survey.events += 1
        if received is None:
            survey.without_received += 1
        else:
            survey.delays.add(received - occurred)

    def _note_identity(self, ident: str) -> None:
        survey = self.survey
        if ident in self._ids:
            survey.duplicates += 1
            if len(survey.duplicate_examples) < 3:
                survey.duplicate_examples.append(ident)
            return
        self._ids[ident] = None
        if len(self._ids) > REMEMBERED_IDS:
            survey.forgot_ids = True
            self._ids.popitem(last=False)

    def _note(self, event: Event) -> None:
        survey = self.survey
        if survey.first is None:
            survey.first = event.occurred
        survey.last = event.occurred
        ident = event.resource.get(RESOURCE_ID, "")
        kind = _known_kind(ident) if len(ident) < _SHORT else kind_of(ident)
        _bounded(survey.names, event.name, NameTally).add(event, kind)
        _bounded(survey.kinds, kind, KindTally).add(event.resource)
        related = event.related
        _, count = self._same.get(id(related), (related, 0))
        self._same[id(related)] = related, count + 1
        if len(self._same) > MOST_ALIKE:
            self._tally_related()
        self._note_gap(event)
        self._note_chain(event)
        firing = server_firing(event)
        if firing is not None:
            name = firing.automation_name or firing.automation_id
            known = name in survey.firings or len(survey.firings) < MOST_NAMES
            survey.firings[name if known else OTHERS] += 1

    def _tally_related(self) -> None:
        """Take note of the related resources that were put aside."""
        counts: dict[tuple[tuple[str, str], ...], int] = {}
        for related, count in self._same.values():
            for one in related:
                labels = tuple(one.items())
                counts[labels] = counts.get(labels, 0) + count
        for labels, count in counts.items():
            one = dict(labels)
            _bounded(self.survey.roles, one.get(RESOURCE_ROLE, ""), KindTally).add(one, count)
        self._same.clear()

    def _note_gap(self, event: Event) -> None:
        if self._previous is not None and event.occurred > self._previous:
            gap = Gap(event.occurred - self._previous, self._previous)
            if len(self._gaps) < KEPT_GAPS:
                heappush(self._gaps, gap)
            else:
                heappushpop(self._gaps, gap)
        self._previous = event.occurred

    def _note_chain(self, event: Event) -> None:
        chains = self.survey.chains
        if self._awaited:
            chains.leader_later += self._awaited.pop(event.id, 0)
        depth = 1
        if event.follows is not None and event.follows != event.id:
            chains.followers += 1
            leader = self._chains.get(event.follows)
            if leader is None:
                self._awaited[event.follows] = self._awaited.get(event.follows, 0) + 1
                if len(self._awaited) > REMEMBERED_IDS:
                    _, lost = self._awaited.popitem(last=False)
                    chains.leader_missing += lost
            else:
                depth = leader[0] + 1
                pair = (leader[1], event.name)
                if pair in chains.pairs or len(chains.pairs) < MOST_NAMES:
                    chains.pairs[pair] += 1
            chains.longest = max(chains.longest, depth)
        self._chains[event.id] = (depth, event.name)
        if len(self._chains) > REMEMBERED_IDS:
            self._chains.popitem(last=False)


def kind_of(resource_id: str) -> str:
    """The kind of a resource from its id: ``prefect.flow-run.<uuid>`` is a ``prefect.flow-run``."""
    found = _UUID.search(resource_id[:1_000])
    if found is not None:
        return resource_id[: found.start()].rstrip(".:/-_") or "(a bare UUID)"
    if resource_id.startswith("prefect."):
        return ".".join(resource_id.split(".", 2)[:2])
    head, dot, _ = resource_id.rpartition(".")
    return head if dot else resource_id


_known_kind = lru_cache(2_000)(kind_of)
"""For short ids: most events are about a resource of a recent event."""


def _bounded(tallies: dict[str, _T], name: str, make: type[_T]) -> _T:
    found = tallies.get(name)
    if found is None:
        if len(tallies) >= MOST_NAMES:
            name = OTHERS
        found = tallies.setdefault(name, make())
    return found
