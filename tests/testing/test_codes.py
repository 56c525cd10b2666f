"""The codes of test files: each is documented, and its example has that mistake and no other."""

import pytest

from tests.testing.helpers import suite
from trigger_cli.definitions.codes import Code
from trigger_cli.testing import codes
from trigger_cli.testing.codes import MISTAKES

CODES = [one for one in vars(codes).values() if isinstance(one, Code)]


def test_each_code_is_documented():
    """In their order, without a gap."""
    assert CODES == [one.about for one in MISTAKES]
    assert [f"TST{number}" for number in range(101, 101 + len(CODES))] == [c.code for c in CODES]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.code)
def test_the_example_has_the_mistake(mistake):
    """That one alone."""
    assert [mistake.code] == [one.code for one in suite(mistake.example).findings]
    assert mistake.example in mistake.markdown
