"""A replay whose triggers the workers of a cluster evaluate: several `Replay`s of one stream."""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, cycle
from typing import TYPE_CHECKING, Any, Final

from trigger_cli.cluster.client import Answer, Cluster
from trigger_cli.cluster.share import FIRINGS, Plan, Row, RowKind, Share, evaluate_page
from trigger_cli.engine.compile import walk
from trigger_cli.model import Event, Heading, MetricTrigger, TransitionKind, Unmatched

if TYPE_CHECKING:
    from trigger_cli.dialect import Dialect
    from trigger_cli.engine.delivery import Waiting
    from trigger_cli.engine.replay import Replay
    from trigger_cli.model import Automation, Pending, Transition

PAGE_ROWS = 50_000
"""Events that are sent at a time, at first."""
_UNMATCHED_A_ROW = 16
"""So many events that no trigger looks at count as one."""
_MOST_SHARES = 8
"""What this process sends keeps no more workers busy than that (``benchmarks/cluster.py``)."""

_OFFERS: Final[dict[TransitionKind, int]] = {"duplicate": -1, "waiting": -1, "released": 1}
"""By how much delivery changes how many of the events taken were offered to triggers."""


class ClusterReplay:
    """Several `Replay`s of the whole stream, each of some automations, on a cluster's workers.

    What happens in a page of events is told when the next is sent: firings, each automation's in
    `Replay`'s order, and what delivery did. What is given as an `Event`, and not as a heading,
    must be taken by some trigger.

    Args:
        automations: In definition order.
        dialect: Which of section D's choices hold.
        expired_bucket_buffer: See `Replay`, µs.
        cluster: Who evaluates.
        page_rows: How many events are sent at a time, at first.
    """

    firings_only = True

    def __init__(
        self,
        automations: Sequence[Automation],
        dialect: Dialect,
        *,
        expired_bucket_buffer: int,
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
        buffer = expired_bucket_buffer
        dealt = _dealt(automations, len(cluster.threads()))
        plans = [Plan(some, dialect.name, buffer, FIRINGS) for some in dealt]
        # Delivery is the same for all, so one tells of it.
        plans[0] = plans[0]._replace(told=FIRINGS.union(_OFFERS))
        self._plans = [pickle.dumps(plan) for plan in plans]
        self._shares = [Share(plan) for plan in plans]
        self._standing = [share.beginning for share in self._shares]
        """Each share's `Replay`, as the last page that came back has left it."""
        self._asked: list[Answer] = []
        self._ended: list[Replay] = []

    def start(self, instant: int) -> None:
        """Start the clock before the first event, which otherwise starts it (T3)."""
        self.started = instant
        self._rows.append(("start", (instant,)))

    def take(self, event: Event | Heading) -> Iterator[Transition]:
        """Take the next event."""
        self._start(event.occurred)
        self.matched += isinstance(event, Event)
        return self._add("event" if isinstance(event, Event) else "heading", event)

    def see(self, heading: Heading) -> Iterator[Transition]:
        """Let delivery alone know of an event (T7)."""
        return self._add("seen", heading)

    def pass_by(self, run: Unmatched) -> Iterator[Transition]:
        """Take events that no trigger looks at."""
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
        for share, replay in zip(self._shares, self._ended, strict=True):
            yield from self._counted(share.told(replay.finish(until, until_quiet=until_quiet)))
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
            self._cluster.submit(evaluate_page, plan, before, page, urgent=True)
            for plan, before in zip(self._plans, self._standing, strict=True)
        ]
        # So that replays are not packed and sent more often than they are worth.
        if max(map(len, self._standing)) > len(page):
            self._page_rows *= 2

    def _come_back(self) -> Iterator[Transition]:
        """What happened in the page that is on its way, if one is."""
        answers = [self._cluster.result(one) for one in self._asked]
        if answers:
            self._asked, self._standing = [], [standing for standing, _ in answers]
        for share, (_, told) in zip(self._shares, answers, strict=False):
            yield from self._counted(share.loads(told))

    def _counted(self, told: Iterable[Transition]) -> Iterator[Transition]:
        for record in told:
            if record.offered is not None:
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
        if self._ended:
            return self._ended
        return [
            share.loads(standing)
            for share, standing in zip(self._shares, self._standing, strict=True)
        ]


def _dealt(automations: Sequence[Automation], workers: int) -> list[tuple[Automation, ...]]:
    """The enabled automations, dealt out by turns, a share for a worker.

    Those with metrics stay together: what becomes of metrics is reported in one order for all.
    """
    shares: list[list[Automation]] = [[] for _ in range(min(max(workers, 1), _MOST_SHARES))]
    turns = cycle(reversed(shares))
    for one in automations:
        if one.enabled:
            has_metric = any(isinstance(some, MetricTrigger) for some in walk(one.trigger))
            (shares[0] if has_metric else next(turns)).append(one)
    return [tuple(share) for share in shares if share] or [()]
