"""Lists and regular expressions in one text."""

import pytest

from trigger_cli.match.lists import is_regular, listed, pattern_for


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prefect.flow-run.(Failed|Crashed)", ["prefect.flow-run.Failed", "prefect.flow-run.Crashed"]),
        (r"^prefect\.flow-run\.(Failed|Crashed)$", ["prefect.flow-run.Failed", "prefect.flow-run.Crashed"]),
        ("prefect.flow-run.{Failed, Crashed}", ["prefect.flow-run.Failed", "prefect.flow-run.Crashed"]),
        ("prefect.flow-run.Failed|Crashed", ["prefect.flow-run.Failed", "prefect.flow-run.Crashed"]),
        ("prefect.tag.prod,prefect.tag.dev", ["prefect.tag.prod", "prefect.tag.dev"]),
        ("order.(placed|paid)", ["order.placed", "order.paid"]),
        ("FAILED,CRASHED", ["FAILED", "CRASHED"]),
        ("prefect.tag.a,b", []),  # a tag with a comma
        ("a, b", []),
        ("a.csv,b.csv", []),
        ("prefect.flow-run.Failed,", []),
        ("{{ name|lower }}", []),
        ("((a|b)|c)", []),
    ],
)  # fmt: skip
def test_listed(text, expected):
    """Only Prefect's own names and states are taken for lists, and groups as regular expressions have them."""
    assert expected == list(listed(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("^etl-.*$", "etl-*"), ("^etl-", "etl-*"), ("^etl$", "etl"), ("^etl-[0-9]+$", None), ("^", None)],
)  # fmt: skip
def test_pattern_for(text, expected):
    """What a star can say is written with a star."""
    assert is_regular(text)
    assert expected == pattern_for(text)
