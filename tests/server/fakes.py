"""A clock that only tests move, and a server that answers what a test says."""

import json
from contextlib import contextmanager, nullcontext

import httpx

from tests.support import NOON, log_event
from trigger_cli.server.api import Client
from trigger_cli.server.secret import Secret
from trigger_cli.server.settings import ServerSettings
from trigger_cli.times import SECOND, parse_instant

URL = "https://prefect.test/api"
KEY = "pnu_very-secret-key"
SETTINGS = ServerSettings(URL, "a test", key=Secret(KEY))


class FakeClock:
    """Stands at noon until something sleeps."""

    def __init__(self) -> None:
        self.time = NOON
        self.slept: list[float] = []

    def instant(self) -> int:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += round(seconds * SECOND)

    def alarm(self, _seconds, _ring):
        return nullcontext()


def record(number: int, seconds: float | None = None, name: str = "shop.sold") -> dict:
    """An event as the API has it, so many seconds after noon."""
    return log_event(
        name,
        number if seconds is None else seconds,
        id=f"id-{number}",
        resource={"prefect.resource.id": f"thing.{number}"},
    )


class FakeServer:
    """Holds events and gives them out in pages; before that, what `first` says."""

    def __init__(self, events=(), first=(), page_size=2) -> None:
        self.events = list(events)
        self.first = list(first)
        self.page_size = page_size
        self.requests: list[httpx.Request] = []
        self.automations = [{"id": str(n), "name": f"a{n}"} for n in range(3)]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.first:
            answer = self.first.pop(0)
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                return answer
        path = request.url.path
        if path.endswith("/events/filter"):
            wanted = json.loads(request.content)["filter"]
            return self.page(wanted, 0)
        if path.endswith("/events/filter/next"):
            wanted, offset = json.loads(request.url.params["page-token"])
            return self.page(wanted, offset)
        if path.endswith("/automations/filter"):
            body = json.loads(request.content)
            offset = body.get("offset", 0)
            return httpx.Response(200, json=self.automations[offset : offset + body["limit"]])
        if path.endswith("/admin/version"):
            return httpx.Response(200, json="3.8.8")
        return httpx.Response(404, json={"detail": "Not Found"})

    def page(self, wanted, offset):
        since, until = (parse_instant(wanted["occurred"][one]) for one in ("since", "until"))
        prefixes = tuple(wanted.get("event", {}).get("prefix", [""]))
        found = [
            one
            for one in self.events
            if since <= parse_instant(one["occurred"]) <= until
            and one["event"].startswith(prefixes)
        ]
        events = found[offset : offset + self.page_size]
        link = None
        if offset + self.page_size < len(found):
            token = httpx.QueryParams({"page-token": json.dumps([wanted, offset + self.page_size])})
            # As a server behind a proxy names itself.
            link = f"http://inside:4200/api/events/filter/next?{token}"
        return httpx.Response(200, json={"events": events, "total": len(found), "next_page": link})


@contextmanager
def client_of(server, clock=None, settings=SETTINGS, **options):
    """A client of a fake server."""
    transport = httpx.MockTransport(server)
    with Client(settings, clock or FakeClock(), transport=transport, **options) as client:
        yield client
