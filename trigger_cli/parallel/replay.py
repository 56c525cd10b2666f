"""A replay in several processes: delivery runs here, and each process has a `Replay`.

Each process evaluates some of the automations, which share nothing but delivery.
"""

from __future__ import annotations

import marshal
import pickle
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, groupby
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec.structs import replace

from trigger_cli.engine.delivered import Delivered, DeliveredEvents
from trigger_cli.engine.endless import longest_step, shortest_window, too_many
from trigger_cli.engine.errors import EndlessError
from trigger_cli.engine.replay import Replay
from trigger_cli.match.plan import Plan, PlannedEventTrigger, PlannedMetricTrigger
from trigger_cli.model import Heading, Match, Unmatched, event_in
from trigger_cli.parallel.share import (
    Evaluated,
    Row,
    evaluate_page,
    feed_rows,
    is_told,
    plain_event,
    row_of,
)
from trigger_cli.vocabulary import UNDELIVERED_NAMES

if TYPE_CHECKING:
    from trigger_cli.engine.delivery import Waiting
    from trigger_cli.events.batch import Rows
    from trigger_cli.firings import FiringBlock
    from trigger_cli.model import Pending, Taking, Transition

PAGE_ROWS = 5_000
"""The initial number of taken events that are sent at a time."""
FEWEST_HELPERS = 2
_MOST_SHARES: Final = 8
"""This process can send enough work for at most this many helpers (``benchmarks/cluster.py``)."""


class Helpers(Protocol):
    """Processes that evaluate: those of this machine, or a cluster's workers."""

    def count(self) -> int:
        """The number of helpers."""

    def ask(self, function: Callable[..., object], /, *arguments: object) -> Any:
        """Have a helper call a pure function; pass the answer to `result`."""

    def result(self, answer: Any, /) -> Any:
        """Wait for an answer and return what the function returned."""


def shared_replay(
    plan: Plan, *, expired_bucket_buffer: int, endless: bool = False, helpers: Helpers
) -> Replay | ParallelReplay:
    """A `ParallelReplay`, or a `Replay` for one automation or one helper."""
    automations = {leaf.automation.index for leaf in plan.leaves}
    if len(automations) <= 1 or helpers.count() < FEWEST_HELPERS:
        return Replay(plan, expired_bucket_buffer=expired_bucket_buffer, endless=endless)
    return ParallelReplay(
        plan, expired_bucket_buffer=expired_bucket_buffer, endless=endless, helpers=helpers
    )


class ParallelReplay:
    """Delivery here, and a `Replay` of some automations in each of several processes.

    The records of a page of events are yielded when the next page is sent: firings, those of each
    automation in `Replay`'s order, changes of metrics, and records of delivery.

    Args:
        plan: What is evaluated.
        expired_bucket_buffer: See `Replay`, µs.
        endless: See `Replay`.
        helpers: The processes that evaluate.
        page_rows: The initial number of events sent at a time; ``None``: `PAGE_ROWS`.
    """

    firings_only = True
    counts_only = False
    """Whether its blocks tell only how often each automation fired."""

    def __init__(
        self,
        plan: Plan,
        *,
        expired_bucket_buffer: int,
        endless: bool = False,
        helpers: Helpers,
        page_rows: int | None = None,
    ) -> None:
        self._plan = plan
        self._buffer = expired_bucket_buffer
        self._helpers = helpers
        self._page_rows = page_rows or PAGE_ROWS
        self._said: list[Transition] = []
        """Records of delivery that have not been yielded yet."""
        self._delivered = DeliveredEvents(plan.dialect, tell=self._said.append)
        self.matched = 0
        """The number of events that at least one trigger has taken."""
        self._coming: list[Row] = []
        """Events that have not been sent."""
        self._has_begun = False
        """Whether an event has come, so that the timers due at the clock's start have run."""
        self._filters = {leaf.filter for leaf in plan.leaves}
        self._split_plan: defaultdict[int, list[int]] = defaultdict(list)
        """By the filter's number: the shares whose triggers have the filter."""
        self._shares: list[bytes] = []
        """Each share's `Replay` after the last page that was returned, pickled."""
        self._asked: list[Any] = []
        """The answers expected for the page that was sent."""
        self._here: list[Replay] = []
        """The shares' replays while they run in this process."""
        self._went_on_here = 0
        """The number of events that they took in this process."""
        self._shortest = 0 if endless else shortest_window(plan)
        """The shortest window of which too many may end in a row, µs; 0 if there is none."""

    # --- Input -----------------------------------------------------------------------

    def start(self, instant: int) -> None:
        """Start the clock before the first event; by default the first event starts it (T3)."""
        self._delivered.start(instant)

    def take(self, record: Match | Heading) -> Iterator[Transition | FiringBlock]:
        """Take the next event."""
        event = event_in(record)
        if self._may_be_endless([event.occurred]):
            yield from self._require_end(event.occurred, event.line)
        yield from self._process(self._delivered.take(record))

    def take_rows(self, rows: Rows) -> Iterator[Transition | FiringBlock]:
        """Take the next events, all at once if no delivery needs a decision, as usual."""
        run = rows.headings()
        matches = rows.matches()
        clocks = None
        if not self._here and not self._may_be_endless(run.occurred, len(matches)):
            clocks = self._delivered.delivers_batch(run)
        if clocks is None:
            for one in rows.events():
                if isinstance(one, Unmatched):
                    yield from self.pass_by(one)
                elif isinstance(one, Match):  # as all others are: see `Rows.matches`
                    yield from self.take(one)
            return
        self._has_begun = True
        filters = self._filters
        for row, match in matches:
            event, takings = match.event, match.takings
            if event.name not in UNDELIVERED_NAMES and _is_of(takings, filters):
                clock = clocks[row]
                self._coming.append((clock, clock, plain_event(event), takings))
                self.matched += 1
        yield from self._go_on()

    def see(self, heading: Heading) -> Iterator[Transition | FiringBlock]:
        """Pass an event to delivery only (T7)."""
        if self._may_be_endless([heading.occurred]):
            yield from self._require_end(heading.occurred, heading.line)
        yield from self._process(self._delivered.see(heading))

    def pass_by(self, run: Unmatched) -> Iterator[Transition | FiringBlock]:
        """Take events that no trigger takes."""
        if not self._may_be_endless(run.occurred):
            yield from self._process(self._delivered.pass_by(run))
            return
        for row in range(len(run.ids)):
            yield from self.take(run.heading(row))

    def finish(
        self, until: int | None = None, *, until_quiet: bool = False
    ) -> Iterator[Transition | FiringBlock]:
        """End as `Replay.finish` does, and yield all remaining records."""
        if self.started is None and until is not None:
            self.start(until)
        end = self.clock if until is None else until
        if self._may_be_endless([end]):
            yield from self._require_end(end, None)
        yield from self._process(self._delivered.finish(end if self.started is not None else None))
        if self.started is None:
            return
        if self._shares and not self._here:
            yield from self._next_page()
        yield from self._continue_here()
        yield from _told(one.finish(end) for one in self._here)
        if until_quiet:
            for replay in self._here:
                replay.quieten()
            # What is released together is processed before any timer, also one that it sets for an
            # earlier instant.
            left = self._delivered.finish(until_quiet=True)
            for clock, released in groupby(left, key=lambda one: one.clock):
                yield from _told(replay.finish(clock - 1) for replay in self._here)
                for one in released:
                    self.matched += _is_of(one.match.takings, self._filters)
                    yield from self._feed([row_of(one._replace(timers_until=0))])
            yield from self._tell()
            yield from _told(one.finish(until_quiet=True) for one in self._here)
            # All clocks move to the latest deadline of any share (S2).
            latest = self.clock
            yield from _told(one.finish(latest) for one in self._here)

    # --- Endless windows -------------------------------------------------------------

    def _may_be_endless(self, times: Sequence[int], matches: int = 0) -> bool:
        """Whether `Replay.require_end` might raise; the buckets are not known here.

        Args:
            times: When the next events occurred, µs.
            matches: How many of them may open a bucket.
        """
        if not self._shortest or self.started is None:
            return False
        buckets, clock = self.matched + matches + 1, self._delivered.clock
        if not too_many((max(times) - clock) // self._shortest, buckets):
            return False
        step = longest_step([*accumulate(times, max, initial=clock)])
        return too_many(step // self._shortest, buckets)

    def _require_end(self, instant: int, line: int | None) -> Iterator[Transition | FiringBlock]:
        """Advance all shares to the clock, and check that none goes through too many windows.

        Raises:
            EndlessError: For the first automation in definition order, as in `Replay`.
        """
        yield from self._continue_here()
        clock = self._delivered.clock
        if self._has_begun:
            yield from _told(one.finish(clock) for one in self._here)
        errors = []
        for replay in self._here:
            try:
                replay.require_end(max(instant, clock), line)
            except EndlessError as error:
                errors.append(error)
        if errors:
            raise min(errors, key=lambda one: one.index)

    # --- Pages -----------------------------------------------------------------------

    def _process(self, events: Iterable[Delivered]) -> Iterator[Transition | FiringBlock]:
        """Let the triggers process events, now or in a later page."""
        self._has_begun = True
        for one in events:
            if not _is_of(one.match.takings, self._filters):
                continue
            self.matched += 1
            if not self._here:
                self._coming.append(row_of(one))
                continue
            yield from self._feed([row_of(one)])
            self._went_on_here += 1
            if self._went_on_here >= self._page_rows:
                self._continue_in_helpers()
        yield from self._go_on()

    def _go_on(self) -> Iterator[Transition | FiringBlock]:
        """Send a full page, and yield the records of delivery."""
        if len(self._coming) >= self._page_rows:
            yield from self._next_page()
        yield from self._tell()

    def _tell(self) -> Iterator[Transition]:
        """Yield the records of delivery."""
        if self._said:
            said = [*self._said]
            self._said.clear()
            yield from said

    def _next_page(self) -> Iterator[Transition | FiringBlock]:
        """Send a page for evaluation, after the previous page has been returned."""
        if not self._shares:
            self._make_shares()
            self._continue_in_helpers()
        pages = self._pages_of(self._coming)
        self._coming = []
        packed = list(map(marshal.dumps, pages))
        yield from self._collect_page()
        self._asked = [
            self._helpers.ask(evaluate_page, before, page, self.counts_only)
            for before, page in zip(self._shares, packed, strict=True)
        ]
        # Pages must be larger than the replays that are sent with them.
        if max(map(len, self._shares)) > max(map(len, packed)):
            self._page_rows *= 2

    def _collect_page(self) -> Iterator[Transition | FiringBlock]:
        """Yield the records of the page that was sent, if there is one."""
        asked, self._asked = self._asked, []
        answers: list[Evaluated] = [self._helpers.result(one) for one in asked]
        if answers:
            self._shares = [one.replay for one in answers]
        for answer in answers:
            yield from answer.told
            yield answer.block

    def _continue_here(self) -> Iterator[Transition | FiringBlock]:
        """Continue all shares in this process, with the events that were not sent."""
        self._went_on_here = 0
        if self._here:
            return
        yield from self._collect_page()
        if self._shares:
            self._here = self._replays()
        else:
            self._make_shares()
        coming, self._coming = self._coming, []
        yield from self._feed(coming)

    def _continue_in_helpers(self) -> None:
        """Continue the shares in other processes."""
        self._shares = list(map(pickle.dumps, self._here))
        self._here = []

    def _feed(self, rows: Iterable[Row]) -> Iterator[Transition]:
        """Let the shares process events in this process."""
        return _told(map(feed_rows, self._here, self._pages_of(rows)))

    def _pages_of(self, rows: Iterable[Row]) -> list[list[Row]]:
        """For each share the events that its triggers take, with the takings there."""
        dealt = self._split_plan
        pages: list[list[Row]] = [[] for _ in self._here or self._shares]
        for row in rows:
            timers_until, clock, event, takings = row
            if len(takings) == 1:
                for place in dealt[takings[0][0]]:
                    pages[place].append(row)
                continue
            own: dict[int, tuple[Taking, ...]] = {}
            for taking in takings:
                for place in dealt[taking[0]]:
                    own[place] = (*own.get(place, ()), taking)
            for place, some in own.items():
                pages[place].append((timers_until, clock, event, some))
        return pages

    def _make_shares(self) -> None:
        """Make the shares from the events so far; they start in this process."""
        started = self.started
        assert started is not None
        taken = Counter(number for row in self._coming for number, _, _ in row[3])
        for place, share in enumerate(_split_plan(self._plan, taken, self._helpers.count())):
            for number in {leaf.filter for leaf in share.leaves}:
                self._split_plan[number].append(place)
            replay = Replay(share, expired_bucket_buffer=self._buffer, endless=True)
            replay.firings_only = True
            replay.start(started)
            self._here.append(replay)

    # --- State -----------------------------------------------------------------------

    @property
    def started(self) -> int | None:
        """Where the clock started, µs; ``None`` before the first event."""
        return self._delivered.started

    @property
    def clock(self) -> int:
        """The simulated clock, µs."""
        return max(self._delivered.clock, *(one.clock for one in self._here), 0)

    def pending(self) -> list[Pending]:
        """The open deadlines (T5), as of the last page that was returned."""
        pending = chain.from_iterable(replay.pending() for replay in self._replays())
        return sorted(pending, key=lambda one: (one.due, one.automation.index))

    def waiting(self) -> list[Waiting]:
        """The events that wait for their leader (O4)."""
        return self._delivered.waiting()

    def _replays(self) -> list[Replay]:
        """The replay of each share."""
        return self._here or [pickle.loads(one) for one in self._shares]  # noqa: S301  # pickled by this program


def _told(happened: Iterable[Iterable[Transition]]) -> Iterator[Transition]:
    """The records to yield; delivery is reported elsewhere."""
    return filter(is_told, chain.from_iterable(happened))


def _is_of(takings: Sequence[Taking], filters: set[int]) -> bool:
    """Whether a taking is by one of the filters; events are matched for other plans, too."""
    return takings[0][0] in filters or any(number in filters for number, _, _ in takings)


def _split_plan(plan: Plan, taken: Counter[int], helpers: int) -> list[Plan]:
    """Split the plan into shares of about equal work, at most one per helper.

    Automations with metrics stay in one share, because changes of metrics are reported in one order
    for all.

    Args:
        plan: What is evaluated.
        taken: By the filter's number: how many events it took.
        helpers: The number of helpers.
    """
    shares: list[list[PlannedEventTrigger | PlannedMetricTrigger]]
    shares = [[] for _ in range(min(max(helpers, 1), _MOST_SHARES))]
    work = [0] * len(shares)
    by_automation = groupby(plan.leaves, key=lambda leaf: leaf.automation.index)
    groups = [list(leaves) for _, leaves in by_automation]
    works = [1 + sum(taken[leaf.filter] for leaf in leaves) for leaves in groups]
    for load, leaves in sorted(zip(works, groups, strict=True), key=lambda one: -one[0]):
        has_metric = any(isinstance(leaf, PlannedMetricTrigger) for leaf in leaves)
        place = 0 if has_metric else work.index(min(work))
        shares[place] += leaves
        work[place] += load
    for share in shares:
        share.sort(key=lambda leaf: leaf.automation.index)
    return [replace(plan, leaves=tuple(share)) for share in shares if share] or [plan]
