"""The parts of an explanation beside its cause: orders, dialects, watches, chains, moments."""

import pytest
from msgspec.structs import astuple

from tests.explain.cases import compound, metric, run_states, sequence
from tests.explain.support import evidence_of, explained, numbered, received, summary
from tests.support import at, event, proactive, reactive, seconds_of
from trigger_cli.dialects import SERVER
from trigger_cli.explain import alternatives
from trigger_cli.explain import evidence as evidence_module
from trigger_cli.explain.explain import Question, explain
from trigger_cli.explain.records import DialectView
from trigger_cli.explain.scope import scope_over
from trigger_cli.explain.sentence import written
from trigger_cli.render.explain.parts import otherwise

ID = "prefect.resource.id"


def changes(explanation):
    """Each change with the number of firings that it leads to."""
    return [(written(one.said), one.firings) for one in explanation.counterfactuals]


# --- Order ---------------------------------------------------------------------------------


def test_the_order_of_arrival_is_compared_where_the_log_has_it():
    """The expect event arrived 12 ms before the after event, so nothing fired there."""
    trigger = reactive("end", after=["start"], within=60)
    events = [received(event("start", 0), 0.112), received(event("end", 0.05), 0.1)]
    explanation = explained(trigger, events)
    view = explanation.other_order
    assert "fired" == explanation.verdict
    assert ("received", "did-not-fire", 0) == (view.order, view.verdict, view.firings)
    assert (
        "in arrival order end (line 2) came 0.012 s before start (line 1): "
        "emit it with `follows`, and it waits"
    ) == written(view.said)


def test_of_pairs_swapped_by_as_much_the_first_is_told():
    """Each expected event arrived 12 ms before its after event."""
    trigger = proactive("end", after=["start"], for_each=[ID])
    events = [received(event("z", 999), 999)]
    for key, second in (("b", 200), ("a", 0)):
        start, end = event("start", second, key), event("end", second + 0.1, key)
        events = [received(start, second + 0.112), received(end, second + 0.1), *events]
    told = written(explained(trigger, events).other_order.said)
    assert told.startswith("in arrival order end (line 2) came 0.012 s before start (line 1)")


def test_orders_that_agree_are_not_mentioned():
    """Nor is a log that does not say when its events were received."""
    trigger = reactive("x")
    assert explained(trigger, [received(event("x", 0), 1)]).other_order is None
    assert explained(trigger, [event("x", 0)]).other_order is None


def test_a_long_log_is_not_sorted_into_another_order(monkeypatch):
    """And it says so."""
    monkeypatch.setattr(evidence_module, "MOST_SORTED", 1)
    trigger = reactive("end", after=["start"], within=60)
    events = [received(event("start", 0), 0.112), received(event("end", 0.05), 0.1)]
    explanation = explained(trigger, events)
    assert explanation.other_order is None
    assert any("order of delivery" in written(note) for note in explanation.notes)


# --- Dialects --------------------------------------------------------------------------------


def test_only_the_rows_that_make_the_difference_are_named():
    """D8 does; D9, which a sibling touches, does not."""
    late = reactive("end", after=["start"], within=60)
    trigger = compound(late, reactive("z", threshold=2), require="any")
    events = [event("start", 0), event("start", 80), event("end", 100)]
    view = explained(trigger, events, SERVER).other_dialect
    assert ("docs", "fired", 1, ("D8",)) == (
        view.dialect,
        view.verdict,
        view.firings,
        view.rows,
    )


def test_a_deadline_that_only_one_dialect_has_open_is_named():
    """A satisfied window is followed by the next in `docs` alone (D6): neither has fired yet."""
    explanation = explained(proactive("x", within=60), [event("x", 0), event("y", 60)])
    assert ("pending", 0) == (explanation.verdict, explanation.firings)
    view = explanation.other_dialect
    assert ("did-not-fire", 0, ("D6",)) == (view.verdict, view.firings, view.rows)


def test_a_late_event_may_decide_between_the_dialects():
    """Its window ended long ago; `docs` still counts it there (D9), if it comes late at all."""
    trigger = reactive("x", threshold=2, within=60)
    events = [event("x", 0), event("x", 30, follows="lost"), event("y", 2000)]
    view = explained(trigger, events, SERVER).other_dialect
    assert ("docs", "fired", 1, ("D9",)) == (view.dialect, view.verdict, view.firings, view.rows)
    in_time = [one._replace(follows=None) for one in events]
    assert explained(trigger, in_time, SERVER).other_dialect is None


@pytest.mark.parametrize(("enough", "seen_in"), [(3, 3), (20, None)])
def test_of_many_firings_the_first_that_differ_name_the_rows(enough, seen_in, monkeypatch):
    """It is said that the others were not looked at."""
    monkeypatch.setattr(alternatives, "ENOUGH_FIRINGS", enough)
    trigger = reactive("end", after=["start"], within=60)
    events = [event("start", 0), event("end", 10)]
    for begin in range(1000, 9000, 1000):
        events += [event("start", begin), event("start", begin + 80), event("end", begin + 100)]
    view = explained(trigger, events, SERVER).other_dialect
    assert ("docs", 9, ("D8",), seen_in) == (view.dialect, view.firings, view.rows, view.seen_in)


@pytest.mark.parametrize(
    ("verdict", "firings", "rows", "said"),
    [
        ("fired", 1, ("D6",), "it fires once, not 2 times (D6)."),
        ("fired", 2, ("D6", "D8"), "it also fires 2 times, but at other times or by other events (D6, D8)."),
        ("fired", 2, ("D10",), "it also fires 2 times, but its server refuses the definition (D10)."),
        ("did-not-fire", 0, ("D8",), "it does not fire (D8)."),
        ("never-evaluated", 0, ("D11",), "it is never evaluated (D11)."),
    ],
)  # fmt: skip
def test_the_other_verdict_is_told_by_what_differs(verdict, firings, rows, said):
    """Not as a verdict of its own, which reads the same as the one above."""
    explanation = explained(reactive("x"), [event("x", 0), event("x", 1)])
    other = DialectView("server-3.9", "docs", verdict, firings, rows)
    assert f"In the server-3.9 dialect {said}" == otherwise(explanation, other).plain


def test_dialects_that_agree_are_not_mentioned():
    """Although the definition touches a row."""
    assert explained(reactive("x", threshold=2), [event("x", 0)]).other_dialect is None


# --- Nearest miss and changes ------------------------------------------------------------------


@pytest.mark.parametrize(("late", "left"), [(-60, None), (10, 20)])
def test_an_answer_from_before_its_window_is_not_near(late, left):
    """The look-back counts what came late; it came longer before the deadline than the window is."""
    events = [received(event(name, s), r) for name, s, r in (("x", 0, 0), ("x", late, 5))]
    trigger = proactive("x", threshold=2, within=30, for_each=[ID])
    explanation = explained(trigger, events, order="received", until=20)
    miss = explanation.nearest_miss
    assert left == (None if miss is None else miss.missed_by / 1_000_000)
    assert ("before its deadline" in summary(explanation)) == (left is not None)


def test_a_bucket_of_events_that_lack_the_label_is_not_said_to_have_it():
    """Two resources without a name share a bucket, not a name."""
    trigger = proactive("end", after=["start"], for_each=["prefect.resource.name"])
    log = [event("start", 0, "a"), event("start", 1, "b"), event("end", 5, "b"), event("z", 99)]
    found = explained(trigger, log)
    assert "satisfied-by-other-run" == found.diagnosis.cause
    assert "resources without prefect.resource.name share one" in summary(found)


def test_an_event_that_waits_is_not_among_those_that_its_name_refused():
    found = explained(reactive("x"), [event("z", 0), event("x", 9, follows="unknown")])
    assert "waiting-for-leader" == found.diagnosis.cause
    assert (("z", 1),) == found.funnel.refusal.values


@pytest.mark.parametrize("names", ["bac", "abac"], ids=["out of order", "superseded"])
def test_children_that_all_fired_in_another_order_are_not_counted_as_enough(names):
    trigger = sequence(reactive("a"), reactive("b"), reactive("c"))
    found = explained(trigger, [event(name, second) for second, name in enumerate(names)])
    told = "All its children fired, but their latest firings were in another order."
    assert told == written(found.nearest_miss.said)


@pytest.mark.parametrize(
    ("seconds", "missed_by"),
    [((0, 62, 70, 127), 10), ((0, 30, 40, 62, 110, 127), None), ((0, 60, 70, 80), None)],
)
def test_a_window_that_an_earlier_one_would_empty_is_not_the_nearest(seconds, missed_by):
    """The last one lacked one event for 5 s, or for 7 s, but 5 s longer windows begin elsewhere.

    The first one, if longer, fires in place of the second, not besides it.
    """
    explanation = explained(
        reactive("x", threshold=3, within=60), [event("x", one) for one in seconds]
    )
    miss = explanation.nearest_miss
    assert missed_by == (None if miss is None else miss.missed_by / 1_000_000)


def test_a_distance_that_was_not_replayed_is_not_told(monkeypatch):
    """In a long log, the second window of a bucket."""
    monkeypatch.setattr(evidence_module, "MOST_SORTED", 1)
    explanation = explained(
        reactive("x", threshold=3, within=60), [event("x", one) for one in (0, 62, 70, 127)]
    )
    assert "the third x (line 4) came after its 1 min window closed." in summary(explanation)
    assert explanation.nearest_miss.missed_by is None


def test_a_window_that_needs_no_answer_has_no_nearest_miss():
    """With a threshold of 0 it never fires, whatever comes."""
    log = [event("z", 0), event("x", 9), event("x", 18)]
    assert explained(proactive("x", within=10), log).nearest_miss is not None
    assert explained(proactive("x", within=10, threshold=0), log).nearest_miss is None


@pytest.mark.parametrize(
    ("seconds", "kind", "missed_by"),
    [
        # The firing of x at 100 has expired before z comes; a round needs y as well.
        ([("z", 170), ("y", 230), ("z", 240)], compound, 70),
        ([("z", 170)], compound, None),
        ([("y", 230), ("z", 240)], sequence, 80),
        ([("z", 170), ("y", 230)], sequence, None),
    ],
)
def test_another_round_missed_by_what_its_first_firing_was_too_old(seconds, kind, missed_by):
    """A firing that expires as others come is no round, where another child is still missing."""
    trigger = kind(reactive("x"), reactive("y"), reactive("z"), within=60)
    names = [("x", 0), ("y", 1), ("z", 2), ("x", 100), *seconds]
    explanation = explained(trigger, [event(*one) for one in names])
    miss = explanation.nearest_miss
    assert missed_by == (None if miss is None else miss.missed_by / 1_000_000)
    assert bool(miss) == any(change.firings > 1 for change in explanation.more_firings)


def test_one_event_that_fires_all_children_is_told():
    """It was told as children that fired, 0 s apart."""
    trigger = compound(reactive("x"), reactive("*"), within=60)
    said = summary(explained(trigger, [event("x", 0)]))
    assert "One event fired both children, because each takes it: x (line 1)." == said
    assert "2 children fired" in summary(explained(trigger, [event("y", 0), event("x", 1)]))


@pytest.mark.parametrize(
    ("second", "came", "fired"),
    [(10, "at that instant", "when the event came"), (15, "5 s later", "when the event came")],
)
def test_an_event_that_completes_an_outdated_composite_is_not_told_as_0_s_before(
    second, came, fired
):
    """The event that the first child missed is the second one's."""
    trigger = compound(proactive("x", within=10), reactive("x"), within=60)
    said = summary(explained(trigger, [event("z", 0), event("x", second)]))
    assert f"x (line 2) came {came}; the composite kept that firing (C3) and fired {fired}." in said


@pytest.mark.parametrize(
    ("seconds", "missed_by"),
    [([59], 1), ([40], None), ([60], None), ([59, 62], None)],
)
def test_an_event_near_the_end_of_a_cooldown_is_a_near_miss(seconds, missed_by):
    """A daily event is lost if it comes a second early; one amid the cooldown is meant to be.

    With a shorter cooldown one may also fire in place of the next.
    """
    events = [event("x", one) for one in (0, *seconds)]
    explanation = explained(reactive("x", within=60), events)
    miss = explanation.nearest_miss
    assert missed_by == (None if miss is None else miss.missed_by / 1_000_000)
    if miss is not None:
        said = "x (line 2) came 1 s before it had cooled down, at 2026-03-01T12:01:00.000000Z (E1)."
        assert said == written(miss.said)
        assert ["within: 60 s (1 min) → 59 s"] == [
            written(one.said) for one in explanation.more_firings if "within" in written(one.said)
        ]


@pytest.mark.parametrize(("until", "is_told"), [(500, True), (2_000, False)])
def test_a_metric_that_was_not_resolved_could_not_fire_again(until, is_told):
    """The user asks why it fired only once."""
    events = run_states(("Pending", 0), ("Failed", 5))
    said = summary(explained(metric(firing_for=60), events, until=until))
    assert is_told == said.endswith(
        " It was not resolved before the end, so it could not fire again (K7)."
    )


def test_the_nearest_miss_says_by_how_much():
    """The third event came 41.2 s after the window closed."""
    trigger = reactive("x", threshold=3, within=60)
    explanation = explained(trigger, [event("x", s) for s in (0, 30, 101.2)])
    miss = explanation.nearest_miss
    assert (2, 3, 41.2) == (miss.count, miss.threshold, miss.missed_by / 1_000_000)
    assert "the third x (line 3) came 41.2 s after its 1 min window closed." in summary(explanation)
    assert [
        ("within: 60 s (1 min) → 101.3 s (1 min 41.3 s)", 1),
        ("threshold: 3 → 2", 1),
    ] == sorted(changes(explanation)[:2], reverse=True)


def test_a_clause_in_the_wrong_place_is_moved():
    """What `match` asks for is a related resource's."""
    trigger = reactive("x", match={ID: "prefect.flow.f"})
    events = [event("x", 0, related=[{ID: "prefect.flow.f"}])]
    assert ("move match.prefect.resource.id into match_related", 1) == changes(
        explained(trigger, events)
    )[0]


def test_a_misspelled_name_is_replaced():
    """As the log spells it."""
    explanation = explained(reactive("order.Placed"), [event("order.placed", 0)])
    assert [("in expect: order.Placed → order.placed", 1)] == changes(explanation)
    assert [("order.placed", 1)] == list(explanation.funnel.refusal.nearest)


def test_what_fired_tells_what_would_have_fired_more():
    """A window that a longer `within` would have filled."""
    trigger = reactive("x", threshold=2, within=60)
    events = [event("x", s) for s in (0, 1, 200, 265)]
    (more,) = explained(trigger, events).more_firings
    assert ({"within": 65.1}, 2, 1) == (more.change, more.firings, more.before)


def test_where_nothing_can_be_repeated_no_change_is_told():
    """And it says why."""
    evidence = evidence_of(reactive("x", threshold=2), [event("x", 0)])
    evidence.kept.failed = True
    from trigger_cli.explain.explain import Question, explain

    explanation = explain(evidence, evidence.automations[0], Question())
    assert () == explanation.counterfactuals
    assert "no temporary file" in explanation.not_tried


# --- Proactive windows ---------------------------------------------------------------------


def test_each_watch_says_what_satisfied_it():
    """Or that it fired, or when it will."""
    trigger = proactive("end", after=["start"], for_each=[ID])
    events = [
        event("start", 0, "a"),
        event("end", 5, "a"),
        event("start", 10, "b"),
        event("start", 80, "c"),
    ]
    watches = explained(trigger, events).watches
    assert [("a", "satisfied", 2), ("b", "fired", None), ("c", "pending", None)] == [
        (dict(one.labels)[ID], one.state, one.by and one.by.line)
        for one in sorted(watches, key=lambda one: one.labels)
    ]
    assert 140 == seconds_of(watches[-1].end)


# --- Chains ----------------------------------------------------------------------------------


def test_the_chain_goes_back_through_composites():
    """From the sequence's firing to the window that its first child opened."""
    inner = reactive("b", after=["a"], within=60)
    trigger = sequence(inner, compound(reactive("c"), reactive("d")), within=600)
    events = [event(name, s) for s, name in enumerate("abcd")]
    chain = explained(trigger, events, firing=1).chain
    assert [
        "$.triggers[0] opened",
        "$.triggers[0] counted",
        "$.triggers[0] fired",
        "$ stored",
        "$.triggers[1].triggers[0] opened",
        "$.triggers[1].triggers[0] counted",
        "$.triggers[1].triggers[0] fired",
        "$.triggers[1] stored",
        "$.triggers[1].triggers[1] opened",
        "$.triggers[1].triggers[1] counted",
        "$.triggers[1].triggers[1] fired",
        "$.triggers[1] stored",
        "$.triggers[1] fired",
        "$ stored",
        "$ fired",
    ] == [f"{one.trigger.path} {one.kind}" for one in chain]


# --- Moments ---------------------------------------------------------------------------------


def test_a_moment_shows_open_buckets():
    """With their counts as they stood."""
    trigger = reactive("x", threshold=3, within=60)
    snapshot = explained(
        trigger, [event("x", 0), event("x", 5), event("z", 50)], snapshot=10
    ).snapshot
    (bucket,) = snapshot.buckets
    assert (2, 3, 60) == (bucket.count, bucket.threshold, seconds_of(bucket.end))


def test_a_moment_shows_stored_firings():
    """And when they expire."""
    trigger = compound(reactive("x"), reactive("y"))
    snapshot = explained(trigger, [event("x", 0), event("z", 50)], snapshot=10).snapshot
    (stored,) = snapshot.stored
    assert ("$.triggers[0]", 60) == (stored.firing.trigger.path, seconds_of(stored.expires))


def test_a_moment_shows_waiting_events_and_metrics():
    """What waits, and the value as it stood."""
    waits = event("z", 6, follows="gone", id="z")
    events = [*run_states(("Pending", 0), ("Failed", 5)), waits, event("y", 20)]
    snapshot = explained(metric(), events, snapshot=10).snapshot
    assert [("z", at(6 + 900))] == [(one.id, due) for one, due in snapshot.waiting]
    (reading,) = snapshot.metrics
    assert (0.0, True, False) == (reading.value, reading.breached, reading.triggered)


# --- Funnel ----------------------------------------------------------------------------------


def test_a_value_that_changes_by_itself_is_no_event():
    """One event cannot change it twice: it changes again where the event leaves the range (K6)."""
    events = run_states(("Pending", 0))
    (counted,) = [
        one.events
        for one in explained(metric(), events, until=900).funnel.stages
        if one.name == "counted"
    ]
    assert 1 == counted


def test_the_funnel_ends_where_everything_died():
    """With the clause, its patterns, and the values most often seen."""
    trigger = reactive("x", match={"k": ["a"]})
    events = [event("x", s, {ID: f"r{s}", "k": "b"}) for s in range(3)] + [event("z", 9)]
    funnel = explained(trigger, events).funnel
    assert [4, 3, 0, 0, 0, 0, 0] == [stage.events for stage in funnel.stages]
    assert "matched" == funnel.ended_at
    assert ("match.k", 3, ("a",), (("b", 3),)) == astuple(funnel.refusal)[:4]


@pytest.mark.parametrize("asked", [None, ((ID, "r"),)])
def test_an_event_that_several_children_want_counts_once(asked):
    """The counts of a composite are events, not pairs of an event and a child."""
    children = [reactive("x", match={"k": k}) for k in ("a", "*", "c")]
    nested = {"type": "sequence", "triggers": children[:2]}
    trigger = {"type": "compound", "require": "all", "triggers": [nested, children[2]]}
    events = [event("x", s, {ID: "r", "k": k}) for s, k in enumerate("abc")]
    events += [event("x", 5, {ID: "r"}), event("y", 6, {ID: "r"})]
    evidence = evidence_of(trigger, events)
    scope = None if asked is None else scope_over(asked, numbered(events))
    funnel = explain(evidence, evidence.automations[0], Question(scope=scope)).funnel
    assert [5, 4, 3, 3] == [one.events for one in funnel.stages[:4]]


def test_duplicates_and_waiting_events_do_not_count():
    """They did not reach the triggers."""
    events = [event("x", 0, id="i"), event("x", 5, id="i"), event("x", 6, follows="gone")]
    funnel = explained(reactive("x", threshold=9), events).funnel
    assert [1, 1] == [stage.events for stage in funnel.stages[:2]]
    assert 2 == funnel.undelivered


def test_the_names_refused_no_more_events_than_came():
    """A duplicate reaches no trigger: the check counted one more than the funnel."""
    events = [event("x", 0, id="a"), event("x", 1, id="a"), event("y", 2)]
    funnel = explained(reactive("z"), events).funnel
    assert (2, 2) == (funnel.stages[0].events, funnel.refusal.failed)
