"""A real server, watched and fetched from, killed and started again while that goes on.

It runs in the background of the test session, beside the other helper's server, and takes about
a minute. Every event sent has an id of ours, so what was lost or doubled can be counted.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from tests.limits import LONGEST, serving
from tests.oracle.live_server import ID, Api, event_trigger, free_port, new_home, start, stop
from tests.server.relays import Gate
from tests.support import REPOSITORY

BULK = 1_200
"""Events that are there before anything is killed, in bursts that the stream has no room for."""
BATCH = 300
PART = 200
"""After how many events the fetch is killed, and again its server."""
TRIGGERS = [
    {"name": "every event", "trigger": event_trigger("Reactive", expect=["shop.*"])},
    {
        "name": "unpaid",
        "trigger": event_trigger(
            "Proactive", after=["order.created"], expect=["order.paid"], within=10, for_each=[ID]
        ),
    },
]


@dataclass
class LiveRun:
    """What was sent, and what came out."""

    sent: list[str] = field(default_factory=list)
    """Ids of ``shop.*`` events."""
    unpaid: list[tuple[str, datetime]] = field(default_factory=list)
    """Orders created and not paid, with the time."""
    watched: list[dict[str, Any]] = field(default_factory=list)
    watch_stderr: str = ""
    watch_code: int = 0
    fetched: list[dict[str, Any]] = field(default_factory=list)
    fetch_codes: list[int] = field(default_factory=list)
    fetch_stderr: str = ""
    killed_at: list[int] = field(default_factory=list)
    """How many lines the file had when the fetch or the server was killed."""
    again: dict[str, Any] = field(default_factory=dict)
    """The summary of a last fetch, when there is nothing new."""
    automations: list[dict[str, Any]] = field(default_factory=list)
    doctor: dict[str, Any] = field(default_factory=dict)
    replayed: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    _running: ClassVar[set[subprocess.Popen[bytes]]] = set()
    _broken_off: ClassVar[threading.Event] = threading.Event()

    @classmethod
    def run(cls, python: Path) -> LiveRun:
        """Do it all."""
        home = new_home(python)
        try:
            scenario = _Scenario(python, home, cls)
            with scenario.gate, serving(scenario.gate, 0.01):
                return scenario.play()
        finally:
            for one in tuple(cls._running):
                stop(one)
            shutil.rmtree(home, ignore_errors=True)

    @classmethod
    def stop_all(cls) -> None:
        """End what still runs, when a session is broken off."""
        cls._broken_off.set()
        for one in tuple(cls._running):
            with contextlib.suppress(OSError):
                one.kill()

    @classmethod
    def pause(cls, seconds: float) -> None:
        """Sleep, unless the session is broken off."""
        if cls._broken_off.wait(seconds):
            raise AssertionError("the session was broken off")


class _Scenario:
    def __init__(self, python: Path, home: Path, owner: type[LiveRun]) -> None:
        self.python, self.home, self.owner = python, home, owner
        self.port = free_port()
        self.direct = f"http://127.0.0.1:{self.port}/api"
        self.api = Api(self.direct)
        # A fetch that is to be killed goes no further than these lines, however late that is seen.
        self.most_lines = PART
        self.gate = Gate(("127.0.0.1", self.port), lambda: self.lines() < self.most_lines)
        self.through_gate = f"http://127.0.0.1:{self.gate.server_address[1]}/api"
        self.run = LiveRun()
        self.triggers = home / "triggers.json"
        self.triggers.write_text(json.dumps(TRIGGERS))
        self.events = home / "events.jsonl"

    def play(self) -> LiveRun:
        run, began = self.run, time.monotonic()
        server = self.start_server()
        watched = self.home / "watched.jsonl"
        with watched.open("wb") as out, (self.home / "watch.err").open("wb") as err:
            watch = self.start(
                ["watch", self.triggers, "--server", "--format", "jsonl", "--since", "30s"],
                url=self.direct,
                stdout=out,
                stderr=err,
            )
        self.wait_for(lambda: self.api_connections() > 0)
        for _ in range(BULK // BATCH):
            self.send(*["shop.before"] * BATCH)
        self.wait_for(lambda: self.total("shop.before") == BULK)
        # The fetch is killed, then the server under its successor.
        fetch = self.start_fetch()
        self.wait_for(lambda: self.lines() >= self.most_lines)
        fetch.kill()
        run.fetch_codes.append(fetch.wait(LONGEST))
        run.killed_at.append(self.lines())
        self.most_lines = run.killed_at[0] + PART
        fetch = self.start_fetch()
        self.wait_for(lambda: self.lines() >= self.most_lines)
        server.kill()
        server.wait(LONGEST)
        run.killed_at.append(self.lines())
        self.most_lines = sys.maxsize
        server = self.start_server()
        self.send(*["shop.during"] * 40)  # before the watch has found the way back
        for order in ("order.1", "order.2"):
            run.unpaid.append((order, datetime.now(UTC)))
            self.send("order.created", resource=order)
        # In one request: a server that has just begun may take as long to answer as there is time.
        self.send("order.created", "order.paid", resource="order.3")
        run.fetch_codes.append(fetch.wait(LONGEST))
        for _ in range(20):
            self.send("shop.after", "shop.after")
            self.owner.pause(0.05)
        self.wait_for(lambda: self.watched_ids(watched) >= len(run.sent) + len(run.unpaid))
        self.wait_for(lambda: self.total("shop.") == len(run.sent))
        watch.send_signal(signal.SIGINT)
        run.watch_code = watch.wait(LONGEST)
        run.watched = [json.loads(line) for line in watched.read_text().splitlines()]
        run.watch_stderr = (self.home / "watch.err").read_text()
        run.fetch_codes.append(self.start_fetch().wait(LONGEST))
        again = self.command(["fetch", "--output", self.events, "--name", "shop.", "-f", "json"])
        run.again = json.loads(again)
        run.fetched = [json.loads(line) for line in self.events.read_text().splitlines()]
        run.fetch_stderr = (self.home / "fetch.err").read_text()
        # So late, because the server has no need to evaluate them: the watch does.
        for one in TRIGGERS:
            self.api.post("/automations/", {**one, "actions": []})
        automations = self.home / "automations.json"
        self.command(["fetch", "--no-events", "--automations", automations, "-q"])
        run.automations = json.loads(automations.read_text())
        run.doctor = json.loads(self.command(["doctor", automations, "--format", "json"]))
        text = self.command(["replay", automations, self.events, "-f", "json", "-q"])
        run.replayed = json.loads(text)["firings"]
        self.end(server)
        run.seconds = time.monotonic() - began
        return run

    # --- Parts -------------------------------------------------------------------------------

    def start_server(self) -> subprocess.Popen[bytes]:
        server = start(self.python, self.home, self.port)
        self.owner._running.add(server)
        self.api.wait_until_it_answers(server, self.home / "server.log")
        return server

    def end(self, process: subprocess.Popen[bytes]) -> None:
        stop(process)
        self.owner._running.discard(process)

    def start(
        self, arguments: list[Any], url: str | None = None, **streams: Any
    ) -> subprocess.Popen[bytes]:
        ours = {key: one for key, one in os.environ.items() if not key.startswith("PREFECT_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "trigger_cli", *map(str, arguments)],
            env={
                **ours,
                "PREFECT_API_URL": url or self.through_gate,
                "PYTHONPATH": str(REPOSITORY),
            },
            cwd=self.home,
            **streams,
        )
        self.owner._running.add(process)
        return process

    def start_fetch(self) -> subprocess.Popen[bytes]:
        with (self.home / "fetch.err").open("ab") as err:
            return self.start(
                ["fetch", "--output", self.events, "--name", "shop."],
                stdout=subprocess.DEVNULL,
                stderr=err,
            )

    def command(self, arguments: list[Any]) -> bytes:
        process = self.start(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate(timeout=LONGEST)
        assert process.returncode == 0, (arguments, err.decode())
        return out

    def send(self, *names: str, resource: str = "order") -> None:
        """Send events that occur now, in this order, in one request."""
        events = [
            {
                "id": str(uuid4()),
                "occurred": datetime.now(UTC).isoformat(),
                "event": name,
                "resource": {ID: resource},
                "related": [],
                "payload": {},
            }
            for name in names
        ]
        self.api.post("/events", events)
        self.run.sent += [one["id"] for one in events if one["event"].startswith("shop.")]

    def total(self, prefix: str) -> int:
        body = {"filter": {"event": {"prefix": [prefix]}}, "limit": 1}
        return self.api.post("/events/filter", body)["total"]

    def api_connections(self) -> int:
        """Whether the watch has said that it connected."""
        return (self.home / "watch.err").read_text().count("connected")

    def lines(self) -> int:
        return self.events.read_bytes().count(b"\n") if self.events.exists() else 0

    def watched_ids(self, path: Path) -> int:
        return path.read_bytes().count(b'"kind":"fired"')

    def wait_for(self, true: Callable[[], bool]) -> None:
        """Wait until it holds."""
        end = time.monotonic() + LONGEST
        while not true():
            assert time.monotonic() < end, f"{inspect.getsource(true).strip()} in vain"
            self.owner.pause(0.1)
