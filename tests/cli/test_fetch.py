"""`trigger-cli fetch`, against a fake server that listens on loopback."""

import base64
import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.cli.running import run, run_apart
from tests.limits import serving
from tests.server.fakes import FakeServer
from tests.support import read_log

KEY = "pnu_very-secret-key"


def recent(number):
    """An event of some seconds ago."""
    at = datetime.now(UTC) - timedelta(seconds=100 - number)
    return {
        "id": f"id-{number}",
        "event": "shop.sold" if number % 2 else "bank.paid",
        "occurred": at.isoformat(),
        "resource": {"prefect.resource.id": f"thing.{number}"},
    }


@contextmanager
def listening(fake, context=None, host="127.0.0.1"):
    """The address of a fake server."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("content-length", 0))
            request = httpx.Request(
                self.command,
                f"http://h{self.path}",
                content=self.rfile.read(length),
                headers=dict(self.headers),
            )
            answer = fake(request)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST  # noqa: N815  # the library's word

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer((host, 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.handle_error = lambda *_: None  # a client that does not trust it
        with serving(server, 0.01):
            yield f"http{'s' if context else ''}://{host}:{server.server_port}/api"


@pytest.fixture
def server():
    """Nine events."""
    return FakeServer(map(recent, range(9)), page_size=4)


def fetch(server, *arguments, **environment):
    with listening(server) as url:
        return run("fetch", *arguments, PREFECT_API_URL=url, PREFECT_HOME="/nowhere", **environment)


def ids_in(path):
    return [one.id for one in read_log(path, order="log")]


def test_events_go_to_stdout(server):
    """A line each, and what was done to stderr."""
    done = fetch(server)
    assert [f"id-{n}" for n in range(9)] == [
        json.loads(line)["id"] for line in done.stdout.splitlines()
    ]
    assert (0, True) == (done.returncode, b"9 new events" in done.stderr)


@pytest.mark.parametrize("name", ["e.jsonl", "e.jsonl.gz", "e.jsonl.zst"])
def test_a_file_is_gone_on_with(server, name, tmp_path):
    """The second fetch appends what is new."""
    path = tmp_path / name
    fetch(server, "-o", path)
    server.events += [recent(9), recent(10)]
    done = fetch(server, "-o", path)
    # The two have other addresses: each fake server has a port of its own.
    assert 2 == done.returncode
    (tmp_path / f".{name}.fetch.json").unlink()
    done = fetch(server, "-o", path, "--format", "json")
    events = json.loads(done.stdout)["events"]
    assert (2, 11) == (events["new"], events["total"])
    assert [f"id-{n}" for n in range(11)] == ids_in(path)


def test_filters(server):
    """By the beginning of the name; a star at its end may stand."""
    assert 4 == len(fetch(server, "--event", "shop.*", "-q").stdout.splitlines())


def test_automations(server, tmp_path):
    """As one JSON array."""
    path = tmp_path / "a.json"
    done = fetch(server, "--automations", path, "--no-events")
    assert 0 == done.returncode
    assert ["a0", "a1", "a2"] == [one["name"] for one in json.loads(path.read_text())]
    assert f"3 automations written to {path}" == done.stdout.decode().replace("\n", "")


def test_a_server_writes_nothing_on_the_terminal(server):
    """Nor a secret that it repeats: what it says while it is asked again is inert."""
    said = f"\x1b]0;gone\x07\u202e {KEY}"
    server.first = [httpx.Response(503, json={"detail": said}, headers={"retry-after": "0"})]
    done = fetch(server, PREFECT_API_KEY=KEY)
    assert 0 == done.returncode
    assert b"trying again" in done.stderr
    hostile = (b"\x1b", b"\x07", "\u202e".encode(), KEY.encode())
    assert not [one for one in hostile if one in done.stderr]


def test_an_event_writes_nothing_on_the_terminal(server):
    """It is the same JSON, with what could control a terminal escaped; a pipe gets it as it came."""
    text = "\x7f\x9b31m \u202e\u2066\u200b \x1b[2J é"
    server.events = [{**recent(0), "payload": {"text": text}}]
    ours, theirs = os.openpty()
    try:
        with listening(server) as url:
            options = {"PREFECT_API_URL": url, "PREFECT_HOME": "/nowhere"}
            shown = run_apart("fetch", "-q", stdout=theirs, **options)
            piped = run_apart("fetch", "-q", **options)
        line = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert (0, 0) == (shown.returncode, piped.returncode)
    assert json.loads(line) == json.loads(piped.stdout) == server.events[0]
    assert line.removesuffix("\r\n").isprintable()
    assert "\x9b31m \u202e".encode() in piped.stdout


def test_other_filters_need_another_file(server, tmp_path):
    """Else it would have gaps that nobody sees."""
    path = tmp_path / "e.jsonl"
    with listening(server) as url:
        options = {"PREFECT_API_URL": url}
        run("fetch", "-o", path, "--since", "1h", **options)
        others = run("fetch", "-o", path, "--event", "shop.", **options)
        earlier = run("fetch", "-o", path, "--since", "2d", **options)
        same = run("fetch", "-o", path, "--since", "1h", **options)
    assert (2, 2, 0) == (others.returncode, earlier.returncode, same.returncode)
    assert b"was fetched with other filters" in others.stderr
    assert b"begins only at" in earlier.stderr


def test_the_key_is_neither_told_nor_kept(server, tmp_path):
    """Whatever the server says about it."""
    # It is asked for its version, too.
    server.first = [httpx.Response(401, json={"detail": f"{KEY} is wrong"}) for _ in range(2)]
    done = fetch(server, "-o", tmp_path / "e.jsonl", PREFECT_API_KEY=KEY)
    assert (3, f"Bearer {KEY}") == (done.returncode, server.requests[0].headers["authorization"])
    assert b"the server refused the key (401)" in done.stderr
    kept = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert KEY.encode() not in done.stdout + done.stderr + kept


def test_a_server_that_repeats_the_key_everywhere(server, tmp_path):
    """As its version, in an event that is left out, in an error: neither told nor kept."""
    basic = base64.b64encode(b'admin:pa"ss').decode()
    turn = server.page

    def page(wanted, offset):
        later = {**recent(0), "id": basic, "occurred": "9999-12-31T00:00:00Z"}
        answer = turn(wanted, offset).json()
        return httpx.Response(200, json={**answer, "events": [*answer["events"], later]})

    server.page = page
    log, definitions = tmp_path / "e.jsonl", tmp_path / "a.json"
    with listening(lambda request: repeated(server, request)) as url:
        environment = {"PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": 'admin:pa"ss'}
        done = run("fetch", "-o", log, "--automations", definitions, **environment)
        doctor = run("doctor", **environment)
    assert (0, 0) == (done.returncode, doctor.returncode)
    assert b"left out: the event *** is of 9999" in done.stderr
    assert b"Prefect Basic ***" in doctor.stdout
    kept = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b'"version":"Basic ***"' in kept
    everything = done.stdout + done.stderr + doctor.stdout + doctor.stderr + kept
    assert basic.encode() not in everything


def repeated(server, request):
    """The answer of a server whose version is the header that it was sent."""
    if request.url.path.endswith("/admin/version"):
        return httpx.Response(200, json=request.headers["authorization"])
    return server(request)


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "message"),
    [
        ((), {"PREFECT_HOME": "/nowhere"}, 2, "no Prefect server is configured"),
        (("--no-events",), {}, 2, "nothing to fetch"),
        (("--since", "x"), {}, 2, "nor one before now"),
        (("--since", "1h", "--until", "2h", "--api-url", "http://a/api"), {}, 2, "--since lies"),
        (("--event", "a\udcff", "--api-url", "http://a/api"), {}, 2, "must be UTF-8 text"),
        (("--compress", "gz"), {}, 2, "--compress needs a file"),
        (("--api-url", "nonsense"), {}, 2, "not a valid http or https address"),
        (("--api-url", "http://127.0.0.1:1/api", "--patience", "0"), {}, 3, "cannot be reached"),
    ],
)
def test_what_cannot_be_done(arguments, environment, code, message):
    """An error in a sentence, and its exit code."""
    done = run("fetch", *arguments, **environment)
    assert (code, b"") == (done.returncode, done.stdout)
    assert message in " ".join(done.stderr.decode().split())


def test_a_file_that_is_none_of_ours(server, tmp_path):
    """It is left as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n")
    done = fetch(server, "-o", path)
    assert (2, "dear diary\n") == (done.returncode, path.read_text())


def test_a_folder_that_is_not_there(server, tmp_path):
    """Exit 2, as with every output."""
    done = fetch(server, "-o", tmp_path / "none" / "e.jsonl")
    assert (2, True) == (done.returncode, b"cannot write" in done.stderr)


@pytest.mark.parametrize(
    ("since", "told"),
    [("never", "not an RFC 3339"), ("9999-12-31T00:00:00Z", "which is still to come")],
)
@pytest.mark.parametrize("key", ["since", "doubt"])
def test_a_companion_that_somebody_has_changed(server, tmp_path, since, told, key):
    """Its name, the key and what stands there are told."""
    path = tmp_path / "e.jsonl"
    with listening(server) as url:
        run("fetch", "-o", path, PREFECT_API_URL=url)
        companion = tmp_path / ".e.jsonl.fetch.json"
        companion.write_text(json.dumps({**json.loads(companion.read_text()), key: since}))
        done = run("fetch", "-o", path, PREFECT_API_URL=url)
    said = " ".join(done.stderr.decode().split())
    assert 2 == done.returncode
    assert f".e.jsonl.fetch.json: `{key}` is '{since}', {told}" in said


def test_a_part_that_the_file_has_already(server, tmp_path):
    """Nothing is asked for, and that is told."""
    path = tmp_path / "e.jsonl"
    with listening(server) as url:
        run("fetch", "-o", path, PREFECT_API_URL=url)
        many = len(server.requests)
        done = run("fetch", "-o", path, "--to", "6h", PREFECT_API_URL=url)
    assert (0, many) == (done.returncode, len(server.requests))
    assert "nothing to fetch: the next events begin at " in done.stderr.decode()


def test_an_event_nested_300_deep_is_kept(server, tmp_path):
    """One that cannot be kept is left out and told; the fetch goes on."""
    server.events[2]["payload"] = json.loads("[" * 300 + "]" * 300)
    server.events[5]["payload"] = json.loads("[" * 900 + "]" * 900)
    server.events[7]["payload"] = "x" * 17_000_000
    path = tmp_path / "e.jsonl"
    done = fetch(server, "-o", path, "--format", "json")
    assert ["id-7"] == [
        one for one in map(str, [f"id-{n}" for n in range(9)]) if one not in ids_in(path)
    ]
    assert (0, 1) == (done.returncode, json.loads(done.stdout)["events"]["left_out"])
    assert b"left out: the event id-7 takes more than 16 MiB" in done.stderr


def test_fetch_gets_past_an_event_that_it_cannot_decode(server, tmp_path):
    """Nested deeper than any reader reads; the rest of its page is kept, and so are large events."""
    for event in server.events[:4]:
        event["payload"] = [1] * 400_000
    server.events[5]["payload"] = "deep"
    path = tmp_path / "e.jsonl"
    turn = server.page

    def page(wanted, offset):
        content = turn(wanted, offset).content
        return httpx.Response(200, content=content.replace(b'"deep"', b"[" * 1_100 + b"]" * 1_100))

    server.page = page
    done = fetch(server, "-o", path)
    assert [f"id-{n}" for n in range(9) if n != 5] == ids_in(path)
    assert 0 == done.returncode
    assert b"left out: the event id-5 is nested too deeply" in done.stderr
    assert b"1 event left out, which cannot be kept" in done.stdout


def test_a_file_that_is_deleted_meanwhile(server, tmp_path):
    """It is written anew, and that is told."""
    path = tmp_path / "e.jsonl"
    turn = server.page

    def page(wanted, offset):
        if offset == 8:
            path.unlink()
        return turn(wanted, offset)

    server.page = page
    done = fetch(server, "-o", path)
    assert (0, [f"id-{n}" for n in range(9)]) == (done.returncode, ids_in(path))
    assert b"was deleted meanwhile" in done.stdout
