"""Collects findings while a file is read."""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from trigger_cli.definitions.codes import Code
from trigger_cli.definitions.nodes import Pointer, format_pointer
from trigger_cli.definitions.source import SourceText
from trigger_cli.model import Finding, Span


class Report(Struct, frozen=True):
    """Collects the findings of one file, each with its automation."""

    source: SourceText
    findings: list[Finding] = field(default_factory=list)
    automation: str | None = None

    def about(self, automation: str) -> Report:
        """The same report for findings about the automation of this name."""
        return replace(self, automation=automation)

    def add(
        self,
        code: Code,
        message: str,
        span: Span,
        pointer: Pointer,
        advice: str | None = None,
        trigger: str | None = None,
    ) -> None:
        """Add a finding about the value at `pointer`, shown at `span`."""
        self.findings.append(
            code.finding(
                message,
                self.source.file,
                span,
                pointer=format_pointer(pointer),
                excerpt=self.source.excerpt(span),
                help=advice,
                automation=self.automation,
                trigger=trigger,
            )
        )

    def has_errors_since(self, mark: int) -> bool:
        """Whether an error was added after the first `mark` findings."""
        return any(finding.severity == "error" for finding in self.findings[mark:])
