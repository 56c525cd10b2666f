"""The text of one file; converts places in it to a `Span` and an excerpt."""

from array import array
from bisect import bisect_right
from itertools import accumulate

from trigger_cli.definitions.codes import SYNTAX
from trigger_cli.model import Finding, Span
from trigger_cli.utf16 import utf16_of


class SyntaxProblem(Exception):  # noqa: N818 - it ends only the reading of one file
    """The text is not JSON or YAML; raised by the readers, caught by ``loading.py``."""

    def __init__(self, message: str, span: Span, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.advice = advice


class SourceText:
    """The text of a definition file with its lines.

    ``original`` is the text as it was read; in ``text`` every line ends with a plain newline,
    so that lines and columns agree between the readers and the excerpts.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.original = text
        self.text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.lines = self.text.split("\n")
        lengths = (len(line) + 1 for line in self.lines)
        # An array, to save memory: a file may have millions of lines.
        self._starts = array("Q", accumulate(lengths, initial=0))

    def span(self, start: int, end: int) -> Span:
        """The span of ``text[start:end]``, at least one character wide."""
        line, column = self._place(start)
        end_line, end_column = self._place(end)
        if (end_line, end_column) <= (line, column) or end == start + 1:
            # An empty span or a line end gets one character, so that it is visible.
            end_line, end_column = line, column + 1
        return Span(line, column, end_line, end_column)

    def offset(self, line: int, column: int) -> int:
        """The offset in ``text`` of a line and column."""
        return int(self._starts[line - 1]) + column - 1

    def excerpt(self, span: Span) -> str:
        """The first source line of the span, or the part of it around the span."""
        line = self.lines[span.line - 1] if span.line <= len(self.lines) else ""
        return span.excerpt_of(line)

    def syntax_finding(self, problem: SyntaxProblem) -> Finding:
        """The finding for `problem`."""
        excerpt = self.excerpt(problem.span)
        return SYNTAX.finding(
            problem.message, self.file, problem.span, excerpt=excerpt, help=problem.advice
        )

    def _place(self, offset: int) -> tuple[int, int]:
        offset = min(offset, len(self.text))
        line = min(bisect_right(self._starts, offset), len(self.lines))
        return line, offset - self._starts[line - 1] + 1


def decode(content: str | bytes, file: str) -> str | Finding:
    """Decode UTF-8, with or without a byte order mark; a finding if the text is not UTF-8."""
    try:
        if isinstance(content, str):
            content.encode()
            text = content
        elif codec := utf16_of(content):
            is_marked = codec == "utf-16"
            how = "is UTF-16" if is_marked else "looks like UTF-16 without a byte order mark"
            message = f"the file {how}, expected UTF-8"
            return SYNTAX.finding(message, file, Span(1, 1, 1, 2), help="save it as UTF-8")
        else:
            text = content.decode()
    except UnicodeDecodeError as error:
        return _not_text(error.object[: error.start].decode(), error.object[error.start], file)
    except UnicodeEncodeError as error:
        return _not_text(error.object[: error.start], ord(error.object[error.start]), file)
    return text.removeprefix("\ufeff")


def _not_text(before: str, found: int, file: str) -> Finding:
    source = SourceText(file, before.removeprefix("\ufeff"))
    offset = len(source.text)
    problem = SyntaxProblem(
        f"found 0x{found:X}, which is not UTF-8 text, expected JSON or YAML",
        source.span(offset, offset + 1),
        "save the file as UTF-8",
    )
    return source.syntax_finding(problem)
