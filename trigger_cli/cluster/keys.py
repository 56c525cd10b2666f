"""The keys of reactive triggers, dealt out to the workers of a cluster."""

from __future__ import annotations

import marshal
import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from zlib import crc32

from trigger_cli.cluster.client import ClusterClient, threads_of
from trigger_cli.cluster.tasks import Keys, evaluate_page
from trigger_cli.engine.compile import Key
from trigger_cli.engine.keyed import KeyState, stands_alone
from trigger_cli.engine.replay import EventTriggerState, Replay
from trigger_cli.model import Event, Firing, Transition, key_labels

if TYPE_CHECKING:
    from trigger_cli.dialect import Dialect
    from trigger_cli.matching import NameRoles
    from trigger_cli.model import Automation

PAGE_ROWS = 20_000
"""Events for all workers together that are sent at a time."""
_PAGES_AHEAD = 4
_PAGES_OF_LINEAGE = 32
"""After so many pages a share's buckets are fetched and sent again: what a worker's death can
make necessary to do once more."""

_Future: TypeAlias = Any
"""A `distributed.Future`, which is untyped."""
_Row: TypeAlias = tuple[int, Key, int, int, bool, bool]


class _Sent(NamedTuple):
    """A page on its way: which events it holds, and the answer."""

    events: list[tuple[int, EventTriggerState, Key, Event, int]]
    """For each its number over all, its trigger, its key, itself, and the clock, µs."""
    fired: _Future


class _Share:
    """The keys that are evaluated together."""

    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self.events: list[tuple[int, EventTriggerState, Key, Event, int]] = []
        self.state: _Future | KeyState | None = None
        self.pages = 0


class KeysElsewhere(Replay):
    """A replay that has the keys of reactive root triggers evaluated by a cluster's workers.

    All else happens here: delivery, deadlines, triggers without a key, composites, metrics. Of
    what is evaluated elsewhere only the firings come back, with the last records: what needs
    each transition is replayed without it. The firings are those of `Replay`, and in its order
    for each automation.
    """

    def __init__(
        self,
        automations: Sequence[Automation],
        dialect: Dialect,
        *,
        expired_bucket_buffer: int,
        client: ClusterClient,
        page_rows: int = PAGE_ROWS,
    ) -> None:
        super().__init__(automations, dialect, expired_bucket_buffer=expired_bucket_buffer)
        self._client = client
        self._page_rows = page_rows
        alone = tuple(one for one in automations if one.enabled and stands_alone(one.trigger))
        self._keys = pickle.dumps(Keys(alone, dialect.name, expired_bucket_buffer))
        self._alone = {one.index for one in alone}
        self._shares = [_Share() for _ in range(max(len(threads_of(client)), 1))]
        self._rows = 0
        self._routed = 0
        self._sent: deque[_Sent] = deque()
        self._fired: list[tuple[int, Transition]] = []

    def _take_event(self, state: EventTriggerState, event: Event, roles: NameRoles) -> None:
        automation = state.compiled.automation
        if automation.index not in self._alone:
            super()._take_event(state, event, roles)
            return
        key = state.compiled.key_of(event)
        # Not `hash`, which differs from process to process (T2).
        share = self._shares[crc32(repr(key).encode()) % len(self._shares)]
        share.rows.append((automation.index, key, event.occurred, self.clock, *roles))
        share.events.append((self._routed, state, key, event, self.clock))
        self._routed += 1
        self._rows += 1
        if self._rows >= self._page_rows:
            self._send()

    def finish(
        self, until: int | None = None, *, until_quiet: bool = False
    ) -> Iterator[Transition]:
        """End as `Replay.finish` does; then come the firings that were found elsewhere."""
        yield from super().finish(until, until_quiet=until_quiet)
        self._send()
        while self._sent:
            self._receive()
        self._fired.sort(key=itemgetter(0))
        for _, transition in self._fired:
            yield transition

    def _send(self) -> None:
        for share in self._shares:
            if share.rows:
                self._send_share(share)
        self._rows = 0

    def _send_share(self, share: _Share) -> None:
        both = self._client.submit(
            evaluate_page, share.state, self._keys, marshal.dumps(share.rows), pure=False
        )
        state = self._client.submit(itemgetter(0), both, pure=False)
        fired = self._client.submit(itemgetter(1), both, pure=False)
        self._sent.append(_Sent(share.events, fired))
        share.rows, share.events = [], []
        share.pages += 1
        # A result that is lost is made again from the one before, as far back as need be.
        share.state = state if share.pages % _PAGES_OF_LINEAGE else state.result()
        while len(self._sent) > _PAGES_AHEAD * len(self._shares):
            self._receive()

    def _receive(self) -> None:
        page = self._sent.popleft()
        for place in page.fired.result():
            number, state, key, event, clock = page.events[place]
            automation, trigger = state.compiled.automation, state.compiled.definition
            labels = key_labels(trigger, key)
            firing = Firing(number, automation, trigger, clock, labels, event, ())
            self._fired.append(
                (
                    number,
                    Transition(
                        number, clock, "fired", "E3", automation, trigger, key, event,
                        None, None, (), firing,
                    ),
                )
            )  # fmt: skip
