"""The rules against 98 definitions from documentation, issues and public repositories."""

from pathlib import Path

import pytest

from tests.lint.corpus import CORPUS, FINDINGS_OF_MISTAKE, SCHEMA_CODES, index, needs_corpus
from tests.lint.running import lint_text

GOLDEN = Path(__file__).with_name("corpus_findings.txt")
ENTRIES = index()

pytestmark = needs_corpus


def findings_in(file: str, dialect: str = "both"):
    return lint_text((CORPUS / file).read_text("utf-8"), file, dialect)


def table() -> dict[str, tuple[list[str], str]]:
    """The golden table: the codes of each file, and the comment that argues them."""
    rows = {}
    for line in GOLDEN.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            row, _, comment = line.partition("  # ")
            file, *codes = row.split()
            rows[file] = (codes, comment)
    return rows


def test_the_golden_table_has_every_file():
    """A row for each file of the index."""
    assert [entry["file"] for entry in ENTRIES] == list(table())


def test_each_file_has_the_codes_of_the_golden_table():
    """What is found in a file changes only together with the table."""
    marks = {"error": "!", "warning": "", "info": "?"}
    found = {
        entry["file"]: sorted({f"{f.code}{marks[f.severity]}" for f in findings_in(entry["file"])})
        for entry in ENTRIES
    }
    assert {file: codes for file, (codes, _) in table().items()} == found


def test_at_least_nine_in_ten_known_mistakes_are_found():
    """The index's mistakes against the findings, by the mapping in `corpus.py`."""
    known = [(entry["file"], m) for entry in ENTRIES for m in entry.get("mistakes", ())]
    missed = [
        (file, mistake)
        for file, mistake in known
        if not FINDINGS_OF_MISTAKE[mistake] & {f.code for f in findings_in(file)}
    ]
    # One is in a file that is no YAML at all, one a window that its only child makes void.
    assert missed == [
        (
            "073-issue10978-automations-key-in-prefectyaml.yaml",
            "unknown key or label, silently ignored / never matching",
        ),
        ("094-test-deploy-compound-one-child.json", "composite within missing or zero"),
    ]
    assert len(missed) <= len(known) / 10


def test_what_has_no_known_mistake_has_no_error():
    """An error on such a file needs an argument in the golden table."""
    flawless = [entry["file"] for entry in ENTRIES if not entry.get("mistakes")]
    wrong = [one for one in flawless if any(f.severity == "error" for f in findings_in(one))]
    argued = {file for file, (_, comment) in table().items() if comment}
    assert set(wrong) <= argued


def test_server_errors_are_what_the_server_refuses():
    """With ``--dialect server`` a file has a schema error just if the 3.8.8 schemas refuse it."""
    for entry in ENTRIES:
        refused = [said for said in entry["prefect_3_8_8_schema"] if not said.endswith(": ok")]
        found = findings_in(entry["file"], "server")
        errors = {f.code for f in found if f.severity == "error" and f.code in SCHEMA_CODES}
        assert bool(refused) == bool(errors), entry["file"]


# The documentation's own broken triggers: what is wrong with each, as its issue or pull request says.
DOCUMENTED = {
    "001-docs-stuck-running-no-for-each.json": {"TRG401"},
    "002-docs-stuck-running-for-each.json": {"TRG312"},
    "004-docs-metric-lateness.json": {"TRG211"},
    "007-docs-compound-any-mixed.json": {"TRG306", "TRG312"},
    "008-docs-fragment-after-table-missing.json": {"TRG100", "TRG213"},
    "010-docs-fragment-negative-and-positive.json": {"TRG100", "TRG205"},
    "011-docsold-negative-tag.json": {"TRG100", "TRG205"},
    "013-docsold-exclude-test-tag-list.json": {"TRG100", "TRG205"},
    "014-docsold-metric-firing-for-zero.json": {"TRG108"},
    "016-docsold-compound-any-missing-within-trailing-comma.json": {"TRG110", "TRG114"},
    "017-docsold-fragment-trailing-comma.json": {"TRG100"},
    "019-docs-yaml-automations-wrapper.yaml": {"TRG304", "TRG705"},
    "020-docsold-yaml-invented-fields.yaml": {"TRG101", "TRG201", "TRG304"},
    "026-docs-cli-trigger-string.json": {"TRG701"},
    "028-docs-python-chain.json": {"TRG212"},
    "029-docs-python-order-complete.json": {"TRG309"},
    "032-docs-zombie-wildcard.json": {"TRG307"},
    "034-docs-python-match-flow-name.json": {"TRG119"},
    "037-docs2023-camelcase-workqueue-threshold-zero.json": {"TRG101", "TRG224", "TRG302"},
    "038-docs2023-nonexistent-log-event.json": {"TRG227"},
    "040-docs2024-guide-yaml-cancel.yaml": {"TRG305"},
    "041-docs2024-guide-post-placeholders.json": {"TRG119", "TRG306", "TRG403", "TRG708"},
}


@pytest.mark.parametrize(("file", "expected"), DOCUMENTED.items(), ids=list(DOCUMENTED))
def test_the_documentation_s_broken_triggers_have_the_right_finding(file, expected):
    """Each trigger that the documentation has shown and that does not do what it says."""
    assert expected <= {finding.code for finding in findings_in(file)}


def test_the_documentation_s_sound_triggers_have_none():
    """The other files from the documentation are not flagged at all."""
    sound = {
        entry["file"]
        for entry in ENTRIES
        if "docs" in entry["file"] and entry["file"] not in DOCUMENTED
    }
    assert {file for file in sound if findings_in(file)} == set()
