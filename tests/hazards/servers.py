"""Servers that misbehave, met by ``fetch``.

As a program it is such a server: ``servers.py KIND COMMAND…`` runs the command with its address and a
key in the environment, and ends as the command does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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


def _page(next_page: object, number: int = 0) -> bytes:
    return json.dumps({"events": [_event(number)], "total": 9, "next_page": next_page}).encode()


class Server(BaseHTTPRequestHandler):
    """Answers all requests alike."""

    protocol_version = "HTTP/1.1"
    kind = ""
    asked = 0

    def do_POST(self) -> None:
        """Whatever is asked for."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        type(self).asked += 1
        KINDS[self.kind][0](self)

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
    server.answer(_page(place, server.asked // 1_000))


def _retry_after(server: Server) -> None:
    server.answer(b"", _REFUSED, retry_after="Fri, 31 Dec 9999 23:59:59 GMT")


def _commands(server: Server) -> None:
    detail = "\x1b]0;owned\x07\x1b[2J\u202egnorw\u2066\x9b31m"
    server.answer(json.dumps({"detail": detail}).encode(), 422)


def _commands_again(server: Server) -> None:
    detail = "\x1b]0;owned\x07\x1b[2J\u202egnorw\u2066\x9b31m"
    server.answer(json.dumps({"detail": detail}).encode(), _REFUSED, retry_after="0")


def _secret(server: Server) -> None:
    told = server.headers.get("authorization", "")
    server.answer(json.dumps({"detail": f"{told} is not allowed"}).encode(), 403)


_AN_ERROR = r"error: http://127\.0\.0\.1:\d+/api: "
# What a server of a kind does, and what the user is told.
KINDS: dict[str, tuple[Callable[[Server], None], str]] = {
    "a gzip bomb": (_gzip_bomb, _AN_ERROR),
    "a zstandard bomb": (_zstandard_bomb, _AN_ERROR),
    "an answer without an end": (_endless, _AN_ERROR),
    "a byte every half second": (_drip, _AN_ERROR),
    "pages without an end": (_pages, _AN_ERROR),
    "a next page that is no address": (_next("\x1b[2J:no address"), _AN_ERROR),
    "a next page elsewhere": (
        _next("http://elsewhere.test/api/events/filter/next?page-token=1"),
        f"{_AN_ERROR}the server sent a page that leads back",
    ),
    "a next page that is a number": (_next(7), _AN_ERROR),
    "a Retry-After of the year 9999": (_retry_after, _AN_ERROR),
    "an error with commands for a terminal": (_commands, _AN_ERROR),
    "a notice with commands for a terminal": (_commands_again, "trying again.*error: "),
    "an error that repeats the key": (_secret, f"^(?!.*{KEY})"),
}

_LONGEST = 600.0
"""How long the command may take, seconds."""


def main(kind: str, *command: str) -> int:
    """Serve, and run the command."""
    Server.kind = kind
    ThreadingHTTPServer.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hangs up
    ThreadingHTTPServer.daemon_threads = True
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/api"
    environment = {**os.environ, "PREFECT_API_URL": url, "PREFECT_API_KEY": KEY}
    # Who asks for all this has a shorter limit.
    done = subprocess.run(command, env=environment, check=False, timeout=_LONGEST)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

from tests.hazards.hazard import Hazard  # noqa: E402  # a server has no use for it


def hazards() -> Iterator[Hazard]:
    """Each kind of server."""
    for kind, (_, says) in KINDS.items():
        yield Hazard(
            "a server",
            kind,
            "fetch",
            f"{sys.executable} {Path(__file__)} '{kind}' trigger-cli fetch --patience 2s -o got.jsonl",
            frozenset({3}),
            says,
            quick=True,
        )
