"""Names that come near to a pattern: `trigger_cli.explain.spelling`."""

from __future__ import annotations

import pytest

from trigger_cli.explain.spelling import NEAR, likeness_of, nearest


@pytest.mark.parametrize(
    ("pattern", "name", "near"),
    [
        ("prefect.flow-run.completed", "prefect.flow-run.Completed", True),
        ("prefect.flow-run.Complete", "prefect.flow-run.Completed", True),
        ("prefect.flow_run.Completed", "prefect.flow-run.Completed", True),
        ("flow-run.Completed", "prefect.flow-run.Completed", True),
        ("prefect.FLOW-RUN.*", "prefect.flow-run.Failed", True),
        ("!order.placed", "order.Placed", True),
        ("prefect.flow-run.Failed", "prefect.flow-run.Paused", False),
        ("prefect.flow-run.Running", "prefect.flow-run.Pending", False),
        ("order.placed", "invoice.sent", False),
        ("a" * 10_000, "a" * 9_999, False),
        ("", "x", False),
    ],
)
def test_what_is_near(pattern, name, near):
    """The last part counts apart from what is before it."""
    assert near == (likeness_of(pattern, name) >= NEAR)


def test_the_most_alike_comes_first():
    """Then the commonest."""
    names = {"order.Placed": 1, "order.place": 5, "other": 9}
    assert ["order.Placed", "order.place"] == [
        one.name for one in nearest(("order.placed",), names)
    ]
