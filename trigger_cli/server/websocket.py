"""The websocket of the live stream, with the library that Prefect's client uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from websockets import Subprotocol
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)
from websockets.sync.client import connect

from trigger_cli.server.api import ServerError
from trigger_cli.server.settings import ServerSettings
from trigger_cli.server.stream import Socket, SocketLost, refused

_OPEN = 10.0
_LONGEST_MESSAGE = 16 * 1024 * 1024
_POLICY_VIOLATION = 1008
_PROTOCOL_ERROR = 1002


@contextmanager
def connect_websocket(settings: ServerSettings) -> Iterator[Socket]:
    """A connection to the server's stream of events.

    Raises:
        SocketLost: It cannot be made, or it broke.
        ServerError: It is refused.
    """
    url = settings.url.replace("http", "ws", 1) + "/events/out"
    try:
        with connect(
            url,
            subprotocols=[Subprotocol("prefect")],
            open_timeout=_OPEN,
            close_timeout=1,
            max_size=_LONGEST_MESSAGE,
            proxy=None if settings.is_loopback else True,
        ) as connection:
            yield connection
    except ConnectionClosed as error:
        raise _closed(error, settings) from None
    except InvalidStatus as error:
        status = error.response.status_code
        if status in {401, 403, 404}:
            raise ServerError(
                f"{settings.url}: the server refused the stream ({status})",
                "the API's address ends in /api; a key may be needed",
                refused=True,
            ) from None
        raise SocketLost(f"the stream answers {status}") from None
    except (InvalidHandshake, InvalidURI, WebSocketException) as error:
        raise SocketLost(f"no stream of events there ({type(error).__name__})") from None
    except TimeoutError:
        raise SocketLost("the stream does not open in time") from None
    except OSError as error:
        raise SocketLost(error.strerror or "the connection broke") from None


def _closed(error: ConnectionClosed, settings: ServerSettings) -> Exception:
    received = error.rcvd
    if received is not None and received.code in {_POLICY_VIOLATION, _PROTOCOL_ERROR}:
        return refused(settings, received.reason)
    return SocketLost("the connection was closed" if received else "the connection broke")
