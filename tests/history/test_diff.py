"""`history/diff.py` and `first_difference.py`: two replays side by side."""

import re
import tracemalloc
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from tests.parallel.inline import in_rows
from tests.support import at, automations, event, proactive, reactive
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.engine import endless
from trigger_cli.engine.errors import EndlessError
from trigger_cli.explain.sentence import written
from trigger_cli.history import diff as module
from trigger_cli.history.diff import DiffSide, FiringPair, Group, LogRead, diff
from trigger_cli.history.kept_replay import KeptFirings
from trigger_cli.history.pairing import in_turn, matched
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.spill import PlainStore

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


def difference(*about):
    """The first difference of the only bucket that differs."""
    (group,) = compared(*about).automations[0].groups
    return group.first_difference


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


def test_a_side_that_did_less_with_an_event_is_not_said_to_have_done_nothing():
    """Both open a window with it, in which one fires at once."""
    found = difference([TWO], [with_trigger(TWO, threshold=1)], [event("a", 0), event("z", 9)])
    assert ["opened", "counted"] == [one.kind for one in found.first]
    assert ["fired", "opened"] == [one.kind for one in found.second]
    assert "from here on they differ: threshold 2 and 1" == written(found.why)


@pytest.mark.parametrize("is_swapped", [False, True])
def test_no_first_difference_is_told_where_one_side_kept_no_records(is_swapped, monkeypatch):
    """It had too many: it would be said to have done nothing."""
    sides = [[with_trigger(TWO, threshold=99)], [with_trigger(TWO, threshold=1, within=1)]]
    events = [event("a", n) for n in range(0, 40, 4)]
    monkeypatch.setattr("trigger_cli.history.diff.KEPT_TRANSITIONS", 11)
    found = compared(*(reversed(sides) if is_swapped else sides), events)
    assert [is_swapped, not is_swapped] == [found.first.gave_up, found.second.gave_up]
    (group,) = found.automations[0].groups
    assert group.first_difference is None


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


def test_a_deadline_that_only_one_side_has_comes_before_the_event_of_its_instant():
    """A was told to do nothing with the event, with which it opens its next window."""
    watch = proactive("b", after=["a"], within=20)
    found = difference([watch], [{**watch, "within": 40}], [event("a", 0), event("a", 20)])
    assert (at(20), None) == (found.at, found.event)
    assert [["fired"], []] == [[one.kind for one in side] for side in (found.first, found.second)]
    assert "from here on they differ: within 20 s and 40 s" == written(found.why)


def test_what_only_one_side_takes_names_the_clause():
    """The filter that refuses is the reason."""
    narrow = with_trigger(TWO, threshold=1, match={"prefect.resource.id": "thing.2"})
    said = written(difference([with_trigger(TWO, threshold=1)], [narrow], [event("a", 0)]).why)
    assert "B does not take it: match.prefect.resource.id wants thing.2 and finds thing.1" == said


def test_dialects_part_where_the_table_says():
    """D3: to the server, `!a` matches nothing, and the star beside it takes `a`."""
    one = {"name": "x", "trigger": {"posture": "Reactive", "expect": ["*", "!a"]}}
    assert "(D3, " in written(difference([one], [one], [event("a", 0)], (DOCS, SERVER)).why)


def test_the_row_that_decides_is_told_alone():
    """The server's record tells it; a definition is sensitive to more rows."""
    watch = {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 60}
    events = [event("z", 0), event("b", 90), event("z", 200)]
    told = written(difference([watch], [watch], events, (DOCS, SERVER)).why)
    assert told.startswith("from here on they differ (D7, ")
    assert ["D7"] == re.findall(r"\bD\d+", told)


@pytest.mark.parametrize(
    "alike",
    [
        proactive("b", after=["a"], for_each=["prefect.resource.id"]),
        proactive("c", after=["a"], for_each=["prefect.resource.id"], within=400),
    ],
    ids=["a satisfied window ends by another rule", "the last event of an open window"],
)
def test_what_comes_to_the_same_is_not_the_first_difference(alike):
    """D4 alone makes another firing: an earlier record of another rule, or of D15, was told."""
    both = {"type": "compound", "require": "any", "triggers": [alike, reactive("x*")]}
    events = [event(name, 5 * place) for place, name in enumerate("aab")]
    found = difference([both], [both], [*events, event("x", 100)], (DOCS, SERVER))
    assert (at(100), "$.triggers[1]") == (found.at, found.trigger)


def test_rows_that_no_record_tells_apart_are_told_as_possible():
    trigger = {"posture": "Reactive", "expect": ["a*", "!ab"], "match": {"k": ["?", "!y"]}}
    events = [event("ax", 0, {"k": "x"})]
    told = written(difference([trigger], [trigger], events, (DOCS, SERVER)).why)
    assert "(one or more of: D1, " in told


def test_firings_that_differ_in_their_event_alone_are_told_apart():
    """D15: of two `after` events, the docs take the latest, a server 3.9 the first."""
    watch = {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 60}
    one = {"name": "x", "trigger": {**watch, "for_each": ["prefect.resource.id"]}}
    events = [event("a", 0), event("a", 10), event("z", 99)]
    found = difference([one], [one], events, (DOCS, SERVER))
    assert at(60) == found.at
    told = written(found.why)
    assert told.startswith("A fires with a (line 2), B with a (line 1) (D15, ")
    assert "D13" not in told


def test_of_several_firings_at_one_time_those_with_the_same_event_are_the_same():
    """Two deadlines of a composite at once: without an event on both sides, with one on B."""
    silent = proactive("b", within=10)
    either = {"require": "any", "triggers": [proactive("c", after=["a"], within=10), silent]}
    events = [event("a", 0), event("z", 12)]
    (one,) = compared([{"require": "any", "triggers": [silent]}], [either], events).automations
    assert (1, 0, 1, 0) == (one.same, one.only_first, one.only_second, one.other_events)


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


SLOW_IDENTITIES = (
    lambda one: None if one.by_deadline else one.line,
    lambda one: one.window if one.by_deadline else None,
    lambda one: (one.at, one.line),
    lambda one: one.at,
)


def slow_group(name, labels, mine, theirs, parting):
    """The pairs of a bucket's firings, one identity after the other, with all in memory."""
    first, second, pairs = list(mine), list(theirs), []
    for identity in SLOW_IDENTITIES:
        found, first, second = matched(first, second, in_turn(second, identity, identity))
        pairs += [FiringPair(*pair) for pair in found]
    pairs.sort(key=lambda one: one.first.at)
    times = [one for one in pairs if one.first.at != one.second.at]
    events = [one for one in pairs if one.first.at == one.second.at and one.has_other_event]
    alike = len(pairs) - len(times) - len(events)
    return Group(name, labels, first, second, times, events, alike, parting)


def numbers_of(fired):
    return astuple(fired)[2:]


def plain(groups):
    """What the groups say, each firing as its numbers."""
    return [
        (
            one.labels,
            one.same,
            *(
                [numbers_of(firing) for firing in some]
                for some in (one.only_first, one.only_second)
            ),
            *(
                [(numbers_of(pair.first), numbers_of(pair.second)) for pair in some]
                for some in (one.other_times, one.other_events)
            ),
        )
        for one in groups
    ]


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 200)), max_size=30),
    st.sampled_from([TWO, WATCH]),
    st.sampled_from([20, 21, 60]),
    st.booleans(),
)
def test_firings_are_paired_side_by_side_as_one_identity_after_the_other(
    drawn, definition, within, keyed
):
    """With far less in memory."""
    events = [
        event(name, seconds, {"prefect.resource.id": name * (seconds % 2 + 1)})
        for name, seconds in sorted(drawn, key=lambda one: one[1])
    ]
    definition = with_trigger(
        definition, **({"for_each": ["prefect.resource.id"]} if keyed else {})
    )
    sides = [definition], [with_trigger(definition, within=within)]
    (one,) = compared(*sides, events).automations
    quick = plain(one.groups)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_group", slow_group)
        (slow,) = compared(*sides, events).automations
        assert plain(slow.groups) == quick
    assert (slow.same, slow.first, slow.second) == (one.same, one.first, one.second)


@given(st.data())
def test_any_firings_are_paired_as_one_identity_after_the_other(data):
    """Events, windows and times in any order, some missing and some several times."""
    number = st.integers(0, 4)
    fields = st.tuples(number, st.none() | number, st.none() | number, st.booleans())
    sides = []
    for _ in range(2):
        firings = KeptFirings(None, None)
        for place, (when, line, window, by_deadline) in enumerate(
            data.draw(st.lists(fields, max_size=12))
        ):
            none = -(2**63)
            firings._numbers.extend(
                (
                    place,
                    when,
                    none if line is None else line,
                    none if window is None else window,
                    by_deadline,
                )
            )
        sides.append(firings)
    quick, slow = (make("x", (), *sides, None) for make in (module._group, slow_group))
    assert plain([slow]) == plain([quick])


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
    few, many = most_held(500), most_held(2_500)
    assert (many - few) / 2_000 < 1_000


@given(
    st.lists(
        st.tuples(
            st.sampled_from("aw"), st.sampled_from([0, 10, 20, 400, 401, 900]), st.booleans()
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 12),
    st.booleans(),
)
def test_too_many_windows_name_the_same_event_for_any_cut(rows, together, in_order):
    """The event that moved the clock past them is one of the rows, or came before them."""
    if in_order:
        rows = sorted(rows, key=lambda row: row[1])
    events = [
        event(name, seconds, id=f"{line}", follows=f"{line - 1}" if follows else None, line=line)
        for line, (name, seconds, follows) in enumerate(rows, 1)
    ]
    watch = automations({"posture": "Proactive", "expect": ["a"], "within": 10})
    sides = tuple(DiffSide(name, watch, DOCS, "occurred") for name in "ab")

    def ended_by(records):
        with patch.object(endless, "MOST_WINDOWS", 20):
            try:
                found = diff(
                    *(one.afresh() for one in sides), [LogRead(records, sides)], ReplayOptions()
                )
            except EndlessError as error:
                return error.line, error.message
        return found.events, found.ended

    assert ended_by(events) == ended_by(in_rows(module.compared(sides), events, together))
