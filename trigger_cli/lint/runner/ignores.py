"""``# trigger-cli: ignore[TRG203]`` in YAML, ``// trigger-cli: ignore[TRG203]`` in JSON.

A comment applies to the findings of its own line. A comment without code on its line applies to the
next line that is not empty. ``ignore`` without codes applies to every rule, ``ignore-file`` to the
whole file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from trigger_cli.lint.file import File
from trigger_cli.lint.rule import Problem, Rule
from trigger_cli.lint.rules import RULES
from trigger_cli.lint.runner.selection import matches, names_a_rule, near_selector
from trigger_cli.model import Edit, Finding, Fix, Span

UNUSED_IGNORE = "TRG122"
_MARK = "trigger-cli:"
_IGNORE = re.compile(r"trigger-cli:\s*(?P<kind>ignore-file|ignore)\s*(?:\[(?P<codes>[^\]\n]*)\])?")
_COMMENT_ONLY = re.compile(r"\s*(?:#|//|/\*.*\*/\s*$)")


class _Ignore(Struct):
    span: Span
    """The whole comment."""
    line: int | None
    """The line whose findings it silences; ``None``: every line."""
    selectors: tuple[str, ...]
    """Empty: every rule."""
    alone: bool
    end: tuple[int, int] | None
    """The line and column after its last selector, if it has any."""
    used: set[str] = field(default_factory=set)

    def silences(self, finding: Finding) -> bool:
        if self.line is not None and finding.span.line != self.line:
            return False
        if not self.selectors:
            self.used.add("")
            return True
        for selector in self.selectors:
            if matches(selector, finding.code, finding.name):
                self.used.add(selector)
                return True
        return False


def apply_ignores(
    findings: list[Finding], file: File, running: Mapping[str, Rule]
) -> tuple[list[Finding], list[Problem]]:
    """The findings that no comment silences, and a problem for each comment that silences nothing.

    Args:
        findings: The findings of the rules.
        file: The file with the comments.
        running: The rules that run, by code; comments for other rules are not reported as unused.
    """
    if _MARK not in file.source.text:
        return findings, []
    ignores = list(_ignores(file))
    # Check every comment, so that two for the same line both count as used.
    kept = [one for one in findings if not any([ignore.silences(one) for ignore in ignores])]  # noqa: C419
    unused = (_unused(ignore, file, {*running.values()}) for ignore in ignores)
    return kept, [one for one in unused if one is not None]


def lists_by_line(file: File) -> dict[int, tuple[int, int]]:
    """By silenced line: the place in its comment where another selector can be added."""
    found = _ignores(file) if _MARK in file.source.text else ()
    return {one.line: one.end for one in found if one.line is not None and one.end is not None}


def _ignores(file: File) -> Iterator[_Ignore]:
    lines = file.source.lines
    next_of = _next_lines(lines)
    for span, text in file.comments:
        for found in _IGNORE.finditer(text):
            alone = not lines[span.line - 1][: span.column - 1].strip()
            line: int | None = span.line
            if found["kind"] == "ignore-file":
                line = None
            elif alone:
                line = next_of[span.end_line]
            parts = (found["codes"] or "").split(",")
            selectors = tuple(part.strip() for part in parts if part.strip())
            end = None
            if selectors:
                last = found.start("codes") + len(found["codes"].rstrip(" \t,"))
                place = file.source.offset(*span[:2]) + last
                after = file.source.span(place, place + 1)
                end = (after.line, after.column)
            yield _Ignore(span, line, selectors, alone, end)


def _next_lines(lines: Sequence[str]) -> list[int]:
    """For each line number the next line with code after it, else the line directly after it."""
    found = []
    code: int | None = None
    for number in range(len(lines), -1, -1):
        if number < len(lines) and lines[number].strip() and not _COMMENT_ONLY.match(lines[number]):
            code = number + 1
        found.append(number + 1 if code is None else code)
    found.reverse()
    return found


def _unused(ignore: _Ignore, file: File, running: set[Rule]) -> Problem | None:
    selectors = ignore.selectors or ("",)
    idle = [one for one in selectors if one not in ignore.used and _is_judged(one, running)]
    if not idle:
        return None
    unknown = next((one for one in idle if one and not names_a_rule(one)), None)
    near = near_selector(unknown) if unknown else None
    fix = None
    if len(idle) == len(selectors):
        fix = Fix("remove the comment", (Edit(_removal(ignore, file), ""),), safe=True)
    codes = ", ".join(idle)
    return Problem(
        "this comment silences nothing" + (f" for {codes}" if codes else ""),
        ignore.span,
        "",
        f"did you mean {near}?" if near else "remove it",
        fix,
    )


def _is_judged(selector: str, running: set[Rule]) -> bool:
    """Whether this run can decide that a selector is unused.

    Rules that need a log, and rules that do not run, may still need the comment.
    """
    meant = {
        one
        for one in RULES
        if one.check_log is None and (not selector or matches(selector, one.code, one.name))
    }
    return meant <= running if meant else not names_a_rule(selector)


def _removal(ignore: _Ignore, file: File) -> Span:
    span = ignore.span
    line = file.source.lines[span.line - 1]
    if ignore.alone and span.line == span.end_line and span.line < len(file.source.lines):
        return Span(span.line, 1, span.line + 1, 1)
    before = line[: span.column - 1].rstrip()
    return Span(span.line, len(before) + 1, span.end_line, span.end_column)
