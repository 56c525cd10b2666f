"""Rules N and M: `trigger_cli.match.patterns`."""

import fnmatch
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support import lines_run, related
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.match.patterns import (
    NameRoles,
    compile_label,
    compile_names,
    compile_pattern,
    compile_related,
    compile_resources,
    glob_expression,
)
from trigger_cli.model import EventTrigger

EXPECTED = NameRoles(starts=False, expected=True)
BOTH = NameRoles(starts=True, expected=True)


def roles(name, expect=(), after=(), dialect=DOCS):
    return compile_names(EventTrigger("$", expect=expect, after=after), dialect)(name)


# --- N: names ------------------------------------------------------------------------


def test_n1_an_empty_expect_takes_every_name():
    """Also beside an `after`; an empty `after` takes none."""
    assert EXPECTED == roles("anything")
    assert BOTH == roles("a", after=("a",))
    assert EXPECTED == roles("b", after=("a",))


def test_n1_other_names_are_no_candidates():
    """A name in neither list is not the trigger's business."""
    assert roles("c", expect=("a",), after=("b",)) is None


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("a.*", "a.b", True),
        ("a.*", "a.", True),
        ("*.b", "a.b", True),
        ("*", "", True),
        ("a*c", "ac", True),
        ("a*c", "abbc", True),
        ("a*c", "abcd", False),
        ("a*a", "a", False),
        ("*b*b*", "ab", False),
        ("*b*b*", "abxb", True),
        ("A.b", "a.b", False),
        ("a.b", "a.bc", False),
    ],
)
def test_n2_stars_match_any_run_of_characters(pattern, name, matches):
    """Anywhere in the pattern, the empty run too; the whole name, and its case, must fit."""
    assert matches == compile_pattern(pattern, DOCS)(name)


TEXT = st.text(alphabet="ab*?[]!.\n", max_size=8)


@given(pattern=TEXT, text=TEXT)
@example(pattern="*a*a*a*a*b", text="a" * 60)
def test_n2_patterns_agree_with_a_regular_expression(pattern, text):
    """In `docs` only `*` is special."""
    expression = ".*".join(map(re.escape, pattern.split("*")))
    expected = re.fullmatch(expression, text, re.DOTALL) is not None if len(text) < 20 else False
    assert expected == compile_pattern(pattern, DOCS)(text)


@given(pattern=TEXT, text=TEXT)
def test_n4_patterns_agree_with_fnmatch(pattern, text):
    """In `server`, patterns are `fnmatchcase` globs."""
    assert fnmatch.fnmatchcase(text, pattern) == compile_pattern(pattern, SERVER)(text)


def test_a_hostile_pattern_takes_linear_time():
    """Thirty stars on a megabyte of near misses end at once."""
    assert not compile_pattern("*a" * 30 + "*b", DOCS)("a" * 1_000_000)


def test_n3_negated_names_are_excluded():
    """`!x` excludes x; a list of nothing but negations takes all else."""
    assert EXPECTED == roles("b", expect=("!a",))
    assert roles("a", expect=("!a",)) is None
    assert roles("a.x", expect=("a.*", "!a.x")) is None
    assert EXPECTED == roles("a.y", expect=("a.*", "!a.x"))


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("!foo", "bar"), ("!foo", "foo"), ("fo?", "foo"), ("foo*", "foo"), ("foo", "fooo")],
)
def test_n4_what_matches_nothing_in_the_server(pattern, name):
    """D3 to D5: a star needs a character, `?` passes only one of two tests, `!` none."""
    assert roles(name, expect=(pattern,), dialect=SERVER) is None


def test_n4_the_second_test_may_be_passed_by_another_pattern():
    """`fo?` matches `foo` as a glob; the literal `fo` lets it through the prefix test."""
    assert EXPECTED == roles("foo", expect=("fo?", "fo"), dialect=SERVER)


def test_n4_a_negation_decides_for_a_name_that_another_pattern_let_in():
    """The server's `matches` reads `!` in `after` once `expect` has made it a candidate."""
    assert BOTH == roles("e", expect=("e",), after=("!x",), dialect=SERVER)


# --- M: resources --------------------------------------------------------------------

RESOURCE = {"prefect.resource.id": "prefect.flow-run.1", "prefect.resource.name": "production-etl"}


def covers(match=(), match_related=(), dialect=DOCS, resource=RESOURCE, others=()):
    trigger = EventTrigger("$", match=match, match_related=match_related)
    predicate = compile_resources(trigger, dialect)
    return predicate is None or predicate(resource, others)


def test_m1_labels_are_anded_and_patterns_ored():
    """Every label must be there, with one of its patterns."""
    assert covers(
        (
            ("prefect.resource.id", ("prefect.flow-run.*",)),
            ("prefect.resource.name", ("x", "production-*")),
        )
    )
    assert not covers(
        (("prefect.resource.id", ("prefect.flow-run.*",)), ("prefect.resource.name", ("x",)))
    )


@pytest.mark.parametrize("dialect", [DOCS, SERVER])
@pytest.mark.parametrize("patterns", [("*",), ("!x",), ()])
def test_m1_an_absent_label_never_matches(dialect, patterns):
    """Whatever the pattern, negated ones too."""
    assert not covers((("absent", patterns),), dialect=dialect)


def test_m1_an_empty_list_matches_nothing():
    """A label with no alternative left cannot fit."""
    assert not covers((("prefect.resource.id", ()),))


def test_m2_one_single_related_resource_must_satisfy_all_labels():
    """A flow of one name and a pool of another do not make a pool of the first name."""
    pool = (("prefect.resource.role", ("work-pool",)), ("prefect.resource.name", ("k8s",)))
    flow_and_pool = (
        related("flow", "f", **{"prefect.resource.name": "k8s"}),
        related("work-pool", "p", **{"prefect.resource.name": "local"}),
    )
    assert not covers(match_related=(pool,), others=flow_and_pool)
    assert covers(
        match_related=(pool,),
        others=(related("work-pool", "p", **{"prefect.resource.name": "k8s"}),),
    )


def test_m2_objects_are_anded_and_met_by_different_resources():
    """One related resource for each object."""
    tag, pool = (("prefect.resource.role", ("tag",)),), (("prefect.resource.role", ("work-pool",)),)
    assert covers(
        match_related=(tag, pool), others=(related("work-pool", "p"), related("tag", "t"))
    )
    assert not covers(match_related=(tag, pool), others=(related("tag", "t"),))


def test_m2_empty_objects_match_events_without_related_resources():
    """`{}` and `[]` ask for nothing."""
    assert covers(match_related=((),))
    assert covers(match_related=())


PRODUCTION = ("production-*", "!production-test-*")


@pytest.mark.parametrize(
    ("value", "docs", "server"),
    [("production-etl", True, True), ("production-test-1", False, True), ("foo", False, True)],
)
def test_m4_and_m6_a_list_with_a_negation(value, docs, server):
    """D1: in `docs` production-* but not production-test-*; in `server` any value."""
    assert docs == compile_label(PRODUCTION, DOCS)(value)
    assert server == compile_label(PRODUCTION, SERVER)(value)


def tags(*names):
    return tuple(related("tag", f"prefect.tag.{name}") for name in names)


NOT_DEV = (("prefect.resource.id", ("!prefect.tag.dev",)), ("prefect.resource.role", ("tag",)))


@pytest.mark.parametrize(
    ("names", "docs", "server"),
    [
        (("production",), True, True),
        ((), True, False),
        (("dev", "production"), False, True),
        (("dev",), False, False),
    ],
)
def test_m5_and_m6_a_negated_related_resource(names, docs, server):
    """D2: in `docs` no tag is dev; in `server` some tag is another."""
    assert docs == compile_related(NOT_DEV, DOCS)(tags(*names))
    assert server == compile_related(NOT_DEV, SERVER)(tags(*names))


def test_m5_where_patterns_are_mixed_one_resource_must_satisfy_them():
    """`["p-*", "!p-x"]` asks for a p-* and forbids a p-x."""
    mixed = (("prefect.resource.id", ("prefect.tag.p-*", "!prefect.tag.p-x")),)
    assert compile_related(mixed, DOCS)(tags("p-a", "q"))
    assert not compile_related(mixed, DOCS)(tags("q"))
    assert not compile_related(mixed, DOCS)(tags("p-a", "p-x"))


def naive_m5(labels, others):
    """M5 once more, word for word."""

    def one(pattern, value):
        return compile_pattern(pattern, DOCS)(value)

    def m4(patterns, value):
        positive = [p for p in patterns if not p.startswith("!")]
        negated = [p[1:] for p in patterns if p.startswith("!")]
        return (not positive or any(one(p, value) for p in positive)) and not any(
            one(p, value) for p in negated
        )

    def satisfies(resource, chosen):
        return all(
            k in resource and patterns and m4(patterns, resource[k]) for k, patterns in chosen
        )

    if not labels:
        return True
    negative = [(k, p) for k, p in labels if any(x.startswith("!") for x in p)]
    if not negative:
        return any(satisfies(resource, labels) for resource in others)
    rest = [one for one in labels if one not in negative]
    for resource in others:
        hit = any(
            k in resource and any(one(p[1:], resource[k]) for p in patterns if p.startswith("!"))
            for k, patterns in negative
        )
        if satisfies(resource, rest) and hit:
            return False
    mixed = any(any(not x.startswith("!") for x in p) for _, p in negative)
    return not mixed or any(satisfies(resource, labels) for resource in others)


VALUES = st.sampled_from(["a", "ab", "b", "abc"])
PATTERNS = st.lists(
    st.sampled_from(["a", "a*", "*b", "!a", "!ab", "!a*", "!*c", "*"]), max_size=3
).map(tuple)
LABELS = st.dictionaries(st.sampled_from(["x", "y", "z"]), PATTERNS, max_size=3).map(
    lambda d: tuple(d.items())
)
RESOURCES = st.lists(st.dictionaries(st.sampled_from(["x", "y", "z"]), VALUES), max_size=4).map(
    tuple
)


@given(labels=LABELS, others=RESOURCES)
def test_m5_agrees_with_the_rule_read_naively(labels, others):
    """For any object and any related resources."""
    assert naive_m5(labels, others) == compile_related(labels, DOCS)(others)


@given(st.text("[]!-ab*?^", max_size=12), st.text("[]!-ab^", max_size=6))
def test_globs_are_fnmatchs(pattern, text):
    """Made in another way, and the same."""
    try:
        expected = re.compile(fnmatch.translate(pattern))
    except re.error:
        with pytest.raises(re.error):
            glob_expression(pattern)
        return
    assert bool(expected.match(text)) == bool(glob_expression(pattern).match(text))


def test_a_glob_of_open_brackets_is_made_in_linear_time():
    """It would take hours if each looked for its end."""
    many = "[" * 100_000
    assert glob_expression(many).match(many)


def test_values_beside_a_star_are_looked_up():
    """A list of values with one star among them was passed value by value, for each event."""

    def matching(many: int) -> int:
        fits = compile_label((*(f"flow.{n}" for n in range(many)), "x*"), DOCS)
        return lines_run(lambda: fits("other"))

    assert matching(200) == matching(50)
