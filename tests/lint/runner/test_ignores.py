"""Comments that silence a finding."""

import pytest

from tests.lint.running import codes_of, lint_text
from trigger_cli.definitions import load_text
from trigger_cli.lint import RULES, Settings, lint_file

YAML = """\
type: event
posture: Reactive
expect: {first}
  - order.placed {item}
threshold: 3 {last}
"""


def yaml(first="", item="", last=""):
    return YAML.format(first=first, item=item, last=last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (yaml(), ["TRG203", "TRG301"]),
        (yaml(last="# trigger-cli: ignore[TRG301]"), ["TRG203"]),
        (yaml(last="# trigger-cli: ignore[threshold-without-within]"), ["TRG203"]),
        (yaml(last="# trigger-cli: ignore[TRG3]"), ["TRG203"]),
        (yaml(last="# trigger-cli: ignore"), ["TRG203"]),
        (yaml(item="# trigger-cli:ignore[ TRG203 , TRG301 ]"), ["TRG122", "TRG301"]),
        (yaml(last="# because # trigger-cli: ignore[TRG301]"), ["TRG203"]),
        (yaml(last="\n# trigger-cli: ignore-file[TRG203, TRG301]"), []),
        (yaml(last="\n# trigger-cli: ignore-file"), []),
        (yaml(item="\n# trigger-cli: ignore[TRG301]"), ["TRG203"]),
        (yaml(item="\n# trigger-cli: ignore[TRG301]\n\n# more"), ["TRG203"]),
        (yaml(last="# trigger-cli: ignore[TRG801]"), ["TRG203", "TRG301"]),
    ],
)
def test_comments_in_yaml(text, expected):
    """By code, prefix, name or all; on the line, on a line of its own, for the file."""
    assert expected == codes_of(text, "x.yaml")


def test_comments_in_json():
    """Both kinds of comment."""
    text = (
        '{"type": "event", "posture": "Reactive",\n'
        '"expect": ["order.placed"], // trigger-cli: ignore[any-emitter]\n'
        "/* trigger-cli: ignore[TRG301] */\n"
        '"threshold": 3}'
    )
    assert codes_of(text) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            "x.json",
            '{"type": "event", "posture": "Reactive", "expect": ["// trigger-cli: ignore"]}',
        ),
        ("x.yaml", 'type: event\nposture: Reactive\nexpect: ["# trigger-cli: ignore"]\n'),
        ("x.yaml", "type: event\nposture: Reactive\nexpect: [a#trigger-cli:ignore]\n"),
    ],
)
def test_a_string_is_no_comment(file, text):
    """What looks like a comment inside a string silences nothing and is not called unused."""
    assert codes_of(text, file) == ["TRG203"]


def test_an_unused_comment_points_at_itself():
    """The finding is about the comment."""
    (finding,) = [
        f
        for f in lint_text(yaml(first="# trigger-cli: ignore[TRG4]"), "x.yaml")
        if f.code == "TRG122"
    ]
    assert finding.span[:2] == (3, 9)
    assert finding.message == "this comment silences nothing for TRG4"


@pytest.mark.parametrize(
    ("select", "comment", "expected"),
    [
        ("TRG4", "ignore[TRG301]", []),
        ("TRG4", "ignore", []),
        ("TRG4", "ignore[TRG407]", ["TRG122"]),
        ("TRG4", "ignore[TRG999]", ["TRG122"]),
        ("TRG4", "ignore[TRG8]", []),
    ],
)
def test_a_comment_for_rules_that_do_not_run_is_not_judged(select, comment, expected):
    """Only a rule that runs can tell that nothing needs the comment."""
    rules = tuple(r for r in RULES if r.code.startswith(select) or r.code == "TRG122")
    text = yaml(last=f"# trigger-cli: {comment}")
    findings = lint_file(load_text(text, file="x.yaml"), text, "x.yaml", Settings(rules))
    assert expected == [finding.code for finding in findings]


def test_other_tools_files_are_left_alone():
    """A file that defines nothing has no finding, whatever stands in it."""
    assert codes_of('{"compilerOptions": {"strict": true,},} // tsconfig') == []
    assert codes_of("kind: Pod\n---\nkind: Service\n", "x.yaml") == []
