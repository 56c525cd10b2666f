"""Words about events of a log."""

import pytest

from trigger_cli.lint.knowledge.log import events


@pytest.mark.parametrize(("count", "said"), [(1, "1 event has it"), (3, "3 events have it")])
def test_one_event_is_told_as_one(count, said):
    """TRG801 said "1 events have the name"."""
    assert said == f"{events(count, 'has', 'have')} it"
