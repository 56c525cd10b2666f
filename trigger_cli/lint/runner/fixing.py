"""Applies fixes to a text, in rounds of fixes that do not overlap, until none is left."""

import difflib
import re
from bisect import bisect, insort
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

from trigger_cli.model import Edit, Finding, Fix, Span

_PASSES = 10
_LINE_END = re.compile(r"\r\n|\r|\n")


class Fixed(Struct, frozen=True):
    """A text after its fixes."""

    text: str
    fixes: tuple[Finding, ...]
    """The findings that were fixed."""


def fix_text(text: str, lint: Callable[[str], Sequence[Finding] | None], *, unsafe: bool) -> Fixed:
    """Apply all fixes that can be applied.

    Args:
        text: The contents of a file, with its line ends.
        lint: The findings about a text; ``None`` if it can no longer be read.
        unsafe: Also apply unsafe fixes.
    """
    done: list[Finding] = []
    findings = lint(text)
    for _ in range(_PASSES):
        chosen = _choose(findings or (), unsafe=unsafe)
        if not chosen:
            break
        mended = _with(chosen, text)
        after = lint(mended)
        if after is None:
            # One that cannot be made keeps no other from being made.
            chosen = [one for one in chosen if lint(_with([one], text)) is not None]
            mended = _with(chosen, text)
            after = lint(mended)
        if after is None or mended == text:
            break  # keep the text that can be read
        done += [finding for finding, _ in chosen]
        text, findings = mended, after
    return Fixed(text, tuple(done))


def _with(chosen: Sequence[tuple[Finding, Fix]], text: str) -> str:
    return apply_edits(text, [edit for _, fix in chosen for edit in fix.edits])


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits, which must not overlap. Line ends are kept."""
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    newline = "\r\n" if "\r\n" in text else "\n"

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column - 1 if line <= len(starts) else len(text)

    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        start = offset(edit.span.line, edit.span.column)
        end = offset(edit.span.end_line, edit.span.end_column)
        text = text[:start] + edit.text.replace("\n", newline) + text[end:]
    return text


def unified_diff(before: str, after: str, file: str) -> str:
    """The changes of the fixes, in the format of ``diff -u``."""
    lines = difflib.unified_diff(
        _LINE_END.sub("\n", before).splitlines(keepends=True),
        _LINE_END.sub("\n", after).splitlines(keepends=True),
        file,
        f"{file} (fixed)",
    )
    ended = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return "".join(ended)


def _choose(findings: Sequence[Finding], *, unsafe: bool) -> list[tuple[Finding, Fix]]:
    """The fixes of one round: safe fixes first, without overlaps."""
    fixable = [(one, one.fix) for one in findings if one.fix and (one.fix.safe or unsafe)]
    fixable.sort(key=lambda one: not one[1].safe)
    chosen: list[tuple[Finding, Fix]] = []
    taken: list[Span] = []
    for finding, fix in fixable:
        # An alias gives the same place twice.
        if not any(_touches(taken, edit.span) for edit in fix.edits):
            for edit in fix.edits:
                insort(taken, edit.span)
            chosen.append((finding, fix))
    return chosen


def _touches(taken: Sequence[Span], one: Span) -> bool:
    """Whether a span touches one of those taken, which are sorted and do not overlap."""
    place = bisect(taken, one)
    pairs = pairwise([*taken[max(place - 1, 0) : place], one, *taken[place : place + 1]])
    return any(
        (second.line, second.column) <= (first.end_line, first.end_column)
        for first, second in pairs
    )
