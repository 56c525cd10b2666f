"""The events kept for replaying again: `trigger_cli.explain.kept_events`."""

import random
import tempfile
from functools import partial
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import at, automations, event
from trigger_cli.explain import gathering, kept_events
from trigger_cli.explain.kept_events import KeptEvents
from trigger_cli.match.filters import Filters
from trigger_cli.match.matcher import Matcher
from trigger_cli.model import Event, Heading, Unmatched, heading_of
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.log_range import one_by_one
from trigger_cli.times import TimePoint
from trigger_cli.views.firing_identity import are_alike

LITTLE = 100
"""So few bytes that nearly all goes to the file."""


NOTHING = Matcher(Filters())
"""Takes no event."""


def kept(*events, held_bytes=LITTLE):
    found = KeptEvents(lambda name: name == "x", held_bytes)
    for line, one in enumerate(events, 1):
        found.add(one._replace(line=line))
    return found


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """So that few events are many chunks."""
    monkeypatch.setattr(kept_events, "_BATCH", 3)


def test_unwanted_events_lose_their_labels():
    """But nothing else: others may follow them."""
    found = kept(event("x", 0), event("z", 1, follows="x@0"))
    wanted, unwanted = found.records()
    assert {"prefect.resource.id": "thing.1"} == wanted.resource
    assert (Heading, "x@0") == (type(unwanted), unwanted.follows)


@pytest.mark.parametrize("held_bytes", [0, LITTLE, 1_000_000])
def test_all_are_kept_in_order_wherever_they_are(held_bytes):
    """In memory as they are, as bytes, or in the file; and they can be read more than once."""
    events = [event(name, s) for s, name in enumerate("xzxxzzzxxxzxx")]
    found = kept(*events, held_bytes=held_bytes)
    names = [(one.name, type(one)) for one in found.events()]
    assert [(one.name, Event if one.name == "x" else Heading) for one in events] == names
    assert names == [(one.name, type(one)) for one in found.events()]
    assert len(events) == found.count


@pytest.mark.parametrize("held_bytes", [0, 1_000_000])
def test_runs_are_kept_as_runs(held_bytes):
    """In columns they take less."""
    run = Unmatched(range(1, 5), list("abcd"), [1, 2, 3, 4], [None] * 4, [0, 1, 1, 0], ["y", "z"])
    found = KeptEvents(lambda _name: False, held_bytes)
    found.add(run)
    found.add(run)
    assert ([4, 4], 8) == ([len(one.ids) for one in found.records()], found.count)
    assert list("abcd") * 2 == [one.id for one in found.events()]


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), max_size=20))
def test_another_order_is_that_of_all_of_them_sorted(drawn):
    """Ties go by the second number."""
    events = [event("x" if wanted else "z", at) for at, wanted in drawn]
    found = kept(*events)

    def key(one):
        return (one[3], -one[0])

    taken = found.matched(NOTHING, key)
    ordered = [one for record in taken for one in one_by_one(record)]
    assert sorted(map(heading_of, found.events()), key=key) == ordered


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("xz")), max_size=20),
    st.lists(st.tuples(st.integers(-1, 10), st.integers(-1, 10)), max_size=5),
)
def test_what_occurred_between_two_instants(drawn, asked):
    """In order of occurrence, of equals as delivered; also of ranges that overlap."""
    events = [event(name, second) for second, name in drawn]
    found = kept(*events)
    sorted_by_time = sorted(
        (one for one in found.matchable() if one.name == "x"), key=lambda one: one.occurred
    )
    by_occurrence = found.by_occurrence(lambda name: name == "x")
    for start, end in asked:
        first, last = at(start), at(end)
        expected = [one for one in sorted_by_time if first <= one.occurred < last]
        assert expected == by_occurrence.between(first, last)


def test_a_resource_s_events_are_found_in_all_chunks():
    """And those that no trigger may want are not."""
    events = [event(name, s, id=f"{s}", resource={"prefect.resource.id": rid})
              for s, (name, rid) in enumerate(zip("xxzxxxxzx", "ababaabba", strict=True))]  # fmt: skip
    found = kept(*events)
    expected = [
        one.id for one in events if one.name == "x" and one.resource["prefect.resource.id"] == "a"
    ]
    assert expected == [one.id for one in found.of_resource("a")]
    assert [] == found.of_resource("c")


def test_a_file_that_cannot_be_written_keeps_nothing(monkeypatch):
    """Nobody replays half of a log."""

    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    found = kept(*[event("x", s) for s in range(50)])
    assert (True, [], 0) == (found.failed, list(found.records()), found.count)


def test_without_a_file_more_is_kept_in_memory(monkeypatch, tmp_path):
    """A container may have no folder for it; and a full disk may have room again."""
    files = []

    def full_until_asked_again(**_):
        if not files:
            files.append(None)
            raise OSError(28, "No space left on device")
        files.append(file := (tmp_path / "spilt").open("w+b", buffering=0))
        return file

    monkeypatch.setattr(tempfile, "TemporaryFile", full_until_asked_again)
    for number, asked in ((12, 1), (50, 2)):
        files.clear()
        found = kept(*[event("x", s) for s in range(number)])
        assert (False, number) == (found.failed, found.count)
        assert [at(s) for s in range(number)] == [one.occurred for one in found.events()]
        assert asked == len(files)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_kept_gives_the_same_firings_again(seed, monkeypatch):
    """Also of a range: copies of events before it are dropped, and its followers' leaders known."""
    chance = random.Random(seed)
    trigger = {"posture": "Reactive", "expect": ["x"], "after": chance.choice([[], ["y"]]),
               "threshold": chance.randint(1, 2), "within": 1200}  # fmt: skip
    (automation,) = automations(trigger)
    ids = [f"e{place}" for place in range(25)]
    seconds = accumulate(chance.choice([0, 5, 60, 400]) for _ in ids)
    events = []
    for line, second in enumerate(seconds):
        near = ids[max(line - 4, 0) : line + 5]
        one = event(
            chance.choice(["x", "x", "y", "z", "prefect.log.write"]),
            second,
            id=ids[line],
            follows=chance.choice([None, None, "lost", *chance.sample(near, 3)]),
            line=line,
        )
        if events and chance.random() < 0.2:
            one = events[-1]._replace(line=line, occurred=one.occurred)
        events.append(one)
    options = ReplayOptions(taken_from=TimePoint(events[chance.choice([0, 6, 12])].occurred))
    for held_bytes in (1_000_000, 100):
        monkeypatch.setattr(gathering, "KeptEvents", partial(KeptEvents, held_bytes=held_bytes))
        found = gathering.gather([automation], events, options, needs=lambda name: name in "xy")
        (again,) = found.each_again([(automation, found.dialect)])
        assert are_alike(found.report.firings, again.firings)
