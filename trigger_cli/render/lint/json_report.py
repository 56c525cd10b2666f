"""Findings as JSON: one object, or one line for each."""

from collections.abc import Iterable, Sequence
from typing import Any

from trigger_cli.model import Finding
from trigger_cli.render.common.plain_json import bounded, dump_json, json_document

FORMAT = "trigger-cli/lint@1"


def finding_object(finding: Finding) -> dict[str, Any]:
    """One finding in the form of ``interface.md``, with its advice and edits."""
    span = finding.span
    fix = finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": bounded(finding.message),
        "help": bounded(finding.help) if finding.help is not None else None,
        "file": bounded(finding.file),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "automation": bounded(finding.automation) if finding.automation is not None else None,
        "trigger": finding.trigger,
        "pointer": bounded(finding.pointer),
        "fix": {
            "safe": fix.safe,
            "description": bounded(fix.description),
            "edits": [{**edit.span._asdict(), "text": bounded(edit.text)} for edit in fix.edits],
        }
        if fix
        else None,
        "after_fix": finding.after_fix,
    }


def render_json(findings: Iterable[Finding], files: int) -> str:
    """All findings as one object."""
    value = {
        "format": FORMAT,
        "files": files,
        "findings": [finding_object(finding) for finding in findings],
    }
    return json_document(value)


def render_jsonl(findings: Iterable[Finding]) -> str:
    """One line for each finding."""
    return "".join(dump_json(finding_object(finding)) + "\n" for finding in findings)


def render_statistics_json(rows: Sequence[dict[str, Any]], files: int) -> str:
    """The number of findings of each rule."""
    return json_document({"format": FORMAT, "files": files, "statistics": rows})
