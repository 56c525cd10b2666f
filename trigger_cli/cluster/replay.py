"""A replay whose triggers the workers of a cluster evaluate: several `Replay`s of one stream."""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, cycle, groupby
from typing import TYPE_CHECKING, Any, Final

from trigger_cli.cluster.client import Answer, Cluster
from trigger_cli.cluster.share import Row, RowKind, evaluate_page
from trigger_cli.engine.replay import Replay
from trigger_cli.match.plan import Plan, PlannedEventTrigger, PlannedMetricTrigger
from trigger_cli.model import (
    DeliveryTransition,
    Heading,
    Match,
    TransitionKind,
    Unmatched,
    heading_of,
)
from trigger_cli.vocabulary import UNDELIVERED_NAMES

if TYPE_CHECKING:
    from trigger_cli.engine.delivery import Waiting
    from trigger_cli.model import Pending, Transition

PAGE_ROWS = 50_000
"""Events that are sent at a time, at first."""
_UNMATCHED_A_ROW = 16
"""So many events that no trigger takes count as one."""
_MOST_SHARES = 8
"""What this process sends keeps no more workers busy than that (``benchmarks/cluster.py``)."""

_FIRINGS: Final = frozenset[TransitionKind]({"fired", "resolved"})
_OFFERS: Final[dict[TransitionKind, int]] = {"duplicate": -1, "waiting": -1, "released": 1}
"""By how much delivery changes how many of the matches taken were offered to triggers."""


class ClusterReplay:
    """Several `Replay`s of the whole stream, each of some automations, on a cluster's workers.

    What happens in a page of events is told when the next is sent: firings, each automation's in
    `Replay`'s order, and what delivery did.

    Args:
        plan: What is evaluated.
        expired_bucket_buffer: See `Replay`, µs.
        endless: See `Replay`.
        cluster: Who evaluates.
        page_rows: How many events are sent at a time, at first.
    """

    firings_only = True

    def __init__(
        self,
        plan: Plan,
        *,
        expired_bucket_buffer: int,
        endless: bool = False,
        cluster: Cluster,
        page_rows: int = PAGE_ROWS,
    ) -> None:
        self.started: int | None = None
        """Where the clock started, µs; ``None`` before the first event."""
        self.matched = 0
        """How many events some trigger has taken."""
        self._cluster = cluster
        self._page_rows = page_rows
        self._rows: list[Row] = []
        self._weight = 0
        self._asked: list[Answer] = []
        self._ended: list[Replay] = []
        self._standing: list[bytes] = []
        """Each share's `Replay`, as the last page that came back has left it."""
        for share in _dealt(plan, len(cluster.threads())):
            replay = Replay(share, expired_bucket_buffer=expired_bucket_buffer, endless=endless)
            replay.firings_only = True
            self._standing.append(pickle.dumps(replay))

    def start(self, instant: int) -> None:
        """Start the clock before the first event, which otherwise starts it (T3)."""
        self.started = instant
        self._rows.append(("start", (instant,)))

    def take(self, record: Match | Heading) -> Iterator[Transition]:
        """Take the next event."""
        event, takings = record if isinstance(record, Match) else (record, ())
        self._start(event.occurred)
        if not takings or event.name in UNDELIVERED_NAMES:  # O3
            return self._add("heading", heading_of(event))
        self.matched += 1
        # What takes it is known, so nobody reads its related resources any more.
        return self._add("match", ((*event[:7], ()), takings))

    def see(self, heading: Heading) -> Iterator[Transition]:
        """Let delivery alone know of an event (T7)."""
        return self._add("seen", heading)

    def pass_by(self, run: Unmatched) -> Iterator[Transition]:
        """Take events that no trigger takes."""
        self._start(run.occurred[0])
        weight = 1 + len(run.ids) // _UNMATCHED_A_ROW
        return self._add("run", (list(run.lines), *run[1:]), weight)

    def finish(
        self, until: int | None = None, *, until_quiet: bool = False
    ) -> Iterator[Transition]:
        """End as `Replay.finish` does, with all that has not been told yet."""
        if self._rows:
            yield from self._next_page()
        yield from self._come_back()
        self._ended = self._replays()
        for place, replay in enumerate(self._ended):
            records = replay.finish(until, until_quiet=until_quiet)
            yield from self._counted(one for one in records if one.kind in _told_by(place))
        if until_quiet and self.started is not None:
            # The clock goes on for all where the deadlines of one are the last (S2).
            latest = self.clock
            for replay in self._ended:
                yield from replay.finish(latest)

    # --- Pages -----------------------------------------------------------------------

    def _start(self, instant: int) -> None:
        if self.started is None:
            self.started = instant

    def _add(self, kind: RowKind, fields: tuple[Any, ...], weight: int = 1) -> Iterator[Transition]:
        self._rows.append((kind, tuple(fields)))
        self._weight += weight
        return self._next_page() if self._weight >= self._page_rows else iter(())

    def _next_page(self) -> Iterator[Transition]:
        """Have a page evaluated, once the one before it has come back."""
        page = marshal.dumps(self._rows)
        self._rows, self._weight = [], 0
        yield from self._come_back()
        self._asked = [
            self._cluster.submit(evaluate_page, before, page, _told_by(place), urgent=True)
            for place, before in enumerate(self._standing)
        ]
        # So that replays are not packed and sent more often than they are worth.
        if max(map(len, self._standing)) > len(page):
            self._page_rows *= 2

    def _come_back(self) -> Iterator[Transition]:
        """What happened in the page that is on its way, if one is."""
        answers = [self._cluster.result(one) for one in self._asked]
        if answers:
            self._asked, self._standing = [], [standing for standing, _ in answers]
        for _, told in answers:
            yield from self._counted(pickle.loads(told))  # noqa: S301  # by a worker

    def _counted(self, told: Iterable[Transition]) -> Iterator[Transition]:
        for record in told:
            if isinstance(record, DeliveryTransition) and record.offered is not None:
                self.matched += _OFFERS.get(record.kind, 0)
            yield record

    # --- How it stands ---------------------------------------------------------------

    @property
    def clock(self) -> int:
        """The simulated clock, µs, up to where pages have come back."""
        replays = [replay for replay in self._replays() if replay.started is not None]
        return max((replay.clock for replay in replays), default=self.started or 0)

    def pending(self) -> list[Pending]:
        """The open deadlines (T5), up to there."""
        pending = chain.from_iterable(replay.pending() for replay in self._replays())
        return sorted(pending, key=lambda one: (one.due, one.automation.index))

    def waiting(self) -> list[Waiting]:
        """The events that wait for the one they follow (O4), up to there."""
        return self._replays()[0].waiting()

    def _replays(self) -> list[Replay]:
        return self._ended or [pickle.loads(one) for one in self._standing]  # noqa: S301


def _told_by(place: int) -> frozenset[TransitionKind]:
    """What a share tells; delivery is the same for all, so the first tells of it."""
    return _FIRINGS if place else _FIRINGS.union(_OFFERS)


def _dealt(plan: Plan, workers: int) -> list[Plan]:
    """The plan in shares, at most one for a worker, automations dealt out by turns.

    Those with metrics stay together: what becomes of metrics is reported in one order for all.
    """
    shares: list[list[PlannedEventTrigger | PlannedMetricTrigger]]
    shares = [[] for _ in range(min(max(workers, 1), _MOST_SHARES))]
    turns = cycle(reversed(shares))
    for _, group in groupby(plan.leaves, key=lambda leaf: leaf.automation.index):
        leaves = list(group)
        has_metric = any(isinstance(leaf, PlannedMetricTrigger) for leaf in leaves)
        (shares[0] if has_metric else next(turns)).extend(leaves)
    return [replace(plan, leaves=tuple(share)) for share in shares if share] or [plan]
