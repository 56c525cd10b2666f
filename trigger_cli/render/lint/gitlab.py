"""Findings as a GitLab code quality report."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from trigger_cli.model import Finding
from trigger_cli.render.common.plain_json import bounded, json_document

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def fingerprints(findings: Iterable[Finding]) -> Iterable[tuple[Finding, str]]:
    """Each finding with a unique text that does not depend on its line."""
    seen: Counter[str] = Counter()
    for finding in findings:
        about = (
            finding.file.replace("\\", "/"),
            finding.code,
            finding.automation or "",
            finding.pointer,
            finding.message,
        )
        key = "\0".join(about)
        seen[key] += 1
        digest = sha256(f"{key}\0{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest()
        yield finding, digest


def render_gitlab(findings: Iterable[Finding]) -> str:
    """A JSON array in GitLab's format."""
    value = [
        {
            "description": bounded(finding.message),
            "check_name": f"{finding.code} {finding.name}",
            "fingerprint": digest,
            "severity": _SEVERITIES[finding.severity],
            "location": {
                "path": bounded(finding.file.replace("\\", "/").removeprefix("./")),
                "lines": {"begin": finding.span.line, "end": finding.span.end_line},
            },
        }
        for finding, digest in fingerprints(findings)
    ]
    return json_document(value)
