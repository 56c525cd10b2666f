"""The live stream: entered, broken, taken up again; against fakes, and over a real socket."""

import json
from contextlib import contextmanager
from importlib.util import find_spec
from urllib.parse import urlsplit

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Response
from websockets.sync.server import serve

from tests.limits import LONGEST, serving
from tests.server.fakes import KEY, SETTINGS, FakeClock, FakeServer, client_of, record
from tests.server.relays import Socks
from tests.support import NOON, at, collected
from trigger_cli.server.api import EventFilter, ServerError
from trigger_cli.server.secret import Secret
from trigger_cli.server.settings import Proxy, ServerSettings
from trigger_cli.server.stream import (
    Connected,
    Disconnected,
    EventStream,
    LeftOut,
    SocketLost,
    connect_websocket,
)
from trigger_cli.times import HOUR, MINUTE, SECOND, parse_instant

WELCOME = {"type": "auth_success"}


class OverError(Exception):
    """The test has seen enough."""


def message(number):
    return {"type": "event", "event": record(number)}


class Sockets:
    """Connections that give what a test says, one after the other.

    Of each, an exception is raised, a number lets so many seconds pass, a callable is called.
    """

    def __init__(self, clock, *scripts) -> None:
        self.clock = clock
        self.scripts = list(scripts)
        self.sent: list[list[dict]] = []

    @contextmanager
    def connect(self, settings):
        if not self.scripts:
            raise OverError
        self.script = list(self.scripts.pop(0))
        self.sent.append([])
        if self.script and isinstance(self.script[0], Exception):
            raise self.script[0]
        yield self

    def send(self, text):
        self.sent[-1].append(json.loads(text))

    def recv(self, timeout=None):
        while self.script:
            one = self.script.pop(0)
            if isinstance(one, Exception):
                raise one
            if callable(one):
                one()
            elif isinstance(one, int):
                self.clock.sleep(one)
                raise TimeoutError
            else:
                return one if isinstance(one, str | bytes) else json.dumps(one)
        raise SocketLost("the connection broke")


def stream_of(client, sockets, deliver, since=NOON, report=lambda _: None):
    return EventStream(
        client,
        sockets.connect,
        sockets.clock,
        EventFilter(),
        since,
        deliver=deliver,
        tolerance=HOUR,
        report=report,
    )


def streamed(server, *scripts, since=NOON):
    """What a stream gives out, what it reports, and what it sent, until the scripts end."""
    clock = FakeClock()
    clock.time = at(20)
    for script in scripts:
        for place, one in enumerate(script):
            if callable(one):
                script[place] = lambda act=one: act(server)
    sockets = Sockets(clock, *scripts)
    given, reports = [], []
    with client_of(server, clock) as client:
        deliver = lambda one: given.append(one["id"])  # noqa: E731
        stream = stream_of(client, sockets, deliver, since, reports.append)
        with pytest.raises(OverError):
            stream.run()
    return given, reports, sockets.sent


def test_what_was_before_and_what_comes():
    """First what the API has since the beginning, then the live events, each once."""
    server = FakeServer(map(record, range(3)))
    given, _, _ = streamed(server, [WELCOME, message(2), message(3)])
    assert ["id-0", "id-1", "id-2", "id-3"] == given


def test_it_shows_the_key_and_asks_for_the_last_minute():
    """The first message is the key, the second the filter; the server looks back from there."""
    _, _, [(auth, wanted)] = streamed(FakeServer(), [WELCOME])
    assert {"type": "auth", "token": KEY} == auth
    assert ("filter", NOON) == (
        wanted["type"],
        parse_instant(wanted["filter"]["occurred"]["since"]),
    )


def test_what_was_missed_while_the_connection_was_down():
    """It comes from the API when the connection is back, before what is live."""
    server = FakeServer()
    lost = [WELCOME, message(1), SocketLost("gone")]
    server_gets_more = lambda one: one.events.extend(map(record, range(1, 5)))  # noqa: E731
    again = [WELCOME, message(4), message(6)]
    server_gets_more(server)
    given, reports, _ = streamed(server, lost, again)
    assert ["id-1", "id-2", "id-3", "id-4", "id-6"] == given
    assert [Connected(0), Disconnected("gone", 0.5), Connected(1)] == reports[:3]


def test_what_the_database_gets_late():
    """An event sent while nobody listened, and stored after we had asked: it comes 15 s later."""
    server = FakeServer()
    late = [WELCOME, lambda one: one.events.append(record(7)), 15, 1]
    given, _, _ = streamed(server, late)
    assert ["id-7"] == given


def test_what_the_server_drops_in_a_burst():
    """It sends a listener no more than 256 at once; what is missing is asked for again."""
    server = FakeServer()
    burst = [
        WELCOME,
        16,
        message(21),
        lambda one: one.events.extend(map(record, range(21, 25))),
        25,
    ]
    given, _, _ = streamed(server, burst)
    assert ["id-21", "id-22", "id-23", "id-24"] == given


def test_nothing_is_asked_for_again_where_nothing_is_missing():
    """A question for the number every 15 s, and no pages."""
    server = FakeServer(page_size=1)
    quiet = [WELCOME, 16, *[15] * 4]
    streamed(server, quiet)
    limits = [json.loads(one.content)["limit"] for one in server.requests]
    assert [50, 50, 1, 1, 1, 1] == limits


def test_events_before_the_beginning_are_left_out():
    """The server's minute may reach further back."""
    given, _, _ = streamed(FakeServer(), [WELCOME, message(3), message(9)], since=at(5))
    assert ["id-9"] == given


def test_waits_grow_until_it_is_connected():
    """Then they begin anew."""
    gone = SocketLost("refused")
    _, reports, _ = streamed(FakeServer(), [gone], [gone], [gone], [WELCOME], [gone])
    waits = [one.retry_in for one in reports if isinstance(one, Disconnected)]
    assert [0.5, 1, 2, 0.5, 1] == waits


@pytest.mark.parametrize(
    "garbage", ["{", "[]", b"\xff", '{"type": "event"}', '{"type": "event", "event": {}}']
)
def test_garbage_between_events_is_passed_over(garbage):
    """Whatever it is."""
    given, _, _ = streamed(FakeServer(), [WELCOME, garbage, message(1)])
    assert ["id-1"] == given


def test_what_cannot_be_delivered_is_reported_once():
    """However often it comes, since the API sends it again in every answer."""
    timeless = {"type": "event", "event": {"id": "a", "event": "x", "occurred": "noon"}}
    too_deep = "[" * 2_000 + "]" * 2_000
    script = [WELCOME, timeless, timeless, too_deep, {"type": "event", "event": 1}, message(1)]
    given, reports, _ = streamed(FakeServer(), script)
    assert ["id-1"] == given
    assert [
        "an event whose `occurred` is not an RFC 3339 time such as 2026-03-01T12:00:00Z",
        "a message of the stream that cannot be decoded",
    ] == [one.reason for one in reports if isinstance(one, LeftOut)]


def test_a_refused_key_ends_it():
    """Without another attempt, and without telling the key."""
    clock = FakeClock()
    sockets = Sockets(clock, [{"type": "auth_failure", "reason": f"{KEY} is bad"}])
    with client_of(FakeServer(), clock) as client, pytest.raises(ServerError) as caught:
        stream_of(client, sockets, lambda _: None).run()
    assert f"{SETTINGS.url}: the server refused the stream: *** is bad" == str(caught.value)


def test_an_event_of_the_far_future_hides_none_that_is_missed():
    """Were it remembered, what is missed while the stream is down would lie before the latest."""
    ahead = {"type": "event", "event": record(9, seconds=10 * 365 * 24 * 3600)}
    server = FakeServer([record(1)])

    def missed(server):
        server.events.append(record(2))

    given, _, _ = streamed(
        server, [WELCOME, 2.0, ahead, missed, SocketLost("gone")], [WELCOME, 5.0, message(3)]
    )
    assert ["id-1", "id-9", "id-2", "id-3"] == given


def test_it_ends_when_it_is_stopped():
    """The connection is closed, and no other is made."""
    clock = FakeClock()
    sockets = Sockets(clock, [WELCOME, message(1), message(2)])
    given = []

    def deliver(one):
        given.append(one["id"])
        stream.stopped.set()

    with client_of(FakeServer(), clock) as client:
        stream = stream_of(client, sockets, deliver)
        stream.run()
    assert (["id-1"], 1) == (given, len(sockets.sent))


# --- Over a real socket ------------------------------------------------------------------------


@contextmanager
def websocket_server(handler, **options):
    """A server on loopback, and the settings that lead to it."""
    with (
        serve(handler, "127.0.0.1", 0, subprotocols=["prefect"], **options) as server,
        serving(server),
    ):
        port = server.socket.getsockname()[1]
        yield ServerSettings(f"http://127.0.0.1:{port}/api", "a test")


def test_a_real_socket():
    """What is sent arrives, by Prefect's subprotocol and path; a timeout is no end."""
    asked = []

    def handler(connection):
        asked.append((connection.request.path, connection.subprotocol))
        connection.send(connection.recv(LONGEST).upper())
        connection.recv(LONGEST)

    with websocket_server(handler) as settings, connect_websocket(settings) as socket:
        socket.send("hello")
        assert "HELLO" == socket.recv(5)
        with pytest.raises(TimeoutError):
            socket.recv(0.01)
    assert [("/api/events/out", "prefect")] == asked


def redirecting_to(location):
    """Answers a handshake with a redirect, but for what was redirected already."""

    def answer(_connection, request):
        headers = Headers({"location": location, "content-length": "0"})
        return None if "moved" in request.path else Response(307, "Moved", headers, b"")

    return answer


def test_a_redirect_takes_the_key_to_no_other_port():
    """The library follows redirects anywhere; within the server they are followed."""
    got = []
    with websocket_server(got.extend) as other:
        away = redirecting_to(other.url.replace("http", "ws") + "/moved")
        with (
            websocket_server(lambda _: None, process_request=away) as settings,
            pytest.raises(ServerError, match="redirects to another server: 127") as caught,
            connect_websocket(settings) as socket,
        ):
            socket.send(KEY)
    assert caught.value.help_text is not None
    assert [] == got
    near = redirecting_to("/api/moved")
    with (
        websocket_server(lambda one: one.send("hello"), process_request=near) as settings,
        connect_websocket(settings) as socket,
    ):
        assert "hello" == socket.recv(5)


@pytest.mark.parametrize("location", ["ws://[", "http://elsewhere.test", "ws://a:999999/"])
def test_a_redirect_of_the_stream_to_no_address(location):
    """It is told."""
    bad = redirecting_to(location)
    with (
        websocket_server(lambda _: None, process_request=bad) as settings,
        pytest.raises(SocketLost, match=r"redirects to no address|no stream of events"),
        connect_websocket(settings),
    ):
        pass


def test_a_closed_socket_is_lost():
    """Whether the server said goodbye or not."""
    with (
        websocket_server(lambda one: one.close()) as settings,
        pytest.raises(SocketLost),
        connect_websocket(settings) as socket,
    ):
        socket.recv(5)
    with pytest.raises(SocketLost), connect_websocket(settings):
        pass


def test_a_socket_closed_for_the_key():
    """As the server does when PREFECT_SERVER_API_AUTH_STRING is set and the token is not it."""
    handler = lambda one: one.close(1008, "Invalid token")  # noqa: E731
    with (
        websocket_server(handler) as settings,
        pytest.raises(ServerError, match="Invalid token") as caught,
        connect_websocket(settings) as socket,
    ):
        socket.recv(5)
    assert caught.value.refused


@pytest.mark.skipif(find_spec("python_socks") is None, reason="python-socks is not installed")
def test_a_socket_through_a_socks_proxy():
    """It is given the server's name, which this machine need not know."""
    with websocket_server(lambda one: one.send("hello")) as settings:
        proxy = Socks(("127.0.0.1", urlsplit(settings.url).port))
        with proxy.running() as through:
            away = ServerSettings(
                "http://a.test:4200/api", "a test", proxy=Proxy(Secret(through), "ALL_PROXY")
            )
            with connect_websocket(away) as socket:
                assert "hello" == socket.recv(5)
    assert [("a.test", 4200)] == proxy.asked


@pytest.mark.skipif(find_spec("python_socks") is None, reason="python-socks is not installed")
# The library leaves the socket of a refusal to the garbage collection.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_socks_proxy_that_refuses_is_named():
    """And so is who named it."""

    def refusal(through):
        proxy = Proxy(Secret(through), "ALL_PROXY")
        away = ServerSettings("http://a.test:4200/api", "a test", proxy=proxy)
        with pytest.raises(SocketLost) as caught, connect_websocket(away):
            pass
        return str(caught.value)

    with Socks(("127.0.0.1", 1), refusal=2).running() as through, collected():
        assert f"the proxy {through} of ALL_PROXY refuses" == refusal(through)


def test_the_overlap_is_longer_than_the_servers_minute():
    """What the stream looks back is not all there is to ask."""
    from trigger_cli.server.seen_ids import OVERLAP

    assert OVERLAP > MINUTE > 15 * SECOND
