"""The page of the engine's rules: every id that code cites stands there, and none stands idle."""

import json
import re
from pathlib import Path

from tests.cli.running import run
from tests.support import REPOSITORY
from trigger_cli.semantics import semantic_rules

CITED = re.compile(r"(?<![\w{.\[-])([TONMBEPSCKHVD]\d{1,2})(?![\w.%])")
NAMED = re.compile(r"(?<=_)([a-z]\d{1,2})(?=_)")
"""As the name of a test has it."""
PLACES = {"C0", "C1"}
"""Blocks of control characters, which some comments name; C1 is a rule as well."""


def cited_in(*folders: str) -> dict[str, set[Path]]:
    """The rule ids that Python files cite, with the files."""
    found: dict[str, set[Path]] = {}
    for folder in folders:
        for path in (REPOSITORY / folder).rglob("*.py"):
            text = path.read_text("utf-8")
            for one in [*CITED.findall(text), *(x.upper() for x in NAMED.findall(text))]:
                found.setdefault(one, set()).add(path)
    return found


def test_every_rule_that_code_cites_is_on_the_page():
    """No docstring refers to a rule that nobody can look up."""
    unknown = {
        one: sorted(str(path.relative_to(REPOSITORY)) for path in paths)
        for one, paths in cited_in("trigger_cli").items()
        if one not in semantic_rules() and one not in PLACES
    }
    assert {} == unknown


def test_every_rule_on_the_page_is_cited_by_code_and_by_a_test():
    """What the page promises, something does, and something holds."""
    for folder in ("trigger_cli", "tests"):
        cited = cited_in(folder)
        assert [] == [one for one in semantic_rules() if one not in cited], folder


def test_the_page_has_every_section_in_full():
    """Numbers run without a gap, and no text is empty."""
    rules = semantic_rules()
    letters = dict.fromkeys(one[0] for one in rules)
    assert list("TONMBEPSCKHVD") == list(letters)
    for letter in letters:
        numbers = [int(one[1:]) for one in rules if one[0] == letter]
        assert list(range(1, len(numbers) + 1)) == numbers, letter
    assert all(one.markdown and one.section for one in rules.values())


def test_rule_prints_rules_of_the_engine():
    """``trigger-cli rule E4`` and ``rule d7``, beside the linter's."""
    told = run("rule", "E4", "d7").stdout.decode()
    assert "E4 · Buckets and keys" in told
    assert "a heartbeat renews the" in told
    assert "• server-3.8: armed at start, fires without it (P6)" in told
    value = json.loads(run("rule", "T7", "TRG203", "--format", "json").stdout)
    assert ["T7"] == [one["id"] for one in value["semantics"]]
    assert ["TRG203"] == [one["code"] for one in value["rules"]]


def test_an_unknown_rule_of_the_engine_names_those_of_its_letter():
    """What to try instead."""
    done = run("rule", "P9")
    assert 2 == done.returncode
    assert "there is no rule P9" in done.stderr.decode()
    assert "P1, P2, P3, P4, P5, P6" in done.stderr.decode()
