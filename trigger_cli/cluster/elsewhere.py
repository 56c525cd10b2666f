"""Triggers evaluated by the workers of a cluster: keys dealt out, all else by one of them."""

from __future__ import annotations

import marshal
import pickle
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar
from zlib import crc32

from trigger_cli.cluster.client import Answer, Cluster
from trigger_cli.cluster.tasks import Evaluation, Row, evaluate_page
from trigger_cli.cluster.together import (
    Parts,
    Step,
    StepKind,
    clock_and_pending,
    evaluate_steps,
)
from trigger_cli.engine.compile import Key
from trigger_cli.engine.keyed import stands_alone
from trigger_cli.engine.replay import EventTriggerState, MetricTriggerState, Replay, Timer
from trigger_cli.model import (
    Event,
    FiredTransition,
    Firing,
    Heading,
    Pending,
    Transition,
    key_labels,
)

if TYPE_CHECKING:
    from trigger_cli.dialect import Dialect
    from trigger_cli.matching import NameRoles
    from trigger_cli.model import Automation

_RowT = TypeVar("_RowT")
PAGE_ROWS = 20_000
"""Events for all workers together that are sent at a time."""
_ROUNDS_AHEAD = 4
"""How many times that many may be on their way."""
_MOST_SHARES = 8
"""What this process sends keeps no more workers busy than that (``benchmarks/cluster.py``)."""
_LINEAGE_BYTES = 8 * 1024 * 1024
"""What a worker's death can make necessary to evaluate once more: so many bytes of pages, or as
many as the buckets take, which are then fetched and sent again."""

_Routed: TypeAlias = tuple[EventTriggerState, Key, Event, int]
"""An event for a key: its trigger, the key, the event, and the clock, µs."""


class _Page(NamedTuple):
    """What some keys or steps came to, on its way."""

    numbers: list[int]
    """For keys, the place of each event in its round."""
    found: Answer


class _Round(NamedTuple):
    """What was sent at once: all of it lies before what is sent later."""

    routed: list[_Routed]
    pages: list[_Page]
    together: _Page | None


class _Share(Generic[_RowT]):
    """What is evaluated as one: some keys, or all that is not by key.

    Args:
        evaluate: What a worker calls: given how things stand, `packed` and a page of rows, it
            returns how they stand then, and what it found.
        packed: The definitions.
    """

    def __init__(self, evaluate: Callable[..., tuple[object, object]], packed: bytes) -> None:
        self.evaluate = evaluate
        self.packed = packed
        self.rows: list[_RowT] = []
        self.numbers: list[int] = []
        self.standing: Answer | bytes | None = None
        self.lineage = 0
        """How many bytes of pages `standing` can be made again from."""
        self.resent = 0
        """How many bytes it took when it was last sent again."""

    def send(self, cluster: Cluster) -> _Page:
        """Have the rows evaluated."""
        submit = cluster.submit
        rows = marshal.dumps(self.rows)
        # Who is interrupted in here must not ask for what a worker has gone on from.
        before, self.standing = self.standing, None
        both = submit(self.evaluate, before, self.packed, rows, urgent=True)
        page = _Page(self.numbers, submit(itemgetter(1), both, urgent=True))
        self.rows, self.numbers = [], []
        self.standing = submit(itemgetter(0), both, urgent=True)
        # A result that is lost is made again from the one before, as far back as need be.
        self.lineage += len(rows)
        if self.lineage > max(_LINEAGE_BYTES, self.resent):
            packed: bytes = cluster.result(submit(pickle.dumps, self.standing, urgent=True))
            self.standing, self.lineage, self.resent = packed, 0, len(packed)
        return page


class EvaluatedElsewhere(Replay):
    """A replay that has its triggers evaluated by a cluster's workers.

    Delivery happens here. The keys of reactive root triggers are dealt out to the workers; one of
    them evaluates all else. Only firings come back, some time after the event, but in `Replay`'s
    order for each automation. What needs each transition is replayed without it.
    """

    def __init__(
        self,
        automations: Sequence[Automation],
        dialect: Dialect,
        *,
        expired_bucket_buffer: int,
        cluster: Cluster,
        page_rows: int = PAGE_ROWS,
    ) -> None:
        super().__init__(automations, dialect, expired_bucket_buffer=expired_bucket_buffer)
        # Deadlines are run elsewhere.
        self._proactive, self._metrics = [], []
        self._cluster = cluster
        self._page_rows = page_rows
        enabled = [one for one in automations if one.enabled]
        alone = tuple(one for one in enabled if stands_alone(one.trigger))
        rest = tuple(one for one in enabled if not stands_alone(one.trigger))
        self._alone = {one.index for one in alone}
        keys = pickle.dumps(Evaluation(alone, dialect.name, expired_bucket_buffer))
        shares = min(max(len(cluster.threads()), 1), _MOST_SHARES)
        self._shares: list[_Share[Row]] = [_Share(evaluate_page, keys) for _ in range(shares)]
        evaluation = Evaluation(rest, dialect.name, expired_bucket_buffer)
        self._parts = Parts(evaluation)
        self._together: _Share[Step] | None = None
        if rest:
            self._together = _Share(evaluate_steps, pickle.dumps(evaluation))
        self._is_for_together = False
        self._next_event: StepKind = "event"
        self._routed: list[_Routed] = []
        self._rounds: deque[_Round] = deque()

    # --- What is sent ----------------------------------------------------------------

    def start(self, instant: int) -> None:
        """Start the clock, here and there (T3)."""
        super().start(instant)
        self._step("start", instant)

    def _deliver(self, event: Event | Heading, *, is_offered: bool = True) -> None:
        self._next_event = "event"
        super()._deliver(event, is_offered=is_offered)

    def _release_all(self, timer: Timer) -> None:
        self._next_event = "released"
        super()._release_all(timer)

    def _offer(self, event: Event) -> None:
        self._is_for_together = False
        super()._offer(event)
        if self._is_for_together:
            self._step(self._next_event, self.clock, tuple(event))
            self._next_event = "along"
        if self._waiting_rows() >= self._page_rows:
            self._send()
            while len(self._rounds) > _ROUNDS_AHEAD or self._is_back():
                self._receive()

    def _take_measured(self, state: MetricTriggerState, event: Event) -> None:
        del state, event
        self._is_for_together = True

    def _take_event(self, state: EventTriggerState, event: Event, roles: NameRoles) -> None:
        automation = state.compiled.automation
        if automation.index not in self._alone:
            self._is_for_together = True
            return
        key = state.compiled.key_of(event)
        # Not `hash`, which differs from process to process (T2).
        share = self._shares[crc32(repr(key).encode()) % len(self._shares)]
        share.rows.append((automation.index, key, event.occurred, self.clock, *roles))
        share.numbers.append(len(self._routed))
        self._routed.append((state, key, event, self.clock))

    def finish(
        self, until: int | None = None, *, until_quiet: bool = False
    ) -> Iterator[Transition]:
        """End as `Replay.finish` does; then come the firings that have not come back yet."""
        yield from super().finish(until)
        if self.started is not None:
            self._step("until", self.clock)
            if until_quiet:
                self._step("quiet", self.clock)
                yield from super().finish(until_quiet=True)
                self._step("run dry", self.clock)
        self._send()
        while self._rounds:
            self._receive()
            yield from self._flush()
        self.clock = max(self.clock, self._clock_and_pending()[0])

    def pending(self) -> list[Pending]:
        """The open deadlines (T5), up to where events have been sent.

        None are known where an interrupt came in the midst of sending.
        """
        return self._clock_and_pending()[1]

    def _clock_and_pending(self) -> tuple[int, list[Pending]]:
        together = self._together
        if together is None or together.standing is None:
            return self.clock, []
        asked = self._cluster.submit(
            clock_and_pending, together.standing, together.packed, urgent=True
        )
        found: tuple[int, list[Pending]] = self._parts.loads(self._cluster.result(asked))
        return found

    def _step(self, kind: StepKind, clock: int, fields: tuple[object, ...] | None = None) -> None:
        if self._together is not None:
            self._together.rows.append((kind, clock, fields))

    def _waiting_rows(self) -> int:
        return len(self._routed) + (0 if self._together is None else len(self._together.rows))

    def _send(self) -> None:
        pages = [share.send(self._cluster) for share in self._shares if share.rows]
        together = self._together
        steps = together.send(self._cluster) if together is not None and together.rows else None
        self._rounds.append(_Round(self._routed, pages, steps))
        self._routed = []

    # --- What comes back -------------------------------------------------------------

    def _is_back(self) -> bool:
        """Whether the oldest round can be received without a wait."""
        if not self._rounds:
            return False
        _, pages, together = self._rounds[0]
        return all(self._cluster.has(page.found) for page in (*pages, together) if page is not None)

    def _receive(self) -> None:
        """Report what fired in the oldest round, in order."""
        routed, pages, together = self._rounds.popleft()
        fired = [
            page.numbers[place] for page in pages for place in self._cluster.result(page.found)
        ]
        for number in sorted(fired):
            state, key, event, clock = routed[number]
            automation, trigger = state.compiled.automation, state.compiled.definition
            labels = key_labels(trigger, key)
            firing = Firing(self._seq, automation, trigger, clock, labels, event, ())
            self._out.append(
                FiredTransition(
                    self._seq, clock, "fired", "E3", (), event,
                    automation, trigger, key, firing,
                )
            )  # fmt: skip
            self._seq += 1
        if together is not None:
            self._out += self._parts.loads(self._cluster.result(together.found))
