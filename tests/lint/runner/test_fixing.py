"""Fixes: which are made, in what order, and that nothing else changes."""

import pytest

from tests.lint.running import lint_text
from tests.support import lines_run
from trigger_cli.lint.runner.fixing import apply_edits, fix_text
from trigger_cli.model import Edit, Finding, Fix, Span


def mended(text: str, file: str, *, unsafe: bool = True) -> str:
    return fix_text(text, lambda one: lint_text(one, file), unsafe=unsafe).text


def test_edits_are_made_from_the_end_and_keep_line_ends():
    """Inserting and replacing, with CRLF."""
    edits = [Edit(Span(1, 2, 1, 3), "B"), Edit(Span(2, 1, 2, 1), "x\ny")]
    assert apply_edits("abc\r\ndef", edits) == "aBc\r\nx\r\nydef"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            "one-line.json",
            '{"type": "event", "match": {"prefect.resource.id": "shop.*"}, "expect": ["a.b"]}',
            '{"type": "event", "posture": "Reactive", "match": {"prefect.resource.id": "shop.*"}, "expect": ["a.b"]}',
        ),
        (
            "flow.yaml",
            "{type: event, match: {prefect.resource.id: shop.*}, expect: [a.b]}",
            "{type: event, posture: Reactive, match: {prefect.resource.id: shop.*}, expect: [a.b]}",
        ),
        (
            "anchored-key.yaml",
            "{type: event, &m match: {prefect.resource.id: shop.*}, expect: [a.b]}",
            "{type: event, &m match: {prefect.resource.id: shop.*}, expect: [a.b]}",
        ),
        (
            "last-line.yaml",
            "type: event\r\nposture: Reactive\r\nmatch: {prefect.resource.id: x.*}\r\nexpect:\r\n- a.*\r\n- a.b",
            "type: event\r\nposture: Reactive\r\nmatch: {prefect.resource.id: x.*}\r\nexpect:\r\n- a.*",
        ),
        (
            "items.yaml",
            (
                "type: event\nposture: Proactive\nmatch: {prefect.resource.id: prefect.flow-run.*}\nafter: [prefect.flow-run.Pending]\n"
                "expect: [prefect.flow-run.*]\nfor_each:\n- 'related:flow:prefect.resource.id'\n- related:deployment:prefect.resource.id # c\nwithin: 60\n"
            ),
            (
                "type: event\nposture: Proactive\nmatch: {prefect.resource.id: prefect.flow-run.*}\nafter: [prefect.flow-run.Pending]\n"
                "expect: [prefect.flow-run.*]\nfor_each:\n- 'prefect.resource.id' # c\nwithin: 60\n"
            ),
        ),
        (
            "comment-between.yaml",
            (
                "type: event\nposture: Proactive\nmatch: {prefect.resource.id: prefect.flow-run.*}\nafter: [prefect.flow-run.Pending]\n"
                "expect: [prefect.flow-run.*]\nfor_each: [ # c\n  related:deployment:prefect.resource.id, # d\n  related:flow:prefect.resource.id]\nwithin: 60\n"
            ),
            (
                "type: event\nposture: Proactive\nmatch: {prefect.resource.id: prefect.flow-run.*}\nafter: [prefect.flow-run.Pending]\n"
                "expect: [prefect.flow-run.*]\nfor_each: [ # c\n  related:deployment:prefect.resource.id, # d\n  related:flow:prefect.resource.id]\nwithin: 60\n"
            ),
        ),
        (
            "quotes.yaml",
            "type: event\nposture: Reactive\nexpect: ['prefect.flow-run.failed', \"prefect.flow-run.crashed\", prefect.flow-run.timedout]\n",
            "type: event\nposture: Reactive\nexpect: ['prefect.flow-run.Failed', \"prefect.flow-run.Crashed\", prefect.flow-run.TimedOut]\n",
        ),
        (
            "comment.yaml",
            "type: event\nposture: Reactive\nexpect:\n  - a.*\n  - a.b  # why this is here\nmatch:\n  prefect.resource.id: x.*\n",
            "type: event\nposture: Reactive\nexpect:\n  - a.*\n  - a.b  # why this is here\nmatch:\n  prefect.resource.id: x.*\n",
        ),
        (
            "id.yaml",
            "type: event\nid: mine\nposture: Reactive\nexpect: [a.b]\nmatch:\n  prefect.resource.id: x.*\n",
            "type: event\nposture: Reactive\nexpect: [a.b]\nmatch:\n  prefect.resource.id: x.*\n",
        ),
        (
            "first.yaml",
            "- id: mine\n  type: event\n  posture: Reactive\n  expect: [a.b]\n  match:\n    prefect.resource.id: x.*\n",
            "- id: mine\n  type: event\n  posture: Reactive\n  expect: [a.b]\n  match:\n    prefect.resource.id: x.*\n",
        ),
        (
            "tabs.json",
            '{\n\t"type": "event",\n\t"match": {"prefect.resource.id": "shop.*"},\n\t"expect": ["a.b"]\n}\n',
            '{\n\t"type": "event",\n\t"posture": "Reactive",\n\t"match": {"prefect.resource.id": "shop.*"},\n\t"expect": ["a.b"]\n}\n',
        ),
        (
            "anchor.yaml",
            (
                "- type: event\n  posture: Reactive\n  match: &m {prefect.resource.id: x.*}\n  expect:\n  - &f prefect.flow-run.failed  # why\n"
                "- type: event\n  match: *m\n  expect: [!!str prefect.flow-run.crashed, *f]\n"
            ),
            (
                "- type: event\n  posture: Reactive\n  match: &m {prefect.resource.id: x.*}\n  expect:\n  - &f prefect.flow-run.Failed  # why\n"
                "- type: event\n  posture: Reactive\n  match: *m\n  expect: [!!str prefect.flow-run.Crashed, *f]\n"
            ),
        ),
    ],
    ids=lambda value: value if value.endswith((".json", ".yaml")) else "",
)
def test_layout_is_kept(file, text, expected):
    """One line, flow and block YAML, quotes, tabs, anchors; where a comment would be lost, nothing is done."""
    assert expected == mended(text, file)


WATCH = """\
- name: one
  trigger:
    posture: Proactive
    match: {prefect.resource.id: "prefect.flow-run.*"}
    after: [prefect.flow-run.Running]
    expect: &ends [prefect.flow-run.Completed]
    for_each: [prefect.resource.id]
    within: 60
- name: two
  trigger:
"""
COUNT = """\
    posture: Reactive
    match: {prefect.resource.id: "prefect.flow-run.*"}
    expect: *ends
"""
SECOND = WATCH.partition("- name: two\n  trigger:\n")[0].partition("trigger:\n")[2]


def test_a_list_that_only_one_of_two_has_to_change():
    """It is right for the other: no fix, and a line says why."""
    text = WATCH + COUNT
    (found,) = [one for one in lint_text(text, "a.yaml") if one.code == "TRG312"]
    assert found.fix is None
    assert "no fix: an alias gives the value to others, which are right" in (found.help or "")
    assert text == mended(text, "a.yaml")
    both = WATCH + SECOND.replace("&ends [prefect.flow-run.Completed]", "*ends")
    assert "prefect.flow-run.Crashed" in mended(both, "a.yaml")


def test_an_anchor_that_several_use_is_mended_once():
    """Two automations share the text, and it is edited once."""
    text = (
        "- trigger: &t\n    type: event\n    posture: Reactive\n    match: {prefect.resource.id: prefect.flow-run.*}\n"
        "    expect: [prefect.flow-run.failed]\n  name: a\n- trigger: *t\n  name: b\n"
    )
    assert mended(text, "x.yaml", unsafe=False) == text.replace("failed", "Failed")


def finding(start: int, text: str, *, safe: bool = True) -> Finding:
    edit = Edit(Span(1, start, 1, start + 2), text)
    return Finding("TRG1", "x", "info", "m", "f", edit.span, fix=Fix("d", (edit,), safe))


def test_fixes_that_touch_are_made_one_after_the_other():
    """In one pass only one of them, so that neither works on a text that is gone."""
    passes = [[finding(1, "AA"), finding(2, "BB")], [finding(2, "BB")], []]
    remaining = iter(passes)
    fixed = fix_text("abcd", lambda _: next(remaining), unsafe=False)
    assert (fixed.text, len(fixed.fixes)) == ("ABBd", 2)


def test_a_fix_that_breaks_the_file_is_not_made():
    """Better not mended than broken; it keeps no other fix from being made."""
    both = [finding(1, "}}"), finding(4, "xy")]
    answers = {"abcdef": both, "abcxyf": both[:1]}
    fixed = fix_text("abcdef", answers.get, unsafe=False)
    assert ("abcxyf", 1) == (fixed.text, len(fixed.fixes))


def test_fixes_come_to_an_end():
    """Two rules that undo each other do not run for ever."""
    fixed = fix_text(
        "abcd", lambda text: [finding(1, "xy" if text[0] == "a" else "ab")], unsafe=False
    )
    assert len(fixed.fixes) == 10


def test_the_work_grows_as_the_number_of_fixes():
    """Each was compared with all that had been chosen."""

    def lines(many):
        answers = iter([[finding(4 * one + 1, "XX") for one in range(many)], []])
        return lines_run(lambda: fix_text("abcd" * many, lambda _: next(answers), unsafe=False))

    assert lines(200) < 2.2 * lines(100)


def test_unsafe_fixes_wait_for_their_option():
    """An unsafe fix is made only where it is asked for."""
    for unsafe, expected in ((False, "abcd"), (True, "XXcd")):
        answers = iter([[finding(1, "XX", safe=False)], []])
        assert expected == fix_text("abcd", lambda _, a=answers: next(a), unsafe=unsafe).text


def test_items_are_added_to_the_list_itself():
    """Its last item may be an alias, which is written in another list."""
    before = (
        "- &f prefect.flow-run.Failed\n"
        "- trigger:\n    type: event\n    posture: Proactive\n    after: [prefect.flow-run.Running]\n"
        "    expect: [prefect.flow-run.Completed, prefect.flow-run.Cancelled, *f]\n"
        "    match: {prefect.resource.id: prefect.flow-run.*}\n    for_each: [prefect.resource.id]\n    within: 500\n"
    )
    after = before.replace(
        "Cancelled", "Cancelled, prefect.flow-run.Crashed, prefect.flow-run.TimedOut"
    )
    assert after == mended(before, "list.yaml")
