"""Servers that misbehave, met by ``fetch``.

As a program it is such a server: ``servers.py KIND COMMAND…`` runs the command with its address and a
key in the environment, and ends as the command does.
"""

import json
import os
import shlex
import shutil
import ssl
import subprocess
import sys
import threading
import time
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import trustme
import zstandard

KEY = "pnu_very-secret-key"
_BOMB = 1_000_000_000
_PIECE = b" " * 1_000_000
_REFUSED = 503


def _event(number: int) -> dict:
    return {
        "id": f"id-{number}",
        "event": "shop.sold",
        "occurred": (datetime.now(UTC) - timedelta(minutes=5)).isoformat(),
        "resource": {"prefect.resource.id": "thing.1"},
    }


def _page(next_page: object, *events: dict) -> bytes:
    page = {"events": events or [_event(0)], "total": 9, "next_page": next_page}
    return json.dumps(page).encode()


class Server(BaseHTTPRequestHandler):
    """Answers all requests alike."""

    protocol_version = "HTTP/1.1"
    kind = ""
    asked = 0
    cut_off: ClassVar[set[int]] = set()

    def do_POST(self) -> None:
        """Whatever is asked for."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        type(self).asked += 1
        KINDS[self.kind].act(self)

    do_GET = do_POST  # noqa: N815  # the library's word

    def answer(self, content: bytes, status: int = 200, **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def chunks(self, pieces: Iterator[bytes], **headers: str) -> None:
        """An answer in pieces."""
        self.send_response(200)
        for name, value in {"transfer-encoding": "chunked", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        for piece in pieces:
            if piece:
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Stderr is the command's."""


def _gzip_bomb(server: Server) -> None:
    packer = zlib.compressobj(1, wbits=31)
    pieces = (packer.compress(_PIECE) for _ in range(_BOMB // len(_PIECE)))
    server.chunks(pieces, content_encoding="gzip")


def _zstandard_bomb(server: Server) -> None:
    packer = zstandard.ZstdCompressor(level=1).compressobj()
    pieces = (packer.compress(_PIECE) for _ in range(_BOMB // len(_PIECE)))
    server.chunks(pieces, content_encoding="zstd")


def _endless(server: Server) -> None:
    server.chunks(iter(lambda: _PIECE, b""))


def _drip(server: Server) -> None:
    def pieces() -> Iterator[bytes]:
        while True:
            yield b" "
            time.sleep(0.5)

    server.chunks(pieces())


def _next(place: object) -> Callable[[Server], None]:
    return lambda server: server.answer(_page(place))


def _pages(server: Server) -> None:
    place = f"http://{server.headers['host']}/api/events/filter/next?page-token={server.asked}"
    server.answer(_page(place, _event(server.asked // 1_000)))


def _retry_after(server: Server) -> None:
    server.answer(b"", _REFUSED, retry_after="Fri, 31 Dec 9999 23:59:59 GMT")


def _commands(server: Server) -> None:
    detail = "\x1b]0;owned\x07\x1b[2J\u202egnorw\u2066\x9b31m"
    server.answer(json.dumps({"detail": detail}).encode(), 422)


def _commands_again(server: Server) -> None:
    detail = "\x1b]0;owned\x07\x1b[2J\u202egnorw\u2066\x9b31m"
    server.answer(json.dumps({"detail": detail}).encode(), _REFUSED, retry_after="0")


def _header(server: Server) -> None:
    told = server.headers.get("authorization", "")
    server.answer(json.dumps({"detail": {"bad header": told}}).encode(), 400)


def _version(server: Server) -> None:
    told = server.headers.get("authorization", "")
    server.answer(json.dumps(told).encode() if server.path.endswith("version") else b"[]")


# --- Servers that are as they should be, but for one thing ---------------------------------------

_EVENTS = 6
_PER_PAGE = 2


def _well(
    server: Server, *, events: Callable[[Server], list[dict]] = lambda _: [], cut: bool = False
) -> None:
    """Three pages of two events, and `events`; the server cuts each but the first off once."""
    if server.path.endswith("version"):
        server.answer(b'"3.9.1"')
        return
    offset = int(server.path.rpartition("page-token=")[2] or 0) if "?" in server.path else 0
    more = offset + _PER_PAGE
    link = f"/api/events/filter/next?page-token={more}" if more < _EVENTS else None
    found = [_event(number) for number in range(offset, more)] + events(server)
    content = json.dumps({"events": found, "total": _EVENTS, "next_page": link}).encode()
    content = content.replace(b'"deep"', b"[" * 1_100 + b"]" * 1_100)
    if cut and offset and offset not in Server.cut_off:
        Server.cut_off.add(offset)
        server.send_response(200)
        server.send_header("content-length", str(len(content)))
        server.end_headers()
        server.wfile.write(content[: len(content) // 2])
        server.close_connection = True
    else:
        server.answer(content)


def _with(**more: object) -> Callable[[Server], None]:
    return lambda server: _well(server, events=lambda _: [{**_event(9), **more}])


def _large(server: Server) -> None:
    _well(server, events=lambda _: [{**_event(n), "payload": [1] * 400_000} for n in range(90, 94)])


def _named_as_the_key(server: Server) -> None:
    told = server.headers["authorization"]
    _well(server, events=lambda _: [{**_event(9), "id": told, "occurred": "9999-12-31T00:00:00Z"}])


def _authorized(server: Server) -> None:
    expected = b64encode(b"bob:p@s:s%").decode()
    if server.headers.get("authorization") == f"Basic {expected}":
        _well(server)
    else:
        server.answer(b"", 401)


def _meanwhile(change: Callable[[Path], object]) -> Callable[[Server], None]:
    """What happens to the file before the second page is sent."""

    def act(server: Server) -> None:
        if server.path.endswith(f"page-token={_PER_PAGE}"):
            change(next(Path().rglob("got.jsonl")))
        _well(server)

    return act


def _overwrite(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(bytes(size))


# --- What is met ---------------------------------------------------------------------------------

_FETCH = "trigger-cli fetch --patience 2s -o got.jsonl"


def _again_since(text: str) -> str:
    return (
        f'trigger-cli fetch -q -o got.jsonl && sed -i \'s/"since":"[^"]*/"since":"{text}/\''
        f" .got.jsonl.fetch.json && {_FETCH}"
    )


def _has_all(folder: Path, *, others: int = 0) -> str | None:
    ids = [json.loads(line)["id"] for line in (folder / "got.jsonl").read_bytes().splitlines()]
    expected = _EVENTS + others
    is_right = len(set(ids)) == len(ids) == expected
    return None if is_right else f"{len(ids)} events, {len(set(ids))} of them different"


_AN_ERROR = r"error: http://127\.0\.0\.1:\d+/api: "


@dataclass(frozen=True)
class Kind:
    """What a server of a kind does, and what is expected of the command."""

    act: Callable[[Server], None]
    says: str = _AN_ERROR
    """What the user is told."""
    exits: int = 3
    script: str = _FETCH
    after: Callable[[Path], str | None] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of the command, in addition to the address and the key."""
    account: str = ""
    is_secure: bool = False
    meets: str = "fetch"


_AN_ACCOUNT = {"PREFECT_API_KEY": "", "PREFECT_API_AUTH_STRING": 'admin:pa"ss\\wörd&=%x'}
KINDS: dict[str, Kind] = {
    "a gzip bomb": Kind(_gzip_bomb),
    "a zstandard bomb": Kind(_zstandard_bomb),
    "an answer without an end": Kind(_endless),
    "a byte every half second": Kind(_drip),
    "pages without an end": Kind(_pages),
    "a next page that is no address": Kind(_next("\x1b[2J:no address")),
    "a next page elsewhere": Kind(
        _next("http://elsewhere.test/api/events/filter/next?page-token=1"),
        f"{_AN_ERROR}the server sent a page that leads back",
    ),
    "a next page that is a number": Kind(_next(7), "a link to the next page that is no address"),
    "a next page of half an address": Kind(
        _next("http://["), "a link to the next page that is no address"
    ),
    "a next page with NUL": Kind(
        _next("?page-token=\0"), "a link to the next page that is no address"
    ),
    "a Retry-After of the year 9999": Kind(_retry_after),
    "an error with commands for a terminal": Kind(_commands),
    "a notice with commands for a terminal": Kind(_commands_again, "trying again.*error: "),
    "an error that repeats the key": Kind(
        _header, r'answers 400: {"bad header":"Basic \*\*\*"}', settings=_AN_ACCOUNT
    ),
    "a version that repeats the key": Kind(
        _version,
        r"Prefect Bearer \*\*\*",
        exits=0,
        script="trigger-cli doctor --width 200 > told; code=$?; cat told >&2; exit $code",
        meets="doctor",
    ),
    "an event named as the key": Kind(
        _named_as_the_key,
        r"left out: the event Basic \*\*\* is of 9999",
        exits=0,
        after=_has_all,
        settings=_AN_ACCOUNT,
    ),
    "an event nested 1,100 deep": Kind(
        _with(payload="deep"),
        "left out: the event id-9 is nested too deeply",
        exits=0,
        after=_has_all,
    ),
    "events of millions of values": Kind(
        _large, "", exits=0, after=lambda folder: _has_all(folder, others=4)
    ),
    "cuts in later pages": Kind(
        lambda server: _well(server, cut=True), "trying again in", exits=0, after=_has_all
    ),
    "a companion changed to never": Kind(
        _well, r"\.got\.jsonl\.fetch\.json: `since` is 'never', not an", 2, _again_since("never")
    ),
    "a companion of the year 9999": Kind(
        _well,
        r"\.got\.jsonl\.fetch\.json: `since` is '9999-12-31T00:00:00Z', which is still to come",
        2,
        _again_since("9999-12-31T00:00:00Z"),
    ),
    "its file is deleted meanwhile": Kind(_meanwhile(Path.unlink), "", exits=0, after=_has_all),
    "its file is cut short meanwhile": Kind(
        _meanwhile(lambda path: os.truncate(path, 10)), "changed .* it has 10 bytes, expected", 2
    ),
    "its file is overwritten meanwhile": Kind(
        _meanwhile(_overwrite), "its size is as expected, its content is not", 2
    ),
    "its folder is removed meanwhile": Kind(
        _meanwhile(lambda path: shutil.rmtree(path.parent)),
        r"the folder of d/got\.jsonl was removed .* is in .*/fetched-1-got\.jsonl",
        2,
        f"mkdir d && {_FETCH.replace('got', 'd/got')}",
    ),
    "a certificate that it signed itself": Kind(
        _well,
        r"a certificate that is not trusted: self-signed certificate\nhelp: set PREFECT_API_SSL_CERT_FILE to the file",
        is_secure=True,
    ),
    "a password with percent signs": Kind(
        _authorized,
        "",
        exits=0,
        after=_has_all,
        settings={"PREFECT_API_KEY": ""},
        account="bo%62:p%40s%3As%25@",
    ),
}

_LONGEST = 600.0
"""How long the command may take, seconds."""


def main(name: str, *command: str) -> int:
    """Serve, and run the command."""
    kind = KINDS[name]
    Server.kind = name
    ThreadingHTTPServer.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hangs up
    ThreadingHTTPServer.daemon_threads = True
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    if kind.is_secure:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        own = trustme.CA()
        with trustme.Blob(own.private_key_pem.bytes() + own.cert_pem.bytes()).tempfile() as path:
            context.load_cert_chain(path)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    scheme = "https" if kind.is_secure else "http"
    url = f"{scheme}://{kind.account}127.0.0.1:{server.server_port}/api"
    environment = {**os.environ, "PREFECT_API_URL": url, "PREFECT_API_KEY": KEY, **kind.settings}
    # Who asks for all this has a shorter limit.
    done = subprocess.run(command, env=environment, check=False, timeout=_LONGEST)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

from tests.hazards.hazard import Hazard  # noqa: E402  # a server has no use for it


def hazards(disk: Path | None) -> Iterator[Hazard]:
    """Each kind of server, and a full disk if there is one."""
    serve = f"{sys.executable} {Path(__file__)}"
    for name, kind in KINDS.items():
        yield Hazard(
            "a server",
            name,
            kind.meets,
            f"{serve} '{name}' sh -c {shlex.quote(kind.script)}",
            frozenset({kind.exits}),
            # What is said of a server never holds the key.
            f"^(?!.*{KEY}).*(?:{kind.says})",
            after=kind.after,
            quick=True,
        )
    for name, address, says in (
        ("a cluster with TLS, whose settings are missing", "tls://127.0.0.1:9", "help: TLS needs"),
        ("a cluster that nobody runs", "tcp://127.0.0.1:9", "start one with `dask scheduler`"),
    ):
        yield Hazard(
            "a server",
            name,
            "replay --cluster",
            f"trigger-cli replay $M/trigger.json $SAMPLES/nightly.events.jsonl --cluster {address}",
            frozenset({2}),
            f"no cluster answers at {address}.*{says}",
        )
    if disk is not None:
        yield Hazard(
            "output",
            "--output on a full disk",
            "fetch",
            f"{serve} 'cuts in later pages' trigger-cli fetch -o {disk}/got.jsonl",
            frozenset({2}),
            "cannot write .*No space left on device",
            quick=True,
        )
