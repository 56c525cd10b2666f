"""The keys of reactive triggers, dealt out to the workers of a cluster."""

from __future__ import annotations

import marshal
import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from zlib import crc32

from trigger_cli.cluster.client import Answer, Cluster
from trigger_cli.cluster.tasks import Keys, Row, evaluate_page
from trigger_cli.engine.compile import Key
from trigger_cli.engine.keyed import stands_alone
from trigger_cli.engine.replay import EventTriggerState, Replay
from trigger_cli.model import Event, Firing, Transition, key_labels

if TYPE_CHECKING:
    from trigger_cli.dialect import Dialect
    from trigger_cli.matching import NameRoles
    from trigger_cli.model import Automation

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
    """Some keys' events on their way."""

    numbers: list[int]
    """The place of each in its round."""
    fired: Answer


class _Round(NamedTuple):
    """What was sent at once: all of it lies before what is sent later."""

    routed: list[_Routed]
    pages: list[_Page]


class _Share:
    """The keys that are evaluated together."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.numbers: list[int] = []
        self.buckets: Answer | bytes | None = None
        self.lineage = 0
        """How many bytes of pages the buckets can be made again from."""
        self.resent = 0
        """How many bytes the buckets took when they were last sent again."""


class KeysElsewhere(Replay):
    """A replay that has the keys of reactive root triggers evaluated by a cluster's workers.

    All else happens here: delivery, deadlines, triggers without a key, composites, metrics. Of
    what is evaluated elsewhere only the firings come back, some time after the event, but in
    `Replay`'s order for each automation. What needs each transition is replayed without it.
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
        self._cluster = cluster
        self._page_rows = page_rows
        alone = tuple(one for one in automations if one.enabled and stands_alone(one.trigger))
        self._keys = pickle.dumps(Keys(alone, dialect.name, expired_bucket_buffer))
        self._alone = {one.index for one in alone}
        self._shares = [_Share() for _ in range(min(max(len(cluster.threads()), 1), _MOST_SHARES))]
        self._routed: list[_Routed] = []
        self._rounds: deque[_Round] = deque()

    def _take_event(self, state: EventTriggerState, event: Event, roles: NameRoles) -> None:
        automation = state.compiled.automation
        if automation.index not in self._alone:
            super()._take_event(state, event, roles)
            return
        key = state.compiled.key_of(event)
        # Not `hash`, which differs from process to process (T2).
        share = self._shares[crc32(repr(key).encode()) % len(self._shares)]
        share.rows.append((automation.index, key, event.occurred, self.clock, *roles))
        share.numbers.append(len(self._routed))
        self._routed.append((state, key, event, self.clock))
        if len(self._routed) >= self._page_rows:
            self._send()
            while len(self._rounds) > _ROUNDS_AHEAD or self._is_back():
                self._receive()

    def finish(
        self, until: int | None = None, *, until_quiet: bool = False
    ) -> Iterator[Transition]:
        """End as `Replay.finish` does; then come the firings that have not come back yet."""
        yield from super().finish(until, until_quiet=until_quiet)
        self._send()
        while self._rounds:
            self._receive()
            yield from self._flush()

    def _send(self) -> None:
        pages = [self._send_page(share) for share in self._shares if share.rows]
        self._rounds.append(_Round(self._routed, pages))
        self._routed = []

    def _send_page(self, share: _Share) -> _Page:
        submit = self._cluster.submit
        rows = marshal.dumps(share.rows)
        both = submit(evaluate_page, share.buckets, self._keys, rows, urgent=True)
        page = _Page(share.numbers, submit(itemgetter(1), both, urgent=True))
        share.rows, share.numbers = [], []
        share.buckets = submit(itemgetter(0), both, urgent=True)
        # A result that is lost is made again from the one before, as far back as need be.
        share.lineage += len(rows)
        if share.lineage > max(_LINEAGE_BYTES, share.resent):
            packed: bytes = self._cluster.result(submit(pickle.dumps, share.buckets, urgent=True))
            share.buckets, share.lineage, share.resent = packed, 0, len(packed)
        return page

    def _is_back(self) -> bool:
        """Whether the oldest round can be received without a wait."""
        return bool(self._rounds) and all(
            self._cluster.has(page.fired) for page in self._rounds[0].pages
        )

    def _receive(self) -> None:
        """Report what fired in the oldest round, in order."""
        routed, pages = self._rounds.popleft()
        fired = [
            page.numbers[place] for page in pages for place in self._cluster.result(page.fired)
        ]
        for number in sorted(fired):
            state, key, event, clock = routed[number]
            automation, trigger = state.compiled.automation, state.compiled.definition
            labels = key_labels(trigger, key)
            firing = Firing(self._seq, automation, trigger, clock, labels, event, ())
            self._out.append(
                Transition(
                    self._seq, clock, "fired", "E3", automation, trigger, key, event,
                    None, None, (), firing,
                )
            )  # fmt: skip
            self._seq += 1
