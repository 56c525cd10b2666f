"""`history/diff.py` and `first_difference.py`: two replays side by side."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import at, automations, event
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.explain.sentence import written
from trigger_cli.history.diff import DiffSide, LogRead, diff
from trigger_cli.history.kept_replay import KeptFirings, PlainStore
from trigger_cli.pipeline import ReplayOptions

TWO = {
    "name": "two",
    "trigger": {"posture": "Reactive", "expect": ["a"], "threshold": 2, "within": 60},
}


def compared(first, second, events, dialects=(DOCS, DOCS)):
    sides = [
        DiffSide(name, automations(*some), dialect, "occurred")
        for name, some, dialect in zip("ab", (first, second), dialects, strict=True)
    ]
    numbered = [one._replace(line=n) for n, one in enumerate(events, 1)]
    return diff(*sides, [LogRead(numbered, tuple(sides))], ReplayOptions())


def with_trigger(definition, **fields):
    return {**definition, "trigger": {**definition["trigger"], **fields}}


def test_a_longer_window_fires_where_the_shorter_does_not():
    """The two part at the event that one counts and the other starts anew with."""
    events = [event("a", 0), event("a", 64)]
    found = compared([TWO], [with_trigger(TWO, within=64.3)], events)
    (group,) = found.automations[0].groups
    assert (0, 1, 0) == (len(group.only_first), len(group.only_second), len(group.other_times))
    assert (at(64), 2) == (group.first_difference.at, group.first_difference.event.line)
    assert "from here on they differ: within 1 min and 64.3 s" == written(
        group.first_difference.why
    )


def test_the_same_deadline_at_another_time():
    """A proactive window of 10 and of 20 seconds, begun by the same event."""
    watch = {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 10}
    one = {"name": "x", "trigger": watch}
    events = [event("a", 0), event("c", 60)]
    (compared_one,) = compared([one], [with_trigger(one, within=20)], events).automations
    (group,) = compared_one.groups
    assert [(at(10), at(20))] == [
        (x.first.firing.at, x.second.firing.at) for x in group.other_times
    ]


def test_what_only_one_side_takes_names_the_clause():
    """The filter that refuses is the reason."""
    narrow = with_trigger(TWO, threshold=1, match={"prefect.resource.id": "thing.2"})
    found = compared([with_trigger(TWO, threshold=1)], [narrow], [event("a", 0)])
    (group,) = found.automations[0].groups
    said = written(group.first_difference.why)
    assert "B does not take it: match.prefect.resource.id wants thing.2 and finds thing.1" == said


def test_dialects_part_where_the_table_says():
    """D3: to the server, `!a` matches nothing, and the star beside it takes `a`."""
    one = {"name": "x", "trigger": {"posture": "Reactive", "expect": ["*", "!a"]}}
    found = compared([one], [one], [event("a", 0)], (DOCS, SERVER))
    (group,) = found.automations[0].groups
    assert "(D3, " in written(group.first_difference.why)


def test_groups_are_by_bucket():
    """One key differs, the other does not."""
    keyed = with_trigger(TWO, for_each=["prefect.resource.id"])
    events = [event("a", 0, "x"), event("a", 1, "y"), event("a", 2, "x"), event("a", 61.5, "y")]
    found = compared([keyed], [with_trigger(keyed, within=62)], events)
    (group,) = found.automations[0].groups
    assert (("prefect.resource.id", "y"),) == group.labels
    assert 1 == found.automations[0].same


def test_automations_are_matched_by_name():
    """What the other side lacks counts if it fires."""
    other = {**TWO, "name": "other"}
    third = {**TWO, "name": "third"}
    found = compared([TWO, third], [TWO, other], [event("a", 0), event("a", 1)])
    assert [("third", 1)] == found.unmatched_first
    assert [("other", 1)] == found.unmatched_second
    assert found.differs


def test_single_triggers_belong_together_whatever_their_names():
    """Two files of one trigger each."""
    found = compared([TWO], [{**TWO, "name": "renamed"}], [event("a", 0), event("a", 1)])
    assert not found.differs


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 200)), max_size=30))
def test_a_definition_does_not_differ_from_itself(drawn):
    """Whatever the log."""
    events = sorted((event(name, seconds) for name, seconds in drawn), key=lambda one: one.occurred)
    assert not compared([TWO], [TWO], events).differs


WATCH = {
    "name": "watch",
    "trigger": {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 20},
}


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 200)), max_size=30),
    st.sampled_from([TWO, WATCH]),
    st.sampled_from([20, 21, 60]),
)
def test_what_is_alike_at_the_start_is_paired_as_the_rest_would_be(drawn, definition, within):
    """Left out of the pairing for its memory alone."""
    events = sorted((event(name, seconds) for name, seconds in drawn), key=lambda one: one.occurred)
    other = with_trigger(definition, within=within)
    (one,) = compared([definition], [other], events).automations
    quick = [(x.same, x.only_first, x.only_second, x.other_times) for x in one.groups]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KeptFirings, "alike_from_the_start", lambda _mine, _theirs: 0)
        (whole,) = compared([definition], [other], events).automations
        slow = [(x.same, x.only_first, x.only_second, x.other_times) for x in whole.groups]

    def plain(found):
        return [
            (
                same,
                *([(y.at, y.line) for y in some] for some in two),
                [(y.first.at, y.second.at) for y in times],
            )
            for same, *two, times in found
        ]

    assert plain(slow) == plain(quick)
    assert (whole.same, whole.first, whole.second) == (one.same, one.first, one.second)


def most_held(count):
    """The most bytes that a comparison of so many events holds, each event of over 2 kB."""
    every = {"name": "x", "trigger": {"posture": "Reactive", "expect": ["a"], "threshold": 1}}
    label = "y" * 2_000
    events = (
        event("a", number, {"prefect.resource.id": str(number % 7), "long": f"{label}{number}"})
        for number in range(count)
    )
    numbered = (one._replace(line=number) for number, one in enumerate(events, 1))
    keyed = with_trigger(every, for_each=["prefect.resource.id"])
    sides = [
        DiffSide(name, automations(keyed), dialect, "occurred")
        for name, dialect in (("a", DOCS), ("b", SERVER))
    ]
    tracemalloc.start()
    found = diff(*sides, [LogRead(numbered, tuple(sides))], ReplayOptions())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == found.automations[0].same
    return most


def test_events_are_not_held_in_memory(monkeypatch):
    """Each takes some numbers, whatever it holds, though all of its records are kept."""
    monkeypatch.setattr(PlainStore.__init__, "__defaults__", (50_000,))
    few, many = most_held(500), most_held(4_500)
    assert (many - few) / 4_000 < 1_000
