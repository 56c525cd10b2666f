"""The twin of the compiled matcher: `trigger_cli.match.why_not`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import event, flow_run, related
from trigger_cli.dialects import DOCS, SERVER, SERVER_3_6
from trigger_cli.match.patterns import compile_names, compile_resources
from trigger_cli.match.why_not import why_not
from trigger_cli.model import EventTrigger, MetricTrigger
from trigger_cli.vocabulary import state_name

DIALECTS = st.sampled_from([DOCS, SERVER])
NAMES = st.sampled_from(["a", "ab", "b", "foo", "prefect.flow-run.Failed", ""])
VALUES = st.sampled_from(["a", "ab", "b", "abc", "a?", "[a]"])
LABEL = st.sampled_from(["x", "y", "prefect.resource.role"])
PATTERN = st.sampled_from(["a", "a*", "*b", "!a", "!ab", "!a*", "!*c", "*", "a?", "[a]", "!?"])
PATTERNS = st.lists(PATTERN, max_size=3).map(tuple)
LABELS = st.dictionaries(LABEL, PATTERNS, max_size=3).map(lambda d: tuple(d.items()))
RESOURCE = st.dictionaries(LABEL, VALUES, max_size=3)
EVENTS = st.builds(event, NAMES, st.just(0), RESOURCE, st.lists(RESOURCE, max_size=4))
NAME_PATTERNS = st.lists(
    st.sampled_from(["a", "a*", "!a", "foo*", "fo?", "*", "prefect.flow-run.*", "!foo"]),
    max_size=3,
).map(tuple)
EVENT_TRIGGERS = st.builds(
    EventTrigger,
    st.just("$"),
    match=LABELS,
    match_related=st.lists(LABELS, max_size=3).map(tuple),
    expect=NAME_PATTERNS,
    after=NAME_PATTERNS,
)
METRIC_TRIGGERS = st.builds(
    MetricTrigger,
    st.just("$"),
    st.just("successes"),
    st.just(0.5),
    st.just("<"),
    match=LABELS,
    match_related=st.lists(LABELS, max_size=3).map(tuple),
)


def passes(trigger, one, dialect):
    """What the compiled matcher says."""
    matches = compile_resources(trigger, dialect)
    if matches is not None and not matches(one.resource, one.related):
        return False
    if isinstance(trigger, MetricTrigger):
        return state_name(one.name) is not None
    return compile_names(trigger, dialect)(one.name) is not None


@given(trigger=EVENT_TRIGGERS | METRIC_TRIGGERS, one=EVENTS, dialect=DIALECTS)
def test_why_not_agrees_with_the_compiled_matcher(trigger, one, dialect):
    """For any trigger, event and dialect: it passes if, and only if, every check has passed."""
    checks = why_not(trigger, one, dialect)
    assert passes(trigger, one, dialect) == all(check.passed for check in checks)


def failed(trigger, one, dialect=DOCS):
    return [(c.clause, c.actual, c.hint) for c in why_not(trigger, one, dialect) if not c.passed]


def test_a_failing_clause_is_named_with_what_it_found():
    """The clause's place in the definition, and the event's own value."""
    trigger = EventTrigger("$", expect=("x",), match=(("prefect.resource.id", ("b",)),))
    assert [("prefect.resource.id", "a")] == [
        (clause.removeprefix("match."), actual)
        for clause, actual, _ in failed(trigger, event("x", 0, "a"))
    ]


@pytest.mark.parametrize(
    ("match", "hint"),
    [
        ((("k", ("v",)),), "the resource has no such label"),
        ((("prefect.resource.id", ()),), "an empty list matches nothing"),
        ((("prefect.resource.id", ("THING.*",)),), "differs only in upper and lower case"),
        ((("prefect.resource.id", ("thing.?",)),), "the server-3.9 dialect would take it"),
        ((("prefect.resource.id", ("a", "*ing")),), "the value goes on: *ing.* would match it"),
        ((("prefect.resource.id", ("thin",)),), ""),
        (
            (("prefect.resource.id", ("pool.1",)),),
            "a related resource has it: this belongs in match_related",
        ),
    ],
)
def test_hints_for_the_primary_resource(match, hint):
    """The commonest mistakes are told apart."""
    trigger = EventTrigger("$", expect=("x",), match=match)
    one = event("x", 0, "thing.1", [related("work-pool", "pool.1")])
    assert [hint] == [h for _, _, h in failed(trigger, one)]


@pytest.mark.parametrize(
    ("pattern", "value", "hint"),
    [
        ("eu  west", "eu west", "differs only in white space"),
        ("eu\u00a0west", "eu west", "differs only in white space"),
        ("U\u0308*", "\u00dcber", "has the same letters, in other Unicode characters (NFC, NFD)"),
        ("eu west", "eu east", ""),
    ],
)
def test_a_value_that_looks_like_the_pattern_is_told_apart(pattern, value, hint):
    """The screen shows the same text for both."""
    trigger = EventTrigger("$", expect=("x",), match=(("region", (pattern,)),))
    assert [hint] == [h for _, _, h in failed(trigger, event("x", 0, {"region": value}))]


ANOTHER = "another related resource has it, in the role tag, but one must satisfy all labels of the object"


@pytest.mark.parametrize(
    ("labels", "hints"),
    [
        (
            {"prefect.resource.id": "thing.1", "prefect.resource.role": "flow"},
            ["the event's own resource has it: this belongs in match"],
        ),
        (
            {"prefect.resource.id": "tag.b", "prefect.resource.role": "flow"},
            [ANOTHER],
        ),
    ],
)
def test_hints_for_related_resources(labels, hints):
    """M2: one single related resource must satisfy all labels of an object."""
    trigger = EventTrigger(
        "$", expect=("x",), match_related=(tuple((k, (v,)) for k, v in labels.items()),)
    )
    one = event("x", 0, "thing.1", [related("tag", "tag.b"), related("flow", "flow.a")])
    assert hints == [h for _, _, h in failed(trigger, one)]


@pytest.mark.parametrize("after", [(), ("q",)])
def test_d18_a_name_that_only_the_search_for_candidates_takes_fails(after):
    """``p*e`` admits the name by its beginning; as a pattern, its star is literal (N4)."""
    trigger = EventTrigger("$", expect=("p*e",), after=after)
    one = flow_run("Running", 0)
    assert compile_names(trigger, SERVER_3_6)(one.name) is None
    clause = "expect or after" if after else "expect"
    assert failed(trigger, one, SERVER_3_6) == [(clause, one.name, "")]


def test_m5_names_the_forbidden_resource():
    """In `docs`, the value that makes a related resource forbidden is shown."""
    labels = (("prefect.resource.id", ("!tag.dev",)), ("prefect.resource.role", ("tag",)))
    trigger = EventTrigger("$", expect=("prefect.flow-run.Completed",), match_related=(labels,))
    one = flow_run("Completed", 0, related=[related("tag", "tag.prod"), related("tag", "tag.dev")])
    assert [
        (
            "match_related.prefect.resource.id",
            "tag.dev",
            "forbidden: a related resource has it",
        )
    ] == failed(trigger, one, DOCS)
    assert [] == failed(trigger, one, SERVER)
