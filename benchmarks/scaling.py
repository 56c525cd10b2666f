"""What must cost the same however much of it there is: one function a case.

Each takes a number of events, replays them through the engine, and returns the cost of an event in
microseconds of this process's time.
"""

import gc
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from trigger_cli.definitions import load_text
from trigger_cli.dialects import DOCS
from trigger_cli.engine.replay import Replay
from trigger_cli.match.matcher import plan_of
from trigger_cli.model import Event
from trigger_cli.times import DAY, SECOND, parse_instant

START = parse_instant("2026-03-01T00:00:00Z")
RUN = "prefect.resource.id"


def _event(number: int, name: str, at: int, resource: str, follows: str | None = None) -> Event:
    return Event(number, str(number), name, START + at, None, follows, {RUN: resource}, ())


def _cost(trigger: dict[str, Any], events: Iterable[Event]) -> float:
    automations = load_text(json.dumps(trigger), file="benchmark.json").automations
    taken = list(events)
    matcher, plan = plan_of(automations, DOCS)
    replay = Replay(plan)
    # As `timeit` does: what the collector costs depends on what else the process holds.
    gc.collect()
    gc.disable()
    begun = time.process_time()
    for event in taken:
        for _ in replay.take(matcher.match(event)):
            pass
    for _ in replay.finish():
        pass
    cost = (time.process_time() - begun) / len(taken) * 1e6
    gc.enable()
    return cost


def keys(count: int) -> float:
    """A reactive trigger with a bucket for each event."""
    trigger = {"posture": "Reactive", "threshold": 2, "within": 60, "for_each": [RUN]}
    return _cost(trigger, (_event(n, "x", n * SECOND, f"run.{n}") for n in range(count)))


def open_deadlines(count: int) -> float:
    """A proactive trigger with a watch for each event, half of them open at a time."""
    within = count // 2
    trigger = {
        "posture": "Proactive",
        "after": ["x"],
        "expect": ["y"],
        "within": max(within, 10),
        "for_each": [RUN],
    }
    return _cost(trigger, (_event(n, "x", n * SECOND, f"run.{n}") for n in range(count)))


def waiting(count: int) -> float:
    """Events that all wait for leaders which come last, newest first."""
    half = count // 2
    followers = [_event(n, "x", n, "r", str(half + n)) for n in range(half)]
    leaders = [_event(half + n, "x", half + n, "r") for n in reversed(range(half))]
    return _cost({"posture": "Reactive", "threshold": 3}, [*followers, *leaders])


def composite_children(count: int) -> float:
    """A compound with a child for each hundredth event, which never fires."""
    children = max(count // 100, 2)
    trigger = {
        "type": "compound",
        "require": "all",
        "within": children * 10,
        "triggers": [{"posture": "Reactive", "expect": [f"e{n}"]} for n in range(children + 1)],
    }
    # The last child's event never comes.
    return _cost(trigger, (_event(n, f"e{n % children}", n * SECOND, "r") for n in range(count)))


def metric(name: str) -> Callable[[int], float]:
    """A metric over one day, with all the log's flow runs in its window."""

    def cost(count: int) -> float:
        states = ("Late", "Pending", "Running", "Completed")
        trigger = {
            "type": "metric",
            "metric": {"name": name, "operator": "<", "threshold": 0, "range": DAY // SECOND},
        }
        step = DAY // count
        events = (
            _event(n, f"prefect.flow-run.{states[n % 4]}", n * step, f"run.{n // 4}")
            for n in range(count)
        )
        return _cost(trigger, events)

    return cost


CASES: dict[str, Callable[[int], float]] = {
    "a bucket for each event": keys,
    "open deadlines": open_deadlines,
    "waiting events": waiting,
    "children of a composite": composite_children,
    "metric: successes over a day": metric("successes"),
    "metric: duration over a day": metric("duration"),
    "metric: lateness over a day": metric("lateness"),
}
