"""Every JSON example of the documentation page that the product implements.

The page is read where it lies, beside the repository. Some of its examples are fragments:
members without braces, once without commas between them, ending in ``...``. A fragment is
refused with the advice to enclose it, and loads once that is done.
"""

import re

import pytest

from tests.support import SHARED
from trigger_cli.definitions import load_text

SEEDS = SHARED / "seeds"
PAGES = sorted(SEEDS.glob("*.txt"))

pytestmark = pytest.mark.skipif(not PAGES, reason=f"there is no page at {SEEDS}")


def examples():
    """The fenced blocks after a line ``Copy`` that are about triggers."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for block in re.findall(r"^Copy\n\n```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            # Two blocks show other things: an event's resources and a Python flow.
            if block.startswith(("{", '"match', '"expect')):
                yield block


COMPLETE = [block for block in examples() if block.startswith("{")]
FRAGMENTS = [block for block in examples() if not block.startswith("{")]


def completed(fragment):
    """The object that a fragment is a part of."""
    members = re.sub(r"^\.\.\.$", "", fragment, flags=re.MULTILINE)
    members = re.sub(r'([}\]])\n(?=")', r"\1,\n", members)
    return "{" + members + "}"


def test_all_examples_are_seen():
    """The page has this many of each."""
    assert (7, 10) == (len(COMPLETE), len(FRAGMENTS))


@pytest.mark.parametrize("example", COMPLETE)
def test_complete_examples_load_as_printed(example):
    """A whole trigger loads with its comments and trailing commas."""
    definitions = load_text(example, file="example.json")

    assert [] == [f.message for f in definitions.findings if f.severity == "error"]
    assert 1 == len(definitions.automations)


@pytest.mark.parametrize("example", FRAGMENTS)
def test_fragments_are_explained(example):
    """A fragment is named as one, whatever else is wrong with it."""
    (finding,) = load_text(example, file="example.json").findings

    assert "this is a fragment of a JSON object" in finding.message
    assert (finding.help or "").startswith("enclose it in { }")


@pytest.mark.parametrize("example", FRAGMENTS)
def test_fragments_load_when_completed(example):
    """Within braces, and with its commas, a fragment is a trigger."""
    definitions = load_text(completed(example), file="example.json")

    assert () == definitions.findings
    assert 1 == len(definitions.automations)
