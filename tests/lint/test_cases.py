"""Every rule against its case file: what it flags, what it leaves alone, what its fix makes."""

import pytest

from tests.lint.cases_reader import CASES, Case, all_cases
from tests.lint.running import codes_of, findings_of, fixed_by
from tests.support import REPOSITORY
from trigger_cli.lint import RULES

CASES_BY_CODE = {case.code: case for case in all_cases()}
EVERY_BAD = [(case, one) for case in CASES_BY_CODE.values() for one in case.bad]
EVERY_GOOD = [(case, one) for case in CASES_BY_CODE.values() for one in case.good]


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch):
    monkeypatch.chdir(REPOSITORY)


def name_of(pair):
    return f"{pair[0].code}: {pair[1].title}"


def test_every_rule_has_a_case_file():
    """A rule is shown by a file of its code and name, with something bad and something good."""
    for rule in RULES:
        case = CASES_BY_CODE.get(rule.code, Case(CASES / "missing", "missing"))
        assert case.path.name == f"{rule.code}-{rule.name}.md"
        assert case.title == f"{rule.code} {rule.name}"
        assert (True, True) == (bool(case.bad), bool(case.good)), rule.code
        assert not rule.fixable or any(example.fixed for example in case.bad), rule.code


def test_every_case_file_has_a_rule():
    """No case file is left over from a rule that is gone."""
    assert {rule.code for rule in RULES} == set(CASES_BY_CODE)


@pytest.mark.parametrize("pair", EVERY_BAD, ids=name_of)
def test_it_and_only_it_flags_what_is_bad(pair):
    """A bad example has the findings that its case file tells, and no other rule's."""
    case, example = pair
    found = findings_of(example, case.code, case.dialect, case.log)
    assert {case.code} == {finding.code for finding in found}
    lines = [f"{f.span.line}:{f.span.column} {f.severity} {f.message}\n" for f in found]
    assert example.findings == "".join(lines)


@pytest.mark.parametrize("pair", EVERY_GOOD, ids=name_of)
def test_it_leaves_alone_what_is_good(pair):
    """A good example has no finding of the rule."""
    case, example = pair
    found = findings_of(example, case.code, case.dialect, case.log)
    assert case.code not in {finding.code for finding in found}


@pytest.mark.parametrize("pair", EVERY_BAD, ids=name_of)
def test_its_fix_makes_what_the_case_file_shows(pair):
    """The rule's own fixes turn the bad example into the fixed one, where the rule is silent."""
    case, example = pair
    rule = next(rule for rule in RULES if rule.code == case.code)
    made = fixed_by(example, case.code, case.dialect) if rule.fixable else None
    assert example.fixed == made
    if example.fixed:
        codes = codes_of(example.fixed, f"case.{example.format}", case.dialect)
        assert not {case.code, "TRG100", "TRG102"} & set(codes)
