"""Rules C: compound and sequence triggers."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support import at, event, firing_times, seconds_of, transitions
from trigger_cli.engine.composite import StoredFirings
from trigger_cli.model import Automation, CompositeTrigger, EventTrigger, Firing

A, B, C = ({"type": "event", "posture": "Reactive", "expect": [name]} for name in "abc")


def compound(*triggers, require="all", **more):
    return {"type": "compound", "require": require, "triggers": list(triggers), **more}


def sequence(*triggers, **more):
    return {"type": "sequence", "triggers": list(triggers), **more}


def events(text: str) -> list:
    """`a b c@5`: one event each second, or at the second given."""
    found = []
    for second, word in enumerate(text.split()):
        name, _, when = word.partition("@")
        found.append(event(name, float(when) if when else second, id=f"{word}#{second}"))
    return found


def test_c1_all_needs_every_child_in_any_order():
    """`all` fires when the last of its children has fired."""
    assert [2] == firing_times(compound(A, B, C), events("c a b"))


def test_c1_a_number_needs_that_many_children():
    """`require: 2` of three fires with the second child."""
    assert [1] == firing_times(compound(A, B, C, require=2), events("c a"))


def test_c2_any_fires_with_each_child_and_stores_nothing():
    """One firing is enough: each child firing fires the parent at once."""
    trigger = compound(A, B, require="any")
    assert [0, 1, 2] == firing_times(trigger, events("a b a"))
    assert "stored" not in {t.kind for t in transitions(trigger, events("a b a"))}


def test_c2_a_sequence_of_one_fires_with_its_child():
    """A single-child sequence needs no storing either."""
    assert [0, 1] == firing_times(sequence(A), events("a a"))


def test_c3_the_latest_firing_of_a_child_is_the_one_that_counts():
    """a@0 is replaced by a@50, so b@100 is within 60 s of it."""
    trigger = compound(A, B, within=60)
    assert [100] == firing_times(trigger, events("a@0 a@50 b@100"))
    kinds = [
        t.kind for t in transitions(trigger, events("a@0 a@50 b@100")) if t.trigger.path == "$"
    ]
    assert ["stored", "superseded", "stored", "stored", "fired", "cleared", "cleared"] == kinds


def test_c3_a_firing_exactly_within_ago_stays():
    """A child firing 60 s old still counts; one a microsecond older does not."""
    trigger = compound(A, B, within=60)
    assert [60] == firing_times(trigger, events("a@0 b@60"))
    assert [] == firing_times(trigger, events("a@0 b@60.000001"))


def test_c3_children_with_different_keys_are_not_correlated():
    """A failure of one run and the crash of another fill the same compound."""
    each = {"for_each": ["prefect.resource.id"]}
    trigger = compound({**A, **each}, {**B, **each})
    assert [1] == firing_times(trigger, [event("a", 0, "run.1"), event("b", 1, "run.2")])


def test_c4_a_sequence_fires_only_in_order():
    """b before a does not fire; a newer b after a puts it right."""
    assert [1] == firing_times(sequence(A, B), events("a b"))
    assert [] == firing_times(sequence(A, B), events("b a"))
    assert [2] == firing_times(sequence(A, B), events("b a b"))


def test_c4_ties_stand_in_the_order_in_which_they_fired():
    """One event that fires both children fires them in definition order (C6)."""
    both = {**A, "expect": ["x"]}
    assert [0] == firing_times(sequence(both, both), events("x"))


def test_c5_firing_clears_what_was_stored():
    """After firing, every child must fire again."""
    assert [1, 3] == firing_times(compound(A, B), events("a b b a"))


def test_c5_a_parent_passes_its_firing_up_at_the_same_instant():
    """A nested composite is a child like any other, and the firing carries the whole tree."""
    trigger = sequence(A, compound(B, C))
    fired = [t.firing for t in transitions(trigger, events("a c b")) if t.kind == "fired"][-1]
    assert "$" == fired.trigger.path
    assert 2 == seconds_of(fired.at)
    assert ["$.triggers[0]", "$.triggers[1]"] == [child.trigger.path for child in fired.children]
    assert ["$.triggers[1].triggers[1]", "$.triggers[1].triggers[0]"] == [
        child.trigger.path for child in fired.children[1].children
    ]
    assert "b#2" == fired.event.id


def test_composites_nest_deeply():
    """A hundred compounds, one in the other, pass the firing all the way up."""
    trigger = A
    for _ in range(100):
        trigger = compound(trigger, B, require="any")
    assert [0] == firing_times(trigger, events("a"))


def test_a_composite_without_within_has_no_limit():
    """Years may lie between its children's firings."""
    assert [200_000_000] == firing_times(compound(A, B), events("a@0 b@200000000"))


class NaiveStored:
    """C3 and C4 read word for word, with a scan for everything."""

    def __init__(self, trigger):
        self.trigger = trigger
        self.held = {}
        self.order = 0

    def add(self, child, now):
        self.held = {
            c: (t, n)
            for c, (t, n) in self.held.items()
            if self.trigger.within is None or t >= now - self.trigger.within
        }
        self.held[child] = (now, self.order)
        self.order += 1
        if self.trigger.kind == "compound":
            fires = len(self.held) >= self.trigger.require
        else:
            by_time = sorted(self.held, key=lambda c: self.held[c])
            fires = by_time == list(range(len(self.trigger.triggers)))
        if fires:
            self.held = {}
        return fires


@given(
    kind=st.sampled_from(["compound", "sequence"]),
    children=st.integers(2, 5),
    require=st.integers(2, 5),
    within=st.none() | st.integers(0, 10),
    steps=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=60),
)
def test_stored_firings_agree_with_the_rules_read_naively(kind, children, require, within, steps):
    """However children fire, the store and a whole scan fire at the same steps."""
    parts = tuple(EventTrigger(f"$.triggers[{i}]") for i in range(children))
    needed = children if kind == "sequence" else min(require, children)
    trigger = CompositeTrigger("$", kind, parts, needed, within)
    automation = Automation(0, "a", "a.json", trigger)
    stored, naive, now = StoredFirings(trigger), NaiveStored(trigger), at(0)
    for number, later in steps:
        child = number % children
        now += later
        stored.expire(now)
        stored.store(child, Firing(0, automation, parts[child], now, (), None, ()))
        satisfied = stored.satisfied
        if satisfied:
            stored.clear()
        assert naive.add(child, now) == satisfied
