"""Prefect's own trigger engine, driven on a simulated clock.

This module runs in the oracle's environment (see ``make_environment.py``), where
``prefect`` is installed, and not in the project's. The engine is the installed server's,
unpatched but for what is listed here: its ``message_handler``, its causal ordering, its
``find_interested_triggers``, ``evaluate``, ``evaluate_composite_trigger`` and
``evaluate_proactive_triggers``, its pydantic schemas and its SQLite tables are what decides.

What is replaced, each for determinism only, and why that leaves the rules alone:

1. **The clock.** ``prefect.types._datetime.now`` returns the simulated instant. Everything
   that decides (firing times, a follower's wait, due times of proactive triggers) reads the
   time through that one function, and when an event was held through the same one as
   ``prefect.server.database.orm_models`` imported it.
2. **The polling loops.** A server looks for proactive triggers, lost followers and closed
   buckets every 5 seconds (``evaluate_proactive_triggers``, ``periodic_evaluation``); where
   its polls fall is chance. Here the same functions are called at each exact due time,
   deadlines before an event of the same instant (T4), and closed buckets and held events are
   swept before everything that looks at a bucket (S2, H7), as if it polled without end.
3. **The offset of the events' clock** (``get_events_clock_offset``) is 0. It makes up for the
   time an event spends in queues; here an event is processed when it arrives. Left alone it
   would be the lag of the latest *late* event, and every deadline would move by it.
4. **The order of candidate triggers.** ``find_interested_triggers`` builds a ``set`` of random
   UUIDs; its result is sorted by definition order (C6).
5. **The order of a composite's stored firings.** The table is read without ``ORDER BY``, so
   child firings of one instant come in the order of random trigger ids. They are sorted by
   when they were stored, which decides among equal times only, for ``sorted`` is stable (C4).
6. **The order of followers that occurred together.** ``get_followers`` takes them from a
   ``set`` of UUIDs and sorts by ``occurred``; among equals they come in order of arrival (O4).
7. **The timer of the events seen lately** (a ``TTLCache`` of 30 minutes, 10,000 entries), by
   which duplicates are dropped (O2) and followers find their leader processed (O4), reads the
   simulated clock.
8. **The action at the end.** ``act`` publishes an automation's firing to the event bus and
   its actions; here it notes the firing. Nothing reads either back.
9. **The order in which automations are loaded.** A server loads its table as it comes; here
   ``load_automation`` is called in definition order.
10. **The database** is SQLite in memory with the server's tables made from its metadata
    (without alembic's history) and emptied between cases; its sessions, statements and
    types are the server's own. Statements run at once and not in ``aiosqlite``'s own thread,
    which for a database in memory saves half the time and changes no result.

An error that the server logs and swallows ends the case with that error.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Any

# A server without a home, a profile, a voice or telemetry. Before `prefect` is imported.
os.environ.update(
    PREFECT_API_DATABASE_CONNECTION_URL="sqlite+aiosqlite:///:memory:?check_same_thread=false",
    PREFECT_LOGGING_LEVEL="CRITICAL",
    PREFECT_SERVER_LOGGING_LEVEL="CRITICAL",
    PREFECT_LOGGING_TO_API_ENABLED="false",
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    DO_NOT_TRACK="1",
)

import aiosqlite
import orjson
import prefect.types._datetime as prefect_time
import sqlalchemy as sa
from cachetools import TTLCache
from prefect.server.database import orm_models, provide_database_interface
from prefect.server.events import triggers as engine
from prefect.server.events.ordering import PRECEDING_EVENT_LOOKBACK, SEEN_EXPIRATION
from prefect.server.events.schemas.automations import Automation, EventTrigger, Firing
from prefect.server.utilities.messaging.memory import MemoryMessage

try:
    from prefect.server.events.ordering.memory import CausalOrdering
except ImportError:  # older ones, such as 3.4.0, keep those who wait in the database
    CausalOrdering = None  # type: ignore[assignment,misc]
try:
    from prefect.server.events.models import automation_held_events
except ImportError:  # before 3.9, which was the first to hold events
    automation_held_events = None  # type: ignore[assignment]

NEVER_AGAIN = timedelta(days=10_000)
EXPIRED_BUCKET_BUFFER = timedelta(seconds=60)


class ServerFailure(Exception):  # noqa: N818  # it is the server's failure that it reports
    """The server logged an error where it should have decided something."""


class Clock:
    """The simulated clock (T3)."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def advance(self, instant: datetime) -> None:
        """Move forward to `instant`, never back."""
        self.now = max(self.now, instant)

    def read(self, _zone: Any = "UTC") -> datetime:
        """``prefect.types._datetime.now``."""
        return prefect_time.create_datetime_instance(self.now)

    def seconds(self) -> float:
        """For a cache that counts in seconds."""
        return self.now.timestamp()


class Waiting:
    """Where the server keeps the events that wait for the one they follow: in memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def tables(self, _db: Any) -> list[Any]:
        """The tables that it uses."""
        return []

    def replace(self) -> None:
        """Numbers 6 and 7 of this module's docstring."""
        get_followers = CausalOrdering.get_followers

        async def in_order_of_arrival(ordering: Any, leader: Any) -> Any:
            arrival = list(ordering._waitlist)
            followers = await get_followers(ordering, leader)
            return sorted(followers, key=lambda one: (one.occurred, arrival.index(one.id)))

        CausalOrdering.get_followers = in_order_of_arrival

    def reset(self) -> None:
        """Forget all of them, and the events seen lately."""
        ordering = engine.get_triggers_causal_ordering()
        ordering.clear()
        ordering._seen_events = self._seen()

    def _seen(self) -> TTLCache[Any, bool]:
        lifetime = SEEN_EXPIRATION.total_seconds()
        return TTLCache(maxsize=10_000, ttl=lifetime, timer=self._clock.seconds)

    async def received(self, _db: Any) -> list[datetime]:
        """When each that waits was received."""
        return list(engine.get_triggers_causal_ordering()._waitlist.values())

    async def lost(self) -> list[Any]:
        """Those that have waited for as long as the server lets them, which it forgets."""
        return await engine.get_lost_followers()


class WaitingInDatabase(Waiting):
    """The same in older servers, such as 3.4.0: in a table, which keeps the order of arrival."""

    def tables(self, db: Any) -> list[Any]:
        """The tables that it uses."""
        return [db.AutomationEventFollower]

    def replace(self) -> None:
        """Nothing: the table's rows come as they arrived."""

    def reset(self) -> None:
        """Forget the events seen lately; the table is emptied with the others."""
        ordering = engine.causal_ordering()
        type(ordering)._seen_events = {ordering.scope: self._seen()}

    async def received(self, db: Any) -> list[datetime]:
        """When each that waits was received."""
        async with db.session_context() as session:
            rows = await session.execute(sa.select(db.AutomationEventFollower.received))
            return list(rows.scalars().all())

    async def lost(self) -> list[Any]:
        """Those that have waited longer than 15 minutes, which a poll finds a moment later."""
        due = self._clock.now
        self._clock.now = due + timedelta(microseconds=1)
        found = await engine.get_lost_followers()
        self._clock.now = due
        return found


class ServerEngine:
    """One server engine, for one case after the other."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._firings: list[Firing] = []
        self._failures: list[str] = []
        self._definition_order: dict[Any, int] = {}
        self._paths: dict[Any, str] = {}
        self._stored_order: dict[Any, int] = {}
        # When the windows end that were opened.
        self._ends: list[datetime] = []
        self._handler: Any = None
        self._consumer: Any = None
        self._waiting: Waiting = (WaitingInDatabase if CausalOrdering is None else Waiting)(
            self.clock
        )
        self._automations: list[Automation] = []
        self._holds = False
        """Whether some trigger of the case holds events (H1)."""

    async def open(self) -> None:
        """Make the tables, replace what must be replaced, and start the server's consumer."""
        self._replace()
        self.db = provide_database_interface()
        database_engine = await self.db.engine()
        async with database_engine.begin() as connection:
            await connection.run_sync(
                self.db.Base.metadata.create_all,
                tables=[table.__table__ for table in self._tables()],
            )
        self._consumer = engine.consumer(periodic_granularity=NEVER_AGAIN)
        self._handler = await self._consumer.__aenter__()

    async def close(self) -> None:
        """Stop the consumer."""
        await self._consumer.__aexit__(None, None, None)

    def _tables(self) -> list[Any]:
        """The server's tables that the engine uses, in the order in which they can be emptied."""
        held = [self.db.AutomationHeldEvent] if automation_held_events else []
        buckets = [self.db.AutomationBucket, self.db.CompositeTriggerChildFiring]
        return [*held, *buckets, *self._waiting.tables(self.db), self.db.Automation]

    def _replace(self) -> None:
        """The list in this module's docstring."""
        prefect_time.now = self.clock.read  # 1
        orm_models.now = self.clock.read

        async def no_offset() -> float:  # 3
            return 0.0

        engine.get_events_clock_offset = no_offset

        find_interested_triggers = engine.find_interested_triggers

        def in_definition_order(event: Any) -> Sequence[EventTrigger]:  # 4
            found = find_interested_triggers(event)
            return sorted(found, key=lambda trigger: self._definition_order[trigger.id])

        engine.find_interested_triggers = in_definition_order

        upsert_child_firing, get_child_firings = (
            engine.upsert_child_firing,
            engine.get_child_firings,
        )

        async def upsert_and_number(session: Any, firing: Firing) -> Any:  # 5
            self._stored_order[firing.id] = len(self._stored_order)
            return await upsert_child_firing(session, firing)

        async def in_stored_order(session: Any, trigger: Any) -> Any:
            rows = await get_child_firings(session, trigger)
            return sorted(rows, key=lambda row: self._stored_order[row.child_firing_id])

        engine.upsert_child_firing = upsert_and_number
        engine.get_child_firings = in_stored_order

        start_new_bucket, ensure_bucket = engine.start_new_bucket, engine.ensure_bucket

        async def start_and_note(session: Any, *args: Any, **kwargs: Any) -> Any:
            return self._note_end(await start_new_bucket(session, *args, **kwargs))

        async def ensure_and_note(session: Any, *args: Any, **kwargs: Any) -> Any:
            return self._note_end(await ensure_bucket(session, *args, **kwargs))

        engine.start_new_bucket = start_and_note
        engine.ensure_bucket = ensure_and_note

        self._waiting.replace()  # 6

        async def note(firing: Firing) -> None:  # 8
            self._firings.append(firing)

        engine.act = note

        reactive_evaluation = engine.reactive_evaluation

        async def swept_evaluation(event: Any, depth: int = 0) -> None:  # 2
            await self._sweep()
            await reactive_evaluation(event, depth)

        engine.reactive_evaluation = swept_evaluation

        async def at_once(_connection: Any, function: Any, *args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)  # 10

        aiosqlite.Connection._execute = at_once

        def failed(message: str, *args: Any, **_more: Any) -> None:
            self._failures.append(f"{message % args}: {sys.exc_info()[1]!r}")

        engine.logger.exception = failed

    def _note_end(self, bucket: Any) -> Any:
        heappush(self._ends, bucket.end)
        return bucket

    # --- One case ----------------------------------------------------------------------

    async def run(self, case: dict[str, Any]) -> list[dict[str, Any]]:
        """The server's root firings for one case.

        Args:
            case: ``automations``, ``events`` in arrival order, ``until``, perhaps ``start``.
        """
        events = [(parse(one["occurred"]), one) for one in case["events"]]
        until = parse(case["until"])
        start = parse(case["start"]) if case.get("start") else None
        if start is None:
            start = events[0][0] if events else until
        await self._reset(start)
        await self._load(case["automations"])
        await self._run_timers(start)
        for occurred, event in events:
            if occurred > until:
                break
            await self._run_timers(occurred)
            self.clock.advance(occurred)
            await self._deliver(event)
        await self._run_timers(until)
        return [self._described(one) for one in self._firings]

    async def _reset(self, start: datetime) -> None:
        async with self.db.session_context(begin_transaction=True) as session:
            for table in self._tables():
                await session.execute(sa.delete(table))
        await engine.reset()
        self.clock.now = start
        self._waiting.reset()
        self._firings.clear()
        self._failures.clear()
        self._definition_order.clear()
        self._paths.clear()
        self._stored_order.clear()
        self._ends.clear()
        self._automations.clear()

    async def _load(self, definitions: Sequence[dict[str, Any]]) -> None:
        for definition in definitions:
            validated = Automation.model_validate({"actions": [], **definition})
            self._automations.append(validated)
        async with self.db.session_context(begin_transaction=True) as session:
            session.add_all(self.db.Automation(**one.model_dump()) for one in self._automations)
        for automation in self._automations:
            engine.load_automation(automation)  # 9
            self._paths.update(paths(automation.trigger, "$"))
        self._holds = automation_held_events is not None and any(
            isinstance(trigger, EventTrigger)
            and automation_held_events.holds_expect_events(trigger)
            for trigger in engine.triggers.values()
        )
        self._definition_order.update(
            {ident: number for number, ident in enumerate(engine.triggers)}
        )

    async def _deliver(self, event: dict[str, Any]) -> None:
        """Hand the event to the server's consumer as its message bus would."""
        received = self.clock.now.isoformat()
        await self._handler(
            MemoryMessage(
                data=orjson.dumps({**event, "received": received}),
                attributes={"id": event["id"], "event": event["event"]},
            )
        )
        self._check()

    async def _run_timers(self, until: datetime) -> None:
        """Everything due at or before `until`, in order (T4)."""
        while True:
            releases = [
                received + PRECEDING_EVENT_LOOKBACK
                for received in await self._waiting.received(self.db)
            ]
            proactive = [
                engine.next_proactive_runs.get(trigger.id, self.clock.now)
                for trigger in engine.triggers.values()
                if trigger.posture.value == "Proactive"
            ]
            due = min([*releases, *proactive], default=None)
            if due is None or due > until:
                return
            self.clock.advance(due)
            if releases and min(releases) <= due:
                for event in await self._waiting.lost():
                    await engine.reactive_evaluation(event)
            else:
                await self._sweep()
                await engine.evaluate_proactive_triggers()
            self._check()

    async def _sweep(self) -> None:
        """Forget held events, and buckets that closed 60 s ago, as ``periodic_evaluation`` does.

        Where no window that was ever opened has ended by then, there is nothing to ask for.
        """
        if self._holds:
            async with self.db.session_context(begin_transaction=True) as session:
                await automation_held_events.sweep_held_events(session, self.clock.read())
        older_than = self.clock.read() - EXPIRED_BUCKET_BUFFER
        if not self._ends or self._ends[0] > older_than:
            return
        while self._ends and self._ends[0] <= older_than:
            heappop(self._ends)
        async with self.db.session_context(begin_transaction=True) as session:
            await engine.sweep_closed_buckets(session, older_than)

    def _described(self, firing: Firing) -> dict[str, Any]:
        """A root firing in the form of the recorded cases, and what it is made of (C5)."""
        name = firing.trigger.automation.name
        return {"automation": name, **self._described_below(firing)}

    def _described_below(self, firing: Firing) -> dict[str, Any]:
        event = firing.triggering_event
        return {
            "trigger": self._paths[firing.trigger.id],
            "at": formatted(firing.triggered),
            "labels": dict(firing.triggering_labels),
            "event_id": str(event.id) if event else None,
            "children": [self._described_below(one) for one in firing.triggering_firings],
        }

    def _check(self) -> None:
        if self._failures:
            raise ServerFailure("; ".join(self._failures))


def paths(trigger: Any, path: str) -> Iterator[tuple[Any, str]]:
    """The ids of a trigger and of all below it, each with its path (``$.triggers[0]``)."""
    yield trigger.id, path
    for number, child in enumerate(getattr(trigger, "triggers", ())):
        yield from paths(child, f"{path}.triggers[{number}]")


def parse(text: str) -> datetime:
    """An instant of a case."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def formatted(instant: datetime) -> str:
    """RFC 3339 in UTC with six digits."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
