"""``trigger-cli rule``: what names a rule, what finds one, and how each is shown."""

import json
import re

import pytest

from tests.cli.running import run
from trigger_cli.lint import RULES


def found(*arguments):
    """The codes that the JSON object lists, by kind."""
    done = run("rule", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    return {
        kind: [one.get("code") or one["id"] for one in value[kind]]
        for kind in ("rules", "semantics", "test_codes")
    }


@pytest.mark.parametrize(
    ("arguments", "rules", "semantics", "tests"),
    [
        (["TRG203"], ["TRG203"], [], []),
        (["trg203"], ["TRG203"], [], []),
        (["unknown-key"], ["TRG101"], [], []),
        (["tst102", "e4", "D7", "TRG203"], ["TRG203"], ["E4", "D7"], ["TST102"]),
        (["no-such-automation"], [], [], ["TST110"]),
        (["heartbeat", "window"], ["TRG307", "TRG308", "TRG311", "TRG317"], [], []),
    ],
)
def test_what_an_argument_names(arguments, rules, semantics, tests):
    """Codes in any case, names, ids; what names nothing is a word of what is looked for."""
    assert found(*arguments) == {"rules": rules, "semantics": semantics, "test_codes": tests}


def test_words_list_the_rules_that_have_them():
    """In the name or the text, those of that name first; examples do not count."""
    done = run("rule", "negation", COLUMNS="200").stdout.decode().splitlines()
    assert [line.split()[0] for line in done] == ["code", "TRG204", "TRG205", "D2"]
    assert {"TRG204", "TRG205"} <= {*found("NEGATION")["rules"]}
    words = found("prefect.resource.id")["rules"]
    assert 0 < len(words) < len(RULES) / 2


def test_a_page_has_no_blanks_at_the_ends_of_its_lines():
    """A block of code is copied without them."""
    lines = run("rule", "TRG101", "--width", "80").stdout.decode().splitlines()
    assert '    "type": "event",' in lines
    assert not [one for one in lines if one.endswith(" ")]


def test_a_page_is_laid_out_and_coloured_as_all_output_is():
    """Its title is not centred, and no code has a ground of its own, black on a light terminal."""
    page = run("rule", "TRG203", "--color", "always").stdout.decode()
    assert page.startswith("\x1b[1mTRG203 any-emitter\x1b[0m\n")
    assert "\x1b[36mmatch_related\x1b[0m" in page
    assert not re.search(r"\x1b\[[0-9;]*4[0-8]", page)


def test_a_single_hit_is_shown_in_full():
    """As if it had been named."""
    assert run("rule", "no-tests").stdout == run("rule", "TST112").stdout
    assert b"What to do" in run("rule", "no-tests").stdout


def test_a_difference_has_the_title_that_a_replay_gives_it():
    """Not that of its table, and its first line is no sentence about a pattern."""
    lines = run("rule", "D1").stdout.decode().splitlines()
    assert "D1 · A negated pattern beside others in a label's list" == lines[0].strip()
    assert '["a-*", "!a-b"] on a label:' == lines[2].strip()


def test_names_are_broken_and_not_cut():
    """Behind a hyphen, at 80 columns."""
    lines = run("rule", "proactive").stdout.decode().splitlines()
    assert not any("…" in line or len(line) > 80 for line in lines)
    place = next(n for n, line in enumerate(lines) if line.startswith("TRG302"))
    assert lines[place].split()[1].endswith("-")


def test_a_prefix_lists_codes_of_test_files():
    """A line for each."""
    done = run("rule", "TST1", COLUMNS="200").stdout.decode().splitlines()
    assert [line[:6] for line in done[1:]] == found("TST1")["test_codes"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["zebra"], "no rule is called `zebra` or has it in its text"),
        (["zebra", "crossing"], "no rule is called `zebra crossing` or has these words"),
        (["trg4o1"], "did you mean TRG401?"),
        (["unknwon-key"], "did you mean unknown-key?"),
        (["TRG999"], "no rule is called `TRG999`"),
        (["TST199"], "no rule is called `TST199`"),
        ([" "], "no rule is called ` `"),
        (["\x1b[31m"], "no rule is called `\\x1b[31m`"),
        (["E99"], "there is no rule E99"),
        (["answer-late"], "`trigger-cli explain --codes` describes it"),
    ],
)
def test_what_is_not_found_is_an_error(arguments, expected):
    """Exit 2, nothing on stdout, the nearest name where there is one."""
    done = run("rule", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert expected in done.stderr.decode()
