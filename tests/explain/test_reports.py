"""Reports of the maintainers' tracker whose cause is known, each with the smallest log.

The triggers are our own, with the mistake that the report is about. What a person reads first
must name the true cause: the verdict's line, and the sentence after it.
"""

import io
from datetime import UTC

from rich.console import Console

from tests.explain.cases import ID, ROLE, run_states
from tests.explain.support import evidence_of, received
from tests.support import event, flow_run, proactive, reactive, related
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.explain.explain import Question, explain
from trigger_cli.render.explain.table import render_conclusions
from trigger_cli.render.explain.view import view_of


def told(trigger, events, dialect=DOCS, *, find=None, **options):
    """The first two lines, as a wide terminal shows them, and the code."""
    evidence = evidence_of(trigger, events, dialect, find=find, **options)
    (automation,) = evidence.automations
    question = Question(event=None if find is None else evidence.found[0])
    explanation = explain(evidence, automation, question)
    console = Console(file=io.StringIO(), width=1000, color_system=None)
    view = view_of(evidence.report, UTC, dialect=dialect, width=1000, verbose=False, limit=None)
    render_conclusions([explanation], console, view)
    verdict, cause, *rest = console.file.getvalue().splitlines()
    if find is None:
        verdict, named = verdict.rsplit(" (", 1)
        assert f"{dialect.name} dialect)" == named
    assert [] == rest
    diagnosis = explanation.diagnosis if explanation.event is None else explanation.event.diagnosis
    return diagnosis.cause, verdict, cause


STUCK = proactive(match={ID: "prefect.flow-run.*"}, for_each=[ID], within=36_000)


def test_16545_several_after_states_are_also_expected():
    """Ten hours in Pending and Running together: the second state satisfied the first's watch."""
    trigger = {
        **STUCK,
        "after": ["prefect.flow-run.Pending", "prefect.flow-run.Running"],
        "expect": ["prefect.flow-run.*"],
    }
    events = [*run_states(("Pending", 0), ("Running", 1_200)), event("other", 36_600)]
    code, verdict, cause = told(trigger, events)
    assert "after-also-expected" == code
    assert '"test" has not fired yet' == verdict
    assert "prefect.flow-run.Running (line 2) is in after and covered by expect" in cause
    assert "satisfied the window that prefect.flow-run.Pending (line 1) began" in cause


def test_16563_the_second_state_begins_the_watch_anew():
    """As in 16545, but the run ends at last: no watch ever lasted, the states together did."""
    trigger = {
        **STUCK,
        "after": ["prefect.flow-run.Suspended", "prefect.flow-run.Paused"],
        "expect": ["prefect.flow-run.*"],
    }
    events = run_states(("Suspended", 0), ("Paused", 30_000), ("Completed", 60_000))
    events.append(event("other", 70_000))
    code, verdict, cause = told(trigger, events)
    assert "after-also-expected" == code
    assert '"test" did not fire' == verdict
    assert "Paused (line 2) is in after and covered by expect" in cause


def test_22690_a_negation_fires_on_the_negated_pool():
    """On the server `!pool` asks for some other related resource, and a run has many."""
    trigger = reactive("prefect.flow-run.Completed", match_related={ID: "!prefect.work-pool.dev"})
    events = [
        flow_run(
            "Completed",
            0,
            related=[
                related("flow", "prefect.flow.f"),
                related("work-pool", "prefect.work-pool.dev"),
            ],
        )
    ]
    code, verdict, cause = told(trigger, events, SERVER)
    assert "negation-takes-other" == code
    assert '"test" fired once, at 12:00:00' == verdict
    assert "!prefect.work-pool.dev asks for some related resource other than that" in cause
    assert "has prefect.work-pool.dev and passes by another (D2)" in cause


def test_15343_once_a_day_cools_down_until_the_days_end():
    """An event at 23:59 of the first day is ignored, one just past the day's end fires."""
    trigger = {"posture": "Reactive", "expect": ["some-event"], "threshold": 1, "within": 86_400}
    events = [event("some-event", s) for s in (0, 86_399, 86_400.5)]
    code, verdict, cause = told(trigger, events, find=2)
    assert "cooling-down" == code
    assert verdict.endswith('did not fire "test"')
    assert "The trigger had fired and cools down until 03-02 12:00:00, 1 s later (E1)." == cause
    code, _, _ = told(trigger, events, find=3)
    assert "fired" == code


def test_17685_a_proactive_child_fires_only_at_its_windows_end():
    """The other child's firing has expired by then."""
    trigger = {
        "type": "compound",
        "require": "all",
        "within": 60,
        "triggers": [
            {"posture": "Reactive", "expect": ["load.started"]},
            {"posture": "Proactive", "expect": ["load.done"], "within": 300},
        ],
    }
    code, verdict, cause = told(trigger, [event("load.started", 0), event("other", 400)])
    assert "child-expired" == code
    assert '"test" did not fire' == verdict
    assert "(it is proactive, and fires only at its window's end), 5 min after" in cause
    assert "4 min more than the composite's within of 1 min" in cause


def test_16660_tags_of_one_label_are_alternatives():
    """One of the tags is enough."""
    trigger = reactive(
        "prefect.flow-run.Failed",
        match_related={ID: ["prefect.tag.team-a", "prefect.tag.production"], ROLE: "tag"},
    )
    events = [flow_run("Failed", 0, related=[related("tag", "prefect.tag.team-a")])]
    code, _, cause = told(trigger, events)
    assert "tags-are-alternatives" == code
    assert "The tags listed under one label are alternatives" in cause
    assert "has prefect.tag.team-a, not prefect.tag.production" in cause


def test_17891_a_compound_does_not_and_conditions_on_one_event():
    """With `within` 0 it asks for two firings at one instant."""
    child = {"posture": "Reactive", "expect": ["node.changed"]}
    trigger = {
        "type": "compound",
        "require": "all",
        "within": 0,
        "triggers": [
            {**child, "match_related": {"kind": "A"}},
            {**child, "match_related": {"kind": "B"}},
        ],
    }
    events = [
        event("node.changed", 0, related=[{"kind": "A"}]),
        event("node.changed", 7, related=[{"kind": "B"}]),
    ]
    code, _, cause = told(trigger, events)
    assert "within-zero" == code
    assert "within 0 asks that all children fire at the same instant" in cause
    assert "7 s apart" in cause


def test_14692_a_run_that_had_moved_on():
    """Its Running event arrived before its Pending event, so nothing answered the watch."""
    trigger = {
        **STUCK,
        "within": 3_600,
        "after": ["prefect.flow-run.Pending", "prefect.flow-run.Late"],
        "expect": ["prefect.flow-run.*"],
    }
    events = [
        received(flow_run("Pending", 0), 1.012),
        received(flow_run("Running", 1), 1.000),
        received(event("other", 4_000), 4_000),
    ]
    code, verdict, cause = told(trigger, events, order="received")
    assert "answer-before-after" == code
    assert '"test" fired once' in verdict
    assert "prefect.flow-run.Running (line 2) came 0.012 s before" in cause
    assert "emit it with `follows`" in cause


def test_8713_a_proactive_threshold_of_zero_never_fires():
    """There are never fewer than 0 events."""
    trigger = proactive(
        "prefect.work-queue.healthy",
        after=["prefect.work-queue.unhealthy"],
        for_each=[ID],
        threshold=0,
        within=1_800,
    )
    events = [event("prefect.work-queue.unhealthy", 0), event("other", 4_000)]
    code, _, cause = told(trigger, events)
    assert "threshold-zero" == code
    assert "there are never fewer than 0, so it can never fire" in cause


def test_11470_an_empty_trigger_takes_every_event():
    """Also the events of its own actions."""
    trigger = {"name": "foo", "trigger": {"posture": "Reactive"}, "actions": []}
    code, verdict, cause = told(trigger, [event("prefect.automation.action.executed", 0)])
    assert "matches-everything" == code
    assert verdict.startswith('"foo" fired once')
    assert "expect, match and match_related are empty, so it takes every event" in cause


def test_21734_custom_state_names():
    """A completed run that says so in its own words."""
    trigger = {"posture": "Reactive", "expect": ["prefect.flow-run.Completed"]}
    labels = {ID: "prefect.flow-run.a", "prefect.state-type": "COMPLETED"}
    events = [event("prefect.flow-run.All Good", at, labels) for at in (0, 5)]
    code, _, cause = told(trigger, events)
    assert "custom-state-name" == code
    assert "expect lists prefect.flow-run.Completed" in cause
    assert "2 events whose state is of that type, but named prefect.flow-run.All Good" in cause


def test_d7_the_server_arms_itself_at_start_up():
    """A proactive trigger with `after` and without `for_each` fires without its `after` event."""
    trigger = {"posture": "Proactive", "after": ["begin"], "expect": ["end"], "within": 60}
    events = [event("other", 0), event("other", 100)]
    code, _, cause = told(trigger, events, SERVER)
    assert "armed-at-start" == code
    assert "opened by itself at 12:00:00, without any after event" in cause
    assert "(D7)" in cause
    assert "after-never-seen" == told(trigger, events, DOCS)[0]


def test_d9_the_server_forgets_a_window_without_length():
    """`within` 0 with `after` has about 60 s."""
    trigger = {"posture": "Reactive", "after": ["order.created"], "expect": ["order.complete"]}
    events = [event("order.created", 0), event("order.complete", 240)]
    code, _, cause = told(trigger, events, SERVER)
    assert "forgotten" == code
    assert "The server forgets a window with within 0 about 60 s after it opened" in cause
    assert "(D9)" in cause
    assert "fired" == told(trigger, events, DOCS)[0]
