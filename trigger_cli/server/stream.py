"""The live stream of events, reconnected whenever it breaks.

Each event is delivered exactly once. Events missed while the stream is down are fetched through the
API and delivered before live ones; ids identify events that were delivered already. That is not
enough: the server writes an event to its database seconds after it sends it to listeners, and in a
burst it drops messages beyond a listener's buffer (256). So the stream regularly requests the
number of events, and fetches the last minutes again if fewer came.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.util import find_spec
from threading import Event
from typing import Any, Final, TypeAlias

import orjson
from msgspec import Struct, field
from websockets import Subprotocol
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
    ProxyError,
    WebSocketException,
)
from websockets.headers import build_host
from websockets.sync.client import ClientConnection, connect
from websockets.uri import parse_uri

from trigger_cli.server.answers import Clock, delay
from trigger_cli.server.api import Client, EventFilter, ServerError
from trigger_cli.server.pages import Unreadable
from trigger_cli.server.reach import reason_of, untrusted_certificate
from trigger_cli.server.seen_ids import OVERLAP, SeenIds, identity
from trigger_cli.server.settings import ServerSettings
from trigger_cli.times import MINUTE, SECOND

_LOOK_EVERY: Final = 15 * SECOND
"""The interval of checks for missed events, µs."""
_SETTLED: Final = 10 * SECOND
"""The time after which the server's database certainly has an event, µs; it lags by 5 s."""
_HORIZON = 365 * 24 * 60 * MINUTE
_MOST_LEFT_OUT = 1_000
_RECEIVE = 1.0
_OPEN = 10.0
_LONGEST_MESSAGE = 16 * 1024 * 1024
_POLICY_VIOLATION = 1008
_PROTOCOL_ERROR = 1002


Connect: TypeAlias = Callable[[ServerSettings], AbstractContextManager[ClientConnection]]


class SocketLost(Exception):  # noqa: N818  # it describes the socket
    """The connection broke, or could not be opened."""


class Connected(Struct, frozen=True):
    """All missed events have been delivered; later ones are live."""

    reconnects: int


class Disconnected(Struct, frozen=True):
    """The stream is currently down."""

    reason: str
    retry_in: float


class LeftOut(Struct, frozen=True):
    """Something that the server sent as an event cannot be delivered."""

    reason: str
    """What it is."""


Report: TypeAlias = Connected | Disconnected | LeftOut


class EventStream(Struct):
    """Delivers events as they happen."""

    client: Client
    """The client of the same server."""
    connect: Connect
    """Opens a connection; raises `SocketLost`."""
    clock: Clock
    wanted: EventFilter
    since: int
    """Only events from this time on are delivered, µs."""
    deliver: Callable[[Mapping[str, Any]], None]
    """Called with each event, once."""
    report: Callable[[Report], None]
    """Called with the state of the connection, and once with each reason for `LeftOut`."""
    tolerance: int
    """An event further ahead of the clock than this, µs, is delivered but not remembered: it would
    hide events that are missed later."""
    stopped: Event = field(default_factory=Event)
    """If another thread sets it, the stream ends within a second or two."""
    _seen: SeenIds = field(default_factory=SeenIds)
    _connections: int = 0
    _left_out: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Deliver events until the server refuses, or until `stopped` is set.

        Raises:
            ServerError: The credentials are refused, or the server has no such stream.
        """
        failures = 0
        while not self.stopped.is_set():
            before = self._connections
            try:
                with self.connect(self.client.settings) as socket:
                    self._listen(socket)
            except SocketLost as error:
                reason = str(error)
            except ServerError as error:
                if error.refused or error.help_text is not None:
                    raise
                reason = str(error)
            else:
                return
            failures = 1 if self._connections > before else failures + 1
            seconds = delay(failures)
            text = self.client.settings.hide_in(reason)
            self.report(Disconnected(text, seconds))
            self.clock.sleep(seconds)

    def _listen(self, socket: ClientConnection) -> None:
        """Authenticate, catch up, deliver events until the connection breaks or `stopped`."""
        self._enter(socket)
        latest = self._seen.latest
        missed_since = self.since if latest is None else max(self.since, latest - OVERLAP)
        self._catch_up(missed_since)
        self.report(Connected(self._connections))
        self._connections += 1
        look = self.clock.instant() + _LOOK_EVERY
        first = True
        while not self.stopped.is_set():
            try:
                message = _parsed(socket.recv(_RECEIVE))
            except TimeoutError:
                pass
            else:
                event = message.get("event")
                if message.get("type") == "event" and isinstance(event, dict):
                    self._take(event)
                elif not message or message.get("type") == "event":
                    self._leave_out("a message of the stream that cannot be decoded")
            if self.clock.instant() >= look:
                if first:
                    self._catch_up(missed_since)
                else:
                    self._look_for_more()
                first = False
                look = self.clock.instant() + _LOOK_EVERY

    def _enter(self, socket: ClientConnection) -> None:
        token = self.client.settings.token
        _send(socket, {"type": "auth", "token": None if token is None else token.reveal()})
        try:
            answer = _parsed(socket.recv(10.0))
        except TimeoutError:
            raise SocketLost("the server does not answer on its stream") from None
        if answer.get("type") != "auth_success":
            raise _refused(self.client.settings, answer.get("reason"))
        now = self.clock.instant()
        # The subscription starts before the past is fetched, so there is no gap.
        body = self.wanted.body(max(self.since, now - MINUTE), now + _HORIZON)
        _send(socket, {"type": "filter", "filter": body})

    def _catch_up(self, since: int) -> None:
        for page in self.client.pages(self.wanted, since, self.clock.instant(), self._seen):
            for record in page.events:
                self._take(record)

    def _look_for_more(self) -> None:
        """Fetch the last minutes again if the server has more events than were delivered."""
        until = self.clock.instant() - _SETTLED
        since = max(self.since, until - OVERLAP)
        if since > until:
            return
        total = self.client.count(self.wanted, since, until)
        if total is not None and total > self._seen.count(since, until):
            self._catch_up(since)

    def _take(self, record: Mapping[str, Any]) -> None:
        try:
            ident, occurred = identity(record)
        except ValueError as error:
            self._leave_out(str(error))  # the next message may be an event
            return
        if isinstance(record, Unreadable):
            self._leave_out(f"the event {ident} {record.reason}")
            return
        is_ahead = occurred > self.clock.instant() + self.tolerance
        if occurred >= self.since and (is_ahead or self._seen.add(ident, occurred)):
            self.deliver(record)

    def _leave_out(self, reason: str) -> None:
        """Report it; what the API repeats in every answer is reported once."""
        reason = self.client.settings.hide_in(reason)
        if reason not in self._left_out and len(self._left_out) < _MOST_LEFT_OUT:
            self._left_out.add(reason)
            self.report(LeftOut(reason))


def _refused(settings: ServerSettings, reason: object) -> ServerError:
    """The error that the server needs other credentials for the stream."""
    return ServerError(
        settings,
        f"the server refused the stream: {reason or 'no reason given'}",
        "check PREFECT_API_KEY or PREFECT_API_AUTH_STRING",
        refused=True,
    )


def _send(socket: ClientConnection, message: Mapping[str, Any]) -> None:
    socket.send(orjson.dumps(message).decode())


def _parsed(message: str | bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(message)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


# --- The websocket, with the library of Prefect's client ----------------------------------------


@contextmanager
def connect_websocket(settings: ServerSettings) -> Iterator[ClientConnection]:
    """A connection to the server's stream of events.

    Raises:
        SocketLost: It cannot be opened, or it broke.
        ServerError: The server refuses it.
    """
    url = settings.url.replace("http", "ws", 1) + "/events/out"
    proxy = settings.proxy
    if proxy is not None and proxy.is_socks and find_spec("python_socks") is None:
        raise ServerError(
            settings,
            f"{proxy.origin} names a SOCKS proxy, for which the live stream lacks a package",
            "pip install python-socks, or name the server in NO_PROXY",
        )
    # As with httpx, the proxy resolves the server's name.
    through = None if proxy is None else proxy.url.reveal().replace("socks5:", "socks5h:", 1)
    try:
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(
                    connect(
                        url,
                        subprotocols=[Subprotocol("prefect")],
                        open_timeout=_OPEN,
                        close_timeout=1,
                        max_size=_LONGEST_MESSAGE,
                        proxy=through,
                        ssl=settings.tls,
                    )
                )
            except ValueError:
                raise SocketLost("the stream redirects to no address") from None
            _require_same_host(connection, url, settings)
            yield connection
    except ConnectionClosed as error:
        raise _closed(error, settings) from None
    except InvalidStatus as error:
        status = error.response.status_code
        if status in {401, 403, 404}:
            raise ServerError(
                settings,
                f"the server refused the stream ({status})",
                "the API's address ends in /api; a key may be needed",
                refused=True,
            ) from None
        raise SocketLost(f"the stream answers {status}") from None
    except ProxyError:
        assert proxy is not None
        raise SocketLost(f"the proxy {proxy.address} of {proxy.origin} refuses") from None
    except (InvalidHandshake, InvalidURI, WebSocketException) as error:
        raise SocketLost(f"no stream of events there ({type(error).__name__})") from None
    except TimeoutError:
        raise SocketLost("the stream does not open in time") from None
    except OSError as error:
        untrusted = untrusted_certificate(error)
        if untrusted is not None:
            what = f"the server {untrusted.message}"
            raise ServerError(settings, what, untrusted.help_text) from None
        by = "" if proxy is None else f" through the proxy {proxy.address} of {proxy.origin}"
        raise SocketLost(reason_of(error) + by) from None


def _require_same_host(connection: ClientConnection, url: str, settings: ServerSettings) -> None:
    """The library follows redirects; the key must not follow them to another host or port.

    Raises:
        ServerError: The stream is that of another server than was named.
    """
    assert connection.request is not None
    there = connection.request.headers["Host"]
    named = parse_uri(url)
    if there != build_host(named.host, named.port, named.secure):
        raise ServerError(
            settings,
            f"the stream redirects to another server: {there}",
            "set PREFECT_API_URL to where it moved",
        )


def _closed(error: ConnectionClosed, settings: ServerSettings) -> Exception:
    received = error.rcvd
    if received is not None and received.code in {_POLICY_VIOLATION, _PROTOCOL_ERROR}:
        return _refused(settings, received.reason)
    return SocketLost("the connection was closed" if received else "the connection broke")
