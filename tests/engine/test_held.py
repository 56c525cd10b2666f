"""`engine/held.py`: what a server 3.9 holds, rule by rule (``semantics.md`` H)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import at, automations, event, lines_run, replay
from trigger_cli.dialects import SERVER_3_8, SERVER_3_9
from trigger_cli.engine.held import RETENTION, HeldEvent, HeldEvents
from trigger_cli.times import MINUTE

WATCH = {"type": "event", "posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 60}
HEARTBEAT = {**WATCH, "expect": ["a", "b"]}
MINUTES_30 = 1800


def what_happened(trigger, *events, dialect=SERVER_3_9, until=300):
    """The records of a replay in order of arrival, the clock starting at noon."""
    return list(replay(automations(trigger), events, dialect, start=at(0), until=at(until)))


def opened(records):
    """How many events each bucket opened or renewed with, and by which rule."""
    return [(one.rule, one.after.count) for one in records if one.kind in {"opened", "renewed"}]


def fired(records):
    """When the trigger fired, seconds after noon, and with which event."""
    return [
        ((one.at - at(0)) / 1e6, one.firing.event and one.firing.event.id)
        for one in records
        if one.kind == "fired"
    ]


def keyed(trigger, **more):
    return {**trigger, "for_each": ["prefect.resource.id"], **more}


@pytest.mark.parametrize(
    ("trigger", "count"),
    [
        (keyed(WATCH), 1),
        (keyed(WATCH, posture="Reactive"), 0),
        ({"type": "compound", "require": "any", "within": None, "triggers": [keyed(WATCH)]}, 1),
    ],
)
def test_h1_proactive_triggers_with_after_hold(trigger, count):
    """Also inside a composite; a reactive one holds nothing."""
    records = what_happened(trigger, event("b", 20), event("a", 10))
    assert [count] == [many for _, many in opened(records)]
    assert ["H2" if count else "B7"] == [one.rule for one in records if one.kind == "ignored"]


def test_h1_without_after_nothing_is_held():
    """So a second copy counts, once O2 has forgotten the first."""
    trigger = keyed({**WATCH, "after": []}, within=3600, threshold=3)
    log = event("b", 0, id="b"), event("b", 1800, id="b")
    assert ["E2", "E2"] == [
        one.rule for one in what_happened(trigger, *log, until=2000) if one.kind == "counted"
    ]


def test_h2_an_expected_event_is_held_without_a_bucket():
    """What is processed before its window opens counts in it; 3.8 raises a false alarm."""
    log = event("x", 0), event("b", 20), event("a", 10)
    records = what_happened(keyed(WATCH), *log)
    assert ["H2"] == [one.rule for one in records if one.kind == "ignored"]
    assert [] == fired(records)
    assert [(70, "a@10")] == fired(what_happened(keyed(WATCH), *log, dialect=SERVER_3_8))


def test_h3_a_second_copy_is_ignored_while_the_first_is_held():
    """After 30 minutes O2 knows nothing of it any more; 3.8 counts both."""
    trigger = keyed(WATCH, within=3600, threshold=2)
    log = event("a", 0), event("b", 1, id="b"), event("b", 1801, id="b")
    records = what_happened(trigger, *log, until=4000)
    assert ["H3"] == [one.rule for one in records if one.kind == "ignored"]
    assert [(3600, "b")] == fired(records)
    assert [] == fired(what_happened(trigger, *log, dialect=SERVER_3_8, until=4000))


@pytest.mark.parametrize(("occurred", "count"), [(10, 1), (69, 1), (70, 0), (9, 0)])
def test_h4_a_bucket_opens_with_what_occurred_in_its_window(occurred, count):
    """The window is half-open, as everywhere."""
    records = what_happened(keyed(WATCH), event("b", occurred), event("a", 10))
    assert [("H4" if count else "B5", count)] == opened(records)


def test_h4_names_the_records_of_what_was_held():
    """So that it can be told which events a bucket opened with."""
    records = what_happened(
        keyed(WATCH, threshold=3), event("b", 20), event("b", 30), event("a", 10)
    )
    held = [one.seq for one in records if one.rule == "H2"]
    assert [tuple(held)] == [one.because for one in records if one.rule == "H4"]


def test_h5_repeated_after_events_leave_the_last_event():
    """A firing carries the first one, or what counted last."""
    log = event("a", 0), event("a", 5)
    assert [(60, "a@0")] == fired(what_happened(keyed(WATCH), *log))
    assert [(60, "a@5")] == fired(what_happened(keyed(WATCH), *log, dialect=SERVER_3_8))
    trigger = keyed(WATCH, threshold=2)
    assert [(60, "b@2")] == fired(
        what_happened(trigger, event("a", 0), event("b", 2), event("a", 5))
    )


def test_h6_a_late_heartbeat_keeps_what_counted_after_it():
    """The terminal event overtakes the last heartbeat: the renewed watch counts and shows it."""
    log = event("a", 0), event("b", 20), event("a", 10)
    records = what_happened(keyed(HEARTBEAT), *log)
    (renewed,) = [one for one in records if one.kind == "renewed"]
    assert ("H4", 1, "b@20") == (renewed.rule, renewed.after.count, renewed.after.last_event.id)
    assert [] == fired(records)
    assert [(70, "a@10")] == fired(what_happened(keyed(HEARTBEAT), *log, dialect=SERVER_3_8))


def test_h6_keeps_no_later_heartbeat():
    """Only what matches expect alone stays the last event."""
    log = event("a", 0), event("a", 20), event("a", 10)
    records = what_happened(keyed(HEARTBEAT, threshold=2), *log)
    assert ["a@10"] == [one.after.last_event.id for one in records if one.kind == "renewed"]


@pytest.mark.parametrize(("later", "count"), [(MINUTES_30, 1), (MINUTES_30 + 1, 0)])
def test_h7_what_was_held_for_30_minutes_goes_after_them(later, count):
    """Exactly 30 minutes later it is still there; no bucket protects it."""
    log = event("b", 1), event("x", 1 + later), event("a", 0)
    assert [count] == [many for _, many in opened(what_happened(keyed(WATCH), *log, until=4000))]


def test_h7_an_open_bucket_protects_what_is_held():
    """Its key's bucket has not ended: a heartbeat may still renew it over the event."""
    log = event("a", 0), event("b", 1), event("x", 1900), event("a", 0.5, id="again")
    records = what_happened(keyed(HEARTBEAT, within=3600), *log, until=2000)
    assert [("B5", -1), ("H4", 1)] == opened(records)


@pytest.mark.parametrize(("end", "is_held"), [(at(1900), False), (at(1901), True)])
def test_h7_a_bucket_that_has_ended_protects_nothing(end, is_held):
    """It may linger: a server that polls is late to evaluate it."""
    held = HeldEvents(60, 1, lambda _key: end)
    held.of(("k",), at(0)).hold(event("b", 0), at(0), 0)
    assert held.of(("k",), at(1900)).holds(event("b", 0)) is is_held


def test_h8_what_is_long_before_the_newest_is_let_go():
    """Half an hour by occurrence, or the window where that is longer."""
    log = event("b", 1900), event("b", 0, id="old"), event("a", -1)
    assert [("B5", 0)] == opened(what_happened(keyed(WATCH), *log, until=1900))
    assert [1] == [
        many for _, many in opened(what_happened(keyed(WATCH, within=1900), *log, until=1900))
    ]


def test_h8_a_slot_keeps_its_first_and_last_events():
    """As many of each as the threshold asks for; ties go by the id."""
    held = HeldEvents(60_000_000, 1, lambda _key: None).of((), 0)
    for number, one in enumerate("bca"):
        held.hold(event("b", 30, id=one), 0, number)
    held.hold(event("b", 61, id="d"), 0, 3)
    assert (1, 2, 3) == held.within(at(0), at(120))


def test_h8_a_slot_that_is_not_full_keeps_all_events():
    """And the slots after it, which the new event does not concern."""
    held = HeldEvents(60_000_000, 3, lambda _key: None).of((), 0)
    for number in range(10):
        held.hold(event("b", 60 * (9 - number)), 0, number)
    assert tuple(range(10)) == held.within(at(0), at(600))


@pytest.mark.parametrize("threshold", [1, 2, 3])
def test_h9_slots_change_no_firing(threshold):
    """What they drop, no window needs to reach its threshold."""
    log = [event("b", 10 + n) for n in range(8)]
    records = what_happened(keyed(WATCH, threshold=threshold), *log, event("a", 5))
    assert [("H4", min(8, 2 * threshold))] == opened(records)
    assert [] == fired(records)


class _Plainly:
    """What is held for one key, where each step goes through all of it, as H7 and H8 read."""

    def __init__(self, within, threshold):
        self.within, self.threshold, self.events = within, threshold, []

    def hold(self, one):
        self.events = [other for other in self.events if other.id != one.id] + [one]
        newest = max(other.occurred for other in self.events)
        self.keep(lambda other: other.occurred >= newest - max(RETENTION, self.within))
        slot = [
            other
            for other in self.events
            if other.occurred // self.within == one.occurred // self.within
        ]
        slot.sort(key=lambda other: (other.occurred, other.id.lower()))
        kept = slot[: self.threshold] + slot[max(self.threshold, len(slot) - self.threshold) :]
        self.keep(lambda other: other not in slot or other in kept)

    def keep(self, keeps):
        self.events = [other for other in self.events if keeps(other)]


_HOLDING = st.tuples(
    st.sampled_from([0, 0, 0, 0, 1, 16]),  # how many minutes after the last
    st.integers(-33, 4),  # when it occurred, in minutes from the clock
    st.text("aAbB", min_size=1, max_size=3),  # its id
    st.booleans(),  # whether its key has an open bucket
)


@given(st.lists(_HOLDING, max_size=40), st.sampled_from([1, 7, 50]), st.integers(1, 5))
def test_h7_and_h8_keep_what_a_plain_reading_keeps(steps, minutes, threshold):
    """The same events in the same order: the times and ids are so few that they are often equal."""
    within, clock, is_open = minutes * MINUTE, at(0), False
    held = HeldEvents(within, threshold, lambda _key: clock + 1 if is_open else None)
    plainly = _Plainly(within, threshold)
    for seq, (later, occurred, identity, is_open) in enumerate(steps):
        clock += later * MINUTE
        one = event("b", occurred * 60 + (clock - at(0)) / 1e6, id=identity)
        of_key = held.of((), clock)
        if not is_open:
            plainly.keep(lambda other: other.clock >= clock - RETENTION)  # noqa: B023  # at once
        assert of_key.holds(one) is any(other.id == one.id for other in plainly.events)
        of_key.hold(one, clock, seq)
        plainly.hold(HeldEvent(one.occurred, one.id, clock, seq))
        expected = [(*other[:3], 0) for other in plainly.events]
        everything = of_key.within(at(-(10**6)), at(10**6))
        assert sorted(other.seq for other in plainly.events) == list(everything)
        for other in (held, held.copy(lambda _key: None)):
            assert other == held
            ((events, _counted),) = other.state(clock, {}).values()
            assert [other for other in expected if other[2] >= clock - RETENTION] == list(events)
        start, end = one.occurred - within, one.occurred + within // 2
        assert of_key.within(start, end) == tuple(
            sorted(other.seq for other in plainly.events if start <= other.occurred < end)
        )


def test_h8_holding_takes_no_longer_where_much_is_held():
    """A threshold as large as the log keeps all of it: each event went through all before it."""

    def held_events(many):
        held = HeldEvents(10 * MINUTE, 10_000, lambda _key: None)
        for number in range(many):
            one = event("b", number / 10, id=str(number))
            held.of((), one.occurred).hold(one, one.occurred, number)

    assert lines_run(lambda: held_events(800)) < 10 * lines_run(lambda: held_events(100))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.text("xy", max_size=2))),
)
def test_copies_do_not_change_each_other(steps):
    """They share what they hold until one of them holds more, or drops what is too old."""
    every = [HeldEvents(MINUTE, 5, lambda _key: None)]
    apart: list[list[tuple[str, str]]] = [[]]
    for number, key, identity in steps:
        place = number % len(every)
        if identity:
            every[place].of((key,), at(0)).hold(event("b", 0, id=identity), at(0), 0)
            apart[place].append((key, identity))
        elif len(every) < 4:
            every.append(every[place].copy(lambda _key: None))
            apart.append([*apart[place]])
    for one, told in zip(every, apart, strict=True):
        held = one.state(at(0), {})
        assert {(*key, event.id) for key, (events, _) in held.items() for event in events} == {
            *told
        }
        assert [one == other for other in every] == [{*told} == {*other} for other in apart]
    for key in "abc":
        every[0].of((key,), at(0) + RETENTION + 1)
    for one, told in list(zip(every, apart, strict=True))[1:]:
        assert len({*told}) == sum(len(events) for events, _ in one.state(at(0), {}).values())
