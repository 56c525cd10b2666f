"""Findings as GitHub Actions annotations (workflow commands)."""

from __future__ import annotations

from collections.abc import Iterable

from trigger_cli.model import Finding
from trigger_cli.render.common.inert import inert

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def render_github(findings: Iterable[Finding]) -> str:
    """A line for each finding, which GitHub shows beside the source line."""
    return "".join(map(_line, findings))


def _line(finding: Finding) -> str:
    span = finding.span
    properties = {
        "file": inert(finding.file, 1_000),
        "line": str(span.line),
        "endLine": str(span.end_line),
    }
    if span.line == span.end_line:
        # GitHub takes columns only within one line.
        properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    properties["title"] = f"{finding.code} {finding.name}"
    message = inert(finding.message, 1_000)
    if finding.help:
        message += f" ({inert(finding.help, 500)})"
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_LEVELS[finding.severity]} {written}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
