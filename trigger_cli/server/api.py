"""A client of the API: one request at a time, repeated while the server is busy or unreachable."""

import base64
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import KW_ONLY, dataclass
from typing import Any

import httpx
import orjson
from msgspec import Struct

from trigger_cli.server import answers
from trigger_cli.server.answers import Clock, Failure
from trigger_cli.server.content import ACCEPTED, count_values
from trigger_cli.server.pages import EventPage, read_page, read_value
from trigger_cli.server.reach import Link, why_not
from trigger_cli.server.seen_ids import SeenIds
from trigger_cli.server.settings import ServerSettings
from trigger_cli.times import SECOND, format_instant

PAGE_SIZE = 50
"""The most events on one page of a server."""
PATIENCE = 120.0
"""The time to retry a server that has answered before, seconds."""
SHORTEST_PATIENCE = 10.0
"""The timeout for one answer, even if the patience is shorter, seconds."""
FIRST_PATIENCE = 5.0
"""The time to retry a server that has never answered, seconds: the address may be wrong."""
_FAILING = (
    "try again later: the server's own log says what is wrong;"
    " `trigger-cli fetch --patience` waits longer"
)
_UNREACHED = "check that it runs, and that its address is right"
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_MOST_REDIRECTS = 5
_MOST_AUTOMATIONS = 200
_MOST_SHIFTS = 3
"""How often automations are requested again because their pages shift."""
_MOST_BYTES_IN_ALL = 32 * 1024 * 1024
_MOST_VALUES_IN_ALL = 2_000_000


class ServerError(Exception):
    """The server cannot be read; the message states why, and advice may follow.

    Args:
        settings: The server. Its address begins the message, and its secrets are hidden there.
        message: What is wrong, possibly in the server's own words.
        help_text: Advice.
        refused: The server needs other credentials; a retry does not help.
    """

    def __init__(
        self,
        settings: ServerSettings,
        message: str,
        help_text: str | None = None,
        *,
        refused: bool = False,
    ) -> None:
        super().__init__(f"{settings.url}: {settings.hide_in(message)}")
        self.help_text = help_text
        self.refused = refused


class LongPageError(ServerError):
    """The answer is too long; a smaller page may not be."""


class EventFilter(Struct, frozen=True):
    """The filters ``--name`` and ``--resource`` of ``fetch``."""

    prefixes: tuple[str, ...] = ()
    """Prefixes of event names; empty: all names."""
    resources: tuple[str, ...] = ()
    """Ids of primary resources; empty: all."""

    def body(self, since: int, until: int) -> dict[str, Any]:
        """The filter in the format of the API, oldest event first."""
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
        """The filter in the format of a file's companion."""
        return {"event": list(self.prefixes), "resource": list(self.resources)}


@dataclass
class Client(AbstractContextManager["Client"]):
    """A client of one Prefect server.

    Its methods raise `ServerError` if the server does not answer completely.
    """

    settings: ServerSettings
    clock: Clock
    _: KW_ONLY
    transport: httpx.BaseTransport | None = None
    """The transport of requests; ``None``: the network."""
    patience: float = PATIENCE
    """The time to wait for a server that is unreachable, seconds."""
    notice: Callable[[str], None] | None = None
    """Called with a sentence, without secrets, before each wait and for each event left out."""
    _answered: bool = False

    def __post_init__(self) -> None:
        self._http = self._connections(self.settings.url)
        self._link = Link()
        self._version: str | None = None
        self._asked_version = False

    def _connections(self, url: str) -> httpx.Client:
        """The connections to a server; for http, no certificate is trusted and none is read."""
        is_secure = url.startswith("https:")
        return httpx.Client(
            headers={
                "accept": "application/json",
                "accept-encoding": ACCEPTED,
                **_authorization(self.settings),
            },
            timeout=_TIMEOUT,
            transport=self.transport,
            proxy=None if self.settings.proxy is None else self.settings.proxy.url.reveal(),
            # The trusted certificates take 30 ms to read.
            verify=self.settings.tls or is_secure or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=False,  # the settings contain what the environment sets
        )

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def tell(self, text: str) -> None:
        """Pass a sentence, without secrets, to `notice`."""
        if self.notice is not None:
            self.notice(self.settings.hide_in(text))

    # --- Requests ----------------------------------------------------------------------------

    def version(self, patience: float | None = None) -> str | None:
        """The server's version; ``None`` if it does not state it (Cloud).

        Args:
            patience: The time to retry, seconds; ``None``: that of the client.
        """
        value = self._ask("GET", f"{self.settings.url}/admin/version", patience=patience)
        return self.settings.hide_in(value) if isinstance(value, str) else None

    def known_version(self) -> str | None:
        """`version`, requested once; ``None`` if the request fails.

        Nothing fails without it, so it is not waited for as long as other answers are.
        """
        if not self._asked_version and not self.settings.is_cloud:
            self._asked_version = True
            with suppress(ServerError):
                self._version = self.version(min(self.patience, FIRST_PATIENCE))
        return self._version

    def automations(self) -> list[dict[str, Any]]:
        """All automations, by name.

        Each page begins with the last one of the page before. If it begins with an unknown one,
        others were deleted meanwhile, which shifts the pages, and all are requested again.
        """
        found: dict[str, dict[str, Any]] = {}
        offset = size = values = shifts = 0
        while True:
            body = {"sort": "NAME_ASC", "limit": _MOST_AUTOMATIONS, "offset": offset}
            page = self._automations(body)
            known = len(found)
            by_id = {str(one.get("id") or n): one for n, one in enumerate(page, offset)}
            is_shifted = known > 0 and next(iter(by_id), None) not in {None, *found}
            found.update(by_id)
            is_last = len(page) < _MOST_AUTOMATIONS
            if is_last and not is_shifted:
                return list(found.values())
            text = orjson.dumps(page)
            size += len(text)
            values += count_values(text)
            too_many = size > _MOST_BYTES_IN_ALL or values > _MOST_VALUES_IN_ALL
            shifts += is_shifted
            if len(found) == known or too_many or shifts > _MOST_SHIFTS:
                raise self._error("sends automations without end")
            offset += len(page) - 1
            if is_shifted:
                found, offset = {}, 0

    def can_read_automations(self) -> None:
        """Request one automation, to check that the key is accepted and an API answers."""
        self._automations({"limit": 1})

    def _automations(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """One page of automations."""
        page = self._ask("POST", f"{self.settings.url}/automations/filter", body)
        if not isinstance(page, list) or not all(isinstance(one, dict) for one in page):
            raise self._error("sent automations that are no list of objects")
        return page

    def count(self, wanted: EventFilter, since: int, until: int) -> int | None:
        """The number of events from `since` to `until`, µs; ``None`` if the server omits it."""
        body = {"filter": wanted.body(since, until), "limit": 1}
        page = self._ask("POST", f"{self.settings.url}/events/filter", body, read_page)
        return page.total if isinstance(page, EventPage) else None

    def pages(
        self,
        wanted: EventFilter,
        since: int,
        until: int,
        seen: SeenIds,
        *,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[EventPage]:
        """The events from `since` to `until`, both µs and both included, oldest first.

        Raises an error if the pages bring nothing for `patience` seconds: neither an event that is
        not in `seen`, to which the caller adds events, nor a later event.
        """
        url = f"{self.settings.url}/events/filter"
        body: Any = {"filter": wanted.body(since, until), "limit": page_size}
        method = "POST"
        links: set[str] = set()
        reached, moved = since, self.clock.instant()
        while True:
            page = self._ask(method, url, body, read_page)
            if not isinstance(page, EventPage):
                raise self._error("sent a page without events")
            taken = seen.taken
            yield page
            latest = max((seen.time_of(ident) or since for ident in page.ids()), default=since)
            now = self.clock.instant()
            if seen.taken > taken or latest > reached:
                reached, moved = max(latest, reached), now
            link = page.next_page
            if link is None or link == "":
                return
            if now - moved > max(self.patience, SHORTEST_PATIENCE) * SECOND:
                raise self._error("sends page after page without a new event")
            try:
                url, method, body = answers.next_page(self.settings.url, link), "GET", None
            except ValueError:
                raise self._error("sent a link to the next page that is no address") from None
            if url in links:
                raise self._error("sent a page that leads back to itself")
            links.add(url)

    # --- Sending -----------------------------------------------------------------------------

    def _ask(
        self,
        method: str,
        url: str,
        body: Any = None,
        read: Callable[[bytearray], Any] = read_value,
        *,
        patience: float | None = None,
    ) -> Any:
        """The JSON value of the answer; failed requests are retried until patience ends."""
        patience = self.patience if patience is None else patience
        failures = 0
        redirects = 0
        began = self.clock.instant()
        while True:
            value, headers = self._once(method, url, body, read, patience)
            if not isinstance(value, Failure):
                return value
            if value.kind == "redirect":
                location = headers.get("location")
                target = answers.redirected(url, location)
                redirects += 1
                if target is None or redirects > _MOST_REDIRECTS:
                    where = self.settings.hide_in(answers.named_target(url, location))
                    raise self._error(
                        value.message + where, "set PREFECT_API_URL to where it moved"
                    )
                if target.startswith("https:") and url.startswith("http:"):
                    self._http.close()
                    self._http = self._connections(target)
                url = target
                continue
            if value.kind == "long":
                text = f"the server {value.message}"
                raise LongPageError(self.settings, text, value.help_text)
            if value.kind != "later":
                refused = value.kind == "refused"
                raise self._error(value.message, value.help_text, refused=refused)
            failures += 1
            retry_after = answers.parse_retry_after(
                headers.get("retry-after"), self.clock.instant()
            )
            self._wait(value, failures, retry_after, began, patience)

    def _once(
        self,
        method: str,
        url: str,
        body: Any,
        read: Callable[[bytearray], Any],
        patience: float,
    ) -> tuple[Any | Failure, httpx.Headers]:
        """The JSON value of one answer, or the reason why there is none, and the headers."""
        seconds = max(patience, SHORTEST_PATIENCE)
        headers = httpx.Headers()
        link = self._link = Link() if self._link.is_cut else self._link
        try:
            with (
                self.clock.alarm(seconds, link.cut),
                self._http.stream(
                    method, url, json=body, extensions={"trace": link.trace}
                ) as answer,
            ):
                self._answered = True
                headers = answer.headers
                value = answers.parse(answer, self.settings, read)
        except httpx.HTTPError as error:
            link.close()
            value = why_not(error, self.settings)
        if link.is_cut and isinstance(value, Failure):
            value = Failure("later", f"does not send a whole answer in {seconds:g} s")
        return value, headers

    def _wait(
        self,
        failure: Failure,
        failures: int,
        retry_after: float | None,
        began: int,
        patience: float,
    ) -> None:
        seconds = answers.delay(failures, retry_after)
        waited = (self.clock.instant() - began) / SECOND
        if waited + seconds > (patience if self._answered else min(patience, FIRST_PATIENCE)):
            asks = ""
            if retry_after is not None and seconds > patience:
                asks = (
                    f", and asks to wait {seconds:g} s, longer than the patience of {patience:g} s"
                )
            raise self._error(failure.message + asks, _FAILING if self._answered else _UNREACHED)
        self.tell(f"the server {failure.message}; trying again in {seconds:g} s")
        self.clock.sleep(seconds)

    def _error(
        self, message: str, help_text: str | None = None, *, refused: bool = False
    ) -> ServerError:
        return ServerError(self.settings, f"the server {message}", help_text, refused=refused)


def _authorization(settings: ServerSettings) -> dict[str, str]:
    """The authorization header, as Prefect's client sends it."""
    if settings.auth is not None:
        token = base64.b64encode(settings.auth.reveal().encode()).decode()
        return {"authorization": f"Basic {token}"}
    if settings.key is not None:
        return {"authorization": f"Bearer {settings.key.reveal()}"}
    return {}
