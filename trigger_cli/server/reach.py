"""The connection of a request, and the reasons why a server cannot be reached."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import httpx

from trigger_cli.server.answers import Failure
from trigger_cli.server.settings import CA_FILE, Proxy, ServerSettings

_ADDRESS_MISMATCHES = frozenset({62, 64})
"""OpenSSL's codes for a certificate with another name or address."""
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING", "HTTP_REQUEST"})
"""OpenSSL's words for an answer that is no TLS."""
_OPENED = (".connect_tcp.complete", ".start_tls.complete")


class Link:
    """The connection of the current request; another thread may cut it."""

    def __init__(self) -> None:
        self.is_cut = False
        self._socket: socket.socket | None = None

    def trace(self, event: str, facts: Mapping[str, Any]) -> None:
        """Receive trace events of the HTTP library."""
        if event.endswith(_OPENED):
            self._socket = facts["return_value"].get_extra_info("socket")
            if self.is_cut:
                self.cut()

    def cut(self) -> None:
        """End the connection: a thread that reads from it sees its end at once."""
        self.is_cut = True
        connection = self._socket
        if connection is not None:
            with suppress(OSError):  # it has already ended
                # Not the method of a TLS socket, because another thread is reading it.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection after a failed request; the library leaves that to a SOCKS proxy open."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def why_not(error: httpx.HTTPError, settings: ServerSettings) -> Failure:
    """The reason why there was no answer, without the error's own text: it may contain secrets."""
    return untrusted_certificate(error) or Failure("later", _said(error, settings.proxy))


def untrusted_certificate(error: BaseException) -> Failure | None:
    """The problem of the server's certificate, if it caused the error."""
    for one in _chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            help_text = (
                "the certificate is for another name: check the address"
                if one.verify_code in _ADDRESS_MISMATCHES
                else f"set {CA_FILE} to the file with the certificate of its authority"
            )
            message = f"has a certificate that is not trusted: {one.verify_message}"
            return Failure("wrong", message, help_text)
    return None


def _said(error: httpx.HTTPError, proxy: Proxy | None) -> str:
    by = "" if proxy is None else f" through the proxy {proxy.address} of {proxy.origin}"
    match error:
        case httpx.ConnectTimeout():
            return f"cannot be reached{by} (no connection in time)"
        case httpx.ConnectError():
            return f"cannot be reached{by} ({reason_of(error)})"
        case httpx.ProxyError():
            # Only the status: the rest of the text is from the proxy.
            status = str(error)[:3]
            refusal = f"it answers {status}" if status.isdecimal() else "it refuses"
            return f"cannot be reached{by} ({refusal})"
        case httpx.TimeoutException():
            return "does not answer in time"
        case httpx.UnsupportedProtocol():
            return "has an address that is neither http nor https"
        case _:
            return f"broke off ({type(error).__name__})"


def reason_of(error: BaseException) -> str:
    """The operating system's message at the root of a chain of errors."""
    for one in _chain(error):
        if isinstance(one, ssl.SSLError) and one.reason in _NO_TLS:
            return "it does not answer in TLS: does its address begin with http:?"
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
    return "connection refused" if "refused" in str(error) else "no connection"


def _chain(error: BaseException) -> Iterator[BaseException]:
    root: BaseException | None = error
    while root is not None:
        yield root
        root = root.__cause__ or root.__context__
