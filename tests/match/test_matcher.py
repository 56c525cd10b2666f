"""What lets an event be skipped is necessary: an event that is skipped, every trigger refuses."""

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support import lines_run
from trigger_cli.dialects import DIALECTS, DOCS, SERVER
from trigger_cli.match.filters import compile_key
from trigger_cli.match.index import TriggerIndex, find_necessary_label
from trigger_cli.match.matcher import sides_of
from trigger_cli.match.patterns import compile_match, compile_names, compile_related
from trigger_cli.model import ROLES, Automation, Event, EventTrigger

VALUES = ("a", "b", "ab", "")
PATTERNS = st.sampled_from(("a", "b", "ab", "!a", "!b", "a*", "!a*", "*", "?", "!?", "[a]", ""))
# Half of them can be looked up.
LISTS = st.sampled_from((("a",), ("b",), ("ab", "b"))) | st.lists(PATTERNS, max_size=3).map(tuple)
LABELS = st.sampled_from(("id", "role", "prefect.resource.role", "other"))
OBJECTS = st.dictionaries(LABELS, LISTS, max_size=3).map(lambda one: tuple(one.items()))
TRIGGERS = st.builds(
    EventTrigger,
    path=st.just("$"),
    match=OBJECTS,
    match_related=st.lists(OBJECTS, max_size=2).map(tuple),
    expect=st.sampled_from(((), ("x",), ("!y",), ("x", "!y"), ("z", "x"), ("x?",), ("x*",))),
    after=st.sampled_from(((), (), ("x",), ("z",), ("!x",), ("[x]",))),
    for_each=st.sampled_from(((), ("id",), ("related:a:id",), ("id", "related:b:other"))),
)
RESOURCES = st.dictionaries(LABELS, st.sampled_from(VALUES), max_size=3)
RELATED = st.lists(RESOURCES, max_size=3).map(tuple)


def automations(triggers):
    return [Automation(index, "", "", trigger) for index, trigger in enumerate(triggers)]


def takes(trigger, dialect, resource, related):
    """Whether the filters let an event pass, object by object (M)."""
    return compile_match(trigger.match, dialect)(resource) and all(
        compile_related(labels, dialect)(related) for labels in trigger.match_related
    )


ABSENCE = EventTrigger("$", match_related=((("prefect.resource.role", ("a",)), ("id", ("!b",))),))


@given(
    st.lists(TRIGGERS, min_size=1, max_size=7),
    st.sampled_from([(DOCS, SERVER), *((one,) for one in DIALECTS.values())]),
    st.sampled_from(("x", "y", "z", "xa", "!x")),
    RESOURCES,
    RELATED,
)
@example([ABSENCE] * 5, (DOCS,), "x", {}, ())
@example([EventTrigger("$", expect=("!y",))], (DOCS,), "x", {}, ())
def test_an_event_is_skipped_only_if_every_trigger_refuses_it(
    triggers, dialects, name, resource, related
):
    """M: what takes an event is every filter that lets it pass, looked up or asked one by one."""
    matcher, plans = sides_of(automations(triggers), *dialects).plans()
    taken = matcher.match(Event(1, "", name, 0, None, None, resource, related)).takings
    assert list(taken) == sorted(taken)
    by_number = {number: (role, key) for number, role, key in taken}
    for plan in plans:
        for leaf in plan.leaves:
            trigger = leaf.definition
            roles = compile_names(trigger, plan.dialect)(name)
            wants = roles is not None and takes(trigger, plan.dialect, resource, related)
            assert wants == (leaf.filter in by_number)
            if wants:
                key = compile_key(trigger.for_each)(resource, related)
                assert (ROLES.index(roles), key) == by_number[leaf.filter]


def test_the_filters_of_other_names_are_not_asked():
    """A thousand automations, each with a name of its own: the work grows as their number."""

    def asked(count):
        names = [f"n{number}" for number in range(count)]
        matcher, _ = sides_of(
            automations(EventTrigger("$", expect=(name,)) for name in names), DOCS
        ).plans()
        return lines_run(lambda: [matcher.of_name(name) for name in names])

    assert asked(400) < 6 * asked(100)


@given(
    st.lists(TRIGGERS, min_size=1, max_size=9), st.sampled_from([DOCS, SERVER]), RESOURCES, RELATED
)
@example([ABSENCE] * 5, DOCS, {}, ())
def test_the_index_keeps_every_trigger_that_takes_the_event(triggers, dialect, resource, related):
    """M1, M2, M5: also from four conditions on, where looking up is worth it."""
    indexed = [(find_necessary_label(one, dialect), number) for number, one in enumerate(triggers)]
    kept = TriggerIndex(indexed).candidates(resource, related)
    for number, one in enumerate(triggers):
        assert takes(one, dialect, resource, related) <= (number in kept)
