"""Broken JSON that is linted all the same."""

import pytest

from tests.lint.running import lint_text
from trigger_cli.lint.runner.recovery import recover

FRAGMENT = """"match": {
  "prefect.resource.id": "prefect.flow-run"
}
"expect": [ "prefect.flow-run.failed" ],
...
"""


def test_a_fragment_is_checked_where_it_stands():
    """Line, column and excerpt are those of the file, and nothing offers to mend it."""
    found = [(f.code, *f.span[:2], f.excerpt, f.fix) for f in lint_text(FRAGMENT)]
    assert [one for one in found if one[0] != "TRG100"] == [
        ("TRG209", 2, 26, '  "prefect.resource.id": "prefect.flow-run"', None),
        ("TRG221", 4, 13, '"expect": [ "prefect.flow-run.failed" ],', None),
    ]


def test_what_is_left_out_is_not_missed():
    """A fragment lacks its posture, and that is no finding."""
    assert [f.code for f in lint_text('"expect": [\n"a.b"\n]')] == ["TRG100"]


@pytest.mark.parametrize(
    "text", ["", "x: 1", "{]", '{"a": [}', "\x00", '"a"' * 100_000, '"a": "\\ud800"']
)
def test_what_cannot_be_guessed_is_left_alone(text):
    """No text makes it fail; at worst it says nothing more than that it is broken."""
    recovered = recover(text)
    assert recovered is None or isinstance(recovered.text, str)
    assert {f.code for f in lint_text(text, "x.json")} == {"TRG100"}


def test_bytes_that_are_no_text():
    """Neither UTF-8 nor anything else."""
    assert recover(b"\xff\xfe{") is None
