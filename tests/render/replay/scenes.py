"""The replays whose whole output stands in ``golden/``: each shows one sort of story."""

from collections.abc import Callable

from msgspec.structs import replace

from tests.render.replaying import (
    COMPLETED,
    FAILED,
    PENDING,
    RUNNING,
    automation,
    report_of,
    run_event,
)
from trigger_cli.model import BadLine, CompositeTrigger, EventTrigger, MetricTrigger
from trigger_cli.report import ReplayReport
from trigger_cli.times import MINUTE, SECOND

RUN_ID = "prefect.resource.id"
OF_A_FLOW = "related:flow:prefect.resource.id"
ANY_RUN = (("prefect.resource.id", ("prefect.flow-run.*",)),)

THREE_FAILURES = EventTrigger(
    "$",
    "Reactive",
    match=ANY_RUN,
    expect=(FAILED,),
    for_each=(OF_A_FLOW,),
    threshold=3,
    within=MINUTE,
)
STUCK = EventTrigger(
    "$",
    "Proactive",
    expect=(COMPLETED, FAILED),
    after=(RUNNING,),
    for_each=(RUN_ID,),
    within=MINUTE,
)
EVERY_FAILURE = EventTrigger("$.triggers[0]", "Reactive", expect=(FAILED,))
EVERY_COMPLETION = EventTrigger("$.triggers[1]", "Reactive", expect=(COMPLETED,))


def threshold() -> ReplayReport:
    """A threshold reached, a cool-down, a near miss, and a key that stays alone."""
    return report_of(
        [automation(THREE_FAILURES, "failures pile up")],
        [
            run_event(1, 0),
            run_event(2, 20, run=2, called="calm-cat"),
            run_event(3, 40, run=3, called="odd-ox"),
            run_event(4, 45, run=4, called="shy-elk"),
            run_event(5, 50, run=5, called="red-hen"),
            run_event(6, 70, run=6, called="big-bee", flow="report"),
            run_event(7, 75, run=7, called="sad-ant", flow="report"),
            run_event(8, 200, run=8, called="old-cow", flow="report"),
            run_event(9, 210.25, run=9, called="", flow="billing"),
        ],
    )


def stuck() -> ReplayReport:
    """Proactive: one run answers, one does not, and for one it is too early to tell."""
    return report_of(
        [automation(STUCK, "stuck runs")],
        [
            run_event(1, 0, RUNNING),
            run_event(2, 5, RUNNING, run=2, called="calm-cat"),
            run_event(3, 30, COMPLETED),
            run_event(4, 40, COMPLETED),
            run_event(5, 80, COMPLETED, run=2, called="calm-cat"),
            run_event(6, 90, RUNNING, run=3, called="odd-ox"),
        ],
    )


def absence() -> ReplayReport:
    """An absence watch over two days, in the server's dialect, which differs."""
    trigger = EventTrigger("$", "Proactive", expect=(COMPLETED,), within=6 * 60 * MINUTE)
    hours = (1, 3, 20, 30, 31)
    events = [run_event(n, hour * 3600, COMPLETED) for n, hour in enumerate(hours, 1)]
    return report_of(
        [automation(trigger, "nothing completes")],
        events,
        start=0,
        until=40 * 3600,
        dialect="server",
        compared=True,
    )


def sequence() -> ReplayReport:
    """A sequence that comes out of order first, and fires once its children are in order."""
    trigger = CompositeTrigger("$", "sequence", (EVERY_FAILURE, EVERY_COMPLETION), 2, 10 * MINUTE)
    return report_of(
        [automation(trigger, "failure, then recovery")],
        [
            run_event(1, 0, COMPLETED),
            run_event(2, 60),
            run_event(3, 120, COMPLETED, run=2, called="calm-cat"),
            run_event(4, 300),
            run_event(5, 1200, COMPLETED),
        ],
    )


def nested() -> ReplayReport:
    """A compound in a compound, with a proactive child that fires by time alone."""
    inner = CompositeTrigger(
        "$.triggers[1]",
        "compound",
        (
            replace(EVERY_FAILURE, path="$.triggers[1].triggers[0]"),
            replace(STUCK, path="$.triggers[1].triggers[1]"),
        ),
        require=1,
    )
    first = replace(EVERY_FAILURE, path="$.triggers[0]", expect=("order.created",))
    trigger = CompositeTrigger("$", "compound", (first, inner), 2, 5 * MINUTE)
    return report_of(
        [automation(trigger, "an order and trouble")],
        [
            run_event(1, 0, RUNNING),
            run_event(2, 10, "order.created", called=""),
            run_event(3, 90, "order.created", called=""),
            run_event(4, 100),
        ],
    )


def metric() -> ReplayReport:
    """A metric that is breached long enough to fire, and is resolved."""
    trigger = MetricTrigger("$", "successes", 0.7, "<", 5 * MINUTE, MINUTE, match=ANY_RUN)
    events = [
        *(run_event(n, n, PENDING, run=n, called="") for n in range(1, 5)),
        run_event(5, 10, COMPLETED, run=1),
        run_event(6, 20, run=2),
        run_event(7, 30, run=3),
        run_event(8, 400, PENDING, run=5),
        run_event(9, 500, COMPLETED, run=5),
    ]
    return report_of([automation(trigger, "too many fail")], events)


def afterwards() -> ReplayReport:
    """The server dialect's quirks: lost starts, forgotten buckets, self-armed watches."""
    after = EventTrigger("$", "Reactive", expect=(COMPLETED,), after=(FAILED,), within=30 * SECOND)
    armed = EventTrigger("$", "Proactive", expect=(COMPLETED,), after=(FAILED,), within=MINUTE)
    refused = CompositeTrigger("$", "compound", (EVERY_FAILURE, EVERY_COMPLETION), 2)
    return report_of(
        [
            automation(after, "recovery"),
            automation(armed, "no recovery", index=1),
            automation(refused, "both", index=2, server_refusals=("D10",)),
            automation(THREE_FAILURES, "switched off", index=3, enabled=False),
            automation(replace(THREE_FAILURES, expect=("x.y",)), "unrelated", index=4),
        ],
        [
            run_event(1, 0),
            run_event(2, 40),
            run_event(3, 45, COMPLETED),
            run_event(4, 200, COMPLETED),
            run_event(5, 205, follows="nowhere"),
        ],
        dialect="server",
        problems=[BadLine("events.jsonl", 3, "not JSON: expected a value at column 1")],
        compared=True,
    )


SCENES: dict[str, Callable[[], ReplayReport]] = {
    scene.__name__: scene
    for scene in (threshold, stuck, absence, sequence, nested, metric, afterwards)
}
