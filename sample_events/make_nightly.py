#!/usr/bin/env python3
"""Write `nightly.events.jsonl` and `nightly.newest-first.json`, beside this script.

One night of a data team's workspace, 12 March 2026, UTC. The story stands in `RUNS` and in
the functions below it; the rest turns it into events of the shape that a Prefect server 3.8
exports. Every id, and every fraction of a second that the story leaves open, comes from a
name by uuid5, so the same script always writes the same bytes.

The files in `triggers/` and the numbers in `README.md` depend on these times.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5

HERE = Path(__file__).parent
NIGHT = datetime(2026, 3, 12, tzinfo=UTC)
NAMES = UUID("b0a7c5f2-6d0e-5c39-9f54-6a2d3c1e8b47")

Event = dict[str, Any]
Resource = dict[str, str]


def uid(name: str) -> str:
    return str(uuid5(NAMES, name))


def between(low: int, high: int, name: str) -> int:
    """A whole number from `low` up to, not including, `high`: always the same for a name."""
    return low + uuid5(NAMES, name).int % (high - low)


def micros(low: int, high: int, name: str) -> timedelta:
    return timedelta(microseconds=between(low, high, name))


def instant(clock: str, name: str) -> datetime:
    """`01:02:03` with a fraction that comes from `name`; `01:02:03.000000` as it stands."""
    hours, minutes, seconds = clock.split(":")
    fraction = 0 if "." in clock else between(0, 1_000_000, f"fraction/{name}")
    return NIGHT + timedelta(
        hours=int(hours), minutes=int(minutes), seconds=float(seconds), microseconds=fraction
    )


def zulu(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


# --- The workspace ---------------------------------------------------------------------


class Pool(NamedTuple):
    name: str
    type: str
    id: str

    def resource(self) -> Resource:
        return {
            "prefect.resource.id": f"prefect.work-pool.{self.id}",
            "prefect.resource.name": self.name,
            "prefect.work-pool.type": self.type,
        }


class Deployment(NamedTuple):
    flow: str
    name: str
    tags: tuple[str, ...]
    pool: Pool
    flow_id: str
    id: str

    def related(self) -> list[Resource]:
        """What every event about a run of this deployment is related to."""
        pool = self.pool
        return [
            role("flow", f"prefect.flow.{self.flow_id}", self.flow),
            role("deployment", f"prefect.deployment.{self.id}", self.name),
            role("work-queue", f"prefect.work-queue.{uid(f'queue/{pool.name}')}", "default"),
            role("work-pool", f"prefect.work-pool.{pool.id}", pool.name)
            | {"prefect.work-pool.type": pool.type},
            *(role("tag", f"prefect.tag.{tag}") for tag in sorted(self.tags)),
        ]


def role(role: str, resource_id: str, name: str | None = None) -> Resource:
    named = {"prefect.resource.name": name} if name else {}
    return {"prefect.resource.id": resource_id, "prefect.resource.role": role} | named


def deployment(flow: str, name: str, *tags: str, pool: Pool) -> Deployment:
    return Deployment(flow, name, tags, pool, uid(f"flow/{flow}"), uid(f"deployment/{flow}/{name}"))


# The four ids that the documentation page shows; its examples work on this log as they stand.
K8S = Pool("k8s-pool", "kubernetes", "a67da06b-9427-4a0f-a709-c3b37ac29cbf")
EXAMPLE = Deployment(
    flow="hello",
    name="example",
    tags=("examples",),
    pool=K8S,
    flow_id="cb6126db-d528-402f-b439-96637187a8ca",
    id="37ca4a08-e2d9-4628-a310-cc15a323378e",
)
RUN_IDS = {"cute-kittiwake": "925eacce-7fe5-4753-8f02-77f1511543db"}

LAPTOP = Pool("laptop", "process", uid("pool/laptop"))
EXAMPLE_ON_LAPTOP = deployment("hello", "local", "examples", pool=LAPTOP)
ETL = deployment("nightly-etl", "production", "etl", "production", pool=K8S)
ETL_REHEARSAL = deployment("nightly-etl", "rehearsal", "production", "test", pool=K8S)
ETL_DEV = deployment("nightly-etl", "dev", "dev", "etl", pool=K8S)
SCRATCH = deployment("scratch", "dev", "dev", pool=K8S)
VACUUM = deployment("vacuum-tables", "weekly", pool=K8S)
TRANSFORM = deployment("transform", "nightly", "etl", pool=K8S)
INITIATOR = deployment("daily-export-initiator", "daily", "production", pool=K8S)
CUSTOMER = deployment("daily-customer-export", "daily", "production", pool=K8S)
REVENUE = deployment("daily-revenue-export", "daily", "production", pool=K8S)
REVENUE_DRY_RUN = deployment("daily-revenue-export", "dry-run", "dev", "etl", pool=K8S)
EXPENSES = deployment("daily-expenses-export", "daily", "production", pool=K8S)
REPORT = deployment("daily-report", "daily", "production", pool=K8S)


# --- The night -------------------------------------------------------------------------


class Run(NamedTuple):
    """A flow run: its states, and the events its code emits, each with its time."""

    name: str
    deployment: Deployment
    story: str
    message: str = ""
    """Why it failed, crashed or has to be retried."""

    @property
    def id(self) -> str:
        return RUN_IDS.get(self.name) or uid(f"run/{self.name}")

    @property
    def subject(self) -> str:
        return f"prefect.flow-run.{self.id}"


REFUSED = "Flow run encountered an exception: ConnectionError: warehouse refused the connection"
NO_TABLE = "Flow run encountered an exception: TableMissing: staging.payments"
NO_COLUMN = "Flow run encountered an exception: KeyError: 'expenses_eur'"
OUT_OF_MEMORY = "Flow run infrastructure exited with non-zero status code 137."

RUNS = (
    # Smoke tests: two complete within a minute, the third while the trigger cools down.
    Run(
        "cute-kittiwake",
        EXAMPLE,
        "Scheduled 01:00:30 Pending 01:00:34 Running 01:00:50 Completed 01:01:04.402718",
    ),
    Run(
        "radical-lemur",
        EXAMPLE,
        "Scheduled 01:01:10 Pending 01:01:15 Running 01:01:31 Completed 01:01:46.180344",
    ),
    Run(
        "happy-otter",
        EXAMPLE,
        "Scheduled 01:01:12 Pending 01:01:16 Running 01:01:38 Completed 01:02:00.917265",
    ),
    # Development runs: these two complete 64.2 s apart.
    Run(
        "cute-capybara",
        ETL_DEV,
        "Scheduled 01:06:20 Pending 01:06:26 Running 01:06:45 Completed 01:08:10.412090",
    ),
    Run(
        "radical-newt",
        SCRATCH,
        "Scheduled 01:08:02 Pending 01:08:07 Running 01:08:24 Completed 01:09:14.612090",
    ),
    Run(
        "brisk-heron",
        EXAMPLE_ON_LAPTOP,
        "Scheduled 01:10:40 Pending 01:10:45 Running 01:10:52 Completed 01:11:20",
    ),
    # The nightly load: one source's warehouse refuses twice.
    Run(
        "production-orders-load",
        ETL,
        "Pending 01:15:03 Running 01:15:21 Completed 01:19:40.051877",
    ),
    Run(
        "production-test-orders-load",
        ETL_REHEARSAL,
        "Pending 01:15:05 Running 01:15:26 Completed 01:20:15.330416",
    ),
    Run(
        "production-invoices-load",
        ETL,
        "Late 01:15:20.118402 Pending 01:15:44 Running 01:16:05.118402"
        " AwaitingRetry 01:19:12 Running 01:21:13 Failed 01:24:05.274931",
        REFUSED,
    ),
    Run("sleepy-walrus", VACUUM, "Pending 01:21:04 Running 01:21:22 Completed 01:24:10"),
    # The first exports: all three files within eight minutes.
    Run("prudent-falcon", INITIATOR, "Pending 01:25:02 Running 01:25:18 Completed 01:27:48"),
    Run(
        "amber-starling",
        CUSTOMER,
        "Scheduled 01:27:31 Pending 01:27:36 Running 01:27:55"
        " write_path 01:33:12.640127 Completed 01:33:20",
    ),
    Run(
        "mellow-ibis",
        REVENUE,
        "Scheduled 01:27:32 Pending 01:27:37 Running 01:27:58"
        " write_path 01:36:40.085512 Completed 01:36:52",
    ),
    Run(
        "stoic-marmot",
        EXPENSES,
        "Scheduled 01:27:33 Pending 01:27:38 Running 01:28:01"
        " write_path 01:41:05.771930 Completed 01:41:10",
    ),
    # Transformations: done 17 s after the missing table; done four minutes after the empty
    # one; and one that finds its table missing 29 s after the empty one's two minutes.
    Run(
        "quick-gecko",
        TRANSFORM,
        "Scheduled 01:45:01 Pending 01:45:04 Running 01:45:20"
        " table-missing 01:45:41.203381 Completed 01:45:58.203381",
    ),
    Run(
        "patient-tortoise",
        TRANSFORM,
        "Scheduled 02:00:01 Pending 02:00:05 Running 02:00:20"
        " table-empty 02:00:33.540209 Completed 02:04:47.540209",
    ),
    Run(
        "eager-shrew",
        TRANSFORM,
        "Scheduled 02:02:30 Pending 02:02:34 Running 02:02:50"
        " table-missing 02:03:02.540209 Failed 02:03:05",
        NO_TABLE,
    ),
    Run(
        "production-payments-load",
        ETL,
        "Pending 02:05:04 Running 02:05:22 AwaitingRetry 02:09:22 Running 02:11:23"
        " Failed 02:14:05.662018",
        REFUSED,
    ),
    # The exports once more, for late bookings. The expenses' pod finds no node until the
    # pool is back, and its file comes one hour and 41 s after the customers'.
    Run(
        "jade-cormorant",
        CUSTOMER,
        "Scheduled 02:15:40 Pending 02:15:52 Running 02:16:20"
        " write_path 02:31:00.482655 Completed 02:31:10",
    ),
    Run(
        "lucid-wombat",
        REVENUE,
        "Scheduled 02:15:41 Pending 02:15:55 Running 02:16:25"
        " write_path 02:34:20.903127 Completed 02:34:30",
    ),
    Run(
        "weary-pelican",
        EXPENSES,
        "Scheduled 02:15:42 Pending 02:19:50.137746 Running 02:42:30.620351"
        " write_path 03:31:41.482655 Completed 03:31:50",
    ),
    # What was due while the pool was away, 02:20 to 02:41.
    Run(
        "production-customers-load",
        ETL,
        "Late 02:25:18.250764 Pending 02:41:40 Running 02:41:58.250764 Completed 02:47:31.300582",
    ),
    Run(
        "quiet-badger",
        ETL_DEV,
        "Late 02:30:16.894310 Pending 02:41:47 Running 02:42:10.894310 Completed 02:46:50.300582",
    ),
    Run("production-test-invoices-load", ETL_REHEARSAL, "Late 02:35:20 Cancelled 02:38:04"),
    # The rest of the night.
    Run(
        "curious-finch",
        REVENUE_DRY_RUN,
        "Scheduled 02:54:50 Pending 02:54:58 Running 02:55:20 Completed 02:58:04",
    ),
    Run(
        "reckless-stoat",
        SCRATCH,
        "Scheduled 02:59:40 Pending 03:00:03 Running 03:00:20 Crashed 03:06:41",
        OUT_OF_MEMORY,
    ),
    Run(
        "production-ledger-load",
        ETL,
        "Late 03:05:16.703355 Pending 03:05:22 Running 03:05:36.703355 Completed 03:09:44",
    ),
    Run(
        "tidy-magpie",
        REPORT,
        "Pending 03:40:03 Running 03:40:19 Failed 03:44:12.085530",
        NO_COLUMN,
    ),
    Run(
        "valiant-magpie",
        REPORT,
        "Scheduled 03:48:20 Pending 03:48:24 Running 03:48:41 Completed 03:52:37",
    ),
)

POOL_AWAY = instant("02:20:10.731144", "pool/not-ready")
POOL_BACK = instant("02:41:30.094518", "pool/ready")

# Client events that a slow connection kept back, by what they are about: seconds.
LATE_ARRIVALS = {
    "worker.submitted-flow-run/radical-lemur": 34,  # arrives after the event that follows it
    "worker.executed-flow-run/cute-capybara": 15,
    "worker.submitted-flow-run/production-orders-load": 7,
    "worker.executed-flow-run/production-orders-load": 40,
    "write_path/mellow-ibis": 95,
}


# --- Events ----------------------------------------------------------------------------

TIGHT = timedelta(minutes=5)


def event(
    name: str,
    about: str,
    occurred: datetime,
    resource: Resource,
    related: list[Resource],
    payload: dict[str, Any] | None = None,
    follows: Event | None = None,
) -> Event:
    """One event in the server's order of keys; `about` is what its id is derived from.

    As in Prefect, it says what it follows only if that is less than five minutes ago.
    """
    if follows and occurred - datetime.fromisoformat(follows["occurred"]) >= TIGHT:
        follows = None
    lag = micros(1_200, 38_000, f"lag/{about}") + timedelta(seconds=LATE_ARRIVALS.get(about, 0))
    return {
        "occurred": zulu(occurred),
        "event": name,
        "resource": resource,
        "related": related,
        "payload": payload or {},
        "id": uid(f"event/{about}"),
        "follows": follows["id"] if follows else None,
        "received": zulu(occurred + lag),
    }


STATE_TYPES = {"Late": "SCHEDULED", "AwaitingRetry": "SCHEDULED", "Submitting": "PENDING"}
"""The types of states that are not named like their type."""
WITH_MESSAGE = ("AwaitingRetry", "Failed", "Crashed")
ENDED = ("Completed", "Failed", "Crashed")
CODE_EVENTS = ("write_path", "table-missing", "table-empty")


class State(NamedTuple):
    name: str
    at: datetime
    message: str

    @property
    def type(self) -> str:
        return STATE_TYPES.get(self.name, self.name.upper())

    def payload(self) -> dict[str, str]:
        message = {"message": self.message} if self.message else {}
        return {"type": self.type, "name": self.name} | message


def run_events(run: Run) -> list[Event]:
    """The events of a run's states, of its code, and of the worker that ran it."""
    events: list[Event] = []
    # Runs whose story does not begin with Scheduled were scheduled days ago.
    before = None if run.story.startswith("Scheduled") else State("Scheduled", NIGHT, "")
    preceding: Event | None = None
    pending_at, submitted = NIGHT, None
    run_count = 0
    for step, at in steps(run):
        if step in CODE_EVENTS:
            events.append(code_event(run, step, at))
            continue
        run_count += step == "Running"
        state = State(step, at, run.message if step in WITH_MESSAGE else "")
        preceding = state_event(run, run_count, before, state, preceding)
        before = state
        events.append(preceding)
        if step == "Pending":
            pending_at, submitted = at, worker_event(run, "submitted", at, state)
            events.append(submitted)
        elif step == "Running" and run_count == 1 and run.deployment.flow == "hello":
            events.append(pull_step_event(run, at))
        elif step in ENDED and not pending_at < POOL_AWAY < at:
            # The worker that comes back does not know what the one before it submitted.
            events.append(worker_event(run, "executed", at, state, follows=submitted))
    return events


def steps(run: Run) -> Iterator[tuple[str, datetime]]:
    """The story's steps with their times, and Submitting a second or two after Pending."""
    words = run.story.split()
    for step, clock in zip(words[::2], words[1::2], strict=True):
        at = instant(clock, f"{run.name}/{step}/{clock}")
        yield step, at
        if step == "Pending":
            yield "Submitting", at + micros(1_100_000, 1_900_000, f"submitting/{run.name}")


def state_event(
    run: Run, run_count: int, before: State | None, state: State, follows: Event | None
) -> Event:
    resource = {
        "prefect.resource.id": run.subject,
        "prefect.resource.name": run.name,
        "prefect.run-count": str(run_count),
        "prefect.state-message": state.message,
        "prefect.state-name": state.name,
        "prefect.state-timestamp": state.at.isoformat(timespec="microseconds"),
        "prefect.state-type": state.type,
    }
    payload = {
        "intended": {"from": before.type if before else None, "to": state.type},
        "initial_state": before.payload() if before else None,
        "validated_state": state.payload(),
    }
    about = f"{state.name}/{run.name}/{run_count}"
    related = run.deployment.related()
    return event(
        f"prefect.flow-run.{state.name}", about, state.at, resource, related, payload, follows
    )


def worker_event(
    run: Run, done: str, at: datetime, state: State, follows: Event | None = None
) -> Event:
    pool = run.deployment.pool
    flow, deployed, _, in_pool, *tags = map(without_pool_type, run.deployment.related())
    flow_run = role("flow-run", run.subject, run.name)
    if done == "executed":
        flow_run["prefect.infrastructure.identifier"] = f"prefect:{run.name}-{run.id[:5]}"
        flow_run["prefect.infrastructure.status-code"] = "137" if state.name == "Crashed" else "0"
    return event(
        f"prefect.worker.{done}-flow-run",
        f"worker.{done}-flow-run/{run.name}",
        at + micros(90_000, 900_000, f"worker/{done}/{run.name}"),
        worker(pool),
        [deployed, flow, flow_run, *tags, in_pool],
        follows=follows,
    )


def worker(pool: Pool) -> Resource:
    name = f"{pool.name}-worker"
    return {
        "prefect.resource.id": f"prefect.worker.{pool.type}.{name}",
        "prefect.resource.name": name,
        "prefect.version": "3.8.8",
        "prefect.worker-type": pool.type,
    }


def without_pool_type(resource: Resource) -> Resource:
    """A related resource as clients, unlike the server, describe it."""
    return {label: value for label, value in resource.items() if label != "prefect.work-pool.type"}


def pull_step_event(run: Run, running: datetime) -> Event:
    payload = {
        "index": 0,
        "qualified_name": "prefect.deployments.steps.git_clone",
        "step_name": "git_clone",
        "id": None,
        "inputs": {"repository": "https://git.example.com/data/hello.git", "branch": "main"},
    }
    return event(
        "prefect.flow-run.pull-step.executed",
        f"pull-step/{run.name}",
        running - micros(1_100_000, 1_900_000, f"pull-step/{run.name}"),
        {"prefect.resource.id": run.subject},
        [role("deployment", f"prefect.deployment.{run.deployment.id}")],
        payload,
    )


def code_event(run: Run, step: str, at: datetime) -> Event:
    """What the run's code did: a file written through a block, or a table it did not find."""
    related = [
        role("flow-run", run.subject, run.name),
        *map(without_pool_type, run.deployment.related()),
    ]
    name, resource = step, {"prefect.resource.id": "etl-events.transform"}
    if step == "write_path":
        name = "prefect.block.remote-file-system.write_path.called"
        resource = {
            "prefect.resource.id": f"prefect.block-document.{uid('block/exports-bucket')}",
            "prefect.resource.name": "exports-bucket",
        }
        related.append(role("block-type", "prefect.block-type.remote-file-system"))
    return event(name, f"{step}/{run.name}", at, resource, related)


def pool_events() -> Iterator[Event]:
    """The pool is ready with its first worker, away for 21 minutes, and ready again."""
    start = instant("01:00:02.118230", "pool/start")
    for status, at in (("ready", start), ("not-ready", POOL_AWAY), ("ready", POOL_BACK)):
        yield event(f"prefect.work-pool.{status}", f"pool/{at}", at, K8S.resource(), [])
    related = [role("work-pool", f"prefect.work-pool.{K8S.id}", K8S.name)]
    for done, clock in (("started", "01:00:02"), ("started", "02:41:30"), ("stopped", "04:00:30")):
        about = f"worker/{done}/{clock}"
        at = instant(clock, about)
        yield event(f"prefect.worker.{done}", about, at, worker(K8S), related)


def order_events() -> Iterator[Event]:
    """Three orders of the web shop; the last one's event is delivered twice."""
    for number, customer, total, clock in (
        ("10481", "311", "129.90", "01:50:10"),
        ("10482", "87", "18.50", "01:52:40"),
        ("10483", "311", "64.00", "02:50:21"),
    ):
        about = f"order/{number}"
        order = event(
            "shop.order.placed",
            about,
            instant(clock, about),
            {
                "prefect.resource.id": f"shop.order.{number}",
                "prefect.resource.name": f"order {number}",
            },
            [role("customer", f"shop.customer.{customer}")],
            {"total": total, "currency": "EUR"},
        )
        yield order
    again = datetime.fromisoformat(order["received"]) + timedelta(seconds=2.5)
    yield order | {"received": zulu(again)}


# --- The files -------------------------------------------------------------------------


def night() -> list[Event]:
    """All events, in the order in which the server received them."""
    events = [*pool_events(), *order_events()]
    for run in RUNS:
        events += run_events(run)
    return sorted(events, key=lambda event: event["received"])


def main() -> None:
    events = night()
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (HERE / "nightly.events.jsonl").write_text(lines, encoding="utf-8")
    newest_first = sorted(events[2:22], key=lambda event: event["occurred"], reverse=True)
    page = {"events": newest_first, "total": len(newest_first), "next_page": None}
    (HERE / "nightly.newest-first.json").write_text(json.dumps(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
