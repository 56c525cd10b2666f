"""Lint ends, whatever a file holds: no rule's work grows with the square of it.

Each file is so large that a square would pass the time limit of a test many times over.
"""

import json

import pytest

from tests.lint.running import lint_text
from tests.support import lines_run
from trigger_cli.definitions import load_text
from trigger_cli.lint.file import File
from trigger_cli.lint.knowledge.texts import placeholder, without_markdown
from trigger_cli.lint.runner.ignores import _next_lines
from trigger_cli.lint.subject import MOST_COMPARED, Subject
from trigger_cli.match.lists import listed

MANY = 300_000


@pytest.mark.parametrize("piece", ["(", "(|", "|", "{,", ",", "^", " ", "prefect.", "a."])
def test_lists_in_a_text_are_found_in_linear_time(piece):
    """Whatever opens again and again and is never closed."""
    text = piece * (MANY // len(piece))
    assert not listed(text)
    assert not listed("{" + text)
    assert not listed("(|" + text)


@pytest.mark.parametrize("piece", ["[", "${", "{{", "<", "my ", "](http://", "**", "__", "\\", "&"])
def test_signs_of_markup_and_placeholders_are_found_in_linear_time(piece):
    """Whatever opens again and again and is never closed."""
    text = piece * (MANY // len(piece))
    assert placeholder(text) is None
    assert isinstance(without_markdown(text), str)


def test_comments_in_a_row_are_passed_once():
    """Each is about the first line of code after them."""
    lines = ["// trigger-cli: ignore"] * MANY + ["{"]
    found = _next_lines(lines)
    assert (MANY + 1, MANY + 1, MANY + 2) == (found[0], found[MANY], found[MANY + 1])


def test_pairs_of_children_are_bounded():
    """A composite of thousands has no more pairs than one of a hundred."""
    children = [{"posture": "Reactive", "expect": [f"x{n}"]} for n in range(MOST_COMPARED * 3)]
    trigger = {"type": "compound", "require": "all", "within": 60, "triggers": children}
    definitions = load_text(json.dumps(trigger), file="many.json")
    (document,) = definitions.documents
    (entry,) = document.entries
    file = File("many.json", definitions.documents)
    (automation,) = definitions.automations
    subject = Subject(automation, file, document.root, entry.pointer, entry.trigger_pointer)
    (composite,) = subject.composites
    assert MOST_COMPARED * (MOST_COMPARED - 1) // 2 == sum(1 for _ in composite.pairs())


@pytest.mark.parametrize(
    "lists",
    [
        lambda names: {"expect": names, "posture": "Reactive"},
        lambda names: {"expect": names, "after": [f"{one}!" for one in names], "threshold": 0},
        lambda names: {"expect": names, "after": [f"{one}!" for one in names], "within": 60},
    ],
    ids=["one list", "threshold 0", "a watch"],
)
def test_lists_of_names_are_compared_in_linear_time(lists):
    """Each name was held against each other one."""

    def linting(many: int) -> int:
        trigger = {"posture": "Proactive", **lists([f"shop.{n}" for n in range(many)])}
        return lines_run(lambda: lint_text(json.dumps(trigger)))

    linting(1)  # what is made once
    assert linting(200) < 6 * linting(50)


def test_children_of_long_lists_are_compared_in_linear_time():
    """Each name of one child was held against each of the other."""

    def linting(many: int) -> int:
        child = {"posture": "Reactive", "expect": [f"shop.{n}" for n in range(many)]}
        child["match"] = {"prefect.resource.id": child["expect"]}
        trigger = {"type": "compound", "require": "all", "within": 60, "triggers": [child] * 2}
        return lines_run(lambda: lint_text(json.dumps(trigger)))

    linting(1)
    assert linting(200) < 6 * linting(50)
