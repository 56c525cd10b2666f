"""The bytes of a definition file as text."""

from __future__ import annotations

import codecs

from trigger_cli.definitions.codes import SYNTAX
from trigger_cli.definitions.source import SourceText, SyntaxProblem
from trigger_cli.model import Finding, Span

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(content: str | bytes, file: str) -> str | Finding:
    """Decode UTF-8, with or without a byte order mark; or say where it is not UTF-8."""
    try:
        if isinstance(content, str):
            content.encode()
            text = content
        elif content.startswith(_UTF_16):
            return SYNTAX.finding(
                "the file is UTF-16, expected UTF-8",
                file,
                Span(1, 1, 1, 2),
                help="save it as UTF-8",
            )
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
