"""One run of a real Prefect server: started, given automations and events, exported, stopped.

It runs on loopback with a home of its own in a temporary folder, for about 100 seconds, and in
the background of the test session (``tests/conftest.py``). Nothing of the server is replaced: its
clock is the machine's, and it polls every 5 seconds.

On a busy machine the server may find its own SQLite database locked while it evaluates an event,
and evaluate that event again; or it lags by more than lies between two events, of which it takes
several at once, and takes them in another order. Such a run is not compared: the server is asked
again.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from tests.limits import LONGEST
from tests.oracle.make_environment import variables

ID, NAME, ROLE = "prefect.resource.id", "prefect.resource.name", "prefect.resource.role"
LONGEST_START = 200.0
"""How long a server may take to answer for the first time, seconds."""
POLLING_INTERVAL = 5.0
"""How often a server looks for deadlines, seconds."""
UNUSED_SERVICES = (
    "CANCELLATION_CLEANUP",
    "CLEANUP_RECONCILER",
    "FOREMAN",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "SCHEDULER",
    "TASK_RUN_RECORDER",
)
ATTEMPTS = 4
"""How often to ask for a run that can be compared."""
UNPOLLED = "every event"
"""It fires when its event is processed, so that what it lags is the machine's doing."""
SHORTEST_PAUSE = 2.0
"""Between two events of the plan of which the order matters, seconds."""
FAILED_EVALUATION = b"Failed in consume_loop"
"""What the server logs when an evaluation failed; the event is evaluated again."""
QUIET_END = 12.0
"""How long it runs on after the last event, its own firings among them, seconds."""


def event_trigger(posture: str, **more: Any) -> dict[str, Any]:
    """A trigger as the server's API takes it: everything spelled out."""
    return {"type": "event", "posture": posture, **more}


CREATED, PAID, SHIPPED = ("shop.order.created", "shop.order.paid", "shop.order.shipped")
PER_ORDER = {"for_each": [ID]}
TRIGGERS: dict[str, dict[str, Any]] = {
    "every event": event_trigger("Reactive", expect=["shop.*"]),
    "three orders in 20 s": event_trigger("Reactive", expect=[CREATED], threshold=3, within=20),
    "unpaid": event_trigger("Proactive", after=[CREATED], expect=[PAID], within=15, **PER_ORDER),
    "paid after created": event_trigger(
        "Reactive", after=[CREATED], expect=[PAID], within=30, **PER_ORDER
    ),
    "no heartbeat": event_trigger(
        "Proactive", after=["shop.beat"], expect=["shop.beat"], within=13, **PER_ORDER
    ),
    "nobody returns anything": event_trigger("Proactive", expect=["shop.returned"], within=60),
    "not in the warehouse in town": event_trigger(
        "Reactive",
        expect=["shop.order.*"],
        match_related={ROLE: "warehouse", ID: "!warehouse.town"},
    ),
    "shop from the list": event_trigger(
        "Reactive",
        expect=["shop.*"],
        match={NAME: ["first *", "!second *"]},
        threshold=4,
        within=60,
    ),
    "created and shipped": {
        "type": "compound",
        "require": "all",
        "within": 60,
        "triggers": [
            event_trigger("Reactive", expect=[CREATED]),
            event_trigger("Reactive", expect=[SHIPPED]),
        ],
    },
    "paid, then shipped": {
        "type": "sequence",
        "within": 40,
        "triggers": [
            event_trigger("Reactive", expect=[PAID]),
            event_trigger("Reactive", expect=[SHIPPED]),
        ],
    },
    "unpaid or shipped": {
        "type": "compound",
        "require": "any",
        "within": None,
        "triggers": [
            event_trigger("Proactive", after=[CREATED], expect=[PAID], within=15, **PER_ORDER),
            {
                "type": "sequence",
                "within": None,
                "triggers": [
                    event_trigger("Reactive", expect=["shop.order.p*"]),
                    event_trigger("Reactive", expect=[SHIPPED]),
                ],
            },
        ],
    },
}

# When to send what about which order, seconds from the first event. Ends of windows lie more
# than a polling interval away from the events that would decide otherwise.
PLAN: tuple[tuple[float, str, str], ...] = (
    (0, CREATED, "order.1"),
    (1, "shop.beat", "van.1"),
    (2, CREATED, "order.2"),
    (4, CREATED, "order.3"),
    (6, PAID, "order.1"),
    (8, "shop.beat", "van.1"),
    (10, SHIPPED, "order.1"),
    (15, "shop.beat", "van.1"),
    (16, "shop.beat", "van.2"),
    (23, "shop.beat", "van.2"),
    (30, PAID, "order.2"),
    (32, SHIPPED, "order.2"),
    (34, CREATED, "order.4"),
    (36, SHIPPED, "order.4"),
    (40, PAID, "order.4"),
    (48, CREATED, "order.5"),
    (50, CREATED, "order.6"),
    (52, CREATED, "order.7"),
    (54, PAID, "order.5"),
    (56, "shop.beat", "van.3"),
    (62, SHIPPED, "order.5"),
    (74, CREATED, "order.8"),
    (76, PAID, "order.8"),
    (78, "shop.unrelated", "order.8"),
    (80, SHIPPED, "order.8"),
)
# Sent before the event that it follows; the server processes it after. The payment comes more
# than a polling interval before the end of its window: a busy server looks before it has counted it.
EARLY = ((57.0, "shop.order.shipped", "order.6"), (59.0, "shop.order.paid", "order.6"))


@dataclass(frozen=True)
class LiveServer:
    """What a server was asked, and what it exported."""

    automations: list[dict[str, Any]]
    """As ``POST /automations/filter`` gives them."""
    events: list[dict[str, Any]]
    """As ``POST /events/filter`` gives them, the server's own firings among them."""
    exported: datetime
    late: float
    """How long after its time in the plan an event was sent, at the most, seconds."""
    failed_evaluations: int
    """How many events the server evaluated again because it failed."""

    @property
    def lag(self) -> float:
        """How long after an event the server fired for it, at the most, seconds."""
        fired = (
            (moment(one["occurred"]), one["payload"]["triggering_event"])
            for one in self.events
            if one["event"] == "prefect.automation.triggered" and one["resource"][NAME] == UNPOLLED
        )
        # A follower waits for its leader, however quick the server is.
        return max(
            (at - moment(event["occurred"])).total_seconds()
            for at, event in fired
            if event["follows"] is None
        )

    @property
    def is_evidence(self) -> bool:
        """Whether the server evaluated each event once, in time, and in the order of the plan."""
        return not self.failed_evaluations and self.lag + self.late < SHORTEST_PAUSE

    _running: ClassVar[set[subprocess.Popen[bytes]]] = set()
    _broken_off: ClassVar[threading.Event] = threading.Event()

    @classmethod
    def run(cls, python: Path) -> LiveServer:
        """A server's run without a failed evaluation, or the last of a few attempts."""
        for _ in range(ATTEMPTS):
            done = cls._run_once(python)
            if done.is_evidence:
                break
        return done

    @classmethod
    def _run_once(cls, python: Path) -> LiveServer:
        """Start a server, let it work, and bring home what it did."""
        home = new_home(python)
        port = free_port()
        api = Api(f"http://127.0.0.1:{port}/api")
        server = start(python, home, port)
        cls._running.add(server)
        try:
            api.wait_until_it_answers(server, home / "server.log")
            late = cls._work(api)
            exported = datetime.now(UTC)
            automations, events = api.post("/automations/filter", {}), api.events()
            failures = (home / "server.log").read_bytes().count(FAILED_EVALUATION)
            return cls(automations, events, exported, late, failures)
        finally:
            stop(server)
            cls._running.discard(server)
            shutil.rmtree(home, ignore_errors=True)

    @classmethod
    def _work(cls, api: Api) -> float:
        """Create the automations, send the plan's events, wait; return how late one was, s."""
        for name, trigger in TRIGGERS.items():
            api.post("/automations/", {"name": name, "trigger": trigger, "actions": []})
        cls._sleep(2)
        leader = str(uuid4())
        plan = [(when, name, order, {}) for when, name, order in PLAN]
        (early, *what), (late, *then) = EARLY
        plan.append((early, *what, {"follows": leader}))
        plan.append((late, *then, {"id": leader}))
        began, late = time.monotonic(), 0.0
        for when, name, order, more in sorted(plan, key=lambda one: one[0]):
            cls._sleep(began + when - time.monotonic())
            late = max(late, time.monotonic() - began - when)
            api.post("/events", [{**event(name, order), **more}])
        cls._wait_until_quiet(api)
        return late

    @classmethod
    def _wait_until_quiet(cls, api: Api) -> None:
        """Return when no event has come for a while: a busy machine is late with some."""
        count, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET_END:
            if (now := api.count_events()) != count:
                count, since = now, time.monotonic()
            cls._sleep(1)

    @classmethod
    def _sleep(cls, seconds: float) -> None:
        if cls._broken_off.wait(max(0.0, seconds)):
            raise AssertionError("the session was broken off")

    @classmethod
    def stop_all(cls) -> None:
        """End servers that still run, when a session is broken off."""
        cls._broken_off.set()
        for server in tuple(cls._running):
            stop(server)


def moment(text: str) -> datetime:
    """An instant of the server's."""
    return datetime.fromisoformat(text)


def event(name: str, order: str) -> dict[str, Any]:
    """An event of now."""
    warehouse = "warehouse.town" if order in {"order.1", "order.4"} else "warehouse.port"
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": name,
        "resource": {ID: order, NAME: "first shop" if order == "order.8" else "second shop"},
        "related": [{ID: warehouse, ROLE: "warehouse"}],
        "payload": {},
    }


class Api:
    """The server's API, with nothing but the standard library."""

    def __init__(self, url: str) -> None:
        self._url = url
        # Loopback is not for a proxy.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def wait_until_it_answers(self, server: subprocess.Popen[bytes], log: Path) -> None:
        """Return when the server is up; raise with what it said when it does not come up."""
        deadline = time.monotonic() + LONGEST_START
        while time.monotonic() < deadline and server.poll() is None:
            with contextlib.suppress(OSError):
                self._call("GET", self._url + "/health")
                return
            time.sleep(0.25)
        raise AssertionError(f"the server did not start: {log.read_text('utf-8')[-3000:]}")

    def post(self, path: str, body: Any) -> Any:
        """Post, and return the answer."""
        return self._call("POST", self._url + path, body)

    def count_events(self) -> int:
        """How many events there are."""
        return self.post("/events/filter", {"filter": {}, "limit": 1})["total"]

    def events(self) -> list[dict[str, Any]]:
        """All events of the last hour, page after page."""
        since = datetime.fromtimestamp(time.time() - 3600, UTC).isoformat()
        until = datetime.fromtimestamp(time.time() + 60, UTC).isoformat()
        wanted = {"filter": {"occurred": {"since": since, "until": until}}, "limit": 50}
        page = self.post("/events/filter", wanted)
        found = page["events"]
        while page["next_page"]:
            page = self._call("GET", page["next_page"])
            found += page["events"]
        return found

    def _call(self, method: str, url: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  # loopback
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=20) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {url}: {error} {error.read()[:500]!r}") from error
        return json.loads(text) if text else None


_MAKING_DATABASE = threading.Lock()


def new_home(python: Path) -> Path:
    """A folder for a server of this environment, with an empty database of its version.

    The database is made once and kept with the environment: a server without one takes eight
    seconds of a core to make it, step by step from the first version's.
    """
    home = Path(tempfile.mkdtemp(prefix="prefect-home-"))
    made = python.parent.parent / "prefect.db"
    with _MAKING_DATABASE:
        if not made.exists():
            upgrade = [str(python), "-m", "prefect", "server", "database", "upgrade", "--yes"]
            subprocess.run(
                upgrade, env=environment(home), check=True, capture_output=True, timeout=LONGEST
            )
            # Another session may make it, too.
            building = Path(shutil.move(home / made.name, f"{made}.{os.getpid()}"))
            building.rename(made)
    shutil.copy(made, home)
    return home


def environment(home: Path) -> dict[str, str]:
    """Our environment, less what would lead the server elsewhere."""
    ours = {key: value for key, value in variables().items() if not key.startswith("PREFECT_")}
    return {
        **ours,
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        # A third of what it takes to start: its tables are there, and blocks have no part in this.
        "PREFECT_API_DATABASE_MIGRATE_ON_START": "false",
        "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
        # What has no part in triggers and would contend for the database.
        **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in UNUSED_SERVICES},
        "NO_COLOR": "1",
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start(python: Path, home: Path, port: int) -> subprocess.Popen[bytes]:
    """Start a server, which goes on with the log in its home."""
    arguments = ["server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("ab") as log:
        return subprocess.Popen(
            [str(python), "-m", "prefect", *arguments],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=environment(home),
            cwd=home,
        )


def stop(server: subprocess.Popen[bytes]) -> None:
    """End a server, gently at first."""
    server.terminate()
    try:
        server.wait(timeout=15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(timeout=15)
