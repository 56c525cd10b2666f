"""Findings in the form of compiler messages: place, source line, caret, advice."""

from collections import defaultdict
from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from trigger_cli.model import Finding
from trigger_cli.render.common.inert import inert

_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_LONGEST_MESSAGE = 1_000
_UNREADABLE = "TRG107"
"""About a file as a whole, so it has no place; told as the error that ends a command is."""


def render_findings(findings: Iterable[Finding], console: Console) -> None:
    """Show each finding with its source line."""
    for finding in findings:
        console.print(_full(finding, console.width), soft_wrap=True)


def render_findings_concisely(findings: Iterable[Finding], console: Console) -> None:
    """Show each finding on one line."""
    for finding in findings:
        console.print(_headline(finding), soft_wrap=True)


def render_findings_once(findings: Iterable[Finding], console: Console) -> None:
    """Show the first of the findings that say the same, and how many more do."""
    alike: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        alike[finding.code, finding.message].append(finding)
    for first, *others in alike.values():
        more = f" (and {len(others):,} more)" if others else ""
        console.print(_headline(first).append(more), soft_wrap=True)


def _headline(finding: Finding) -> Text:
    span, file = finding.span, inert(finding.file, 400)
    if finding.code == _UNREADABLE:
        return Text.assemble(
            ("error: ", _STYLES["error"]),
            (f"{file}: ", "bold"),
            inert(finding.message, _LONGEST_MESSAGE),
        )
    place = f"{file}:{span.line}:{span.column}: "
    return Text.assemble(
        (place, "bold"),
        (f"{finding.severity}[{finding.code}] ", _STYLES[finding.severity]),
        inert(finding.message, _LONGEST_MESSAGE),
    )


def _full(finding: Finding, width: int) -> Text:
    text = _headline(finding)
    if finding.code == _UNREADABLE:
        if finding.help:
            text.append("\nhelp: ", "bold")
            text.append(inert(finding.help, _LONGEST_MESSAGE))
        text.append("\n")
        return text
    number = str(finding.span.line)
    margin = " " * len(number)
    if finding.excerpt:
        source, caret = _excerpt(finding, max(width - len(number) - 4, 20))
        text.append(f"\n{margin} |\n{number} | ", "dim")
        text.append(source)
        text.append(f"\n{margin} | ", "dim")
        text.append(caret, _STYLES[finding.severity])
    if finding.help:
        text.append(f"\n{margin} = ", "dim")
        text.append("help: ", "bold")
        text.append(inert(finding.help, _LONGEST_MESSAGE))
    if finding.fix:
        option = "--fix" if finding.fix.safe else "--fix --unsafe-fixes"
        text.append(f"\n{margin} = ", "dim")
        text.append("fix: ", "bold")
        text.append(f"{inert(finding.fix.description, _LONGEST_MESSAGE)} ({option})")
    text.append("\n")
    return text


def _excerpt(finding: Finding, width: int) -> tuple[str, str]:
    """The visible part of the source line, and carets below the finding's span."""
    line = finding.excerpt
    left_out = finding.span.excerpt_from
    start = min(finding.span.column - 1 - left_out, len(line))
    same_line = finding.span.end_line == finding.span.line
    end = min(finding.span.end_column - 1 - left_out, len(line)) if same_line else len(line)
    end = max(end, start + 1)
    # If the span is far to the right, begin the line a little before it.
    offset = max(0, start - width // 2) if start >= width - 10 else 0
    before = inert(line[offset:start], width)
    marked = inert(line[start:end], width)
    rest = inert(line[end:], width)
    lead = "…" if offset or left_out else ""
    available = max(width - cell_len(lead) - cell_len(before), 1)
    carets = "^" * max(1, min(cell_len(marked), available))
    source = Text(lead + before + marked + rest)
    source.truncate(width, overflow="ellipsis")
    return source.plain, " " * (cell_len(lead) + cell_len(before)) + carets
