"""`lint/runner/selection.py`: which selector decides whether a rule runs."""

import pytest

from trigger_cli.lint import RULES
from trigger_cli.lint.runner.selection import Decision, decide


@pytest.mark.parametrize(
    ("chosen", "ignored", "decision"),
    [
        ([], [], Decision(is_on=True, by=None)),
        (["ALL"], [], Decision(is_on=True, by="ALL")),
        (["TRG2"], [], Decision(is_on=False, by=None)),
        (["TRG1"], ["ALL"], Decision(is_on=True, by="TRG1")),
        (["TRG1"], ["TRG1"], Decision(is_on=False, by="TRG1")),
    ],
)
def test_the_most_specific_selector_decides_and_is_named(chosen, ignored, decision):
    """Of the first rule, TRG100; equally specific ones turn it off."""
    assert decision == decide(RULES[0], chosen, ignored)
