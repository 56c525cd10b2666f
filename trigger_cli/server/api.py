"""A client of the API: one request at a time, retried while the server is busy or away."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import httpx

from trigger_cli.server import answers
from trigger_cli.server.answers import Clock, Failure
from trigger_cli.server.settings import ServerSettings
from trigger_cli.times import SECOND, format_instant

PAGE_SIZE = 50
"""The most events that a server sends on one page."""
PATIENCE = 120.0
"""How long to retry a server that has answered before, seconds."""
FIRST_PATIENCE = 5.0
"""How long to retry a server that has never answered, seconds: the address may be wrong."""
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_MOST_REDIRECTS = 5
_MOST_AUTOMATIONS = 200


class ServerError(Exception):
    """The server cannot be read: why, without secrets, and what may help.

    `refused`: it wants other credentials; trying again is no use.
    """

    def __init__(
        self, message: str, help_text: str | None = None, *, refused: bool = False
    ) -> None:
        super().__init__(message)
        self.help_text = help_text
        self.refused = refused


@dataclass(frozen=True, slots=True)
class EventFilter:
    """The filters ``--event`` and ``--resource``."""

    prefixes: tuple[str, ...] = ()
    """Prefixes of event names; empty: all names."""
    resources: tuple[str, ...] = ()
    """Ids of primary resources; empty: all."""

    def body(self, since: int, until: int) -> dict[str, Any]:
        """The filter as the API takes it, oldest event first."""
        body: dict[str, Any] = {
            "occurred": {"since": format_instant(since), "until": format_instant(until)},
            "order": "ASC",
        }
        if self.prefixes:
            body["event"] = {"prefix": list(self.prefixes)}
        if self.resources:
            body["resource"] = {"id": list(self.resources)}
        return body

    def describe(self) -> dict[str, Any]:
        """The filter as the companion of a file stores it."""
        return {"event": list(self.prefixes), "resource": list(self.resources)}


class EventPage(NamedTuple):
    """One page of events."""

    events: list[dict[str, Any]]
    total: int | None
    """How many events there are in all; ``None`` if the server does not say."""


@dataclass
class Client(AbstractContextManager["Client"]):
    """A client of one Prefect server.

    What it is asked raises `ServerError` if it cannot be answered completely.
    """

    settings: ServerSettings
    clock: Clock
    _: KW_ONLY
    transport: httpx.BaseTransport | None = None
    """What carries the requests; ``None``: the network."""
    patience: float = PATIENCE
    """How long to wait for a server that is away, seconds."""
    notice: Callable[[str], None] | None = None
    """Told of each wait, in a sentence."""
    _answered: bool = False

    def __post_init__(self) -> None:
        self._http = httpx.Client(
            headers={"accept": "application/json", **_authorization(self.settings)},
            timeout=_TIMEOUT,
            transport=self.transport,
            trust_env=not self.settings.is_loopback,
        )

    def __exit__(self, *_: object) -> None:
        self._http.close()

    # --- What can be asked for ---------------------------------------------------------------

    def version(self) -> str | None:
        """The server's version; ``None`` if it does not tell (Cloud)."""
        value = self._ask("GET", f"{self.settings.url}/admin/version")
        return value if isinstance(value, str) else None

    def known_version(self) -> str | None:
        """`version`, and ``None`` where it cannot be asked for."""
        if self.settings.is_cloud:
            return None
        try:
            return self.version()
        except ServerError:
            return None

    def automations(self) -> list[dict[str, Any]]:
        """All automations, by name."""
        found: dict[str, dict[str, Any]] = {}
        offset = 0
        while True:
            body = {"sort": "NAME_ASC", "limit": _MOST_AUTOMATIONS, "offset": offset}
            page = self._ask("POST", f"{self.settings.url}/automations/filter", body)
            if not isinstance(page, list) or not all(isinstance(one, dict) for one in page):
                raise self._error("sent automations that are no list of objects")
            # An automation made or deleted meanwhile shifts the pages.
            found.update({str(one.get("id", len(found))): one for one in page})
            offset += len(page)
            if len(page) < _MOST_AUTOMATIONS:
                return list(found.values())

    def can_read_automations(self) -> None:
        """Ask for one automation, to check that the key is accepted."""
        self._ask("POST", f"{self.settings.url}/automations/filter", {"limit": 1})

    def count(self, wanted: EventFilter, since: int, until: int) -> int | None:
        """How many events there are from `since` to `until`; ``None`` if the server does not say."""
        body = {"filter": wanted.body(since, until), "limit": 1}
        page = self._ask("POST", f"{self.settings.url}/events/filter", body)
        total = page.get("total") if isinstance(page, dict) else None
        return total if isinstance(total, int) else None

    def pages(self, wanted: EventFilter, since: int, until: int) -> Iterator[EventPage]:
        """The events from `since` to `until`, both µs and both included, oldest first."""
        url = f"{self.settings.url}/events/filter"
        body: Any = {"filter": wanted.body(since, until), "limit": PAGE_SIZE}
        method = "POST"
        seen: set[str] = set()
        while True:
            page = self._ask(method, url, body)
            events = page.get("events") if isinstance(page, dict) else None
            if not isinstance(events, list) or not all(isinstance(one, dict) for one in events):
                raise self._error("sent a page without events")
            total = page.get("total")
            yield EventPage(events, total if isinstance(total, int) else None)
            link = page.get("next_page")
            if not isinstance(link, str) or not link:
                return
            url, method, body = answers.next_page(self.settings.url, link), "GET", None
            if url in seen:
                raise self._error("sent a page that leads back to itself")
            seen.add(url)

    # --- Asking ------------------------------------------------------------------------------

    def _ask(self, method: str, url: str, body: Any = None) -> Any:
        """The JSON value of the answer; failed requests are retried until patience ends."""
        failures = 0
        redirects = 0
        began = self.clock.instant()
        while True:
            retry_after = None
            try:
                answer = self._http.request(method, url, json=body)
            except httpx.HTTPError as error:
                failure = Failure("later", _no_answer(error))
            else:
                self._answered = True
                value = answers.parse(answer, self.settings)
                if not isinstance(value, Failure):
                    return value
                failure = value
                retry_after = answers.parse_retry_after(
                    answer.headers.get("retry-after"), self.clock.instant()
                )
            if failure.kind == "redirect":
                target = answers.redirected(url, answer.headers.get("location"))
                redirects += 1
                if target is None or redirects > _MOST_REDIRECTS:
                    raise self._error(failure.message, "set PREFECT_API_URL to where it moved")
                url = target
                continue
            if failure.kind != "later":
                refused = failure.kind == "refused"
                raise self._error(failure.message, failure.help_text, refused=refused)
            failures += 1
            self._wait(failure, answers.delay(failures, retry_after), began)

    def _wait(self, failure: Failure, seconds: float, began: int) -> None:
        waited = (self.clock.instant() - began) / SECOND
        patience = self.patience if self._answered else min(self.patience, FIRST_PATIENCE)
        if waited + seconds > patience:
            raise self._error(failure.message)
        if self.notice is not None:
            text = f"the server {failure.message}; trying again in {seconds:g} s"
            self.notice(self.settings.hide_in(text))
        self.clock.sleep(seconds)

    def _error(
        self, message: str, help_text: str | None = None, *, refused: bool = False
    ) -> ServerError:
        text = f"{self.settings.url}: the server {message}"
        return ServerError(self.settings.hide_in(text), help_text, refused=refused)


def _authorization(settings: ServerSettings) -> dict[str, str]:
    """The authorization header, as Prefect's client sends it."""
    if settings.auth is not None:
        token = base64.b64encode(settings.auth.reveal().encode()).decode()
        return {"authorization": f"Basic {token}"}
    if settings.key is not None:
        return {"authorization": f"Bearer {settings.key.reveal()}"}
    return {}


def _no_answer(error: httpx.HTTPError) -> str:
    """Why there was no answer. The error's own text may hold secrets, so it is not used."""
    match error:
        case httpx.ConnectTimeout():
            return "cannot be reached (no connection in time)"
        case httpx.ConnectError():
            return f"cannot be reached ({_reason(error)})"
        case httpx.TimeoutException():
            return "does not answer in time"
        case httpx.UnsupportedProtocol():
            return "has an address that is no http or https"
        case _:
            return f"broke off ({type(error).__name__})"


def _reason(error: BaseException) -> str:
    """The operating system's message at the root of a chain of errors."""
    root: BaseException | None = error
    while root is not None:
        if isinstance(root, OSError) and root.strerror:
            return root.strerror
        root = root.__cause__ or root.__context__
    return "connection refused" if "refused" in str(error) else "no connection"
