"""`history/survey.py`, `counting.py`, `profile.py`: what is in a log."""

from contextlib import ExitStack
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parallel.inline import in_columns
from tests.support import at, event, lines_run, related
from trigger_cli.events.batch import Rows
from trigger_cli.history import survey as surveys
from trigger_cli.history import survey_part as survey_parts
from trigger_cli.history.counting import DelayScale, Distinct, delay_step
from trigger_cli.history.survey import OTHERS, Surveyor
from trigger_cli.history.survey_part import kind_of, survey_part
from trigger_cli.render.common.plain_json import dump_json
from trigger_cli.render.history.survey_json import survey_object
from trigger_cli.vocabulary import FIRING_NAMES


def survey_of(*events, together=100):
    """The survey of events that come so many at a time."""
    surveyor = Surveyor()
    for some in in_pieces(events, together):
        rows = rows_of(some)
        surveyor.as_it_stands(rows, survey_part(rows))
    in_time = sorted(events, key=lambda one: one.occurred)
    return surveyor.in_time(
        Rows(in_columns(some, {}), None) for some in in_pieces(in_time, together)
    )


def in_pieces(events, together):
    return [events[begin : begin + together] for begin in range(0, len(events), together)]


def rows_of(events):
    """Events as a reader gives them, with all labels."""
    labels = {row: (one.resource, one.related, None) for row, one in enumerate(events)}
    return Rows(in_columns(events, labels), None)


TEXT = st.sampled_from(["a", "b", "c", "d", "e"])
LABELS = st.dictionaries(TEXT, TEXT, max_size=3)


@st.composite
def logs(draw):
    """Events in any order, some of them copies, followers and firings of a server."""
    flows = [related(role, f"flow.{role}", x=role) for role in "pqr"]
    events = []
    for line in range(draw(st.integers(1, 30))):
        seconds = draw(st.integers(-3, 20))
        kind, labels = draw(TEXT), draw(LABELS)
        name = draw(st.sampled_from(["a", "b", "c", "d", next(iter(FIRING_NAMES))]))
        one = event(
            name,
            seconds,
            {"prefect.resource.id": f"{kind}.{line}", **labels},
            draw(st.lists(st.sampled_from(flows), max_size=2)),
            id=str(draw(st.integers(0, 30))),
            follows=draw(st.none() | st.integers(0, 30).map(str)),
            line=line,
        )
        received = draw(st.none() | st.integers(0, 9))
        events.append(one if received is None else one._replace(received=at(seconds + received)))
    return events


@given(logs(), st.integers(1, 30), st.booleans())
def test_how_many_come_at_a_time_makes_no_difference(events, together, limited):
    """One by one, several or all, with every limit near or far."""
    with ExitStack() as stack:
        if limited:
            for name in (
                "MOST_NAMES", "MOST_LABELS", "MOST_VALUES", "REMEMBERED_IDS", "KEPT_GAPS",
            ):  # fmt: skip
                stack.enter_context(patch.object(surveys, name, 3))
        one_by_one, found = survey_of(*events, together=1), survey_of(*events, together=together)
    assert dump_json(survey_object(one_by_one, ["log"])) == dump_json(survey_object(found, ["log"]))
    assert one_by_one.names == found.names
    assert one_by_one.chains == found.chains


def test_examples_are_in_the_order_of_the_log():
    """Also where that is not the order of the events."""
    found = survey_of(event("a", 9, "b.2"), event("a", 0, "b.1"), event("a", 5, "b.3"))
    assert ["b.2", "b.1", "b.3"] == found.kinds["b"].ids.examples(5)
    assert (at(0), at(9)) == (found.names["a"].first, found.names["a"].last)
    assert (at(0), at(9)) == (found.first, found.last)


def test_a_name_has_the_first_kinds_of_its_resources_alone():
    """How many events each of them has is exact."""
    kinds = [f"kind{n}.1" for n in range(25)]
    found = survey_of(*(event("a", n, one) for n, one in enumerate([*kinds, *kinds])))
    assert {f"kind{n}": 2 for n in range(20)} == found.names["a"].kinds


def test_disorder_is_told_by_how_much():
    """The third event is 15 s behind the second."""
    found = survey_of(event("a", 0), event("a", 20), event("a", 5), event("a", 30))
    assert (1, 15_000_000, False) == (
        found.out_of_order,
        found.most_out_of_order,
        found.newest_first,
    )


def test_a_log_that_runs_backwards_is_named_so():
    """As the API answers."""
    assert survey_of(*(event("a", -n) for n in range(5))).newest_first


YEAR = 366 * 86_400


@pytest.mark.parametrize("together", [1, 2, 100])
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ((0, 1, 9 * YEAR, 2, 3, 4), (1, 9 * YEAR - 2)),
        ((9 * YEAR, 0, 1, 2), (1, 9 * YEAR)),
        ((0, 1, 9 * YEAR), (0, 0)),
        ((0, 1, 9 * YEAR, 9 * YEAR + 1, 2), (1, 9 * YEAR - 1)),
        ((0, 5, 9 * YEAR, 4, 9 * YEAR, 6), (3, 9 * YEAR - 4)),
        ((-9 * YEAR, 0, 1), (0, 0)),
    ],
)
def test_one_event_far_ahead_is_itself_out_of_order(seconds, expected, together):
    """Not all that come after it; of several in a row, nobody knows which are dated wrongly."""
    found = survey_of(*(event("a", one) for one in seconds), together=together)
    assert expected == (found.out_of_order, found.most_out_of_order // 1_000_000)


def test_duplicates_are_by_id():
    """The second copy counts, the first does not."""
    assert (
        1
        == survey_of(event("a", 0, id="1"), event("a", 1, id="1"), event("a", 2, id="2")).duplicates
    )


def test_chains_of_followers():
    """One chain of three, one follower whose leader is not there."""
    found = survey_of(
        event("a", 0, id="1"),
        event("b", 1, id="2", follows="1"),
        event("c", 2, id="3", follows="2"),
        event("d", 3, id="4", follows="lost"),
    ).chains
    assert (3, 3, 1) == (found.followers, found.longest, found.leader_missing)
    assert {("a", "b"): 1, ("b", "c"): 1} == found.pairs
    assert 0 == survey_of(event("a", 0), event("b", 1)).chains.longest


def test_the_longest_gaps_come_first():
    """Fifty seconds, then ten."""
    found = survey_of(event("a", 0), event("a", 10), event("a", 60))
    assert [(50_000_000, at(10)), (10_000_000, at(0))] == [tuple(one) for one in found.gaps]


def test_labels_are_counted_by_kind_and_role():
    """A flow's name on two runs."""
    flow = related("flow", "prefect.flow.1", **{"prefect.resource.name": "etl"})
    found = survey_of(
        event("a", 0, "prefect.flow-run.x", [flow]), event("a", 1, "prefect.flow-run.y", [flow])
    )
    assert 2 == found.kinds["prefect.flow-run"].ids.count
    assert (2, 1) == (
        found.roles["flow"].labels["prefect.resource.name"].events,
        found.roles["flow"].labels["prefect.resource.name"].values.count,
    )


def test_names_beyond_the_limit_are_counted_together(monkeypatch):
    """A log in which every event has a name of its own cannot fill the memory."""
    monkeypatch.setattr(surveys, "MOST_NAMES", 3)
    found = survey_of(*(event(f"n{n}", n) for n in range(10)))
    assert 7 == found.names[OTHERS].events
    assert found.has_more_names
    assert not survey_of(*(event(f"n{n}", n) for n in range(3))).has_more_names


def test_kinds_beyond_the_limit_have_no_labels(monkeypatch):
    """Those of many kinds would be told as those of one, and which ones would depend on the cut."""
    monkeypatch.setattr(surveys, "MOST_NAMES", 2)
    found = survey_of(*(event("a", n, f"kind{n}.{n % 4}") for n in range(10)))
    others = found.kinds[OTHERS]
    assert (8, 8, {}, []) == (
        others.events,
        others.ids.count,
        others.labels,
        others.ids.examples(5),
    )
    assert ["kind1.1"] == found.kinds["kind1"].ids.examples(5)


def test_parts_keep_one_value_more_than_are_counted(monkeypatch):
    """So that whoever adds them knows that there are more."""
    monkeypatch.setattr(survey_parts, "MOST_VALUES", 3)
    some = [event("a", n, f"kind.{n}", [related("flow", f"flow.{n % 2}")]) for n in range(9)]
    _, _, kinds, roles, *_ = survey_part(rows_of(some))
    count, ids, shapes, values = kinds["kind"]
    assert (9, ["kind.0", "kind.1", "kind.2", "kind.3"]) == (count, ids)
    assert [(("prefect.resource.id",), 9)] == shapes
    assert [("prefect.resource.id", ids)] == values
    assert (9, ["flow.0", "flow.1"]) == roles["flow"][:2]


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        ("prefect.flow-run.925eacce-7fe5-4c3b-8307-4977a5f5862d", "prefect.flow-run"),
        ("prefect.tag.dev", "prefect.tag"),
        ("etl.customer-export", "etl"),
        ("thing", "thing"),
        ("", ""),
    ],
)
def test_what_a_resource_is_stands_in_its_id(resource, kind):
    """Without what tells it from others of its kind."""
    assert kind == kind_of(resource)


def test_a_part_takes_no_longer_per_event_where_each_has_labels_of_its_own():
    """Each label was looked for in all resources."""

    def lines(many):
        resources = [
            {"prefect.resource.id": f"a.{number}", f"label-{number}": "x"} for number in range(many)
        ]
        rows = rows_of([event("a", number, one) for number, one in enumerate(resources)])
        return lines_run(lambda: survey_part(rows))

    assert lines(320) < 5 * lines(80)


@given(st.lists(st.text(max_size=3)), st.integers(1, 5))
def test_distinct_counts_are_exact_up_to_the_limit(texts, limit):
    """And then more."""
    distinct = Distinct(limit)
    for text in texts:
        distinct.add(text)
    together = Distinct(limit)
    together.add_all(texts)
    assert distinct.examples(limit) == together.examples(limit)
    assert (distinct.count, distinct.more) == (together.count, together.more)
    assert (min(len(set(texts)), limit), len(set(texts)) > limit) == (distinct.count, distinct.more)


@given(st.lists(st.integers(0, 10**12), min_size=1))
def test_percentiles_are_near(durations):
    """Within a tenth, and never beyond the longest."""
    scale = DelayScale()
    for one in durations:
        scale.add({delay_step(one): 1}, one)
    exact = sorted(durations)[-(-len(durations) // 2) - 1]
    assert exact <= scale.percentile(0.5) * 1.01 + 1
    assert scale.percentile(0.5) <= max(exact * 1.11 + 1, 1)
    assert max(durations) == scale.most
