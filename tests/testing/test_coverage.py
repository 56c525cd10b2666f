"""`coverage.py`: which clauses the tests have exercised, both ways."""

from tests.testing.helpers import suite
from trigger_cli.testing.coverage import Coverage
from trigger_cli.testing.running import run_scenario


def covered(trigger, *events, dialect="docs", more=""):
    """Each clause with what no test has shown of it."""
    listed = "".join(f"  - {one}\n" for one in events)
    read = suite(
        f"triggers: {trigger}\ndialect: {dialect}\ntests:\n- name: x\n{more}"
        f"  expect: {{fires: at least 0}}\n  events:\n{listed}"
    )
    assert () == read.findings, [one.message for one in read.findings]
    coverage = Coverage()
    for scenario in read.scenarios:
        coverage.add(scenario.automations, scenario.name)
        list(run_scenario(scenario, {}, coverage.watch))
    coverage.finish()
    (automation,) = coverage.automations
    return {f"{one.trigger} {one.name}": one.unseen for one in automation.clauses.values()}


THRESHOLD = (
    "{posture: Reactive, match: {prefect.resource.name: a}, expect: [x], threshold: 2, within: 60}"
)


def test_names_labels_thresholds_and_windows():
    """Each answer comes of the event that shows it."""
    assert {
        "$ expect x": ("matched", "other names"),
        "$ match.prefect.resource.name": ("passed", "refused"),
        "$ threshold 2": ("reached", "not reached"),
        "$ within": ("in time", "expired"),
    } == covered(THRESHOLD)
    assert {
        "$ expect x": ("other names",),
        "$ match.prefect.resource.name": (),
        "$ threshold 2": ("reached",),
        "$ within": ("in time", "expired"),
    } == covered(THRESHOLD, "event x name=a", "event x name=b")
    events = ("event y", "event x name=b", "event x name=a x3 every 50s", "event x name=a at +9m")
    assert {()} == set(covered(THRESHOLD, *events).values())


def test_what_is_not_evaluated_gives_no_answer():
    """A disabled automation (O5), and one that the dialect's server refuses (D11)."""
    events = ("event x name=a", "event x name=b", "event y")
    disabled = covered(f"{{enabled: false, trigger: {THRESHOLD}}}", *events)
    assert {2} == set(map(len, disabled.values()))
    metric = "{type: metric, metric: {name: successes, operator: '<', threshold: 0.5, range: 300}"
    refused = f"{metric}, match: {{prefect.resource.id: '*'}}}}"
    assert {2} == set(map(len, covered(refused, "flow-run Failed", dialect="server").values()))


WATCH = "{posture: Proactive, after: [a], expect: [b], within: 60, for_each: [prefect.resource.id]}"


def test_a_watch_is_satisfied_or_fires():
    """Started, not started; one key, several."""
    assert {
        "$ expect b": (),
        "$ after a": (),
        "$ after": (),
        "$ posture Proactive": ("fired",),
        "$ for_each": ("several keys",),
    } == covered(WATCH, "event b", "event a", "event b at +1s", "event c at +61s")
    found = covered(WATCH, "event a name=q", "event a name=r", more="  until: +61s\n")
    assert ((), ("satisfied",)) == (found["$ for_each"], found["$ posture Proactive"])


SEQUENCE = (
    "{type: sequence, within: 60, triggers: [{expect: [a], posture: Reactive},"
    " {expect: [b], posture: Reactive}]}"
)


def test_children_of_a_composite():
    """Fired and still missing; held and expired; in order and out of order."""
    names = ["child $.triggers[0]", "child $.triggers[1]", "require 2", "within", "order"]
    found = covered(SEQUENCE, "event a", "event b at +1s")
    assert [("still missing",), (), (), ("expired",), ("out of order",)] == [
        found[f"$ {one}"] for one in names
    ]
    found = covered(SEQUENCE, "event b", "event a at +1s", "event b at +5m")
    assert ((), ("in time",), ("in order",)) == (
        found["$ child $.triggers[0]"],
        found["$ within"],
        found["$ order"],
    )


def test_a_metric_breaches_and_holds():
    """And recovers, too soon or not."""
    metric = (
        "{type: metric, metric: {name: successes, operator: '<', threshold: 0.5, range: 300,"
        " firing_for: 300}}"
    )
    events = ("flow-run Pending name=a", "flow-run Failed name=a at +1s")
    found = covered(metric, *events, more="  until: +10m\n")
    assert ((), ("held",)) == (found["$ successes < 0.5"], found["$ firing_for"])


def test_a_child_that_is_needed_is_missed_by_the_first_firing_of_another():
    """Of several children that are all required."""
    assert ("fired",) == covered(SEQUENCE, "event a")["$ child $.triggers[1]"]


def test_each_dialect_is_watched_by_itself():
    """`y?` takes `yx` on a server, not by the documentation (D5)."""
    pattern = "{posture: Reactive, expect: ['y?']}"
    for dialect in ("[docs, server-3.9]", "[server-3.9, docs]"):
        assert {"$ expect y?": ()} == covered(pattern, "event yx", dialect=dialect)


def test_tests_that_share_a_trigger_are_watched_each_by_itself():
    """One key in each of two tests is not several keys."""
    text = (
        "triggers: {posture: Reactive, expect: [x], for_each: [prefect.resource.id]}\ntests:\n"
        "- {name: a, events: [event x name=a], expect: {fires: 1}}\n"
        "- {name: b, events: [event x name=b], expect: {fires: 1}}\n"
    )
    coverage = Coverage()
    for scenario in suite(text).scenarios:
        list(run_scenario(scenario, {}, coverage.watch))
    (automation,) = coverage.automations
    assert ("several keys",) == automation.clauses["$", "for_each"].unseen


def test_the_same_automation_in_two_tests_is_one():
    """And one that differs is another."""
    text = (
        "tests:\n- {name: a, triggers: {expect: [x]}, events: [event x], expect: {fires: 1}}\n"
        "- {name: b, triggers: {expect: [x]}, events: [event y], expect: {fires: 0}}\n"
        "- {name: c, triggers: {expect: [z]}, events: [], expect: {fires: 0}}\n"
    )
    coverage = Coverage()
    for scenario in suite(text).scenarios:
        coverage.add(scenario.automations, scenario.name)
        list(run_scenario(scenario, {}, coverage.watch))
    assert [(2, 2), (0, 2)] == [(one.seen, one.total) for one in coverage.automations]
    assert 50.0 == coverage.percent
