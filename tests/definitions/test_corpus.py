"""Definitions that other people wrote: each loads, or is refused with a located message.

The files are read where they lie, beside the repository, and never copied into it. What
becomes of each is in ``corpus_outcomes.txt``; after a change that is meant,

    UPDATE_CORPUS_OUTCOMES=1 pytest tests/definitions/test_corpus.py

writes that table anew, to be read as a diff.
"""

import json
import os
from pathlib import Path

import pytest

from tests.support import SHARED
from trigger_cli.definitions import load_text

CORPUS = SHARED / "corpus"
OUTCOMES = Path(__file__).with_name("corpus_outcomes.txt")

FILES = sorted(path for path in CORPUS.glob("*") if path.suffix in {".json", ".yaml"})

pytestmark = pytest.mark.skipif(not FILES, reason=f"there is no corpus at {CORPUS}")


def load(path):
    return load_text(path.read_bytes(), file=path.name)


def outcome(path):
    """``loaded 2, TRG101 7:3`` or ``refused TRG100 1:8``."""
    definitions = load(path)
    found = [f"{f.code} {f.span.line}:{f.span.column}" for f in definitions.findings]
    if not definitions.automations:
        return " ".join(["refused", ", ".join(found)]) if found else "without triggers"
    return ", ".join([f"loaded {len(definitions.automations)}", *found])


def accepted_by_prefect():
    index = (CORPUS / "INDEX.jsonl").read_text("utf-8") if FILES else ""
    for line in index.splitlines():
        record = json.loads(line)
        if any(answer.endswith(": ok") for answer in record["prefect_3_8_8_schema"]):
            yield record["file"]


def test_outcomes():
    """What becomes of every file is as it was."""
    actual = "".join(f"{path.name}  {outcome(path)}\n" for path in FILES)
    if os.environ.get("UPDATE_CORPUS_OUTCOMES"):
        OUTCOMES.write_text(actual, "utf-8")

    assert OUTCOMES.read_text("utf-8") == actual


def test_what_prefect_accepts_loads():
    """What one of Prefect's own schemas accepts has no errors here."""
    for file in accepted_by_prefect():
        definitions = load(CORPUS / file)
        errors = [f.message for f in definitions.findings if f.severity == "error"]
        assert (file, []) == (file, errors)
        assert definitions.automations, file


def test_findings_are_located():
    """Every finding has a place that exists and says what was found."""
    for path in FILES:
        lines = path.read_text("utf-8").split("\n")
        for finding in load(path).findings:
            assert finding.message, path
            assert finding.excerpt == finding.span.excerpt_of(lines[finding.span.line - 1]), path
            assert 1 <= finding.span.column <= len(lines[finding.span.line - 1]) + 1, path
