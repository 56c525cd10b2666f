"""`judging.py` and `fitting.py`: what happened, held against what was expected."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from tests.testing.helpers import failures, one_test, results
from trigger_cli.model import Automation, EventTrigger, Firing
from trigger_cli.testing.fitting import paired
from trigger_cli.testing.records import NOWHERE, FiringWanted
from trigger_cli.times import TimePoint

KEYED = (
    "{expect: [prefect.flow-run.Failed], posture: Reactive, threshold: 2, within: 60,"
    " for_each: [prefect.resource.id]}"
)
TWO_KEYS = (
    "flow-run Failed name=a at +0s x2 every 10s",
    "flow-run Failed name=b at +5s x2 every 20s",
)


@pytest.mark.parametrize(
    "expect",
    [
        "[{fires: 1}]",
        "{fires: once}",
        "[{fires: at least 1}, {fires: at most 1}, {fires: exactly 1}]",
        "[{fires: 1, at: +30s}, {fires: never, at: +31s}, {fires: 1, at: [+1s, +30s]}]",
        "[{between: [+20s, +30s]}, {fires: never, between: [+0s, +29s]}]",
        "[{event: event-2}, {event: flow-run.Failed}, {event: prefect.flow-run.*}]",
        "[{event: {id: event-2, event: flow-run Failed}}]",
        "[{event: {resource: {prefect.resource.id: prefect.flow-run.1}}}]",
        "[{firings: [{at: +30s, event: event-2}], exact: true}]",
        "[{bucket: open, count: 1, at: +0s}, {bucket: cooling-down, at: +30s}]",
        "[{count: 1, at: +0s}]",
        "[{cause: fired}]",
    ],
)
def test_what_is_true_passes(expect):
    """Two failures, half a minute apart: one firing at the second."""
    assert [] == failures(one_test(expect))


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("[{fires: 2}]", "expected 2 firings, got 1"),
        ("[{fires: never}]", "expected no firing, got 1"),
        ("[{fires: at least 2}]", "expected at least 2 firings, got 1"),
        ("[{fires: 1, at: +31s}]", "expected 1 firing at +31s, got 0"),
        (
            "[{fires: 1, at: [+1s, +2s, +3s, +4s, +5s]}]",
            "expected 1 firing at +1s or +2s or +3s or +4s or +5s, got 0",
        ),
        ("[{firings: [{at: +1s}]}]", "1 of 1 expected firings is missing"),
        ("[{firings: [], exact: true}]", "1 not expected"),
        (
            "[{bucket: none, at: +0s}]",
            "at +0s: expected bucket: none; got bucket: open, count: 1",
        ),
        ("[{count: 2, at: +0s}]", "at +0s: expected count: 2; got bucket: open, count: 1"),
        ("[{cause: below-threshold}]", "expected the cause below-threshold, got fired"),
    ],
)
def test_what_is_false_fails(expect, message):
    """The message says what was expected and what came."""
    assert [message] == failures(one_test(expect))


@pytest.mark.parametrize(
    ("claim", "marks"),
    [
        ("fires: never", "-+++"),
        ("fires: 1", "-+  "),
        ("fires: never, at: +30s", "-++~"),
        ("fires: at least 2, at: +30s", "-+ ~"),
        ("fires: 1, at: +1s", "-+~~"),
    ],
)
def test_the_difference_marks_each_firing(claim, marks):
    """Unexpected if none may come, counted otherwise, or beside those that are counted."""
    events = ("flow-run Failed at +0s x2 every 30s", "flow-run Failed at +3m x2 every 10s")
    ((failure,),) = (one.failures for one in results(one_test(f"[{{{claim}}}]", events)))
    assert marks == "".join(line.mark for line in failure.diff)
    got = marks.count("+") - 1 or marks.count(" ")
    assert f"fires: {got or 'never'}" == failure.diff[1].text


def test_buckets_are_told_apart_by_their_labels():
    """Partial by default; exact lists must name all."""
    a, b = (f"{{prefect.resource.id: prefect.flow-run.{one}}}" for one in "ab")
    expect = f"[{{fires: 1, labels: {a}}}, {{firings: [{{labels: {b}}}]}}]"
    assert [] == failures(one_test(expect, TWO_KEYS, trigger=KEYED))
    exact = f"[{{firings: [{{at: +10s, labels: {a}}}, {{at: +25s}}], exact: true}}]"
    assert ["1 of 2 expected firings is missing, 1 not expected"] == failures(
        one_test(exact, TWO_KEYS, trigger=KEYED)
    )


def test_a_time_past_the_end_extends_the_test():
    """Without `until`, a test goes on to the last time it names."""
    proactive = (
        "{posture: Proactive, after: [prefect.flow-run.Running],"
        " expect: [prefect.flow-run.Completed], within: 60, for_each: [prefect.resource.id]}"
    )
    running = ("flow-run Running name=a at +0s",)
    assert [] == failures(one_test("[{fires: 1, at: +60s}]", running, trigger=proactive))
    assert ["expected 1 firing at +1m, got 0; the test ends at +30s"] == failures(
        one_test("[{fires: 1, at: +1m}]", running, "  until: +30s\n", trigger=proactive)
    )


def test_an_expectation_may_hold_in_one_dialect():
    """`dialect: server` is looked at in that one alone."""
    star = "{expect: ['thing*'], posture: Reactive}"
    expect = "[{dialect: docs, fires: 1}, {dialect: server, fires: never}]"
    text = one_test(expect, ("event thing",), "  dialect: [docs, server]\n", trigger=star)
    assert [True, True] == [one.passed for one in results(text)]


def test_a_missing_firing_is_shown_among_those_that_came():
    """Expected against got, in the notation of the test file."""
    (result,) = results(one_test("[{firings: [{at: +10s}, {at: +30s}], exact: true}]"))
    assert [("-", "{at: +10s}"), (" ", "{at: +30s, event: event-2}")] == [
        astuple(line) for line in result.failures[0].diff
    ]


TRIGGER = EventTrigger("$")
AUTOMATION = Automation(0, "a", "f", TRIGGER)


def firing(at):
    return Firing(0, AUTOMATION, TRIGGER, at, (), None, ())


@given(
    st.lists(st.integers(0, 6), max_size=7),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted), max_size=6),
)
def test_as_many_as_can_be_are_paired(times, spans):
    """A vague item never takes the firing that a precise one needs: the pairing is maximal."""
    wanted = [FiringWanted(NOWHERE, between=(TimePoint(a), TimePoint(b))) for a, b in spans]
    firings = [firing(one) for one in sorted(times)]
    pairs = paired(wanted, firings, 0, exact=False)
    assert len(pairs) == len(set(pairs.values()))
    assert all(spans[i][0] <= firings[p].at <= spans[i][1] for i, p in pairs.items())
    # Greedy by the earliest end is optimal for intervals.
    left, best = sorted(times), 0
    for a, b in sorted(spans, key=lambda one: one[1]):
        found = next((one for one in left if a <= one <= b), None)
        if found is not None:
            left.remove(found)
            best += 1
    assert best == len(pairs)
