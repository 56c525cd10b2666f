"""The live stream of events, reconnected whenever it breaks.

Each event is delivered exactly once. Events missed meanwhile are fetched through the API and
delivered before live ones; ids tell which were delivered already. That is not enough: the server
writes an event to its database seconds after it was sent to listeners, and in a burst it drops
messages beyond a listener's buffer (256). So the stream regularly asks how many events there were,
and fetches the last minutes again if fewer came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

import orjson

from trigger_cli.server.api import Client, ServerError
from trigger_cli.server.filters import EventFilter
from trigger_cli.server.journal import identity
from trigger_cli.server.seen import OVERLAP, SeenIds
from trigger_cli.server.settings import ServerSettings
from trigger_cli.server.waiting import Clock, delay
from trigger_cli.times import MINUTE, SECOND

LOOK_EVERY: Final = 15 * SECOND
"""How often to ask whether events were missed, µs."""
_SETTLED: Final = 10 * SECOND
"""How long after an event the server's database has it for certain, µs; it lags by 5 s."""
_HORIZON = 365 * 24 * 60 * MINUTE
_RECEIVE = 1.0


class Socket(Protocol):
    """A websocket."""

    def send(self, message: str, /) -> None:
        """Send a message."""
        ...

    def recv(self, timeout: float | None = None) -> str | bytes:
        """The next message; raises ``TimeoutError`` if none comes in time."""
        ...


Connect: TypeAlias = Callable[[ServerSettings], AbstractContextManager[Socket]]


class SocketLost(Exception):  # noqa: N818  # what it says
    """The connection broke, or could not be made."""


class Connected(NamedTuple):
    """All missed events have been delivered; later ones are live."""

    reconnects: int


class Disconnected(NamedTuple):
    """The stream is down for now."""

    reason: str
    retry_in: float


Report: TypeAlias = Connected | Disconnected


class EventStream:
    """Delivers events as they happen.

    Args:
        client: The same server's API.
        connect: Makes a connection; raises `SocketLost`.
        clock: Tells the time, and waits.
        wanted: Which events.
        since: Only events from this on, µs.
        deliver: Takes each event, once.
        report: Takes the state of the connection.
    """

    def __init__(
        self,
        client: Client,
        connect: Connect,
        clock: Clock,
        wanted: EventFilter,
        since: int,
        *,
        deliver: Callable[[Mapping[str, Any]], None],
        report: Callable[[Report], None],
        look_every: int = LOOK_EVERY,
    ) -> None:
        self._client = client
        self._connect = connect
        self._clock = clock
        self._wanted = wanted
        self._since = since
        self._deliver = deliver
        self._report = report
        self._look_every = look_every
        self._seen = SeenIds()
        self._connections = 0

    def run(self) -> None:
        """Deliver events until the server refuses.

        Raises:
            ServerError: The credentials are refused, or there is no such stream.
        """
        failures = 0
        while True:
            before = self._connections
            try:
                with self._connect(self._client.settings) as socket:
                    self._listen(socket)
            except SocketLost as error:
                reason = str(error)
            except ServerError as error:
                if error.refused or error.help_text is not None:
                    raise
                reason = str(error)
            failures = 1 if self._connections > before else failures + 1
            seconds = delay(failures)
            text = self._client.settings.hide_in(reason)
            self._report(Disconnected(text, seconds))
            self._clock.sleep(seconds)

    def _listen(self, socket: Socket) -> None:
        """Authenticate, catch up, and deliver events until the connection breaks."""
        self._enter(socket)
        missed_since = self._missed_since()
        self._catch_up(missed_since)
        self._report(Connected(self._connections))
        self._connections += 1
        look = self._clock.instant() + self._look_every
        first = True
        while True:
            try:
                message = _parsed(socket.recv(_RECEIVE))
            except TimeoutError:
                pass
            else:
                event = message.get("event")
                if message.get("type") == "event" and isinstance(event, dict):
                    self._take(event)
            if self._clock.instant() >= look:
                if first:
                    self._catch_up(missed_since)
                else:
                    self._look_for_more()
                first = False
                look = self._clock.instant() + self._look_every

    def _enter(self, socket: Socket) -> None:
        token = self._client.settings.token
        _send(socket, {"type": "auth", "token": None if token is None else token.reveal()})
        try:
            answer = _parsed(socket.recv(10.0))
        except TimeoutError:
            raise SocketLost("the server does not answer on its stream") from None
        if answer.get("type") != "auth_success":
            reason = self._client.settings.hide_in(str(answer.get("reason") or "no reason given"))
            raise ServerError(
                f"{self._client.settings.url}: the server refused the stream: {reason}",
                "check PREFECT_API_KEY or PREFECT_API_AUTH_STRING",
                refused=True,
            )
        now = self._clock.instant()
        # Live events are subscribed to before the past is fetched, so there is no gap.
        body = self._wanted.body(max(self._since, now - MINUTE), now + _HORIZON)
        _send(socket, {"type": "filter", "filter": body})

    def _missed_since(self) -> int:
        latest = self._seen.latest
        return self._since if latest is None else max(self._since, latest - OVERLAP)

    def _catch_up(self, since: int) -> None:
        for page in self._client.pages(self._wanted, since, self._clock.instant()):
            for record in page.events:
                self._take(record)

    def _look_for_more(self) -> None:
        """Fetch the last minutes again if the server has more events than were delivered."""
        until = self._clock.instant() - _SETTLED
        since = max(self._since, until - OVERLAP)
        if since > until:
            return
        total = self._client.count(self._wanted, since, until)
        if total is not None and total > self._seen.count(since, until):
            self._catch_up(since)

    def _take(self, record: Mapping[str, Any]) -> None:
        try:
            ident, occurred = identity(record)
        except ValueError:
            return  # no event; the next message may be one
        if occurred >= self._since and self._seen.add(ident, occurred):
            self._deliver(record)


def _send(socket: Socket, message: Mapping[str, Any]) -> None:
    socket.send(orjson.dumps(message).decode())


def _parsed(message: str | bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(message)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
