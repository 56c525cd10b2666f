"""`bucket_states.py`: the state of buckets at an instant."""

import pytest

from tests.support import lines_run
from tests.testing.helpers import failures, one_test, suite
from trigger_cli.testing.running import run_scenario

PROACTIVE = (
    "{posture: Proactive, after: [prefect.flow-run.Running], expect: [prefect.flow-run.Completed],"
    " within: 60, for_each: [prefect.resource.id]}"
)
SEQUENCE = (
    "{type: sequence, within: 60, triggers: [{expect: [a], posture: Reactive},"
    " {expect: [b], posture: Reactive}]}"
)


@pytest.mark.parametrize(
    ("at", "stands"),
    [
        ("+0s", "bucket: open, count: 0"),
        ("+59.999999s", "bucket: open"),
        ("+60s", "bucket: none"),
        ("+70s", "bucket: open, count: 1"),
    ],
)
def test_a_watch_is_open_until_its_end(at, stands):
    """The instant of its deadline is past it (B1); nothing opens a keyed watch but `after`."""
    events = (
        "flow-run Running name=a at +0s",
        "flow-run Running name=a at +70s",
        "flow-run Completed name=a at +70s",
    )
    assert [] == failures(one_test(f"[{{{stands}, at: {at}}}]", events, trigger=PROACTIVE))


def test_a_composite_holds_firings_of_its_children():
    """Those older than `within` are no longer held (C3)."""
    expect = (
        "[{count: 1, at: +60s}, {bucket: none, at: +60.000001s},"
        " {trigger: '$.triggers[0]', bucket: none, at: +90s}]"
    )
    assert [] == failures(one_test(expect, ("event a at +0s",), trigger=SEQUENCE))


def test_an_immediate_bucket_has_no_end_but_on_the_server():
    """S2 forgets it 60 s later."""
    trigger = "{after: [a], expect: [b], posture: Reactive, within: 0}"
    for dialect, after in (("docs", "open"), ("server", "none")):
        expect = f"[{{bucket: open, at: +59s}}, {{bucket: {after}, at: +60s}}]"
        text = one_test(expect, ("event a at +0s",), f"  dialect: {dialect}\n", trigger)
        assert [] == failures(text)


def test_other_buckets_do_not_answer_for_one_that_is_asked_for():
    """`labels` choose the bucket."""
    expect = "[{bucket: none, at: +1s, labels: {prefect.resource.id: prefect.flow-run.b}}]"
    events = ("flow-run Running name=a at +0s",)
    assert [] == failures(one_test(expect, events, trigger=PROACTIVE))
    assert [] != failures(one_test(expect.replace(".b", ".a"), events, trigger=PROACTIVE))


def test_expectations_of_buckets_take_time_that_grows_as_their_number():
    """Each went through all records again."""

    def work(number):
        expect = ", ".join(f"{{bucket: none, trigger: '$', at: +{n}s}}" for n in range(number))
        events = (f"event z at +0s x{number} every 1s",)
        one = suite(
            one_test(
                f"[{expect}]",
                events,
                trigger="{posture: Reactive, expect: [z], within: 9, threshold: 2}",
            )
        )
        (scenario,) = one.scenarios
        return lines_run(lambda: list(run_scenario(scenario, {})))

    assert work(800) < 10 * work(100)
