"""Metric triggers by brute force: the rules K1–K7 again, as naively as they can be written.

Everything that was ever processed is kept, and at every microsecond there is, the whole of it is
looked through anew. So there is no window to keep, nothing to leave it, no deadline to compute and
no pairing to mend: what ``trigger_cli.engine.metric`` must get right step by step is not even
expressed here.

`replay_evaluator` is the other side: it drives the real evaluator as the replay's loop does.
"""

from fractions import Fraction
from typing import NamedTuple

from trigger_cli.engine.metric import MetricEvaluator
from trigger_cli.model import Event, MetricTrigger

TERMINAL = ("Completed", "Failed", "Crashed", "Cancelled", "TimedOut")


class Arrival(NamedTuple):
    """One event as the replay takes it."""

    event: Event
    now: int
    """The simulated clock at that moment: ``event.occurred``, or later for a late event."""
    released: bool = False
    """Whether it waited (O4): then it is taken before the change points of its instant (T4)."""


class Record(NamedTuple):
    """One change, in the form in which both sides are compared."""

    kind: str
    at: int
    value: float | None
    event_id: str | None


class Seen(NamedTuple):
    """One state event. Tuples of this kind sort as "latest" is meant: by time, then processing."""

    occurred: int
    order: int
    run: str
    state: str


Measured = list[tuple[Seen, int | None]]
"""What the value is made of: the deciding event, and for K3 and K4 when the span began."""


def measured(trigger: MetricTrigger, processed: list[Seen], now: int) -> Measured:
    """What rules K2, K3 and K4 count at the instant `now`, sorted."""
    by_run = {
        run: sorted(seen for seen in processed if seen.run == run)
        for run in sorted({seen.run for seen in processed})
    }
    found: Measured = []
    for events in by_run.values():
        if trigger.metric == "successes":
            been_pending = any(seen.state == "Pending" for seen in events)
            if been_pending and now - trigger.range < events[-1].occurred <= now:
                found.append((events[-1], None))
            continue
        opens, closes = (
            ("Running", TERMINAL)
            if trigger.metric == "duration"
            else ("Late", ("Running", "Crashed"))
        )
        for end in events:
            if end.state not in closes or not now - trigger.range < end.occurred <= now:
                continue
            openings = [seen for seen in events if seen.state == opens and seen < end]
            if not openings:
                continue
            latest = openings[-1]
            following = [seen for seen in events if seen.state in closes and seen > latest]
            if following[0] == end:
                found.append((end, latest.occurred))
    return sorted(found)


def value_of(found: Measured) -> float | None:
    """The value K2, K3 and K4 give to what is counted; K5 if that is nothing."""
    if not found:
        return None
    numbers = [
        Fraction(end.occurred - began, 1_000_000)
        if began is not None
        else Fraction(end.state not in ("Failed", "Crashed"))
        for end, began in found
    ]
    return float(sum(numbers) / len(numbers))


def breaches(trigger: MetricTrigger, value: float | None) -> bool:
    """``value operator threshold`` (K5, K7)."""
    if value is None:
        return False
    return {
        "<": value < trigger.threshold,
        "<=": value <= trigger.threshold,
        ">": value > trigger.threshold,
        ">=": value >= trigger.threshold,
    }[trigger.operator]


class Oracle:
    """All that was processed and all that was observed, from the beginning."""

    def __init__(self, trigger: MetricTrigger) -> None:
        self.trigger = trigger
        self.processed: list[Seen] = []
        self.observations: list[tuple[int, float | None]] = []
        self.triggered = False
        self.records: list[Record] = []

    def observe(self, now: int, event: Event | None, *, deadlines: bool) -> None:
        """Look at the value at `now`; with `deadlines`, timers that are due by `now` run too."""
        trigger = self.trigger
        value = value_of(measured(trigger, self.processed, now))
        before = self.observations[-1][1] if self.observations else None
        self.observations.append((now, value))
        event_id = event.id if event else None
        if value != before:
            self.records.append(Record("value", now, value, event_id))
        breached = breaches(trigger, value)
        if breached != breaches(trigger, before):
            kind = "breached" if breached else "unbreached"
            self.records.append(Record(kind, now, value, event_id))
        if not deadlines and trigger.firing_for > 0:
            return
        # Back through time, as long as it was as it is now.
        since = now
        for at, earlier in reversed(self.observations):
            if breaches(trigger, earlier) != breached:
                break
            since = at
        if breached != self.triggered and now - since >= trigger.firing_for:
            self.triggered = breached
            kind = "fired" if breached else "resolved"
            self.records.append(Record(kind, now, value, event_id))


def replay_oracle(
    trigger: MetricTrigger, arrivals: list[Arrival], start: int, until: int
) -> tuple[list[Record], Measured]:
    """All changes from `start` to `until`, and what is counted at `until`."""
    oracle = Oracle(trigger)

    def take(arrival: Arrival, *, deadlines: bool) -> None:
        _, _, state = arrival.event.name.partition("flow-run.")
        if state in ("heartbeat", "pull-step.executed"):
            return
        run = arrival.event.resource["prefect.resource.id"]
        oracle.processed.append(Seen(arrival.event.occurred, len(oracle.processed), run, state))
        oracle.observe(arrival.now, arrival.event, deadlines=deadlines)

    for now in range(start, until + 1):
        here = [arrival for arrival in arrivals if arrival.now == now]
        for arrival in here:
            if arrival.released:
                take(arrival, deadlines=False)
        oracle.observe(now, None, deadlines=True)
        for arrival in here:
            if not arrival.released:
                take(arrival, deadlines=True)
    return oracle.records, measured(trigger, oracle.processed, until)


def replay_evaluator(
    trigger: MetricTrigger, arrivals: list[Arrival], start: int, until: int
) -> tuple[list[Record], MetricEvaluator]:
    """The same by the evaluator, driven as the replay's loop drives it (T4).

    On the way, `MetricEvaluator.due` is held to its word: each time it names is one at which
    something changes or leaves.
    """
    evaluator = MetricEvaluator(trigger, start)
    records: list[Record] = []

    def run_timers(last: int) -> None:
        while (due := evaluator.due()) is not None and due <= last:
            counted = evaluator.runs()
            changes = evaluator.advance(due)
            assert changes or evaluator.runs() != counted
            assert all(change.at == due and change.event is None for change in changes)
            records.extend(Record(c.kind, c.at, c.value, None) for c in changes)

    for event, now, released in arrivals:
        run_timers(now - 1 if released else now)
        changes = evaluator.take(event, now)
        assert all(change.at == now and change.event is event for change in changes)
        records.extend(Record(c.kind, c.at, c.value, event.id) for c in changes)
    run_timers(until)
    return records, evaluator
