"""Findings as GitHub Actions annotations."""

from collections.abc import Iterable
from typing import Final, Literal

from trigger_cli.model import Finding, Severity
from trigger_cli.render.common.annotations import annotation
from trigger_cli.render.common.inert import inert

_LEVELS: Final[dict[Severity, Literal["error", "warning", "notice"]]] = {
    "error": "error",
    "warning": "warning",
    "info": "notice",
}


def render_github(findings: Iterable[Finding]) -> str:
    """A line for each finding; GitHub shows it beside the source line."""
    return "".join(map(_line, findings))


def _line(finding: Finding) -> str:
    message = inert(finding.message, 1_000)
    if finding.help:
        message += f" ({inert(finding.help, 500)})"
    title = f"{finding.code} {finding.name}"
    return annotation(_LEVELS[finding.severity], finding.file, finding.span, title, [message])
