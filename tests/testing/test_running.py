"""What a test came to, counted."""

from __future__ import annotations

import pytest

from tests.testing.helpers import one_test, results

TWO = (
    "[{name: a, trigger: {expect: [prefect.flow-run.Failed]}},"
    " {name: b, trigger: {expect: [prefect.flow-run.*]}}]"
)


@pytest.mark.parametrize(
    ("expect", "asked"),
    [
        ("[{fires: twice, automation: a}]", 2),
        ("[{fires: 4 times}]", 4),
        ("[{fires: twice, automation: a}, {fires: twice, automation: b}]", 4),
    ],
)
def test_the_firings_of_automations_that_a_test_is_not_about_are_left_out(expect, asked):
    """A captured test of one automation has the whole file as its triggers."""
    (result,) = results(one_test(expect, trigger=TWO))
    assert result.passed, result.failures
    assert (4, asked) == (result.firings, result.asked_firings)
