"""Metric triggers against the brute-force oracle: on any log, not one change differs."""

from typing import get_args
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.engine.metric_oracle import Arrival, replay_evaluator, replay_oracle
from trigger_cli.model import Event, MetricName, MetricOperator, MetricTrigger

# The rarer states are there too, but a metric's own states come often enough to pair up.
STATES = {
    "successes": ("Pending", "Pending", "Running", "Completed", "Failed", "Crashed", "TimedOut"),
    "duration": ("Running", "Running", "Completed", "Failed", "Cancelled", "TimedOut", "Crashed"),
    "lateness": ("Late", "Late", "Running", "Crashed", "Completed"),
}
OTHER_STATES = ("Scheduled", "Late", "Paused", "Pending", "heartbeat", "pull-step.executed")
THRESHOLDS = {
    "successes": (0.0, 1 / 3, 0.5, 2 / 3, 0.75, 1.0),
    "duration": (0.0, 1e-6, 1.5e-6, 2e-6, 4e-6),
    "lateness": (0.0, 1e-6, 1.5e-6, 2e-6, 4e-6),
}
# Instants are single microseconds, few of them, so that events tie, exits meet events and
# deadlines meet both: where the rules are hard. An event may come up to LATEST µs late.
LATEST = 12


@st.composite
def triggers(draw: st.DrawFn, metric: MetricName) -> MetricTrigger:
    return MetricTrigger(
        path="$",
        metric=metric,
        threshold=draw(st.sampled_from(THRESHOLDS[metric])),
        operator=draw(st.sampled_from(get_args(MetricOperator))),
        range=draw(st.integers(1, 10)),
        firing_for=draw(st.sampled_from((0, 0, 1, 2, 3, 5))),
    )


@st.composite
def logs(draw: st.DrawFn, metric: MetricName) -> list[Arrival]:
    """Events as the replay takes them: the clock never goes back, `occurred` may."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from((0, 0, 0, 1, 1, 1, 2, 4)),  # how far the clock moves
                st.sampled_from((0, 0, 0, 0, 1, 2, 3, LATEST)),  # how late the event is
                st.sampled_from("aabc"),
                st.sampled_from(STATES[metric] * 2 + OTHER_STATES),
                st.sampled_from((False, False, False, True)),  # released?
            ),
            max_size=22,
        )
    )
    arrivals: list[Arrival] = []
    now = LATEST
    for line, (moves, late, run, state, released) in enumerate(steps, 1):
        now += moves
        # At one instant, what is released comes before what is read (T4).
        first = not arrivals or arrivals[-1].now < now or arrivals[-1].released
        event = Event(
            line=line,
            id=f"e{line}",
            name=f"prefect.flow-run.{state}",
            occurred=now - late,
            received=None,
            follows=None,
            resource={"prefect.resource.id": f"prefect.flow-run.{run}"},
            related=(),
        )
        arrivals.append(Arrival(event, now, released and first))
    return arrivals


@pytest.mark.parametrize("metric", get_args(MetricName))
def test_evaluator_agrees_with_the_oracle(metric: MetricName) -> None:
    """Values, breaches, firings and resolutions, their times and events: all as by brute force."""

    @settings(max_examples=60)
    @given(trigger=triggers(metric), arrivals=logs(metric), quiet=st.integers(0, 20))
    def agree(trigger: MetricTrigger, arrivals: list[Arrival], quiet: int) -> None:
        until = (arrivals[-1].now if arrivals else LATEST) + quiet
        expected, counted = replay_oracle(trigger, arrivals, LATEST, until)
        actual, evaluator = replay_evaluator(trigger, arrivals, LATEST, until)
        assert actual == expected
        assert [
            (measure.occurred, measure.run, measure.state, measure.began)
            for measure in evaluator.runs()
        ] == [(seen.occurred, seen.run, seen.state, began) for seen, began in counted]

    agree()


@pytest.mark.parametrize("metric", ["duration", "lateness"])
def test_forgetting_loses_nothing_of_a_log_in_order(metric: MetricName) -> None:
    """If no event is late, K3 and K4 come out the same although ended runs are soon forgotten."""

    @settings(max_examples=60)
    @given(trigger=triggers(metric), arrivals=logs(metric))
    def agree(trigger: MetricTrigger, arrivals: list[Arrival]) -> None:
        in_order = [
            arrival._replace(event=arrival.event._replace(occurred=arrival.now))
            for arrival in arrivals
        ]
        until = (arrivals[-1].now if arrivals else LATEST) + 20
        short = replace(trigger, range=min(trigger.range, 3))
        expected, _ = replay_oracle(short, in_order, LATEST, until)
        with patch("trigger_cli.engine.metric_window.REMEMBER_OVER", 0):
            actual, _ = replay_evaluator(short, in_order, LATEST, until)
        assert actual == expected

    agree()
