"""The list of rules and their documentation."""

import re
from pathlib import Path

import pytest

from tests.lint.cases_reader import all_cases
from tests.lint.running import codes_of
from tests.support import REPOSITORY
from trigger_cli.definitions import codes
from trigger_cli.lint import RULES, rules
from trigger_cli.lint.doc import PAGES, markdown, pages, sections, summary

BLOCK = re.compile(r"```(json|yaml)\n(.*?)```", re.DOTALL)
OPTIONAL = ("Known problems", "Fix safety")
SECTIONS = ["What it does", "Why is this bad?", "Example", "Use instead"]
SERIOUS = {rule.code for rule in RULES if rule.severity != "info"}
FOLDER = Path(rules.__file__).parent


def test_there_are_rules_of_every_family():
    """At least forty, in the eight families, each code and each name once."""
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert len(RULES) == len({rule.name for rule in RULES})
    assert {code[3] for code in codes} == set("12345678")
    assert len(RULES) >= 40


def test_each_rule_is_documented():
    """A first sentence and the four sections, none of them empty; a judgement tells its problems."""
    for rule in RULES:
        assert summary(rule).endswith("."), rule.code
        assert [one for one in sections(rule) if one not in OPTIONAL] == SECTIONS, rule.code
        assert all(sections(rule).values()), rule.code
        assert f"# {rule.code} {rule.name}" in markdown(rule)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_documentation_tells_the_truth(rule):
    """The documented example is flagged by the rule, and what to use instead is not."""
    dialect = "both" if rule.applies_to("both") else rule.dialects[-1]
    for title, expected in (("Example", True), ("Use instead", False)):
        for format_, text in BLOCK.findall(sections(rule)[title]):
            found = codes_of(text, f"case.{format_}", dialect)
            assert expected == (rule.code in found)
            assert expected or not SERIOUS & {*found}


@pytest.mark.parametrize("case", [one for one in all_cases() if one.log], ids=lambda one: one.code)
def test_what_a_rule_of_a_log_is_shown_to_say_is_what_it_says(case):
    """But for numbers, spans of time and names."""
    rule = next(one for one in RULES if one.code == case.code)
    shown = re.findall(rf"{case.code}\] (.*)", sections(rule)["Example"])
    said = "".join(one.findings for one in case.bad)
    assert {map_out(one) for one in shown} <= {
        map_out(one.split(" ", 2)[2]) for one in said.splitlines()
    }
    assert bool(shown) == case.code.startswith("TRG8")


def map_out(message):
    """A message without what is of its example."""
    return re.sub(r"`.*?`|\d+( (h|min|d|s)\b)?( \d+ (h|min|s)\b)*", "…", message)


CODES = [one for one in vars(codes).values() if isinstance(one, codes.Code)]


def test_what_the_reader_finds_has_a_rule():
    """The reader's codes stand in the table with the same name and severity."""
    known = {rule.code: (rule.name, rule.severity) for rule in RULES}
    assert {one.code: (one.name, one.severity) for one in CODES}.items() <= known.items()


def test_each_rule_file_is_small():
    """One idea a file."""
    files = {FOLDER / f"{rule.code.lower()}_{rule.name.replace('-', '_')}.py" for rule in RULES}
    assert [] == [one.name for one in files if len(one.read_text("utf-8").splitlines()) > 160]


def test_the_pages_are_current():
    """`docs/rules` holds what `trigger-cli rule` prints (`python docs/make_rules.py`)."""
    found = {one.name: one.read_text("utf-8") for one in (REPOSITORY / PAGES).iterdir()}
    assert pages(RULES) == found
