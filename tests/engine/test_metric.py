"""Metric triggers by hand: small logs whose every value can be checked with a pencil (K1–K8).

A log's line reads *second, run, state*; ``20/35 a Running`` occurred at 20 and arrives late, when
the clock shows 35. What comes out reads *second, kind, value, event*, ``-`` for none.
"""

import pytest

from trigger_cli.engine.metric import MetricChange, MetricEvaluator
from trigger_cli.engine.metric_window import REMEMBER_OVER
from trigger_cli.model import Event, MetricName, MetricOperator, MetricTrigger
from trigger_cli.times import DAY, SECOND
from trigger_cli.vocabulary import state_name


def metric(
    name: MetricName, operator: MetricOperator, threshold: float, *, over: int, firing_for: int = 0
) -> MetricTrigger:
    """A metric trigger with `over` (its ``range``) and `firing_for` in seconds."""
    return MetricTrigger(
        path="$",
        metric=name,
        operator=operator,
        threshold=threshold,
        range=over * SECOND,
        firing_for=firing_for * SECOND,
    )


def state_event(occurred: int, run: str, state: str, line: int = 1) -> Event:
    """The event that `run` entered `state` at `occurred`, s."""
    return Event(
        line=line,
        id=f"{run} {state}",
        name=f"prefect.flow-run.{state}",
        occurred=occurred * SECOND,
        received=None,
        follows=None,
        resource={"prefect.resource.id": run},
        related=(),
    )


def read_log(text: str) -> list[tuple[Event, int]]:
    """The events of a log as above, each with the clock at its arrival, s."""
    log = []
    for line, row in enumerate(text.strip().splitlines(), 1):
        times, run, state = row.split(maxsplit=2)
        occurred, _, arrives = times.partition("/")
        log.append((state_event(int(occurred), run, state, line), int(arrives or occurred)))
    return log


def pass_time(evaluator: MetricEvaluator, until: int) -> list[MetricChange]:
    """Run every change point up to `until`, s, as the replay's loop does."""
    changes: list[MetricChange] = []
    while (due := evaluator.due()) is not None and due <= until * SECOND:
        changes += evaluator.advance(due)
    return changes


def replay(trigger: MetricTrigger, log: str, until: int) -> tuple[MetricEvaluator, list[str]]:
    """Replay `log` from second 0 to `until`; the evaluator then, and what came out."""
    evaluator = MetricEvaluator(trigger, 0)
    changes: list[MetricChange] = []
    for event, now in read_log(log):
        changes += pass_time(evaluator, now)
        changes += evaluator.take(event, now * SECOND)
    changes += pass_time(evaluator, until)
    return evaluator, [
        f"{change.at / SECOND:g} {change.kind} "
        f"{'-' if change.value is None else format(change.value, 'g')} "
        f"{change.event.id if change.event else '-'}"
        for change in changes
    ]


def assert_replays(trigger: MetricTrigger, log: str, expected: str, *, until: int) -> None:
    """Replaying `log` up to `until` brings exactly the lines of `expected`."""
    _, actual = replay(trigger, log, until)
    assert actual == [" ".join(line.split()) for line in expected.strip().splitlines()]


# --- K2: successes -------------------------------------------------------------------


def test_successes_is_the_fraction_of_runs_that_have_not_failed() -> None:
    """Two of three runs did not fail in the end, and the event that brings it below 0.9 fires."""
    assert_replays(
        metric("successes", "<", 0.9, over=100),
        """
        1  a  Pending
        2  b  Pending
        3  c  Pending
        4  a  Completed
        5  b  Failed
        6  c  Completed
        """,
        """
        1  value     1         a Pending
        5  value     0.666667  b Failed
        5  breached  0.666667  b Failed
        5  fired     0.666667  b Failed
        """,
        until=50,
    )


def test_successes_counts_a_retry_by_its_last_state() -> None:
    """A run that failed and then succeeded is one success, not one of each."""
    assert_replays(
        metric("successes", "<=", 0.5, over=100),
        """
        1  a  Pending
        2  a  Running
        3  a  Failed
        4  a  Scheduled
        5  a  Pending
        6  a  Running
        7  a  Completed
        """,
        """
        1  value       1  a Pending
        3  value       0  a Failed
        3  breached    0  a Failed
        3  fired       0  a Failed
        4  value       1  a Scheduled
        4  unbreached  1  a Scheduled
        4  resolved    1  a Scheduled
        """,
        until=50,
    )


def test_successes_ignores_a_run_never_pending() -> None:
    """A run first seen Running does not count, though it fails; it counts once it was Pending."""
    assert_replays(
        metric("successes", "<", 0.5, over=100),
        """
        1  a  Running
        2  a  Failed
        8  a  Pending
        9  a  Crashed
        """,
        """
        8  value     1  a Pending
        9  value     0  a Crashed
        9  breached  0  a Crashed
        9  fired     0  a Crashed
        """,
        until=50,
    )


def test_successes_remembers_pending_from_before_the_window() -> None:
    """A run Pending at 1 that fails at 500 counts: only its latest event must lie in the window."""
    assert_replays(
        metric("successes", "<", 0.5, over=100),
        """
        1    a  Pending
        500  a  Failed
        """,
        """
        1    value       1  a Pending
        101  value       -  -
        500  value       0  a Failed
        500  breached    0  a Failed
        500  fired       0  a Failed
        600  value       -  -
        600  unbreached  -  -
        600  resolved    -  -
        """,
        until=1000,
    )


@pytest.mark.parametrize(
    ("state", "value"),
    [
        ("Completed", 1.0),
        ("Cancelled", 1.0),
        ("TimedOut", 1.0),
        ("Running", 1.0),
        ("Failed", 0.0),
        ("Crashed", 0.0),
    ],
)
def test_successes_takes_failures_to_the_letter(state: str, value: float) -> None:
    """K2 names Failed and Crashed and no other state: TimedOut and Cancelled are no failures."""
    evaluator, _ = replay(
        metric("successes", "<", 0.0, over=100), f"1 a Pending\n2 a {state}", until=50
    )
    assert evaluator.value == value


def test_successes_change_when_a_run_leaves_the_window() -> None:
    """The success of 10 leaves at 110 exactly and the failure is left: time alone fires."""
    assert_replays(
        metric("successes", "<", 0.5, over=100),
        """
        9   a  Pending
        10  a  Completed
        20  b  Pending
        30  b  Failed
        """,
        """
        9    value       1    a Pending
        30   value       0.5  b Failed
        110  value       0    -
        110  breached    0    -
        110  fired       0    -
        130  value       -    -
        130  unbreached  -    -
        130  resolved    -    -
        """,
        until=200,
    )


def test_nine_of_ten_is_not_below_nine_tenths() -> None:
    """Value and threshold compare as written: 9/10 is not below 0.9, though binary 0.9 is above."""
    log = "\n".join(f"{n} run-{n} Pending" for n in range(10)) + "\n20 run-3 Failed"
    evaluator, changes = replay(metric("successes", "<", 0.9, over=100), log, until=50)
    assert evaluator.value == 0.9
    assert [change for change in changes if "breached" in change] == []


# --- K3: duration --------------------------------------------------------------------


def test_duration_is_the_mean_from_running_to_the_terminal_state() -> None:
    """Runs of 10 s, 20 s and 60 s: the mean goes 10, 15, 30."""
    assert_replays(
        metric("duration", ">", 20, over=1000),
        """
        0   a  Running
        0   b  Running
        0   c  Running
        10  a  Completed
        20  b  Failed
        60  c  Cancelled
        """,
        """
        10  value     10  a Completed
        20  value     15  b Failed
        60  value     30  c Cancelled
        60  breached  30  c Cancelled
        60  fired     30  c Cancelled
        """,
        until=500,
    )


@pytest.mark.parametrize("state", ["Completed", "Failed", "Crashed", "Cancelled", "TimedOut"])
def test_duration_ends_with_each_terminal_state(state: str) -> None:
    """K3 names five terminal states, and each of them ends the measure."""
    evaluator, _ = replay(
        metric("duration", ">", 0, over=100), f"1 a Running\n8 a {state}", until=50
    )
    assert evaluator.value == 7.0


@pytest.mark.parametrize(
    ("log", "value"),
    [
        pytest.param("0 a Running\n5 a Running\n9 a Completed", 4.0, id="latest Running"),
        pytest.param("0 a Running\n5 a Failed\n9 a Completed", 5.0, id="next terminal only"),
        pytest.param("0 a Running\n6 a Failed\n7 a Running\n9 a Completed", 4.0, id="retry: 6, 2"),
        pytest.param("0 a Running\n5 a Paused\n9 a Completed", 9.0, id="other states between"),
        pytest.param("9 a Completed", None, id="never Running"),
        pytest.param("9 a Running", None, id="not yet ended"),
        pytest.param("0 a Pending\n9 a Cancelled", None, id="cancelled before it ran"),
        pytest.param("0 a Running\n9 b Completed", None, id="another run"),
    ],
)
def test_duration_pairs_running_with_the_next_terminal_state(log: str, value: float | None) -> None:
    """From a run's latest Running to its next terminal event; each pair counts in itself."""
    evaluator, _ = replay(metric("duration", ">", 100, over=1000), log, until=50)
    assert evaluator.value == value


def test_duration_of_a_run_longer_than_the_window() -> None:
    """Only the terminal event must lie in the window: a run of 500 s counts for 100 s after it."""
    assert_replays(
        metric("duration", ">=", 500, over=100),
        """
        0    a  Running
        500  a  Completed
        """,
        """
        500  value       500  a Completed
        500  breached    500  a Completed
        500  fired       500  a Completed
        600  value       -    -
        600  unbreached  -    -
        600  resolved    -    -
        """,
        until=1000,
    )


def test_a_terminal_event_before_the_window_still_ends_its_run() -> None:
    """Completed at 10 has left by 300, but Failed at 300 is still not the *next* after Running."""
    evaluator, _ = replay(
        metric("duration", ">", 0, over=100),
        "0 a Running\n10 a Completed\n300 a Failed",
        until=300,
    )
    assert evaluator.value is None


# --- K4: lateness --------------------------------------------------------------------


def test_lateness_is_the_mean_from_late_to_running_or_crashed() -> None:
    """Late for 5 s until Running and for 15 s until Crashed: 10 on average; c was never Late."""
    assert_replays(
        metric("lateness", ">=", 10, over=1000),
        """
        0   a  Late
        0   b  Late
        0   c  Scheduled
        5   a  Running
        9   c  Running
        15  b  Crashed
        """,
        """
        5   value     5   a Running
        15  value     10  b Crashed
        15  breached  10  b Crashed
        15  fired     10  b Crashed
        """,
        until=500,
    )


@pytest.mark.parametrize(
    ("log", "value"),
    [
        pytest.param("0 a Late\n5 a Late\n9 a Running", 4.0, id="latest Late"),
        pytest.param("0 a Late\n5 a Pending\n9 a Running", 9.0, id="Pending does not end it"),
        pytest.param("0 a Late\n5 a Running\n9 a Crashed", 5.0, id="next only"),
        pytest.param("0 a Late\n9 a Cancelled", None, id="Cancelled does not end it"),
        pytest.param("9 a Running", None, id="never Late"),
    ],
)
def test_lateness_pairs_late_with_the_next_running_or_crashed(
    log: str, value: float | None
) -> None:
    """From a run's latest Late to its next Running or Crashed, and nothing else ends it."""
    evaluator, _ = replay(metric("lateness", ">", 100, over=1000), log, until=50)
    assert evaluator.value == value


# --- K5, K1: nothing to measure, and what is no state -----------------------------------


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("name", ["successes", "duration", "lateness"])
def test_an_undefined_value_never_breaches(name: MetricName, operator: MetricOperator) -> None:
    """With no run to measure there is no value, so no threshold is met, and nothing is due."""
    evaluator = MetricEvaluator(metric(name, operator, 0, over=100), 0)
    assert evaluator.advance(10 * DAY) == []
    assert (evaluator.value, evaluator.state, evaluator.due()) == (None, "Resolved", None)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("prefect.flow-run.Completed", "Completed"),
        ("prefect.flow-run.Data Ready", "Data Ready"),
        ("prefect.flow-run.v1.2", "v1.2"),
        ("prefect.flow-run.heartbeat", None),
        ("prefect.flow-run.pull-step.executed", None),
        ("prefect.flow-run.pull-step.failed", None),
        ("prefect.flow-run.", None),
        ("prefect.task-run.Completed", None),
    ],
)
def test_what_is_a_state(name: str, state: str | None) -> None:
    """A state may have any name; Prefect's other events with the same prefix are none."""
    assert state_name(name) == state


def test_a_heartbeat_does_not_hide_a_failure() -> None:
    """A heartbeat after Failed is no state: the run's latest state is still Failed."""
    evaluator, _ = replay(
        metric("successes", "<", 0.5, over=100), "1 a Pending\n2 a Failed\n3 a heartbeat", until=50
    )
    assert evaluator.value == 0.0


def test_an_event_without_a_run_changes_nothing() -> None:
    """An event whose resource has no id names no run, and is not counted as one."""
    evaluator = MetricEvaluator(metric("successes", "<", 0.5, over=100), 0)
    nameless = state_event(1, "a", "Pending")._replace(resource={})
    assert evaluator.take(nameless, SECOND) == []
    assert evaluator.runs() == []


# --- K7: operators, firing, resolving --------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "fires_at"),
    [
        ("<", [4]),
        ("<=", [4, 5]),
        (">", [6]),
        (">=", [5, 6]),
    ],
)
def test_operators(operator: MetricOperator, fires_at: list[int]) -> None:
    """Runs of 4, 5 and 6 s alone in the window, against 5: each operator fires on its own."""
    fired = []
    for length in (4, 5, 6):
        _, changes = replay(
            metric("duration", operator, 5, over=100),
            f"0 a Running\n{length} a Completed",
            until=50,
        )
        if f"{length} fired {length} a Completed" in changes:
            fired.append(length)
    assert fired == fires_at


def test_firing_for_counts_from_the_breach() -> None:
    """Breached at 10 and still so 600 s later: it fires at 610, by time alone, and only once."""
    assert_replays(
        metric("successes", "<", 0.9, over=2000, firing_for=600),
        """
        0   a  Pending
        10  a  Failed
        50  b  Pending
        60  b  Failed
        """,
        """
        0    value     1    a Pending
        10   value     0    a Failed
        10   breached  0    a Failed
        50   value     0.5  b Pending
        60   value     0    b Failed
        610  fired     0    -
        """,
        until=1900,
    )


def test_a_break_of_one_second_starts_firing_for_over() -> None:
    """Broken at 608, breached again at 609, one second before it would fire: it fires at 1209."""
    assert_replays(
        metric("successes", "<=", 0.5, over=5000, firing_for=600),
        """
        0    a  Pending
        9    b  Pending
        10   b  Failed
        608  c  Pending
        609  c  Failed
        """,
        """
        0     value       1         a Pending
        10    value       0.5       b Failed
        10    breached    0.5       b Failed
        608   value       0.666667  c Pending
        608   unbreached  0.666667  c Pending
        609   value       0.333333  c Failed
        609   breached    0.333333  c Failed
        1209  fired       0.333333  -
        """,
        until=3000,
    )


def test_a_break_within_one_instant_is_a_break() -> None:
    """Each event is looked at: healed and breached anew at the same second 300, it fires at 900."""
    assert_replays(
        metric("successes", "<=", 0.5, over=5000, firing_for=600),
        """
        0    a  Pending
        9    b  Pending
        10   b  Failed
        300  c  Pending
        300  c  Failed
        """,
        """
        0    value       1         a Pending
        10   value       0.5       b Failed
        10   breached    0.5       b Failed
        300  value       0.666667  c Pending
        300  unbreached  0.666667  c Pending
        300  value       0.333333  c Failed
        300  breached    0.333333  c Failed
        900  fired       0.333333  -
        """,
        until=3000,
    )


def test_the_deadline_comes_before_an_event_at_the_same_instant() -> None:
    """The event of 70 would end the breach of 10, but at 70 the 60 s have passed already (T4)."""
    assert_replays(
        metric("successes", "<", 0.5, over=5000, firing_for=60),
        """
        0   a  Pending
        10  a  Failed
        70  a  Completed
        """,
        """
        0    value       1  a Pending
        10   value       0  a Failed
        10   breached    0  a Failed
        70   fired       0  -
        70   value       1  a Completed
        70   unbreached  1  a Completed
        130  resolved    1  -
        """,
        until=3000,
    )


def test_an_exit_comes_before_the_deadline_at_the_same_instant() -> None:
    """The only failure leaves the window at the very instant of the deadline: nothing fires."""
    assert_replays(
        metric("successes", "<", 0.5, over=60, firing_for=60),
        """
        0   a  Pending
        10  a  Failed
        """,
        """
        0   value       1  a Pending
        10  value       0  a Failed
        10  breached    0  a Failed
        70  value       -  -
        70  unbreached  -  -
        """,
        until=3000,
    )


def test_what_leaves_at_one_instant_leaves_together() -> None:
    """Runs of 1 s and 9 s leave at 70, and the mean of 8 s stays: there is no value in between."""
    assert_replays(
        metric("duration", ">", 7, over=60, firing_for=90),
        """
        1   b  Running
        9   a  Running
        10  a  Completed
        10  b  Completed
        52  c  Running
        60  c  Completed
        """,
        """
        10   value       1  a Completed
        10   value       5  b Completed
        60   value       6  c Completed
        70   value       8  -
        70   breached    8  -
        120  value       -  -
        120  unbreached  -  -
        """,
        until=3000,
    )


def test_it_resolves_after_firing_for_without_a_breach_and_fires_again() -> None:
    """A breach of 20 s inside the healing puts off the resolution; the next one fires anew."""
    assert_replays(
        metric("successes", "<", 0.5, over=9000, firing_for=60),
        """
        0    a  Pending
        10   a  Failed
        100  a  Completed
        120  a  Failed
        140  a  Completed
        300  a  Crashed
        """,
        """
        0    value       1  a Pending
        10   value       0  a Failed
        10   breached    0  a Failed
        70   fired       0  -
        100  value       1  a Completed
        100  unbreached  1  a Completed
        120  value       0  a Failed
        120  breached    0  a Failed
        140  value       1  a Completed
        140  unbreached  1  a Completed
        200  resolved    1  -
        300  value       0  a Crashed
        300  breached    0  a Crashed
        360  fired       0  -
        """,
        until=3000,
    )


def test_with_firing_for_0_each_breach_fires() -> None:
    """It fires as the breach begins and is resolved as it ends, each with the event that did it."""
    assert_replays(
        metric("successes", "<", 0.5, over=9000),
        """
        0   a  Pending
        10  a  Failed
        20  a  Completed
        30  a  Failed
        """,
        """
        0   value       1  a Pending
        10  value       0  a Failed
        10  breached    0  a Failed
        10  fired       0  a Failed
        20  value       1  a Completed
        20  unbreached  1  a Completed
        20  resolved    1  a Completed
        30  value       0  a Failed
        30  breached    0  a Failed
        30  fired       0  a Failed
        """,
        until=3000,
    )


def test_a_window_that_empties_resolves() -> None:
    """An undefined value is no breach: 60 s after the last run left, the trigger is resolved."""
    assert_replays(
        metric("successes", "<", 0.5, over=100, firing_for=60),
        """
        0   a  Pending
        10  a  Failed
        """,
        """
        0    value       1  a Pending
        10   value       0  a Failed
        10   breached    0  a Failed
        70   fired       0  -
        110  value       -  -
        110  unbreached  -  -
        170  resolved    -  -
        """,
        until=3000,
    )


# --- Order: late events ----------------------------------------------------------------


def test_a_late_event_counts_from_its_arrival() -> None:
    """Failed occurred at 20 and arrives at 50: the breach begins at 50, and ends at 20 + range."""
    assert_replays(
        metric("successes", "<", 0.5, over=100, firing_for=60),
        """
        10     a  Pending
        20/50  a  Failed
        """,
        """
        10   value       1  a Pending
        50   value       0  a Failed
        50   breached    0  a Failed
        110  fired       0  -
        120  value       -  -
        120  unbreached  -  -
        180  resolved    -  -
        """,
        until=3000,
    )


def test_the_latest_state_is_the_latest_to_occur() -> None:
    """Completed arrives before the Failed that it had followed: the run ends Completed."""
    evaluator, _ = replay(
        metric("successes", "<", 0.5, over=100),
        """
        10     a  Pending
        30     a  Completed
        20/40  a  Failed
        """,
        until=50,
    )
    assert evaluator.value == 1.0


def test_of_two_states_at_one_instant_the_later_processed_is_the_latest() -> None:
    """Ties of `occurred` go by processing order, whichever way round."""
    trigger = metric("successes", "<", 0.5, over=100)
    failed_last, _ = replay(trigger, "1 a Pending\n2 a Completed\n2 a Failed", until=50)
    failed_first, _ = replay(trigger, "1 a Pending\n2 a Failed\n2 a Completed", until=50)
    assert (failed_last.value, failed_first.value) == (0.0, 1.0)


def test_a_late_pending_lets_its_run_count() -> None:
    """The run's failure was in the window all along; the late Pending is what makes it count."""
    assert_replays(
        metric("successes", "<", 0.5, over=100),
        """
        5     a  Running
        6     a  Failed
        2/30  a  Pending
        """,
        """
        30   value       0  a Pending
        30   breached    0  a Pending
        30   fired       0  a Pending
        106  value       -  -
        106  unbreached  -  -
        106  resolved    -  -
        """,
        until=3000,
    )


def test_late_events_change_what_is_paired() -> None:
    """40 s from 0; then 10 from 30; then 5, ended at 35; then the 20 s ended at 20 as well."""
    assert_replays(
        metric("duration", ">", 1000, over=100),
        """
        0      a  Running
        40     a  Completed
        30/50  a  Running
        35/55  a  Failed
        20/60  a  Failed
        """,
        """
        40   value  40    a Completed
        50   value  10    a Running
        55   value  5     a Failed
        60   value  12.5  a Failed
        120  value  5     -
        135  value  -     -
        """,
        until=3000,
    )


def test_a_late_event_beyond_the_window_never_counts_but_is_known() -> None:
    """Completed of 10 comes when the window is past it; Running of 20 still starts the next one."""
    assert_replays(
        metric("duration", ">", 1000, over=100),
        """
        0       a  Running
        10/200  a  Completed
        20/200  a  Running
        220     a  Completed
        """,
        """
        220  value  200  a Completed
        320  value  -    -
        """,
        until=3000,
    )


def test_a_released_event_is_taken_before_the_deadline_of_its_instant() -> None:
    """Taken before ``advance`` at the same instant (T4), it can still prevent the firing of 70."""
    evaluator = MetricEvaluator(metric("successes", "<", 0.5, over=5000, firing_for=60), 0)
    evaluator.take(state_event(0, "a", "Pending"), 0)
    evaluator.take(state_event(10, "a", "Failed"), 10 * SECOND)
    assert evaluator.due() == 70 * SECOND
    kinds = [
        change.kind for change in evaluator.take(state_event(65, "a", "Completed"), 70 * SECOND)
    ]
    assert kinds == ["value", "unbreached"]
    assert evaluator.advance(70 * SECOND) == []


# --- What can be asked of it -------------------------------------------------------------


def test_runs_say_why_the_value_is_what_it_is() -> None:
    """Each run behind a success rate: its latest state, whether it failed, when it leaves."""
    evaluator, _ = replay(
        metric("successes", "<", 0.5, over=100),
        "1 a Pending\n2 b Pending\n3 c Running\n4 b Failed\n5 a Running",
        until=50,
    )
    assert [
        (m.run, m.state, m.failed, m.leaves // SECOND, m.event_line) for m in evaluator.runs()
    ] == [
        ("b", "Failed", True, 104, 4),
        ("a", "Running", False, 105, 5),
    ]


def test_runs_say_how_long_each_took() -> None:
    """Each span behind a mean: when it began and ended, how long it took, and by which event."""
    evaluator, _ = replay(
        metric("duration", ">", 1000, over=100),
        "0 a Running\n3 b Running\n10 a Failed\n11 a Running\n14 a Completed\n90 b Completed",
        until=112,
    )
    assert [(m.run, m.began, m.duration, m.event_id) for m in evaluator.runs()] == [
        ("a", 11 * SECOND, 3 * SECOND, "a Completed"),
        ("b", 3 * SECOND, 87 * SECOND, "b Completed"),
    ]


def test_the_deadline_of_a_firing_can_be_asked_for() -> None:
    """What is pending at the end (T5): when it would fire if nothing happens."""
    trigger = metric("successes", "<", 0.5, over=5000, firing_for=60)
    waiting, _ = replay(trigger, "0 a Pending\n10 a Failed", until=69)
    assert ("Resolved", 70 * SECOND) == (waiting.state, waiting.fires_at)
    healing, _ = replay(trigger, "0 a Pending\n10 a Failed\n80 a Completed", until=81)
    assert ("Triggered", None) == (healing.state, healing.fires_at)


def test_one_advance_runs_every_change_point_on_the_way() -> None:
    """A single call far ahead gives the same as one call for each `due`, at the same instants."""
    log = "0 a Pending\n10 a Failed\n20 b Pending"
    trigger = metric("successes", "<=", 0.5, over=100, firing_for=30)
    _, step_by_step = replay(trigger, log, until=5000)
    evaluator, at_first = replay(trigger, log, until=20)
    rest = [f"{c.at / SECOND:g} {c.kind}" for c in evaluator.advance(5000 * SECOND)]
    assert rest == [" ".join(line.split()[:2]) for line in step_by_step[len(at_first) :]]
    assert rest[0] == "40 fired"


def test_rules_are_cited() -> None:
    """Each change names the rule that brought it: the metric's own, K5, K6 or K7."""
    evaluator = MetricEvaluator(metric("duration", ">", 5, over=100), 0)
    changes = []
    for event, now in read_log("0 a Running\n6 a Completed\n0 b Running\n10 b Completed"):
        changes += evaluator.take(event, now * SECOND)
    changes += pass_time(evaluator, 500)
    assert [(change.kind, change.rule) for change in changes] == [
        ("value", "K3"),
        ("breached", "K7"),
        ("fired", "K7"),
        ("value", "K3"),
        ("value", "K6"),
        ("value", "K5"),
        ("unbreached", "K7"),
        ("resolved", "K7"),
    ]


# --- What it costs -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["successes", "duration", "lateness"])
def test_runs_that_are_over_are_forgotten(name: MetricName) -> None:
    """Of 2,000 runs over 20 days, only those of the last day, and its window, are still known."""
    evaluator = MetricEvaluator(metric(name, ">", 0, over=3600), 0)
    step = 20 * DAY // 2000
    for number in range(2000):
        now = number * step
        for state in ("Late", "Pending", "Running", "Completed"):
            event = state_event(0, f"run-{number}", state)._replace(occurred=now)
            evaluator.advance(now)
            evaluator.take(event, now)
    known = evaluator._window._runs  # type: ignore[attr-defined]
    expected = (REMEMBER_OVER + 3600 * SECOND) // step + 1
    assert len(known) == expected


def test_a_run_that_is_not_over_is_never_forgotten() -> None:
    """Running for 400 days, with a window of a minute: its end is measured all the same."""
    evaluator = MetricEvaluator(metric("duration", ">", 0, over=60), 0)
    evaluator.take(state_event(0, "a", "Running"), 0)
    for day in range(1, 400):
        evaluator.take(
            state_event(0, f"b{day}", "Completed")._replace(occurred=day * DAY), day * DAY
        )
    end = state_event(0, "a", "Completed")._replace(occurred=400 * DAY)
    evaluator.take(end, 400 * DAY)
    assert evaluator.value == 400 * DAY / SECOND


def test_the_events_of_one_long_run_are_not_hoarded() -> None:
    """A run that goes on for ever keeps what is in the window, not its whole history."""
    evaluator = MetricEvaluator(metric("duration", ">", 0, over=100), 0)
    for second in range(0, 20_000, 2):
        evaluator.take(state_event(second, "a", "Running"), second * SECOND)
        evaluator.take(state_event(second + 1, "a", "Failed"), (second + 1) * SECOND)
    (events,) = evaluator._window._runs.values()  # type: ignore[attr-defined]
    assert len(evaluator.runs()) == 50
    assert len(events) <= 2 * 100 + 2
