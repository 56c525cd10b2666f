"""What the watched resource did meanwhile, and which of several answers is told first.

Each is a question that users of Prefect asked in public, made small: a watch whose run ended in
another state, whose answer was misspelt, held for its leader, or another run's.
"""

import pytest
from msgspec.structs import astuple

from tests.explain.cases import HEARTBEATS, ID, IN_TIME, LATER, compound, metric, run_states
from tests.explain.support import evidence_of, explained, numbered, received, summary
from tests.support import at, event, flow_run, proactive, reactive, related
from trigger_cli.dialects import DOCS, SERVER_3_9
from trigger_cli.explain import scope as scope_module
from trigger_cli.explain.explain import Question, explain
from trigger_cli.explain.kept_events import KeptEvents
from trigger_cli.explain.scope import Scope, scope_over
from trigger_cli.explain.sentence import written

RUN_A = "prefect.flow-run.a"


def changes_of(explanation):
    """Each change that was shown to work, as text."""
    return [written(one.said) for one in explanation.counterfactuals]


# --- It fired: what came in place of the answer -----------------------------------------------


@pytest.mark.parametrize(
    ("state", "cause", "words"),
    [
        ("Failed", "ended-otherwise", "The run had ended: prefect.flow-run.Failed (line 2)"),
        (
            "Suspended",
            "went-on-otherwise",
            "The run went on to prefect.flow-run.Suspended (line 2)",
        ),
        ("completed", "name-case", "prefect.flow-run.completed (line 2) came in time, but expect"),
        ("Complete", "name-nearly", "prefect.flow-run.Complete (line 2) came in time, but expect"),
    ],
)
def test_the_event_in_place_of_the_answer_is_named(state, cause, words):
    """And to expect it, too, or in place of a misspelt name, silences the firing."""
    trigger = WRONG if state == "Complete" else IN_TIME
    explanation = explained(trigger, [*run_states(("Running", 0), (state, 30)), LATER])
    assert cause == explanation.diagnosis.cause
    assert summary(explanation).startswith(words)
    name = f"prefect.flow-run.{state}"
    wrong = 'in expect: "prefect.flow-run.Completed," → '
    assert changes_of(explanation)[0] == (wrong if trigger is WRONG else "add to expect: ") + name


WRONG = proactive("prefect.flow-run.Completed,", after=["prefect.flow-run.Running"], for_each=[ID])


@pytest.mark.parametrize("events", [[], run_states(("Completed", 61)), run_states(("Failed", 61))])
def test_what_came_after_the_deadline_is_no_answer_in_its_place(events):
    """It is late, or nothing."""
    found = explained(IN_TIME, [*run_states(("Running", 0)), *events, LATER])
    assert found.diagnosis.cause in {"nothing-came", "answer-late"}


def test_another_runs_end_is_not_this_runs():
    """Only the resource of the event that opened the watch counts."""
    events = [*run_states(("Running", 0)), *run_states(("Failed", 30), run="b"), LATER]
    assert "nothing-came" == explained(IN_TIME, events).diagnosis.cause


def test_a_run_that_was_started_again_has_not_ended():
    """A state after the terminal one says so."""
    events = [
        flow_run("Failed", 0),
        flow_run("Scheduled", 10),
        flow_run("heartbeat", 20),
        LATER,
    ]
    assert "nothing-came" == explained(HEARTBEATS, events).diagnosis.cause


def test_a_late_heartbeat_has_no_change_that_only_moves_the_deadline():
    """A window that ends beyond the log fires there as well."""
    log = [flow_run("heartbeat", 0), flow_run("Completed", 30), flow_run("heartbeat", 33)]
    explanation = explained(HEARTBEATS, [*log, event("z", 130)])
    assert "already-ended" == explanation.diagnosis.cause
    assert not [one for one in changes_of(explanation) if "within" in one]


def test_the_change_of_the_cause_stands_first():
    """Whatever is smaller."""
    tags = {ID: ["prefect.tag.a", "prefect.tag.b"], "prefect.resource.role": "tag"}
    both = [related("tag", "prefect.tag.a"), related("tag", "prefect.tag.b")]
    events = [event("x", 0, related=both), event("x", 99, related=both[:1])]
    explanation = explained(reactive("x", match_related=tags), events)
    assert ("tags-are-alternatives", 2) == (explanation.diagnosis.cause, explanation.firing.number)
    assert (("fired", 1), ("tags-are-alternatives", 1)) == explanation.firing.causes
    assert changes_of(explanation)[0].startswith("match_related: one object for each of")


def test_the_first_firing_is_told_where_all_are_alike():
    """No cause is special."""
    explanation = explained(reactive("x"), [event("x", 0), event("x", 5)])
    assert (1, False) == (explanation.firing.number, explanation.firing.is_chosen)


def test_what_came_while_it_cooled_down_is_told():
    """Two more, until the window's end."""
    trigger = reactive("x", within=60)
    explanation = explained(trigger, [event("x", second) for second in (0, 5, 59)])
    assert "2 more events came while it cooled down until 2026-03-01T12:01:00" in summary(
        explanation
    )


def test_an_answer_that_was_held_names_its_leader():
    """And that the log does not have it (O4)."""
    events = [*run_states(("Running", 0)), flow_run("Completed", 30, follows="gone"), LATER]
    explanation = explained(IN_TIME, events)
    assert "waiting-for-leader" == explanation.diagnosis.cause
    assert "follows gone, which the log does not have, and waited for it until" in summary(
        explanation
    )
    assert "1 event follows an event that is missing here" in written(explanation.notes[0])


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [(1, "It came and passed all filters"), (2, "2 of 2 came within 2 h; it was the last.")],
)
def test_a_firing_by_an_event_that_was_held_says_so_first(threshold, expected):
    """That it came so late is what nobody expects (O4)."""
    events = [event("x", 0, follows="gone"), *[event("x", 5)] * (threshold - 1)]
    trigger = reactive("x", threshold=threshold, within=7200 if threshold > 1 else 0)
    said = summary(explained(trigger, [*events, event("z", 2000)]))
    assert said.startswith("x (line 1) follows gone, which the log does not have, and waited")
    assert expected in said


# --- It did not fire ----------------------------------------------------------------------------


def in_reverse(seconds, *, threshold=1):
    """The sentence where an answer at so many seconds arrived before its start, which came at 0."""
    trigger = proactive("end", after=["start"], threshold=threshold, for_each=[ID])
    answer, start = event("end", seconds), event("start", 0)
    log = [received(event("z", -9), -9), received(answer, 1), received(start, 2)]
    explanation = explained(trigger, [*log, received(LATER, 999)], order="received")
    return explanation.diagnosis.cause, summary(explanation)


def test_only_what_lies_in_the_window_would_have_answered_in_another_order():
    """A firing at another time is one: it was said that `follows` would have prevented it."""
    assert "answer-before-after" == in_reverse(5)[0]
    assert "answer-late" == in_reverse(65)[0]
    assert "nothing-came" == in_reverse(200)[0]
    cause, said = in_reverse(5, threshold=2)
    assert "nothing-came" == cause
    assert "0 of 2 end were counted" in said


def test_a_start_that_followed_its_answer_says_so():
    """It was said to have arrived later, and that the answer should follow it."""
    start = event("start", 0, id="s", follows="e")
    log = [received(start, 1), received(event("end", 5, id="e"), 2), received(LATER, 999)]
    trigger = proactive("end", after=["start"], for_each=[ID])
    explanation = explained(trigger, log, order="received")
    assert "waiting-for-leader" == explanation.diagnosis.cause
    assert "so end (line 2) was processed first" in summary(explanation)


def test_an_answer_that_stands_before_its_start_in_the_log_was_not_absent():
    """Without `received` no other order is known; it was said that none came in the window."""
    trigger = proactive("end", after=["start"], for_each=[ID])
    log = [event("z", -9), event("end", 5), event("start", 0), LATER]
    explanation = explained(trigger, log, order="log")
    words = "end (line 2) had come 5 s after, and was processed before, start (line 3), "
    assert "answer-before-watch" == explanation.diagnosis.cause
    assert f"{words}which opened the window; nothing was counted in it." == summary(explanation)


def test_what_was_counted_is_told_beside_what_came_before_the_watch():
    """It was said that nothing came in the window."""
    trigger = proactive("x", after=["s"], threshold=2, for_each=[ID])
    log = [event("x", 0), event("s", 20), event("x", 30), LATER]
    told = summary(explained(trigger, log))
    words = "x (line 1) had come 20 s before s (line 2), which opened the window; only 1 of 2 was counted in it."
    assert words == told


def test_expected_events_alone_open_no_watch():
    """The after event never came, however many expected ones did."""
    found = explained(HEARTBEATS, [*run_states(("Running", 0), ("Completed", 5)), LATER])
    assert ("did-not-fire", "after-never-seen") == (found.verdict, found.diagnosis.cause)


@pytest.mark.parametrize(
    ("again", "words"),
    [
        ([], "The only window got what it expected in time."),
        ([event("s", 99), event("x", 110)], "All 2 windows got what they expected in time."),
    ],
    ids=["alone", "and another"],
)
def test_a_window_that_a_held_event_satisfied_is_counted(again, words):
    """It opened with enough (H4): it was said to have been dropped before its evaluation (S2)."""
    trigger = proactive("x", after=["s"], for_each=[ID])
    explanation = explained(trigger, [event("x", 9), event("s", 9), *again, LATER], SERVER_3_9)
    assert ("satisfied", words) == (explanation.diagnosis.cause, summary(explanation))


def test_a_key_that_several_runs_share_is_satisfied_by_another():
    """The flow's or the deployment's; the run's own key would have fired."""
    by_flow = {**IN_TIME, "for_each": [f"related:flow:{ID}"]}
    flow = [related("flow", "prefect.flow.f")]
    events = [
        *run_states(("Running", 0), related=flow),
        *run_states(("Running", 10), ("Completed", 20), run="b", related=flow),
        LATER,
    ]
    explanation = explained(by_flow, events)
    assert "satisfied-by-other-run" == explanation.diagnosis.cause
    said = f"shared with it until 2026-03-01T12:01:00.000000Z: runs with the same related:flow:{ID} share one"
    assert said in summary(explanation)
    assert f"for_each: {ID} in place of related:flow:{ID}" == changes_of(explanation)[0]


@pytest.mark.parametrize(
    "later",
    [
        [flow_run("Completed", 60)],  # it ended after all
        [flow_run("heartbeat", 60), flow_run("Completed", 70)],  # and was watched again
        [],  # the log ends before anything was missed
    ],
)
def test_a_run_that_went_on_was_not_left_alone(later):
    """Only a run that stayed in a state in which it lives was."""
    end = [LATER] if later else [event("z", 40)]
    events = [flow_run("heartbeat", 0), flow_run("AwaitingRetry", 30), *later, *end]
    assert "ended-by-live-state" != explained(HEARTBEATS, events).diagnosis.cause


@pytest.mark.parametrize(
    ("expected", "cause"),
    [(["Running"], "satisfied"), (["Running", "Completed"], "ended-by-live-state")],
)
def test_a_watch_for_a_start_is_satisfied_by_it(expected, cause):
    """A live state is no premature end of a watch that expects nothing else."""
    names = [f"prefect.flow-run.{one}" for one in expected]
    trigger = proactive(*names, after=["prefect.flow-run.Pending"], for_each=[ID])
    events = [*run_states(("Pending", 0), ("Running", 20)), LATER]
    assert cause == explained(trigger, events).diagnosis.cause


def test_a_state_that_ends_a_watch_can_be_dropped_or_watched():
    """Both make it fire, and stand first."""
    events = [flow_run("heartbeat", 0), flow_run("AwaitingRetry", 30), LATER]
    states = [f"prefect.flow-run.{one}" for one in ("heartbeat", "AwaitingRetry", "Completed")]
    explanation = explained({**HEARTBEATS, "expect": states}, events)
    assert [
        "drop from expect: prefect.flow-run.AwaitingRetry",
        "add to after: prefect.flow-run.AwaitingRetry",
    ] == changes_of(explanation)[:2]


def test_a_change_with_too_many_firings_leaves_the_others():
    """Without after, a window of 30 s ends more than a million times in 400 days: it is not told."""
    states = [f"prefect.flow-run.{one}" for one in ("Running", "Completed")]
    trigger = proactive(*states, after=["prefect.flow-run.Pending"], for_each=[ID], within=30)
    events = run_states(("Pending", 0), ("Running", 20))
    short = explained(trigger, events, until=3_600)
    long = explained(trigger, events, until=400 * 86_400)
    assert "drop `after`" in changes_of(short)
    assert [one for one in changes_of(short) if "after`" not in one] == changes_of(long)


def test_a_start_that_waited_is_not_called_late():
    """It occurred first; the hold is the cause."""
    events = [event("start", 0, follows="gone"), event("end", 10), event("z", 1_000)]
    explanation = explained(reactive("end", after=["start"], within=60), events)
    assert "waiting-for-leader" == explanation.diagnosis.cause
    assert "so end (line 2) was processed first" in summary(explanation)


def test_keys_that_split_too_few_events_are_told():
    """A lower threshold alone never helps; both changes together do."""
    trigger = reactive("x", threshold=10, within=600, for_each=[ID])
    explanation = explained(trigger, [event("x", n, f"r{n}") for n in range(6)])
    assert "for_each counts each prefect.resource.id by itself" in summary(explanation)
    assert "drop `for_each`; threshold: 10 → 6" in changes_of(explanation)


def test_two_mistakes_are_corrected_together():
    """No single change would do."""
    trigger = reactive("order.placd", match={"shop": "north"}, threshold=1)
    explanation = explained(trigger, [event("order.placed", 0, {ID: "o", "shop": "south"})])
    assert ["in expect: order.placd → order.placed; add to match.shop: south"] == changes_of(
        explanation
    )


def test_the_posture_is_never_turned():
    """That would be another trigger."""
    for trigger in (proactive("x"), reactive("x")):
        for log in ([event("x", 0)], [event("z", 0), event("z", 999)]):
            assert not any("posture" in one for one in changes_of(explained(trigger, log)))


# --- One run --------------------------------------------------------------------------------------


def narrowed(trigger, events, *, dialect=SERVER_3_9, **scope):
    """The explanation of one bucket or resource."""
    evidence = evidence_of(trigger, events, dialect)
    asked = Scope(**scope)
    for one in numbered(events):
        asked.take(one)
    return explain(evidence, evidence.automations[0], Question(scope=asked))


@pytest.mark.parametrize(
    "scope", [{"labels": ((ID, "prefect.flow-run.b"),)}, {"resource": "prefect.flow-run.b"}]
)
def test_a_run_without_a_bucket_is_told_why(scope):
    """The other run's watch and firing are not its."""
    events = [
        flow_run("heartbeat", 0),
        *run_states(("Scheduled", 1), ("Pending", 2), ("Running", 3), run="b"),
        LATER,
    ]
    assert "fired" == explained(HEARTBEATS, events).verdict
    explanation = narrowed(HEARTBEATS, events, **scope)
    assert "after-never-seen" == explanation.diagnosis.cause
    assert ("did-not-fire", 0, ()) == (
        explanation.verdict,
        explanation.watch_count,
        explanation.watches,
    )
    said = "None of its 3 events is in after, so no window was opened (prefect.flow-run.Scheduled, "
    assert summary(explanation).startswith(said)
    assert summary(explanation).endswith("; the last on line 4).")
    assert ["named", 3] == [explanation.funnel.stages[1].name, explanation.funnel.stages[1].events]


def test_a_runs_own_firing_is_told_alone():
    """Of the firings of two runs one is asked about; the changes are about it."""
    events = [
        *run_states(("Running", 0)),
        *run_states(("Running", 5), ("Failed", 9), run="b"),
        LATER,
    ]
    explanation = narrowed(IN_TIME, events, labels=((ID, "prefect.flow-run.b"),))
    assert ("fired", 1, "ended-otherwise") == (
        explanation.verdict,
        explanation.firings,
        explanation.diagnosis.cause,
    )
    assert 0 == explanation.counterfactuals[0].firings


SHARED = reactive("x", threshold=2, within=60)
"""Counts the events of all resources together."""


def test_of_a_shared_bucket_the_windows_are_told_that_a_resource_took_part_in():
    """Not the firing of two others; nor are their events in the funnel."""
    events = [event("x", at, name) for at, name in enumerate("aab")]
    events += [event("x", 100, "a"), event("x", 110, "b"), event("x", 300, "c")]
    assert 2 == explained(SHARED, events).firings
    explanation = narrowed(SHARED, events, dialect=DOCS, resource="b")
    assert ("fired", 1, 5) == (
        explanation.verdict,
        explanation.firings,
        explanation.firing.firing.event.line,
    )
    funnel = {one.name: one.events for one in explanation.funnel.stages}
    assert (2, 1, 1) == (funnel["named"], funnel["counted"], funnel["threshold"])
    assert "all resources" in written(explanation.notes[0])
    assert all(one.before == 1 for one in explanation.counterfactuals)


def test_of_a_shared_bucket_a_resource_that_took_part_in_no_firing_is_told_its_window():
    """Although the trigger fired with others."""
    events = [event("x", 0, "a"), event("x", 1, "a"), event("x", 300, "c")]
    explanation = narrowed(SHARED, events, dialect=DOCS, resource="c")
    assert ("did-not-fire", 0, "counted") == (
        explanation.verdict,
        explanation.firings,
        explanation.diagnosis.cause,
    )
    said = "Its event took part in no firing, x (line 3): It counted: 1 of 2 in the window until "
    assert summary(explanation).startswith(said)


def test_a_metric_is_of_all_runs():
    """And it says so."""
    explanation = narrowed(metric(), run_states(("Failed", 1)), dialect=DOCS, resource=RUN_A)
    assert any(written(one).startswith("A metric covers all runs") for one in explanation.notes)


def test_of_one_run_whose_window_another_satisfied_that_is_told():
    """Where all runs share the window; it was told that the run's event opened one."""
    trigger = {**IN_TIME, "for_each": []}
    log = [flow_run("Running", 0, "a"), flow_run("Running", 5, "b"), flow_run("Completed", 20, "b")]
    found = narrowed(trigger, [*log, LATER], dialect=DOCS, resource=RUN_A)
    assert "satisfied-by-other-run" == found.diagnosis.cause
    other = narrowed(trigger, [*log, LATER], dialect=DOCS, resource="prefect.flow-run.b")
    assert "counted" == other.diagnosis.cause


def test_of_one_run_that_came_while_the_trigger_cooled_down_the_window_is_questioned():
    """The run itself took part in no window."""
    trigger = reactive("prefect.flow-run.Failed", within=60)
    log = [flow_run("Failed", n, run) for n, run in enumerate("ba")]
    found = narrowed(trigger, log, dialect=DOCS, resource=RUN_A)
    assert "cooling-down" == found.diagnosis.cause
    assert "within: 60 s (1 min) → 0 s" in changes_of(found)


@pytest.mark.parametrize("text", ["wise-owl", RUN_A, "a-b-c-d", "run.a-b-c-d"])
def test_a_resource_is_found_by_name_id_or_ending(text):
    """Four characters of an id are enough."""
    named = event("x", 0, {ID: "prefect.flow-run.a-b-c-d", "prefect.resource.name": "wise-owl"})
    scope = Scope(resource=text)
    scope.take(named)
    scope.take(event("x", 1, "other"))
    assert (text != RUN_A) == bool(scope.events)


def test_a_resource_and_a_bucket_are_found_as_tables_show_them():
    """A name, an id or a label's value with what they escape."""
    name, shown = "👩\u200d💻", r"👩\u200d💻"
    named = event("x", 0, {ID: "run.a", "prefect.resource.name": name})
    for one, asked in (
        (named, Scope(resource=shown)),
        (named, Scope(resource=name)),
        (event("x", 0, {ID: name}), Scope(resource=shown)),
        (event("x", 0, {ID: name}), Scope(((ID, shown),))),
    ):
        asked.take(event("x", 0, "other"))
        asked.take(one)
        assert [one] == asked.events


def test_an_event_without_the_name_is_of_the_resource_that_had_it():
    """Prefect's pull steps name no run; the name and the id ask for the same events."""
    named = {"prefect.resource.name": "wise-owl"}
    events = [
        event("x", 0, {ID: ""}),
        event("Scheduled", 0, {ID: "run.b"}),
        event("Scheduled", 0, {ID: "run.a"}),
        event("Pending", 0, {ID: "run.a", **named}),
        event("pull-step.executed", 1, {ID: "run.a"}),
        event("Pending", 2, {ID: "", **named}),
        event("Pending", 2, {ID: "run.b", **named}),
        event("x", 3, {ID: ""}),
        event("x", 4, {ID: "run.c"}),
    ]
    scope = Scope(resource="wise-owl")
    for one in events:
        scope.take(one)
    assert events[1:7] == scope.events


@pytest.mark.parametrize(
    ("asked", "fired", "windows"), [("queue.b", 0, 1), ("queue.a", 1, 2), ("default", 1, 3)]
)
def test_a_bucket_by_name_takes_events_of_all_resources_of_that_name(asked, fired, windows):
    """Asked for by id, a queue is told the windows in which it took part; by name, all."""
    name = "prefect.resource.name"
    came = [
        ("down", 0, "a"),
        ("up", 5, "a"),
        ("down", 100, "b"),
        ("up", 110, "c"),
        ("down", 200, "a"),
    ]
    events = [event(what, at, {ID: f"queue.{one}", name: "default"}) for what, at, one in came]
    trigger = proactive("up", after=["down"], for_each=[name], within=60)
    explanation = narrowed(trigger, [*events, LATER], resource=asked)
    assert (fired, windows) == (explanation.firings, len(explanation.watches))
    is_told = any("Only the windows with an event of" in written(one) for one in explanation.notes)
    assert is_told == (asked != "default")
    others = (
        "up of queue.c (line 4) satisfied the window that down of queue.b (line 3) shared with it"
    )
    assert summary(explanation).startswith(others) == (asked == "queue.b")


@pytest.mark.parametrize(("before", "asked"), [(2, "wise-owl"), (3, "wise-owl"), (3, "run.a")])
def test_what_may_be_missing_before_the_first_event_with_the_name_is_told(
    before, asked, monkeypatch
):
    """Only so many events without a name are kept; an id finds all."""
    monkeypatch.setattr(scope_module, "NAMELESS_EVENTS", 2)
    events = [event("x", at, {ID: "run.a"}) for at in range(before)]
    events.append(event("x", 9, {ID: "run.a", "prefect.resource.name": "wise-owl"}))
    notes = narrowed(reactive("x"), events, resource=asked).notes
    is_told = any("only among the latest" in written(one) for one in notes)
    assert is_told == (before == 3 and asked == "wise-owl")


def test_a_part_of_several_ids_is_of_none_but_of_an_id_in_full():
    """The candidates are kept, so that they can be named."""
    scope = Scope(resource="a-b-c-d")
    events = [
        event("x", at, {ID: one}) for at, one in enumerate(["run.1-a-b-c-d", "run.2-a-b-c-d"])
    ]
    for one in events:
        scope.take(one)
    assert [("run.1-a-b-c-d",), ("run.2-a-b-c-d",)] == list(scope.alike)
    whole = event("x", 2, {ID: "a-b-c-d"})
    scope.take(whole)
    assert ([whole], {}) == (scope.events, scope.alike)


def test_a_scope_over_labels_asks_all_of_them():
    """Each label with its value."""
    events = [event("x", 0, {ID: "a", "k": "1"}), event("x", 1, {ID: "a", "k": "2"})]
    assert events[1:] == scope_over(((ID, "a"), ("k", "2")), events).events


def test_a_heartbeat_that_ends_a_watch_is_told_and_can_open_another():
    """The first one satisfies the window, whatever hangs after it."""
    until_any = proactive(
        "prefect.flow-run.*", after=["prefect.flow-run.Running"], for_each=[ID], within=90
    )
    events = [*run_states(("Running", 0)), flow_run("heartbeat", 30), LATER]
    explanation = explained(until_any, events)
    assert "ended-by-live-state" == explanation.diagnosis.cause
    assert "add to after: prefect.flow-run.heartbeat" in changes_of(explanation)
    ended = [*events[:-1], *run_states(("Completed", 60)), LATER]
    assert "satisfied" == explained(until_any, ended).diagnosis.cause


@pytest.mark.parametrize(
    ("later", "cause"),
    [
        ([("heartbeat", 60), ("heartbeat", 120), ("Completed", 180)], "ended-by-live-state"),
        ([("heartbeat", 60), ("Completed", 89)], "satisfied"),  # it ended in time
        ([("Paused", 40), ("heartbeat", 50), ("Completed", 180)], "satisfied"),  # it moved on
    ],
)
@pytest.mark.parametrize("event_name", ["heartbeat", "pull-step.executed"])
def test_what_is_no_state_does_not_end_a_stay_in_one(later, cause, event_name):
    """A run that sends heartbeats was told to have got what it expected, for `flow-run.*` takes them."""
    until_any = proactive(
        "prefect.flow-run.*", after=["prefect.flow-run.Running"], for_each=[ID], within=90
    )
    states = [("Running", 0), (event_name, 30), *later]
    events = [flow_run(state, at, "a", id=f"{state}{at}") for state, at in states]
    explanation = explained(until_any, [*events, LATER])
    assert cause == explanation.diagnosis.cause
    if cause != "satisfied":
        assert summary(explanation).startswith(f"prefect.flow-run.{event_name} (line 2) satisfied")
        assert summary(explanation).endswith("is no state: the run was still in Running then.")
        # Where heartbeats come as well, it does not help to exclude another event.
        told = "add to expect: !prefect.flow-run.heartbeat" in changes_of(explanation)
        assert told == (event_name == "heartbeat")


def test_the_states_of_a_resource_with_many_windows_are_read_once(monkeypatch):
    """They were read for each window: 2,000 windows of one run took 9 s."""
    asked = []
    of_resource = KeptEvents.of_resource
    monkeypatch.setattr(
        KeptEvents, "of_resource", lambda kept, one: (asked.append(one), of_resource(kept, one))[1]
    )
    until_any = proactive(
        "prefect.flow-run.*", after=["prefect.flow-run.Running"], for_each=[ID], within=60
    )
    states = (("Running", 0), ("heartbeat", 10), ("Completed", 50))
    events = [
        flow_run(state, 90 * n + at, id=f"{n}{state}") for n in range(20) for state, at in states
    ]
    assert "satisfied" == explained(until_any, [*events, LATER]).diagnosis.cause
    assert len(asked) < 5


def test_a_server_is_told_to_expect_the_ends_of_a_run_by_name():
    """There a negated name excludes nothing beside a pattern that takes it (D3)."""
    until_any = proactive(
        "prefect.flow-run.*", after=["prefect.flow-run.Running"], for_each=[ID], within=90
    )
    events = [flow_run("Running", 0)] + [
        flow_run("heartbeat", 30 * n, id=f"h{n}") for n in range(1, 9)
    ]
    changes = changes_of(explained(until_any, [*events, LATER], SERVER_3_9))
    (told,) = [one for one in changes if "expect" in one]
    assert told.startswith("in expect: prefect.flow-run.* → prefect.flow-run.Completed, ")
    assert told.endswith(" and prefect.flow-run.TimedOut")


@pytest.mark.parametrize(("late", "cause"), [(100, "answer-late"), (200, "nothing-came")])
def test_a_heartbeat_after_the_deadline_is_the_answer_that_came_late(late, cause):
    """It opens a window of its own; the run's end, long after it, was named in its place."""
    events = [flow_run("heartbeat", at, id=f"h{at}") for at in (0, late)]
    events += [*run_states(("Completed", late + 60)), LATER]
    explanation = explained(HEARTBEATS, events)
    assert cause == explanation.diagnosis.cause
    assert "prefect.flow-run.heartbeat (line 2) came " in summary(explanation)


@pytest.mark.parametrize(
    ("answer", "related_to", "cause"),
    [
        ("order.1.payment", [], "answer-not-matched"),
        ("payment.1", ["order.1"], "answer-not-matched"),
        ("order.11", [], "nothing-came"),
        ("invoice.1", ["order.1"], "nothing-came"),  # refused by match, which is not near
    ],
)
def test_the_answer_of_a_part_of_the_resource_is_in_another_bucket(answer, related_to, cause):
    """An order is paid by a payment, whose id `for_each` takes for another key."""
    match = {ID: ["order.*", "payment.*"]}
    trigger = proactive("paid", after=["placed"], for_each=[ID], match=match, within=60)
    about = [related("order", one) for one in related_to]
    events = [event("placed", 0, "order.1"), event("paid", 20, answer, about), LATER]
    explanation = explained(trigger, events)
    assert cause == explanation.diagnosis.cause
    assert (cause == "nothing-came") == ("belongs to another bucket" not in summary(explanation))


@pytest.mark.parametrize(
    ("after", "cause"),
    [(["Running"], "went-on-otherwise"), (["Running", "Retrying"], "nothing-came")],
)
def test_a_state_that_is_watched_as_well_is_no_unexpected_one(after, cause):
    """The run went on, as the definition knows, and did not end in time."""
    watch = proactive(
        "prefect.flow-run.Completed",
        after=[f"prefect.flow-run.{one}" for one in after],
        for_each=[ID],
        within=60,
    )
    explanation = explained(watch, [*run_states(("Running", 0), ("Retrying", 30)), LATER])
    assert cause == explanation.diagnosis.cause


def test_a_moment_is_narrowed_to_the_resource_asked_for():
    """It showed the buckets of all."""
    trigger = reactive("x", threshold=9, within=60, for_each=[ID])
    events = numbered([event("x", 0, "a"), event("x", 1, "b")])
    evidence = evidence_of(trigger, events)
    for scope, keys in ((None, ["a", "b"]), (scope_over(((ID, "b"),), events), ["b"])):
        question = Question(scope=scope, at=events[1].occurred)
        found = explain(evidence, evidence.automations[0], question).snapshot
        assert keys == [value for one in found.buckets for _, value in one.labels]


@pytest.mark.parametrize(("late", "is_told"), [(100, True), (50, False)])
def test_a_stay_in_a_state_that_opens_no_window_is_told(late, is_told):
    """A late run was told only that its windows, which opened when it started, were satisfied."""
    watch = proactive(
        "prefect.flow-run.*", after=["prefect.flow-run.Running"], for_each=[ID], within=60
    )
    states = run_states(("Late", 0), ("Running", late), ("Completed", late + 5))
    explanation = narrowed(watch, [*states, LATER], dialect=DOCS, resource=RUN_A)
    assert "satisfied" == explanation.diagnosis.cause
    told = "; none watched Late (line 1), in which the run stayed for 1 min 40 s."
    assert is_told == summary(explanation).endswith(told)
    assert is_told == ("add to after: prefect.flow-run.Late" in changes_of(explanation))


UP = proactive("up", after=["down"], for_each=[ID], within=60)


@pytest.mark.parametrize(
    "later",
    [
        [event("down", 50), event("up", 100)],  # answered, though nobody waited
        [event("down", 70)],  # it opened a window, which is not over
        [event("down", 50, "b")],  # another resource's
    ],
)
def test_a_start_that_was_answered_or_watched_was_not_lost(later):
    """Only one in a satisfied window whose answer never came."""
    events = [event("down", 0), event("up", 40), *later, event("z", 109)]
    assert "lost-to-satisfied-window" != explained(UP, events).diagnosis.cause


def test_a_lost_start_is_found_among_others_and_within_mends_it():
    """The first that nothing answered."""
    starts = [event("down", 45), event("up", 47), event("down", 50), event("down", 55)]
    explanation = explained(UP, [event("down", 0), event("up", 40), *starts, event("z", 300)])
    assert "lost-to-satisfied-window" == explanation.diagnosis.cause
    assert "down (line 5) came while the window until" in summary(explanation)
    assert "up (line 2) had satisfied" in summary(explanation)
    assert changes_of(explanation)[0].startswith("within: 60 s")


def test_a_late_answer_is_named_though_no_window_could_wait_for_it():
    """More than a window's length after the deadline; another key's answer is none."""
    events = [event("down", 0), event("up", 70, "b"), event("up", 190), event("z", 300)]
    explanation = explained(UP, events)
    assert "nothing-came" == explanation.diagnosis.cause
    assert summary(explanation).endswith("; up (line 3) came 2 min 10 s later.")


def test_a_start_may_be_what_a_misspelt_name_means():
    """The event is listed in `after`; in `expect` it has a comma too many."""
    watch = proactive("beat,", after=["beat"], for_each=[ID], within=60)
    explanation = explained(watch, [event("beat", 0), event("beat", 30), event("z", 99)])
    assert "name-nearly" == explanation.diagnosis.cause
    assert 'beat (line 2) came in time, but expect lists "beat,".' == summary(explanation)


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ([event("x", 8, id="one"), event("x", 9, id="two")], "duplicate"),
        ([event("x", 8, id="one")], "below-threshold"),
        ([event("y", 8, id="one"), event("y", 9, id="two")], "below-threshold"),
    ],
)
def test_copies_are_told_where_they_would_have_been_enough(more, cause):
    """Of the names that are counted."""
    events = [event("x", 0, id="one"), event("x", 5, id="two"), *more]
    explanation = explained(reactive("x", threshold=4, within=60), events)
    assert cause == explanation.diagnosis.cause
    told = "dropped as duplicates (O2): line 3 and line 4."
    assert (cause == "duplicate") == summary(explanation).endswith(told)


def test_the_funnel_of_one_resource_has_its_own_events_alone():
    """What it refuses, too; events of others are no near miss."""
    watch = proactive("end", after=["start"], for_each=[ID])
    events = numbered([event("start", 0, "b"), event("x", 5, "a"), event("end", 9, "b"), LATER])
    evidence = evidence_of(watch, events)
    scope = scope_over(((ID, event("x", 0, "a").resource[ID]),), events)
    funnel = explain(evidence, evidence.automations[0], Question(scope=scope)).funnel
    assert [1, 0, 0, 0, 0, 0, 0] == [one.events for one in funnel.stages]
    assert ("after", 1, ("start",), (("x", 1),), ()) == astuple(funnel.refusal)[:5]


def test_what_a_pattern_excludes_is_no_misspelling():
    """Nor is what another pattern takes."""
    explanation = explained(reactive("!b", "foo"), [event("b", 0), event("b", 1)])
    assert "name-never-seen" == explanation.diagnosis.cause
    watch = proactive("!b", "b*", "*", for_each=["kind"], within=60, threshold=2)
    events = [event("a", 0), event("b", 10), event("x", 300)]
    assert "name-case" != explained(watch, events).diagnosis.cause


def test_an_event_of_both_kinds_does_not_precede_itself():
    """The expected event is another."""
    trigger = reactive("a", "b", after=["b"], threshold=2, within=60)
    said = summary(explained(trigger, [event("a", 0), event("b", 10)]))
    assert "a (line 1) came 10 s before b (line 2)" in said


@pytest.mark.parametrize(("threshold", "is_told"), [(1, True), (2, False)])
def test_answers_before_a_watch_are_told_where_they_would_have_been_enough(threshold, is_told):
    """One of two is not."""
    watch = proactive("a", after=["b"], within=10, threshold=threshold)
    explanation = explained(watch, [event("a", 0), event("b", 5), event("x", 100)])
    assert is_told == ("answer-before-watch" == explanation.diagnosis.cause)


def test_a_hint_says_how_many_events_it_is_about():
    """The others were refused for another reason."""
    events = [event("a", 0, {ID: "1", "kind": "y"}), event("a", 1, {ID: "2"})]
    said = summary(explained(reactive("a", match={"kind": "x"}), events))
    assert said.endswith("most often (1) they have y (1 of 2: the resource has no such label).")


def test_a_window_that_the_server_dropped_unseen_was_not_satisfied():
    """Its opener came so late that it was over before the next evaluation (S2)."""
    watch = proactive("y", after=["x"], within=600, for_each=[ID])
    events = [event("z", 0), event("z", 360), event("x", -180)]
    explanation = explained(watch, events, SERVER_3_9, order="log", until=3_600)
    assert "arrived-late" == explanation.diagnosis.cause
    assert summary(explanation).endswith("x (line 3) was processed 9 min late.")


def test_states_that_took_less_than_a_window_together_are_healthy():
    """What satisfied the last of them ended the wait."""
    states = [f"prefect.flow-run.{one}" for one in ("Pending", "Running")]
    watch = proactive(
        states[1], "prefect.flow-run.Completed", after=states, for_each=[ID], within=120
    )
    ran = run_states(("Pending", 0), ("Running", 10), ("Completed", 30))
    assert "satisfied" == explained(watch, [*ran, event("z", 1_200)]).diagnosis.cause
    slow = run_states(("Pending", 0), ("Running", 100), ("Completed", 200))
    found = explained(watch, [*slow, event("z", 1_200)])
    assert "after-also-expected" == found.diagnosis.cause


def test_copies_that_came_in_another_window_would_not_have_helped():
    """Ten minutes apart."""
    events = [event("x", 0, id="one"), event("x", 610, id="one"), event("z", 900)]
    explanation = explained(reactive("x", threshold=2, within=60), events)
    assert "below-threshold" == explanation.diagnosis.cause


@pytest.mark.parametrize(("limits", "told"), [({"until": 60}, True), ({}, False)])
def test_a_part_of_the_log_is_not_called_the_log(limits, told):
    """The event came after it."""
    events = [event("a", 0), event("b", 180), event("c", 300)]
    said = summary(explained(reactive("b", threshold=2, within=9), events, **limits))
    assert told == ("the part of the log that was replayed" in said)


def test_the_order_in_which_the_answer_came_first_is_named():
    """By occurrence it came after."""
    start = event("prefect.flow-run.Running", 0, RUN_A)._replace(received=at(16))
    end = event("prefect.flow-run.Completed", 10, RUN_A)._replace(received=at(11))
    events = [end, start, event("z", 300)._replace(received=at(300))]
    other = explained(IN_TIME, events, order="received").other_order
    assert written(other.said).startswith("in arrival order prefect.flow-run.Completed (line 1)")


def test_a_late_window_is_shown_with_its_evaluation_or_as_ended():
    """It waits for what was planned; a server drops it before."""
    watch = proactive("y", after=["x"], within=600, for_each=[ID])
    events = [event("z", 0), event("z", 360), event("x", -180)]
    (pending,) = explained(watch, events, order="log").watches
    assert ("pending", at(600)) == (pending.state, pending.end)
    (ended,) = explained(watch, events, SERVER_3_9, order="log").watches
    assert "open" == ended.state


@pytest.mark.parametrize(("limits", "of"), [({}, "log"), ({"until": 60}, "part")])
def test_the_funnel_says_whose_events_it_counts(limits, of):
    """A part of the log is not the log."""
    events = [event("a", 0), event("b", 180), event("c", 300)]
    funnel = explained(reactive("b", threshold=2, within=9), events, **limits).funnel
    assert of == funnel.of


def test_a_watch_that_fired_again_and_again_says_how_often():
    """Without an after event, the next window follows each firing (E6)."""
    again = "; it fires again every 1 min for as long as that lasts."
    assert summary(explained(proactive("x"), [event("y", 0), event("y", 150)])).endswith(again)
    assert not summary(explained(proactive("x"), [event("y", 0), event("y", 90)])).endswith(again)


def test_the_default_window_is_told_as_the_default():
    """Who wrote 0, or nothing, does not know of 10 s (P1)."""
    log = [event("y", 0), event("z", 15)]
    default = "In the 10 s (the default for within) from "
    assert summary(explained(proactive("x", within=0), log)).startswith(default)
    assert summary(explained(proactive("x", within=11), log)).startswith("In the 11 s from ")


def test_an_answer_at_the_instant_of_the_start_is_told():
    """It was processed first, and no window was open: it is not true that none came (B7)."""
    log = [flow_run("Completed", 0), flow_run("Running", 0), LATER]
    found = explained(IN_TIME, log)
    assert "answer-before-watch" == found.diagnosis.cause
    assert "prefect.flow-run.Completed (line 1) had come at the time of" in summary(found)


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        ([("down", 0), ("down", 10), ("up", 40), ("z", 300)], "satisfied"),
        ([("down", 0), ("up", 40), ("down", 50), ("z", 110)], "lost-to-satisfied-window"),
        ([("down", 0), ("up", 40), ("down", 50), ("z", 109)], "satisfied"),
    ],
    ids=["before the answer", "a whole window lost", "the log ends first"],
)
def test_what_a_satisfied_window_swallows_is_lost_after_its_answer_alone(log, cause):
    """And only where the log shows that nothing answered it."""
    trigger = proactive("up", after=["down"], for_each=[ID], within=60)
    events = [event(name, seconds) for name, seconds in log]
    assert cause == explained(trigger, events).diagnosis.cause


@pytest.mark.parametrize(("resources", "cause"), [("a", "nothing-came"), ("ab", "key-missing")])
def test_two_resources_that_lack_the_key_share_a_watch(resources, cause):
    """One resource alone shares it with nobody."""
    trigger = proactive("end", after=["start"], for_each=["team"], within=60)
    starts = [event("start", second, key) for second, key in enumerate(resources)]
    assert cause == explained(trigger, [*starts, event("z", 999)]).diagnosis.cause


@pytest.mark.parametrize(("require", "raised"), [("all", []), (1, ["require: 1 → 2"])])
def test_no_composite_is_told_to_require_more_children_than_it_has(require, raised):
    """It would never fire, which silences the firing, too."""
    trigger = compound(reactive("x"), reactive("y"), require=require)
    found = changes_of(explained(trigger, [event("x", 0), event("y", 5)]))
    assert raised == [one for one in found if one.startswith("require")]
