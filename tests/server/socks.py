"""A SOCKS5 proxy for tests."""

import socket
import threading
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.limits import LONGEST, serving


class Socks(ThreadingTCPServer):
    """A SOCKS5 proxy (RFC 1928) that leads every name to one server.

    Args:
        target: Where it leads.
        refusal: What it answers instead, if not 0.
    """

    daemon_threads = True

    def __init__(self, target, refusal=0):
        self.target = target
        self.refusal = refusal
        self.asked = []
        super().__init__(("127.0.0.1", 0), Relay)

    @contextmanager
    def running(self):
        with self, serving(self, 0.01):
            yield f"socks5://127.0.0.1:{self.server_address[1]}"


class Relay(StreamRequestHandler):
    """One connection through the proxy."""

    def handle(self):
        _, count = self.rfile.read(2)
        self.rfile.read(count)
        self.wfile.write(b"\x05\x00")  # no authentication
        _, _, _, kind, length = self.rfile.read(5)
        assert 3 == kind  # a name, which the proxy looks up
        name = self.rfile.read(length).decode()
        port = int.from_bytes(self.rfile.read(2), "big")
        self.server.asked.append((name, port))
        self.wfile.write(bytes([5, self.server.refusal, 0, 1, 0, 0, 0, 0, 0, 0]))
        if self.server.refusal:
            return
        with socket.create_connection(self.server.target, LONGEST) as there:
            back = threading.Thread(target=self.copy, args=(there, self.connection))
            back.start()
            self.copy(self.connection, there)
            back.join(LONGEST)

    @staticmethod
    def copy(source, target):
        with suppress(OSError):
            while piece := source.recv(65_536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
