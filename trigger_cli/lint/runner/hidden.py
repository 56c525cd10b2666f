"""Finds problems that another problem hides: a misspelt event name hides its event's mistakes."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from trigger_cli.lint.file import File
from trigger_cli.model import Edit, Finding, Span

_NOTE = "seen once the event name is corrected"


def edits_of(findings: Iterable[Finding]) -> tuple[Edit, ...]:
    """The edits of the findings' fixes, without duplicates and without multi-line edits."""
    edits = {edit for one in findings if one.fix is not None for edit in one.fix.edits}
    within_line = (e for e in edits if e.span.line == e.span.end_line and "\n" not in e.text)
    return tuple(sorted(within_line))


def only_hidden(
    found: Iterable[Finding], known: Iterable[Finding], edits: Sequence[Edit], file: File
) -> list[Finding]:
    """The new findings of an edited text, moved to their places in the original text.

    Args:
        found: The findings of the edited text.
        known: The findings of the original text.
        edits: The edits, each within a line.
        file: The file with the original text.
    """
    before = {(one.code, one.pointer, one.automation) for one in known}
    return [
        replace(
            one,
            span=(span := _before(one.span, edits)),
            excerpt=file.source.excerpt(span),
            message=f"{one.message} ({_NOTE})",
            fix=None,  # it would apply to the edited text
            after_fix=True,
        )
        for one in found
        if (one.code, one.pointer, one.automation) not in before
    ]


def _before(span: Span, edits: Sequence[Edit]) -> Span:
    """The original place of a span of the edited text; for a replaced text, all of it."""
    start = _column(span.line, span.column, edits, at_end=False)
    end = _column(span.end_line, span.end_column, edits, at_end=True)
    return Span(span.line, start, span.end_line, end)


def _column(line: int, column: int, edits: Sequence[Edit], *, at_end: bool) -> int:
    moved = 0
    for edit in edits:
        if edit.span.line != line:
            continue
        start = edit.span.column + moved
        end = start + len(edit.text)
        if column <= start:
            break
        if column < end:
            return edit.span.end_column if at_end else edit.span.column
        moved += len(edit.text) - (edit.span.end_column - edit.span.column)
    return column - moved
