"""``--add-ignore``: comments that silence what was found, and change nothing else."""

import pytest

from tests.lint.cases_reader import all_cases
from tests.lint.running import lint_text
from trigger_cli.definitions import load_text
from trigger_cli.lint.runner.adding import (
    NO_PLACE,
    PLAIN_JSON,
    UNREADABLE,
    NoCommentsError,
    with_ignores,
)

EXAMPLES = [
    pytest.param(one.format, one.text, case.dialect, id=f"{case.code}: {one.title}")
    for case in all_cases()
    for one in case.bad
    if one.format in {"json", "yaml"} and case.log is None and case.code != "TRG100"
]


def added(text: str, file: str, dialect: str = "both") -> tuple[str, int]:
    return with_ignores(text, file, lint_text(text, file, dialect))


def values(text: str, file: str):
    return [one.value for one in load_text(text, file=file).documents]


@pytest.mark.parametrize(("format_", "text", "dialect"), EXAMPLES)
def test_every_example_is_silenced(format_, text, dialect):
    """Nothing but unused comments is left, the values are the same, and a second run does nothing."""
    file = f"case.{format_}"
    if format_ == "json":
        text = f"// why\n{text}"
    # Either end of a line for about half of the examples, the same ones in each session.
    line_end = "\r\n" if len(text) % 2 else "\n"
    text = text.replace("\n", line_end)
    found = lint_text(text, file, dialect)
    after, count = with_ignores(text, file, found)
    left = lint_text(after, file, dialect)
    assert {one.code for one in left} <= {"TRG122"}
    assert len(left) == sum(one.code == "TRG122" for one in found)
    assert values(after, file) == values(text, file)
    assert after.count("\n") == after.count(line_end)
    assert (count > 0) == (after != text)
    assert (after, 0) == with_ignores(after, file, left)


YAML = """\
type: event
posture: Reactive
match: {prefect.resource.id: shop.*}
expect: [order.placed]
threshold: 3
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("threshold: 3", "threshold: 3  # trigger-cli: ignore[TRG301]"),
        ("threshold: 3  # why", "threshold: 3  # why  # trigger-cli: ignore[TRG301]"),
        (
            "threshold: 3  # trigger-cli: ignore[TRG302]",
            "threshold: 3  # trigger-cli: ignore[TRG302, TRG301]",
        ),
        (
            "# trigger-cli: ignore[ TRG302 ] why\nthreshold: 3",
            "# trigger-cli: ignore[ TRG302, TRG301 ] why\nthreshold: 3",
        ),
        (
            "threshold: 3\n# trigger-cli: ignore-file[TRG302]",
            "threshold: 3  # trigger-cli: ignore[TRG301]\n# trigger-cli: ignore-file[TRG302]",
        ),
    ],
)
def test_where_a_comment_goes(text, expected):
    """To the end of the line, or into the list that is there for it."""
    before = YAML.replace("threshold: 3", text)
    after, count = added(before, "x.yaml")
    assert (after, count) == (YAML.replace("threshold: 3", expected), 1)


def test_several_codes_of_a_line_share_a_comment():
    """In their order."""
    text = "{type: event, posture: Reactive, expect: [a.b], threshold: 3, odd: 1}\n"
    after, count = added(text, "x.yaml")
    comment = "# trigger-cli: ignore[TRG101, TRG203, TRG301]"
    assert (after, count) == (text.replace("}\n", "}  " + comment + "\n"), 1)


@pytest.mark.parametrize(
    "value",
    [
        "|\n  # no\n  order",
        '"a\n  b"',
        "a\n  b",
        ">-\n\n  a\n\n",
    ],
    ids=["literal", "quoted", "plain", "folded"],
)
def test_a_text_of_several_lines_has_it_above(value):
    """Behind its first line the comment would be a part of it."""
    text = YAML.replace("threshold: 3", f"odd: {value}")
    after, _ = added(text, "x.yaml")
    assert "]\n# trigger-cli: ignore[TRG101]\nodd: " in after.replace(
        "  # trigger-cli: ignore[TRG203]", ""
    )
    assert values(after, "x.yaml") == values(text, "x.yaml")


def test_a_comment_of_several_lines_has_it_above():
    """In JSON; the indentation is that of the line."""
    text = '{\n  "expect": ["a.b"], /* why\n  not */ "posture": "Reactive"\n}\n'
    after, _ = added(text, "x.json")
    assert '\n  // trigger-cli: ignore[TRG203]\n  "expect"' in after
    assert after.startswith("// trigger-cli: ignore-file[TRG111]\n{\n")


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("x.json", '{"posture": "Reactive", "expect": ["a.b"]}\n', PLAIN_JSON),
        ("x.json", '{"posture": "Reactive", "expect": ["a.b"]\n', UNREADABLE),
        ("x.yaml", "posture: [\n", UNREADABLE),
    ],
)
def test_what_takes_no_comment(file, text, why):
    """The reason is told, and nothing is written."""
    with pytest.raises(NoCommentsError) as found:
        added(text, file)
    assert str(found.value) == why
    assert why != NO_PLACE


def test_what_has_no_finding_stays():
    """Not even plain JSON is an error then."""
    text = '{"type": "event", "posture": "Reactive", "match": {"prefect.resource.id": "shop.*"}, "expect": ["a.b"]}'
    assert added(text, "x.json") == (text, 0)


def test_a_call_over_several_lines():
    """Python's comments stand within a call; a parameter's name is no text of many lines."""
    call = 'EventTrigger(expect=[\n    "prefect.flow-run.failed",{0}\n])'
    text = f"Automation(\n  name='a',\n  trigger={call},\n  actions=[],\n)\n"
    silenced = text.format("  # trigger-cli: ignore[TRG221]")
    assert (silenced, 1) == added(text.format(""), "case.py")
