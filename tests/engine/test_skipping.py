"""What lets an event be skipped is necessary: an event that is skipped, every trigger refuses."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from trigger_cli.dialect import DOCS, SERVER
from trigger_cli.engine.compile import compile_automations, compile_key, compile_wanted
from trigger_cli.matching import TriggerIndex, compile_match, compile_related
from trigger_cli.model import Automation, Event, EventTrigger

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
    expect=st.sampled_from(((), ("x",), ("!y",), ("x", "!y"))),
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
    st.sampled_from([(DOCS,), (SERVER,), (DOCS, SERVER)]),
    RESOURCES,
    RELATED,
)
@example([ABSENCE] * 5, (DOCS,), {}, ())
def test_an_event_is_skipped_only_if_every_trigger_refuses_it(
    triggers, dialects, resource, related
):
    """M: what a reader leaves unmatched, no trigger would have taken, in none of the dialects."""
    interest = compile_wanted(automations(triggers), dialects)("x")
    takers = [
        (leaf.definition, dialect)
        for dialect in dialects
        for leaf in compile_automations(automations(triggers), dialect).leaves
        if leaf.roles("x") is not None
    ]
    taken = any(takes(trigger, dialect, resource, related) for trigger, dialect in takers)
    selected = None if interest is None else interest.select(resource, related)
    assert taken <= (selected is not None)
    if selected is None:
        return
    # The labels that are left decide as all of them would, and give the same keys.
    event = Event(1, "", "x", 0, None, None, resource, related)
    cut = event._replace(resource=selected[0], related=selected[1])
    for trigger, dialect in takers:
        assert takes(trigger, dialect, *selected) == takes(trigger, dialect, resource, related)
        assert compile_key(trigger.for_each)(cut) == compile_key(trigger.for_each)(event)


@given(
    st.lists(TRIGGERS, min_size=1, max_size=9), st.sampled_from([DOCS, SERVER]), RESOURCES, RELATED
)
@example([ABSENCE] * 5, DOCS, {}, ())
def test_the_index_keeps_every_trigger_that_takes_the_event(triggers, dialect, resource, related):
    """M1, M2, M5: also from four conditions on, where looking up is worth it."""
    leaves = compile_automations(automations(triggers), dialect).leaves
    kept = TriggerIndex([(leaf.necessary, leaf) for leaf in leaves]).candidates(resource, related)
    for leaf in leaves:
        assert takes(leaf.definition, dialect, resource, related) <= any(
            leaf is one for one in kept
        )
