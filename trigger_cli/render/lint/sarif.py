"""Findings as SARIF 2.1.0, with each rule's help and each finding's fix."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from trigger_cli.model import Finding, RuleHelp, Span
from trigger_cli.render.common.plain_json import bounded, json_document
from trigger_cli.render.lint.gitlab import fingerprints

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render_sarif(findings: Iterable[Finding], rules: Sequence[RuleHelp], version: str) -> str:
    """A log with one run; `rules` are all that a finding may name, `version` is the tool's."""
    index = {rule.code: place for place, rule in enumerate(rules)}
    value = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "trigger-cli",
                        "semanticVersion": version,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(one, digest, index) for one, digest in fingerprints(findings)],
            }
        ],
    }
    return json_document(value)


def _rule(rule: RuleHelp) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.markdown, "markdown": rule.markdown},
        "helpUri": rule.address,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, digest: str, index: dict[str, int]) -> dict[str, Any]:
    message = finding.message if finding.help is None else f"{finding.message}\n{finding.help}"
    artifact = {"uri": _uri(finding.file)}
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": artifact, "region": _region(finding.span)}
    }
    if finding.automation is not None:
        trigger = finding.trigger or "$"
        name = f"{bounded(finding.automation)} {trigger}"
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": bounded(message)},
        "locations": [location],
        "partialFingerprints": {"triggerCli/v1": digest},
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    if finding.fix is not None:
        replacements = [
            {
                "deletedRegion": _region(edit.span),
                "insertedContent": {"text": bounded(edit.text)},
            }
            for edit in finding.fix.edits
        ]
        result["fixes"] = [
            {
                "description": {"text": bounded(finding.fix.description)},
                "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
            }
        ]
    return result


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _uri(file: str) -> str:
    path = file.replace("\\", "/").removeprefix("./")
    return bounded(quote(path, safe="/-._~", errors="replace"))
