"""Findings as one document of the Reviewdog Diagnostic Format (``DiagnosticResult``)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trigger_cli.model import Finding, RuleHelp, Span
from trigger_cli.render.common.plain_json import bounded, json_document

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def render_rdjson(
    findings: Iterable[Finding], rules: Sequence[RuleHelp], lines: Mapping[str, Sequence[str]]
) -> str:
    """The JSON object.

    Args:
        findings: The findings to report.
        rules: Every rule that a finding may name, for its address.
        lines: The lines of each file, by name: the format counts columns in bytes of UTF-8.
    """
    addresses = {rule.code: rule.address for rule in rules}
    value = {
        "source": {"name": "trigger-cli"},
        "diagnostics": [
            _diagnostic(one, addresses.get(one.code), lines.get(one.file, [])) for one in findings
        ],
    }
    return json_document(value)


def _diagnostic(finding: Finding, address: str | None, lines: Sequence[str]) -> dict[str, Any]:
    message = finding.message if finding.help is None else f"{finding.message}\n{finding.help}"
    code = {"value": finding.code}
    if address is not None:
        code["url"] = address
    value: dict[str, Any] = {
        "message": bounded(message),
        "location": {
            "path": bounded(finding.file.replace("\\", "/").removeprefix("./")),
            "range": _range(finding.span, lines),
        },
        "severity": _SEVERITIES[finding.severity],
        "code": code,
    }
    # Each suggestion is applied separately: a part of a fix could break the file.
    if finding.fix is not None and len(finding.fix.edits) == 1:
        (edit,) = finding.fix.edits
        value["suggestions"] = [{"range": _range(edit.span, lines), "text": bounded(edit.text)}]
    return value


def _range(span: Span, lines: Sequence[str]) -> dict[str, dict[str, int]]:
    return {
        "start": _position(span.line, span.column, lines),
        "end": _position(span.end_line, span.end_column, lines),
    }


def _position(line: int, column: int, lines: Sequence[str]) -> dict[str, int]:
    text = lines[line - 1] if line <= len(lines) else ""
    before = len(text[: column - 1].encode("utf-8", "surrogatepass"))
    past_the_end = max(0, column - 1 - len(text))
    return {"line": line, "column": before + past_the_end + 1}
