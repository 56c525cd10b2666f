"""The meaning of a server's answers, and the times of retries; `api.py` sends and receives."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal, Protocol
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import httpx
import orjson
from msgspec import Struct

from trigger_cli.events.compression import DECOMPRESSION_ERRORS
from trigger_cli.server.content import ContentError, LongAnswerError, beginning_of, content_of
from trigger_cli.server.settings import ServerSettings
from trigger_cli.times import SECOND, parse_instant

FIRST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 30.0
LONGEST_RETRY_AFTER: Final = 300.0
"""The longest wait that a server may ask for, seconds; a longer one would look like a hang."""
_AT_ONCE = 3
_LONGEST_DETAIL = 200
_LONGEST_REFUSAL = 64 * 1024
"""The most bytes that are read of an answer that reports a failure."""
_PIECE = 1_000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


class Failure(Struct, frozen=True):
    """The reason why an answer cannot be used, and advice."""

    kind: Literal["later", "redirect", "refused", "long", "wrong"]
    """`later`: try again; `redirect`: ask there; `refused`: wrong key; `long`: ask for less;
    `wrong`: not the API."""
    message: str
    help_text: str | None = None


def parse(
    answer: httpx.Response, settings: ServerSettings, read: Callable[[bytearray], Any]
) -> Any | Failure:
    """The JSON value of an answer whose headers have arrived, or the reason why there is none.

    Args:
        answer: The answer.
        settings: The server.
        read: `read_value`, or `read_page` for a page of events.

    Raises:
        httpx.HTTPError: The answer breaks off.
    """
    status = answer.status_code
    if status in _REDIRECTS:
        return Failure("redirect", f"redirects ({status})")
    if status in {401, 403}:
        return _refused(answer, settings)
    if status in _LATER:
        return Failure("later", _said(answer, settings))
    if status == 404:
        return Failure("wrong", f"has no such page (404): {settings.url}", _NOT_FOUND)
    if status >= 400:
        # The address of the user interface takes no questions: it answers 405.
        advice = _ENDS_IN_API if status in {405, 501} else None
        return Failure("wrong", _said(answer, settings), advice)
    content = bytearray()
    try:
        content = content_of(answer)
        return read(content)
    except ContentError as error:
        kind: Literal["long", "wrong"] = "long" if isinstance(error, LongAnswerError) else "wrong"
        return Failure(kind, _quoted(str(error), settings), _ASK_FOR_LESS)
    except DECOMPRESSION_ERRORS:
        return Failure("later", "sent an answer whose compression is damaged")
    except orjson.JSONDecodeError:
        # The page of a proxy or of a login.
        if (
            "html" in answer.headers.get("content-type", "")
            or content[:_PIECE].lstrip()[:1] == b"<"
        ):
            return Failure("wrong", "answers with a web page, not with JSON", _ENDS_IN_API)
        # A partial answer: the connection broke, or a proxy gave up.
        return Failure("later", "sent an answer that is no JSON")


_ASK_FOR_LESS = "--name, --resource, --since and --to of `trigger-cli fetch` ask for less"
_ENDS_IN_API = "the API's address ends in /api, or in /workspaces/ID for Cloud"
_NOT_FOUND = f"{_ENDS_IN_API}; a server of Prefect 2 may have no automations"


def _refused(answer: httpx.Response, settings: ServerSettings) -> Failure:
    held = settings.key or settings.auth
    what = "refused the key" if held else "asks for a key"
    name = "PREFECT_API_KEY" if settings.is_cloud or settings.key else "PREFECT_API_AUTH_STRING"
    help_text = f"check {name}" if held else "set PREFECT_API_KEY or PREFECT_API_AUTH_STRING"
    return Failure("refused", f"{what} ({answer.status_code})", help_text)


def _said(answer: httpx.Response, settings: ServerSettings) -> str:
    """The status, with the server's own message if it sent one as JSON."""
    text = f"answers {answer.status_code}"
    try:
        value = orjson.loads(beginning_of(answer, _LONGEST_REFUSAL))
    except orjson.JSONDecodeError:
        return text
    detail = None
    if isinstance(value, dict):
        detail = value.get("detail") or value.get("exception_message") or value.get("message")
    if detail is None:
        return text
    said = detail if isinstance(detail, str) else orjson.dumps(detail).decode()
    return f"{text}: {_quoted(said, settings)}"


def _quoted(text: str, settings: ServerSettings) -> str:
    """The beginning of a server's text; half a secret could not be found any more."""
    return settings.hide_in(text)[:_LONGEST_DETAIL]


def redirected(url: str, location: str | None) -> str | None:
    """The address of a redirect, or ``None`` if following it would send the key elsewhere.

    Only redirects to the same host are followed, and none from https to http.
    """
    if location is None:
        return None
    try:
        target = _sound(urljoin(url, location))
        here, there = urlsplit(url), urlsplit(target)
        ports = _port(here), _port(there)
    except ValueError:
        return None
    same = there.hostname == here.hostname
    # A redirect from http to https is allowed, but not one to another port.
    safe = (there.scheme == here.scheme and ports[0] == ports[1]) or (
        here.scheme == "http" and there.scheme == "https" and ports == (80, 443)
    )
    return target if same and safe else None


def named_target(url: str, location: str | None) -> str:
    """`` to ADDRESS``, where a redirect leads, without a password and a query; ``""`` if unknown."""
    try:
        target = urlsplit(_sound(urljoin(url, location or "")))
        port = f":{target.port}" if target.port else ""
    except ValueError:
        return ""
    known = location is not None and target.hostname is not None
    text = f"{target.scheme}://{target.hostname}{port}{target.path}"
    return f" to {text[:_LONGEST_DETAIL]}" if known else ""


def _port(address: SplitResult) -> int:
    return address.port or (443 if address.scheme == "https" else 80)


def next_page(api_url: str, link: object) -> str:
    """The address of the next page, on the server of the first page.

    The address of a server behind a proxy may not be reachable, and an answer must not decide where
    the key is sent.

    Raises:
        ValueError: `link` is not an address.
    """
    if not isinstance(link, str):
        raise ValueError("no text")  # noqa: TRY004  # it comes from outside
    here, there = urlsplit(api_url), urlsplit(urljoin(api_url + "/", link))
    path = there.path
    marker = "/events/filter/next"
    if path.endswith(marker):
        path = here.path + marker
    return _sound(urlunsplit((here.scheme, here.netloc, path, there.query, "")))


def _sound(url: str) -> str:
    """The address, if a request can be sent to it.

    Raises:
        ValueError: It is too long, or contains characters that an address cannot have.
    """
    try:
        httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None
    return url


# --- Retries ----------------------------------------------------------------------------------


class Clock(Protocol):
    """The time, and two ways to wait."""

    def instant(self) -> int:
        """The current time, µs."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        ...

    def alarm(self, seconds: float, ring: Callable[[], None]) -> AbstractContextManager[None]:
        """Call `ring`, in another thread, if the context lasts longer than `seconds`."""
        ...


def delay(failures: int, retry_after: float | None = None) -> float:
    """Seconds to wait after `failures` in a row: 0.5, 1, 2, … 30, or `retry_after`.

    After a few failures a `retry_after` below 0.5 counts as 0.5: requests need a pause.
    """
    grown = FIRST_DELAY * 2 ** min(max(failures - 1, 0), 10)
    own: float = min(grown, LONGEST_DELAY)
    if retry_after is None:
        return own
    shortest = 0.0 if failures <= _AT_ONCE else FIRST_DELAY
    return min(max(retry_after, shortest), LONGEST_RETRY_AFTER)


def parse_retry_after(text: str | None, now: int) -> float | None:
    """The seconds in the header ``Retry-After``; ``None`` if it has no usable value."""
    if text is None:
        return None
    stripped = text.strip()
    try:
        seconds = float(stripped)
    except ValueError:
        pass
    else:
        return seconds if 0 <= seconds < float("inf") else None
    try:
        moment = parsedate_to_datetime(stripped)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (parse_instant(moment.isoformat()) - now) / SECOND)
    except (ValueError, OverflowError):  # a time zone of years, or a year out of range
        return None
