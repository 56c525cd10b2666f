"""Servers between a client and its server: a SOCKS5 proxy, and a gate."""

import socket
import threading
import time
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
        super().__init__(("127.0.0.1", 0), SocksConnection)

    @contextmanager
    def running(self):
        with self, serving(self, 0.01):
            yield f"socks5://127.0.0.1:{self.server_address[1]}"


class Gate(ThreadingTCPServer):
    """Leads every connection to one server, and holds what a client sends while it is closed.

    Args:
        target: Where it leads.
        is_open: Whether a request may pass now.
    """

    daemon_threads = True

    def __init__(self, target, is_open):
        self.target = target
        self.is_open = is_open
        super().__init__(("127.0.0.1", 0), GateConnection)


class GateConnection(StreamRequestHandler):
    """One connection through the gate. It ends where there is no server."""

    def handle(self):
        with suppress(OSError), socket.create_connection(self.server.target, LONGEST) as there:
            relay(self.connection, there, self.wait)

    def wait(self):
        while not self.server.is_open():
            time.sleep(0.002)


class SocksConnection(StreamRequestHandler):
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
            relay(self.connection, there)


def relay(here, there, before_sending=lambda: None):
    """Copy in both directions until both ends are silent."""
    back = threading.Thread(target=copy, args=(there, here))
    back.start()
    copy(here, there, before_sending)
    back.join(LONGEST)


def copy(source, target, before_sending=lambda: None):
    """Copy what one socket receives to another."""
    with suppress(OSError):
        while piece := source.recv(65_536):
            before_sending()
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
