"""`trigger_cli.render.replay.steps` and `phrases`: what happened, as a person would tell it."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

import pytest

from tests.render.replaying import COMPLETED, FAILED, RUNNING, automation, report_of, run_event
from tests.support import at
from trigger_cli.model import Event, EventTrigger
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.render.replay.steps import steps_of
from trigger_cli.times import MINUTE

NOON = ClockFormat(at(0), at(1000), UTC, fraction=False, precise=False)


def told(
    trigger: EventTrigger, events: Iterable[Event], *, merge: bool = False, **options: Any
) -> list[str]:
    """Each step of the trigger's only bucket: its mark, phrase and rules."""
    report = report_of([automation(trigger)], events, **options)
    (bucket,) = report.buckets
    first, last = steps_of(bucket, NOON, merge=merge)
    assert not last
    return [f"{step.mark} {step.phrase} ({step.rules})" for step in first]


def reactive(**keys: Any) -> EventTrigger:
    return EventTrigger("$", **{"posture": "Reactive", "expect": (FAILED,), **keys})


def proactive(**keys: Any) -> EventTrigger:
    return EventTrigger(
        "$", **{"posture": "Proactive", "expect": (COMPLETED,), "within": MINUTE, **keys}
    )


def test_threshold_and_cooling_down() -> None:
    """A window opens, counts, fires, cools down, ends and is followed by another."""
    events = [run_event(n, second) for n, second in enumerate((0, 10, 20, 70, 200), 1)]
    assert [
        "• opened until 12:01:00, counted 1/2 (B6 E2)",
        "★ counted 2/2, fired; cooling down until 12:01:00 (E2 E3 E6)",
        "· ignored: cooling down until 12:01:00 (E1)",
        "• counted 1/2 until 12:02:00 (E2)",
        "• window over, unsatisfied at 1/2; opened until 12:04:20, counted 1/2 (E6 E7 E2)",
    ] == told(reactive(threshold=2, within=MINUTE), events)


def test_every_event_fires() -> None:
    """An immediate trigger needs no words about its window."""
    assert ["★ counted 1/1, fired (B6 E2 E3)"] == told(reactive(), [run_event(1, 0)])


def test_after() -> None:
    """A window that an `after` event opens, and what comes while none is open."""
    events = [
        run_event(1, 0, COMPLETED),
        run_event(2, 1),
        run_event(3, 5),
        run_event(4, 70, COMPLETED),
        run_event(5, 80),
        run_event(6, 90, COMPLETED),
    ]
    trigger = reactive(expect=(COMPLETED,), after=(FAILED,), within=MINUTE)
    assert [
        "· ignored: awaits an after event (B7)",
        "├ opened until 12:01:01 (B5)",
        "· ignored: a window is open until 12:01:01 (B5)",
        "┤ window over, empty (E5)",
        "├ opened until 12:02:20 (B5)",
        "★ counted 1/1, fired (E2 E3)",
    ] == told(trigger, events)


def test_an_after_event_past_the_window() -> None:
    """In docs it opens anew (S1); on the server it is lost (S2), and later the window forgotten."""
    trigger = reactive(expect=(COMPLETED,), after=(FAILED,), within=MINUTE)
    events = [run_event(1, 0), run_event(2, 70), run_event(3, 200)]
    assert [
        "├ opened until 12:01:00 (B5)",
        "├ window over, empty; opened until 12:02:10 (S1 B5)",
        "├ window over, empty; opened until 12:04:20 (S1 B5)",
    ] == told(trigger, events)
    assert [
        "├ opened until 12:01:00 (B5)",
        "· lost to the window that ended 12:01:00: the server still has it (S2)",
        "├ forgotten at 0/1: its window ended 12:01:00; opened until 12:04:20 (S2 B5)",
    ] == told(trigger, events, dialect="server")


def test_an_event_that_comes_late() -> None:
    """How late an event came is said where it matters."""
    events = [run_event(1, 30), run_event(2, 0), run_event(3, -1000)]
    assert [
        "• opened until 12:01:30, counted 1/3 (B6 E2)",
        "• counted 2/3, 30 s late (E2)",
        "· ignored, 17 min 10 s late: occurred before the window's start (E1)",
    ] == told(reactive(threshold=3, within=MINUTE), events)


def test_an_absence_watch() -> None:
    """Windows of an absence watch follow each other in docs (P4)."""
    assert [
        "├ window until 12:01:00 (P3)",
        "• counted 1/1 (E2)",
        "├ satisfied (1/1): no firing; next window until 12:02:00 (E6)",
        "★ fired: 0/1 by the deadline; next window until 12:03:00 (E3 E6)",
    ] == told(proactive(), [run_event(1, 10, COMPLETED)], start=0, until=120)


def test_an_absence_watch_of_the_server() -> None:
    """The server drops what is satisfied (P5), and arms itself although there is an `after` (P6)."""
    assert [
        "├ armed at start-up without its after event, window until 12:01:00 (P6)",
        "• counted 1/1 (E2)",
        "┤ satisfied (1/1): no firing, no next window (P5)",
        "├ armed again without its after event, window until 12:03:00 (P6)",
    ] == told(
        proactive(after=(RUNNING,)),
        [run_event(1, 10, COMPLETED)],
        start=0,
        until=120,
        dialect="server",
    )


def test_a_heartbeat_renews_the_watch() -> None:
    """An event that is both `after` and `expect` renews what it satisfies (E4)."""
    trigger = proactive(after=(RUNNING,), expect=(RUNNING,))
    events = [run_event(n, second, RUNNING) for n, second in enumerate((0, 30), 1)]
    assert [
        "• window until 12:01:00 (B5 E2)",
        "• counted 1/1, renewed, window until 12:01:30 (E2 E4)",
        "★ fired: 0/1 by the deadline (E3)",
    ] == told(trigger, events, until=100)


def test_a_run_that_answers() -> None:
    """A watch that an `after` event opens ends satisfied or fires, and then rests (E5)."""
    events = [run_event(1, 0, RUNNING), run_event(2, 5, RUNNING), run_event(3, 9, COMPLETED)]
    assert [
        "├ window until 12:01:00 (B5)",
        "· ignored: a window is open until 12:01:00 (B5)",
        "• counted 1/1 (E2)",
        "┤ satisfied (1/1): no firing (E5)",
    ] == told(proactive(after=(RUNNING,)), events, until=100)


def test_alike_steps_are_told_once() -> None:
    """What happens again and again in the same way is one step with a number."""
    trigger = reactive(threshold=2, within=MINUTE)
    report = report_of([automation(trigger)], [run_event(n, n) for n in range(1, 8)])
    steps, _ = steps_of(report.buckets[0], NOON, merge=True)
    assert [1, 1, 5] == [step.times for step in steps]
    assert at(7) == steps[-1].last_at
    assert report.buckets[0].total == sum(step.size for step in steps)


@pytest.mark.parametrize("merge", [False, True])
def test_no_transition_is_lost(merge: bool) -> None:
    """However steps are put together, they tell of every transition."""
    trigger = reactive(threshold=2, within=MINUTE)
    report = report_of([automation(trigger)], [run_event(n, n * 17) for n in range(1, 80)])
    first, last = steps_of(report.buckets[0], NOON, merge=merge)
    assert report.buckets[0].total == sum(step.size for step in (*first, *last))
