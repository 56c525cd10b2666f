"""Summarises a log: names, resources, labels, order, gaps and chains.

Events come in columns, many at a time; how many makes no difference. Memory is bounded for logs of
any length: unbounded sets are counted exactly up to a limit, and reported as more beyond it.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heappush, heappushpop
from itertools import pairwise
from typing import NamedTuple, TypeVar

from msgspec import Struct, field

from trigger_cli.events.batch import Rows
from trigger_cli.history.counting import DelayScale, Distinct
from trigger_cli.history.survey_part import MOST_VALUES, KindPart, SurveyPart
from trigger_cli.model import BadLine
from trigger_cli.read.isolated_events import FAR
from trigger_cli.times import LONGEST

MOST_NAMES = 2_000
MOST_LABELS = 1_000
REMEMBERED_IDS = 200_000
KEPT_GAPS = 5
_T = TypeVar("_T")

OTHERS = "(others)"
"""The name under which everything beyond a limit is counted."""


class LabelTally(Struct):
    """One label of one kind of resource: its count and its values."""

    events: int = 0
    values: Distinct = field(default_factory=lambda: Distinct(MOST_VALUES))


class NameTally(Struct):
    """One event name."""

    events: int = 0
    first: int | None = None
    last: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, count: int, first: int, last: int) -> None:
        """Add `count` events with the name and a kind of resource.

        All events with the name, of any kind, occurred from `first` to `last`, µs.
        """
        self.events += count
        if self.first is None:
            self.first, self.last = first, last
        self.first, self.last = min(self.first, first), max(self.last, last)
        if kind in self.kinds or len(self.kinds) < 20:
            self.kinds[kind] += count


class KindTally(Struct):
    """One kind of resource, or one role: its number of resources, and their labels.

    `OTHERS` has neither labels nor examples, which would be those of many kinds.
    """

    is_mixed: bool = False
    events: int = 0
    ids: Distinct = field(default_factory=lambda: Distinct(MOST_VALUES))
    labels: dict[str, LabelTally] = field(default_factory=dict)

    def add(self, part: KindPart) -> None:
        """Add resources."""
        count, ids, shapes, values = part
        self.events += count
        self.ids.add_all(ids)
        if self.is_mixed:
            return
        for shape, times in shapes:
            for label in shape:
                tally = self._tally_of(label)
                if tally is not None:
                    tally.events += times
        for label, some in values:
            if label in self.labels:
                self.labels[label].values.add_all(some)

    def _tally_of(self, label: str) -> LabelTally | None:
        """The tally of a label; ``None`` if there are too many labels."""
        tally = self.labels.get(label)
        if tally is None and len(self.labels) < MOST_LABELS:
            tally = self.labels[label] = LabelTally()
        return tally


class Gap(NamedTuple):
    """A period without events."""

    length: int
    """Its length, µs."""
    start: int


class Chains(Struct):
    """Statistics of events that follow others (O4)."""

    followers: int = 0
    """The number of events that name a leader."""
    leader_missing: int = 0
    """How many of them have a leader that the log does not have, as far as ids are remembered."""
    leader_later: int = 0
    """How many of them come before their leader."""
    longest: int = 0
    """The number of events in the longest chain; 0 if no event follows another."""
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often an event of the first name is followed by one of the second."""


class Survey(Struct):
    """The summary of a log."""

    events: int = 0
    malformed: int = 0
    dropped_labels: int = 0
    """Labels with a value that is no string, taken as absent (O6)."""
    names: dict[str, NameTally] = field(default_factory=dict)
    kinds: dict[str, KindTally] = field(default_factory=dict)
    """By kind of primary resource."""
    roles: dict[str, KindTally] = field(default_factory=dict)
    """By role of related resource."""
    first: int | None = None
    """When the first event occurred, µs."""
    last: int | None = None
    out_of_order: int = 0
    """Events that occurred before an earlier event of the log; of one event that is more than a year
    ahead of its neighbours, itself and not all that come later."""
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
    """Reads a log twice: in its own order, and then its headings in order of occurrence."""

    def __init__(self) -> None:
        self.survey = Survey()
        # The latest time so far, and that of the previous event, in the log's own order.
        self._latest = self._above = -LONGEST
        # The latest time before the previous event, if that leapt ahead of it.
        self._unleapt: int | None = None
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._previous: int | None = None
        self._gaps: list[Gap] = []
        self._chains: OrderedDict[str, tuple[int, str]] = OrderedDict()
        # Leaders that have not been seen yet, with the number of followers of each.
        self._awaited: OrderedDict[str, int] = OrderedDict()

    def as_it_stands(self, rows: Rows, part: SurveyPart) -> None:
        """Count names, resources, disorder and duplicates.

        Args:
            rows: Events in the log's own order; the id of an event without one is empty.
            part: The counts of these events.
        """
        survey, run = self.survey, rows.headings()
        survey.events += len(run.ids)
        self._note_order(run.occurred)
        self._note_identities(run.ids)
        named, spans, kinds, roles, steps, longest, without_received, firings = part
        self._note_names(named, spans)
        for tallies, found in ((survey.kinds, kinds), (survey.roles, roles)):
            for name, one in found.items():
                _bounded(tallies, name, _kind_tally).add(one)
        survey.delays.add(steps, longest)
        survey.without_received += without_received
        self._note_firings(firings)

    def in_time(self, records: Iterable[Rows | BadLine]) -> Survey:
        """Count gaps and chains of the records in order of occurrence; return the survey."""
        survey = self.survey
        for record in records:
            if isinstance(record, Rows):
                self._note(record)
            else:
                survey.malformed += 1
        survey.gaps = sorted(self._gaps, reverse=True)
        survey.chains.leader_missing = sum(self._awaited.values())
        return survey

    # --- As it stands ----------------------------------------------------------------

    def _note_order(self, times: Sequence[int]) -> None:
        survey, latest, above, unleapt = self.survey, self._latest, self._above, self._unleapt
        for occurred in times:
            if unleapt is not None:
                if latest - occurred > FAR:
                    survey.out_of_order += 1
                    survey.most_out_of_order = max(survey.most_out_of_order, latest - occurred)
                    latest = unleapt
                unleapt = None
            if occurred >= latest:
                if occurred - latest > FAR:
                    unleapt = latest
                latest = occurred
            else:
                survey.out_of_order += 1
                survey.most_out_of_order = max(survey.most_out_of_order, latest - occurred)
            survey.falling += occurred < above
            above = occurred
        self._latest, self._above, self._unleapt = latest, above, unleapt

    def _note_identities(self, ids: Sequence[str]) -> None:
        survey, known = self.survey, self._ids
        for ident in ids:
            if ident in known:
                survey.duplicates += 1
                if len(survey.duplicate_examples) < 3:
                    survey.duplicate_examples.append(ident)
            elif ident:
                known[ident] = None
                if len(known) > REMEMBERED_IDS:
                    survey.forgot_ids = True
                    known.popitem(last=False)

    def _note_names(
        self, named: Iterable[tuple[str, str, int]], spans: Mapping[str, tuple[int, int]]
    ) -> None:
        for name, kind, count in named:
            tally = _bounded(self.survey.names, name, lambda _name: NameTally())
            tally.add(kind, count, *spans[name])

    def _note_firings(self, found: Mapping[str, int]) -> None:
        firings = self.survey.firings
        for name, count in found.items():
            firings[name if name in firings or len(firings) < MOST_NAMES else OTHERS] += count

    # --- In time ---------------------------------------------------------------------

    def _note(self, rows: Rows) -> None:
        survey, run = self.survey, rows.headings()
        if survey.first is None:
            survey.first = run.occurred[0]
        survey.last = run.occurred[-1]
        self._note_gaps(run.occurred)
        self._note_chains([run.names[code] for code in run.name_codes], run.ids, run.follows)

    def _note_gaps(self, times: Sequence[int]) -> None:
        before = times if self._previous is None else [self._previous, *times]
        shortest = self._gaps[0].length if len(self._gaps) == KEPT_GAPS else 1
        for start, end in pairwise(before):
            if end - start < shortest:
                continue
            gap = Gap(end - start, start)
            if len(self._gaps) < KEPT_GAPS:
                heappush(self._gaps, gap)
            else:
                heappushpop(self._gaps, gap)
        self._previous = times[-1]

    def _note_chains(
        self, names: Sequence[str], ids: Sequence[str], follows: Sequence[str | None]
    ) -> None:
        chains, seen, awaited = self.survey.chains, self._chains, self._awaited
        begun = {name: (1, name) for name in set(names)}
        for name, ident, leader in zip(names, ids, follows, strict=True):
            if awaited:
                chains.leader_later += awaited.pop(ident, 0)
            if leader is None or leader == ident:
                seen[ident] = begun[name]
            else:
                seen[ident] = self._depth_after(leader, name), name
            if len(seen) > REMEMBERED_IDS:
                seen.popitem(last=False)

    def _depth_after(self, leader: str, name: str) -> int:
        """The number of events in the chain up to a follower, which is noted."""
        chains = self.survey.chains
        chains.followers += 1
        chains.longest = max(chains.longest, 1)
        known = self._chains.get(leader)
        if known is None:
            self._awaited[leader] = self._awaited.get(leader, 0) + 1
            if len(self._awaited) > REMEMBERED_IDS:
                _, lost = self._awaited.popitem(last=False)
                chains.leader_missing += lost
            return 1
        depth = known[0] + 1
        pair = (known[1], name)
        if pair in chains.pairs or len(chains.pairs) < MOST_NAMES:
            chains.pairs[pair] += 1
        chains.longest = max(chains.longest, depth)
        return depth


def _kind_tally(name: str) -> KindTally:
    if name == OTHERS:
        return KindTally(is_mixed=True, ids=Distinct(MOST_VALUES, gives_examples=False))
    return KindTally()


def _bounded(tallies: dict[str, _T], name: str, make: Callable[[str], _T]) -> _T:
    found = tallies.get(name)
    if found is None:
        if len(tallies) >= MOST_NAMES:
            name = OTHERS
        found = tallies.setdefault(name, make(name))
    return found
