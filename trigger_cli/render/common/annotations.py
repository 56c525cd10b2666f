"""GitHub Actions annotations (workflow commands), which GitHub shows beside a source line."""

from collections.abc import Iterable
from typing import Literal

from trigger_cli.model import Span
from trigger_cli.render.common.inert import inert

_LONGEST = 1_000


def annotation(
    level: Literal["error", "warning", "notice"],
    file: str,
    span: Span,
    title: str,
    lines: Iterable[str],
) -> str:
    """One annotation on one line; GitHub restores the `lines`, which must be inert."""
    properties = {
        "file": inert(file, _LONGEST),
        "line": str(span.line),
        "endLine": str(span.end_line),
    }
    if span.line == span.end_line:
        # GitHub accepts columns only within one line.
        properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    properties["title"] = inert(title, _LONGEST)
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {written}::{_data(chr(10).join(lines))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
