"""The API's client against a fake server: pages, waits, redirects, refusals."""

import socketserver
import ssl
import threading
import zlib
from contextlib import suppress
from itertools import count
from types import SimpleNamespace

import httpx
import pytest
from msgspec.structs import replace

from tests.limits import serving
from tests.server.fakes import KEY, SETTINGS, URL, FakeClock, FakeServer, client_of, record
from tests.support import NOON, at
from trigger_cli.cli.server_options import WallClock
from trigger_cli.server import api
from trigger_cli.server.api import Client, EventFilter, ServerError
from trigger_cli.server.secret import Secret
from trigger_cli.server.seen_ids import SeenIds, identity
from trigger_cli.server.settings import ServerSettings

ALL = EventFilter()


def ids_of(server, clock=None, wanted=ALL, **options):
    with client_of(server, clock, **options) as client:
        return [
            one["id"]
            for page in client.pages(wanted, NOON, at(100), SeenIds())
            for one in page.events
        ]


def failure_of(server, clock=None, **options):
    with client_of(server, clock, **options) as client, pytest.raises(ServerError) as caught:
        client.version()
    return caught.value


def test_pages_are_followed_to_the_last():
    """Five events at two a page, the links leading to the server's inner name."""
    server = FakeServer(map(record, range(5)))
    assert [f"id-{n}" for n in range(5)] == ids_of(server)
    assert {"prefect.test"} == {one.url.host for one in server.requests}


def test_the_filter_is_sent():
    """Names by prefix."""
    server = FakeServer([record(1), record(2, name="bank.paid")])
    assert ["id-2"] == ids_of(server, wanted=EventFilter(prefixes=("bank.",)))


def test_automations_are_paged():
    """All of them come, by offset."""
    server = FakeServer()
    server.automations = [{"id": str(n)} for n in range(405)]
    with client_of(server) as client:
        assert 405 == len(client.automations())
    assert 3 == len(server.requests)


def test_no_automation_is_lost_where_another_is_deleted_meanwhile():
    """The deleted one moves the others ahead, so that the second page would skip one of them."""
    server = FakeServer()
    server.automations = [{"id": str(n)} for n in range(405)]

    def answer(request):
        if 1 == len(server.requests):
            del server.automations[7]
        return server(request)

    with client_of(answer) as client:
        found = [one["id"] for one in client.automations()]
    assert [str(n) for n in range(405) if n != 7] == found


@pytest.mark.parametrize("ident", [{}, {"id": None}])
def test_automations_without_an_id_are_all_kept(ident):
    """An id only tells which of them a shifted page repeats."""
    server = FakeServer()
    server.automations = [{"name": f"a{n}", **ident} for n in range(3)]
    with client_of(server) as client:
        assert ["a0", "a1", "a2"] == [one["name"] for one in client.automations()]


@pytest.mark.parametrize(
    ("status", "wanted", "waited"),
    [
        (429, "7", 7.0),
        (503, "Sun, 01 Mar 2026 12:00:09 GMT", 9.0),
        # What no calendar has: the own wait is taken.
        (503, "Sun, 01 Mar 2026 12:00:09 +9999999", 0.5),
        (503, "Sun, 01 Mar 99999999999999999999999 12:00:09 GMT", 0.5),
        (503, "1e999", 0.5),
        (503, "", 0.5),
    ],
)
def test_retry_after_is_honoured(status, wanted, waited):
    """In seconds or as a date, as HTTP allows it: exactly so long, and the page is not lost."""
    clock = FakeClock()
    answer = httpx.Response(status, headers={"retry-after": wanted})
    server = FakeServer([record(1)], first=[answer])
    assert (["id-1"], [waited]) == (ids_of(server, clock), clock.slept)


def test_a_wait_that_is_longer_than_the_patience_is_told():
    """It is not waited for, and the error says how long it would have been."""
    clock = FakeClock()
    answer = httpx.Response(429, headers={"retry-after": "200"})
    error = failure_of(FakeServer(first=[answer]), clock)
    said = "answers 429, and asks to wait 200 s, longer than the patience of 120 s"
    assert (True, []) == (str(error).endswith(said), clock.slept)


@pytest.mark.parametrize(
    ("trouble", "advice"),
    [
        (httpx.Response(503), "fetch --patience"),
        (httpx.Response(200, text='{"torn'), "the server's own log"),
        (httpx.ConnectError("no"), "check that it runs"),
    ],
)
def test_what_to_do_when_patience_ends(trouble, advice):
    """A server that answers is up, though not well; one that never did may be another address."""
    error = failure_of(FakeServer(first=[trouble] * 99), FakeClock())
    assert advice in error.help_text


def test_waits_grow():
    """Errors of all kinds in a row: half a second, doubled each time."""
    clock = FakeClock()
    troubles = [
        httpx.Response(500),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(200, text='{"events": [{"id": "torn'),
        httpx.RemoteProtocolError("broke off"),
    ]
    server = FakeServer([record(1)], first=troubles)
    assert (["id-1"], [0.5, 1, 2, 4, 8]) == (ids_of(server, clock), clock.slept)


def test_each_wait_is_told():
    """In a sentence with its reason."""
    told = []
    server = FakeServer([record(1)], first=[httpx.Response(502)])
    ids_of(server, notice=told.append)
    assert ["the server answers 502; trying again in 0.5 s"] == told


def test_patience_ends():
    """A server that never answers is given up after five seconds; the address may be wrong."""
    clock = FakeClock()
    error = failure_of(FakeServer(first=[httpx.ConnectError("no")] * 99), clock)
    assert f"{URL}: the server cannot be reached (no connection)" == str(error)
    assert 3.5 == sum(clock.slept)


def test_a_server_that_has_answered_is_waited_for_longer():
    """It is probably being restarted."""
    clock = FakeClock()
    server = FakeServer(map(record, range(5)), first=[None, *[httpx.ConnectError("no")] * 6])
    assert (5, 31.5) == (len(ids_of(server, clock)), sum(clock.slept))


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_no_use_trying_again(status):
    """The error names the variable and not the key."""
    clock = FakeClock()
    answer = httpx.Response(status, json={"detail": f"{KEY} is wrong"})
    error = failure_of(FakeServer(first=[answer]), clock)
    assert (True, f"{URL}: the server refused the key ({status})") == (
        error.refused,
        str(error),
    )
    assert ("check PREFECT_API_KEY", []) == (error.help_text, clock.slept)


def test_what_a_server_says_is_told_without_the_key():
    """Even if it repeats the key."""
    answer = httpx.Response(422, json={"detail": f"no account of {KEY}"})
    error = failure_of(FakeServer(first=[answer]))
    assert f"{URL}: the server answers 422: no account of ***" == str(error)


def test_a_web_page_is_no_api():
    """An address without /api gives the dashboard's HTML."""
    page = httpx.Response(200, html="<!doctype html><title>Prefect</title>")
    error = failure_of(FakeServer(first=[page]))
    assert "answers with a web page, not with JSON" in str(error)
    assert "/api" in error.help_text


@pytest.mark.parametrize(
    ("status", "more"),
    [(404, "; a server of Prefect 2 may have no automations"), (405, ""), (501, "")],
)
def test_an_address_that_takes_no_questions_is_no_api(status, more):
    """The dashboard answers 405 to them; another server 501."""
    error = failure_of(FakeServer(first=[httpx.Response(status)]))
    assert str(status) in str(error)
    ends = "the API's address ends in /api, or in /workspaces/ID for Cloud"
    assert ends + more == error.help_text


@pytest.mark.parametrize("answer", [{"data": []}, [1], 5])
def test_another_api_is_not_taken_for_prefects(answer):
    """`doctor` asks with this, and said that all is well."""
    with (
        client_of(FakeServer(first=[httpx.Response(200, json=answer)])) as client,
        pytest.raises(ServerError, match="no list of objects"),
    ):
        client.can_read_automations()


def test_a_redirect_on_the_same_host_is_followed():
    """With the key, as it is the same server."""
    server = FakeServer(
        [record(1)], first=[httpx.Response(307, headers={"location": "/v2/api/events/filter"})]
    )
    assert ["id-1"] == ids_of(server)
    assert {f"Bearer {KEY}"} == {one.headers["authorization"] for one in server.requests}


def test_certificates_are_read_for_https_alone(monkeypatch):
    """For http none is trusted, until the server leads to https."""
    trusts = []

    def connections(*, verify, **options):
        trusts.append(verify)
        return httpx.Client(verify=verify, **options)

    monkeypatch.setattr(api, "httpx", SimpleNamespace(**{**vars(httpx), "Client": connections}))
    secure = httpx.Response(307, headers={"location": "https://prefect.test/api/admin/version"})
    server = FakeServer(first=[secure])
    settings = replace(SETTINGS, url="http://prefect.test/api")
    with Client(settings, FakeClock(), transport=httpx.MockTransport(server)) as client:
        client.version()
    nobody, all_known = trusts
    assert (ssl.CERT_REQUIRED, []) == (nobody.verify_mode, nobody.get_ca_certs())
    assert all_known is True
    assert ["http", "https"] == [one.url.scheme for one in server.requests]


@pytest.mark.parametrize(
    "location",
    ["https://elsewhere.test/api", "http://prefect.test/api", "https://prefect.test:8443/api"],
)
def test_the_key_is_taken_nowhere_else(location):
    """Neither to another host, nor to another port, nor in the clear."""
    server = FakeServer(first=[httpx.Response(302, headers={"location": location})])
    error = failure_of(server)
    assert (1, "set PREFECT_API_URL to where it moved") == (len(server.requests), error.help_text)
    assert str(error).endswith(f"redirects (302) to {location}")


def test_where_a_redirect_leads_is_told_without_secrets():
    """Neither a password nor a query nor the key."""
    location = f"https://u:secret@elsewhere.test/{KEY}/x?token=secret"
    error = failure_of(FakeServer(first=[httpx.Response(302, headers={"location": location})]))
    assert str(error).endswith("redirects (302) to https://elsewhere.test/***/x")


def test_redirects_end():
    """Those that lead in a circle."""
    circle = [httpx.Response(302, headers={"location": "/api/admin/version"})] * 9
    assert "redirects (302)" in str(failure_of(FakeServer(first=circle)))


def test_a_page_that_leads_back_to_itself_ends():
    """Else it would go on for ever."""
    page = {"events": [], "total": 9, "next_page": "/api/events/filter/next?page-token=x"}
    server = FakeServer(first=[httpx.Response(200, json=page) for _ in range(9)])
    with client_of(server) as client, pytest.raises(ServerError, match="leads back"):
        list(client.pages(ALL, NOON, at(1), SeenIds()))


@pytest.mark.parametrize("answer", ["[]", '{"events": 1}', '{"events": [1]}', '"text"', "null"])
def test_an_answer_of_another_shape(answer):
    """Told, not crashed on."""
    server = FakeServer(first=[httpx.Response(200, text=answer)])
    with client_of(server) as client, pytest.raises(ServerError, match="a page without events"):
        list(client.pages(ALL, NOON, at(1), SeenIds()))


def test_a_password_goes_as_basic_authorization():
    """As Prefect's client sends PREFECT_API_AUTH_STRING."""
    server = FakeServer()
    settings = ServerSettings(URL, "a test", auth=Secret("admin:pass"))
    with client_of(server, settings=settings) as client:
        client.version()
    assert "Basic YWRtaW46cGFzcw==" == server.requests[0].headers["authorization"]


def test_secrets_do_not_show():
    """In no representation of the settings."""
    assert KEY not in repr(SETTINGS)
    assert KEY not in str(SETTINGS.key)


# --- Servers that misbehave ----------------------------------------------------------------------


def compressed(*pieces):
    """An answer of gzip, of which each piece is sent so many times."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    content = b"".join(packer.compress(piece) for piece, times in pieces for _ in range(times))
    stream = httpx.ByteStream(content + packer.flush())
    return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=stream)


class Endless(httpx.SyncByteStream):
    """A content that goes on for ever."""

    def __iter__(self):
        while True:
            yield b" " * 65536


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda: compressed((b" " * 2**20, 300)), "an answer of more than 80 MiB, decompressed"),
        (lambda: httpx.Response(200, stream=Endless()), "an answer of more than 80 MiB"),
        (lambda: compressed((b"[],[],", 400_000)), "an answer of more than 1,000,000 JSON values"),
        (
            lambda: httpx.Response(200, text="[" * 2_000 + "]" * 2_000),
            "nested more than 1,024 deep",
        ),
        (
            lambda: httpx.Response(
                200, headers={"content-encoding": "zstd"}, stream=httpx.ByteStream(b"x")
            ),
            "compresses its answer in a way that was not asked for: zstd",
        ),
    ],
)
def test_an_answer_has_its_bounds(answer, told):
    """Of bytes, of values and of depth; it is not asked for again."""
    clock = FakeClock()
    error = failure_of(FakeServer(first=[answer()]), clock)
    assert told in str(error)
    assert [] == clock.slept


def test_a_compressed_answer_is_read():
    """As it is asked for."""
    server = FakeServer(first=[compressed((b'"3.9.1"', 1))])
    with client_of(server) as client:
        assert "3.9.1" == client.version()
    assert "gzip" == server.requests[0].headers["accept-encoding"]


def test_a_compressed_answer_that_breaks_off_is_asked_for_again():
    """Whatever is damaged in it."""
    clock = FakeClock()
    torn = httpx.Response(
        200,
        headers={"content-encoding": "gzip"},
        stream=httpx.ByteStream(zlib.compress(b'"3.9.1"', 1, 31)[:-5]),
    )
    with client_of(FakeServer(first=[torn]), clock) as client:
        assert ("3.8.8", [0.5]) == (client.version(), clock.slept)


@pytest.mark.parametrize("link", ["http://[", "?page-token=\0", "?" + "x" * 70_000])
def test_a_next_page_that_is_no_address(link):
    """Told, not crashed on."""
    page = {"events": [], "total": 9, "next_page": link}
    server = FakeServer(first=[httpx.Response(200, json=page)])
    told = "a link to the next page that is no address"
    with client_of(server) as client, pytest.raises(ServerError, match=told):
        list(client.pages(ALL, NOON, at(1), SeenIds()))


@pytest.mark.parametrize("location", ["http://[", "/\0", "/" + "x" * 70_000])
def test_a_redirect_to_no_address(location):
    """As one to elsewhere."""
    answers = [httpx.Response(302, headers={"location": location}) for _ in range(99)]
    error = failure_of(FakeServer(first=answers))
    assert str(error).endswith(("redirects (302)", "broke off (RemoteProtocolError)"))


def test_a_server_that_asks_for_no_wait_is_not_asked_without_a_pause():
    """Three times at once, and then as often as any other."""
    clock = FakeClock()
    busy = [httpx.Response(429, headers={"retry-after": "0"}) for _ in range(5)]
    ids_of(FakeServer([record(1)], first=busy), clock)
    assert [0, 0, 0, 0.5, 0.5] == clock.slept


def test_pages_without_a_new_event_end():
    """The same events under ever new links; each page takes a second."""
    clock = FakeClock()
    server = FakeServer()
    seen = SeenIds()

    def answer(request):
        server.requests.append(request)
        clock.sleep(1)
        link = f"/api/events/filter/next?page-token={len(server.requests)}"
        return httpx.Response(200, json={"events": [record(1)], "total": 1, "next_page": link})

    def take(page):
        for one in page.events:
            seen.add(*identity(one))

    told = "page after page without a new event"
    with (
        client_of(answer, clock, patience=20.0) as client,
        pytest.raises(ServerError, match=told),
    ):
        list(map(take, client.pages(ALL, NOON, at(100), seen)))
    assert 20 < len(server.requests) < 30


def test_known_events_are_progress_where_they_are_later_ones():
    """A file that goes on asks again for the last minutes, which may be many pages."""
    clock = FakeClock()
    server = FakeServer(map(record, range(100)))
    seen = SeenIds()
    for one in server.events:
        seen.add(*identity(one))

    def answer(request):
        clock.sleep(1)
        return server(request)

    with client_of(answer, clock, patience=10.0) as client:
        assert 50 == len(list(client.pages(ALL, NOON, at(100), seen)))


def test_automations_without_end():
    """The same ones on every page."""
    server = FakeServer()
    same = [{"id": str(n)} for n in range(200)]
    server.first = [httpx.Response(200, json=same) for _ in range(9)]
    with client_of(server) as client, pytest.raises(ServerError, match="automations without end"):
        client.automations()
    assert 2 == len(server.requests)


@pytest.mark.parametrize("of_each", ["x" * 100_000, [[]] * 2_000])
def test_automations_that_would_fill_the_memory(of_each):
    """Others on every page: large ones, and such as are large only in memory."""
    made = count()

    def answer(_request):
        page = [{"id": str(next(made)), "description": of_each} for _ in range(200)]
        return httpx.Response(200, json=page)

    with client_of(answer) as client, pytest.raises(ServerError, match="automations without end"):
        client.automations()
    assert 200 < next(made) < 1_000


def test_the_version_is_asked_for_once():
    """Each file that is written records it."""
    server = FakeServer()
    with client_of(server) as client:
        assert ["3.8.8", "3.8.8"] == [client.known_version(), client.known_version()]
    assert 1 == len(server.requests)


def test_the_version_is_not_waited_for():
    """A file can do without it: a busy server is asked again for 5 s, not for two minutes."""
    clock = FakeClock()
    busy = [httpx.Response(503)] * 99
    with client_of(FakeServer(first=busy), clock) as client:
        assert client.known_version() is None
        assert client.known_version() is None
    assert 5 >= sum(clock.slept) > 0


def test_an_answer_that_drips_ends_with_the_patience(monkeypatch):
    """Over a real socket: a byte now and then, of which each is in time."""
    monkeypatch.setattr(api, "SHORTEST_PATIENCE", 0.3)
    over = threading.Event()

    class Dripping(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(65536)
            self.request.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: ")
            with suppress(OSError):
                while not over.wait(0.02):
                    self.request.sendall(b"x")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dripping) as server:
        settings = ServerSettings(f"http://127.0.0.1:{server.server_address[1]}/api", "a test")
        with serving(server, 0.01):
            try:
                with (
                    Client(settings, WallClock(), patience=0.1) as client,
                    pytest.raises(ServerError, match=r"does not send a whole answer in 0\.3 s"),
                ):
                    client.version()
            finally:
                over.set()
