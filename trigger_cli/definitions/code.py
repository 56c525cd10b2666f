"""Shared by the readers of programs: the size limits, and templates for computed values."""

from trigger_cli.definitions.nodes import Node
from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.definitions.wording import shortened
from trigger_cli.model import Span

LARGEST_CODE = 128 * 1024
"""The most characters of a program: its syntax tree takes a thousand times as many bytes."""
MAX_CODE_DEPTH = 60
"""The most levels of lists, objects, calls and parentheses; real programs have about eight."""
_LONGEST_WRITTEN = 200


def require_code_size(source: SourceText) -> None:
    """Refuse a program that would take seconds and hundreds of megabytes to parse.

    Raises:
        SyntaxProblem: The program is too large.
    """
    if len(source.text) > LARGEST_CODE:
        raise SyntaxProblem(
            f"the file is larger than {LARGEST_CODE // 1024} KiB, which no file of automations is",
            Span(1, 1, 1, 2),
            "split it",
        )


def too_deep(span: Span) -> SyntaxProblem:
    """The problem of a value deeper than `MAX_CODE_DEPTH`."""
    return SyntaxProblem(
        f"nested more than {MAX_CODE_DEPTH} levels deep, which no definition is", span
    )


def written_in(source: SourceText, start: int, end: int) -> str:
    """The program's text between two offsets, on one line and shortened."""
    text = source.text[start : min(end, start + _LONGEST_WRITTEN)]
    return shortened(" ".join(text.split()))


def template_of(written: str) -> str:
    """The template that represents a computed value."""
    return f"{{{{ {written} }}}}"


def computed(written: str, span: Span) -> Node:
    """A value that is unknown until the program runs."""
    return Node(template_of(written), span, written=written)
