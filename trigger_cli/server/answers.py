"""The meaning of a server's answers, as pure functions; `api.py` sends and receives."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import orjson

from trigger_cli.server.settings import ServerSettings

_LONGEST_DETAIL = 200
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


class Answer(NamedTuple):
    """An HTTP answer: its status, the headers that matter, and its body."""

    status: int
    content_type: str
    location: str | None
    retry_after: str | None
    body: bytes


class Failure(NamedTuple):
    """Why an answer cannot be used, and advice."""

    kind: Literal["later", "redirect", "refused", "wrong"]
    """`later`: try again; `redirect`: ask there; `refused`: the key; `wrong`: not an API."""
    message: str
    help_text: str | None = None


def parse(answer: Answer, settings: ServerSettings) -> Any | Failure:
    """The JSON value of an answer, or why there is none."""
    status = answer.status
    if status in _REDIRECTS:
        return Failure("redirect", f"redirects ({status})")
    if status in {401, 403}:
        return _refused(answer, settings)
    if status in _LATER:
        return Failure("later", _said(answer, settings))
    if status == 404:
        return Failure("wrong", f"has no such page (404): {settings.url}", _ENDS_IN_API)
    if status >= 400:
        return Failure("wrong", _said(answer, settings))
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        if is_page(answer):
            return Failure("wrong", "answers with a web page, not with JSON", _ENDS_IN_API)
        # A partial answer: the connection broke, or a proxy gave up.
        return Failure("later", "sent an answer that is no JSON")


_ENDS_IN_API = "the API's address ends in /api, or in /workspaces/ID for Cloud"


def is_page(answer: Answer) -> bool:
    """Whether the answer is HTML, such as the page of a proxy or a login."""
    return "html" in answer.content_type or answer.body.lstrip()[:1] == b"<"


def _refused(answer: Answer, settings: ServerSettings) -> Failure:
    held = settings.key or settings.auth
    what = "refused the key" if held else "asks for a key"
    name = "PREFECT_API_KEY" if settings.is_cloud or settings.key else "PREFECT_API_AUTH_STRING"
    help_text = f"check {name}" if held else "set PREFECT_API_KEY or PREFECT_API_AUTH_STRING"
    return Failure("refused", f"{what} ({answer.status})", help_text)


def _said(answer: Answer, settings: ServerSettings) -> str:
    """The status, with the server's own message if it sent one as JSON."""
    text = f"answers {answer.status}"
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return text
    detail = None
    if isinstance(value, dict):
        detail = value.get("detail") or value.get("exception_message") or value.get("message")
    if detail is None:
        return text
    said = detail if isinstance(detail, str) else orjson.dumps(detail).decode()
    return f"{text}: {settings.hide_in(said)[:_LONGEST_DETAIL]}"


def redirected(url: str, location: str | None) -> str | None:
    """The address of a redirect, or ``None`` if following it would send the key elsewhere.

    Only redirects to the same host are followed, and none from https to http.
    """
    if location is None:
        return None
    target = urljoin(url, location)
    try:
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


def _port(address: SplitResult) -> int:
    return address.port or (443 if address.scheme == "https" else 80)


def next_page(api_url: str, link: str) -> str:
    """The next page's address, on the server of the first page.

    A server behind a proxy may give an address that leads nowhere, and an answer must not decide
    where the key goes.
    """
    here, there = urlsplit(api_url), urlsplit(urljoin(api_url + "/", link))
    path = there.path
    marker = "/events/filter/next"
    if path.endswith(marker):
        path = here.path + marker
    return urlunsplit((here.scheme, here.netloc, path, there.query, ""))
