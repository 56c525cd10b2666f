"""``lint --add-ignore``: adds comments that silence findings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from trigger_cli.definitions import load_text
from trigger_cli.definitions.loading import is_plain_json
from trigger_cli.lint.file import File
from trigger_cli.lint.runner.fixing import apply_edits
from trigger_cli.lint.runner.ignores import UNUSED_IGNORE, lists_by_line
from trigger_cli.model import Edit, Finding, Span

PLAIN_JSON = "it is plain JSON, which has no comments"
UNREADABLE = "it cannot be read as it stands"
NO_PLACE = "a comment would change what it says"


class NoCommentsError(Exception):
    """A file cannot have comments; the message states why."""


def with_ignores(text: str, name: str, findings: Iterable[Finding]) -> tuple[str, int]:
    """Add a comment to each line with findings; returns the text and the number of lines.

    An existing comment for the line gets the new codes. Otherwise the comment is added at the end
    of the line, or above it if the line ends inside a multi-line text. Findings about comments of
    the file get one at the top of the file. Nothing else changes.

    Args:
        text: The contents of a file, with its line ends.
        name: The name of the file.
        findings: The findings in the file.

    Raises:
        NoCommentsError: The file cannot have comments.
    """
    # A comment for an unused comment would be unused too; a silenced name counts as right.
    wanted = [one for one in findings if one.code != UNUSED_IGNORE and not one.after_fix]
    if not wanted:
        return text, 0
    documents = load_text(text, file=name).documents
    if not documents:
        raise NoCommentsError(UNREADABLE)
    file = File(name, documents)
    if file.is_json and is_plain_json(text):
        raise NoCommentsError(PLAIN_JSON)
    edits = list(_edits(file, wanted))
    after = apply_edits(text, edits)
    if not edits or _values(after, name) != _values(text, name):
        raise NoCommentsError(NO_PLACE)
    return after, len(edits)


def _edits(file: File, findings: Sequence[Finding]) -> Iterator[Edit]:
    """The edit for each line that can have a comment."""
    mark = "//" if file.is_json else "#"
    comments = {span[:2] for span, _ in file.comments}
    codes: dict[int, set[str]] = defaultdict(set)
    for finding in findings:
        # A finding about a comment concerns the whole file.
        codes[0 if finding.span[:2] in comments else finding.span.line].add(finding.code)
    if whole := codes.pop(0, None):
        yield Edit(Span(1, 1, 1, 1), f"{mark} trigger-cli: ignore-file[{_listed(whole)}]\n")
    texts = sorted(_texts(file))
    there = lists_by_line(file)
    for line, found in sorted(codes.items()):
        listed = _listed(found)
        if (place := there.get(line)) is not None:
            yield Edit(Span(*place, *place), f", {listed}")
            continue
        comment = f"{mark} trigger-cli: ignore[{listed}]"
        before = file.source.lines[line - 1]
        end = (line, len(before) + 1)
        indent = before[: len(before) - len(before.lstrip(" \t"))]
        if not _is_inside(end, texts):
            yield Edit(Span(*end, *end), f"  {comment}")
        elif not _is_inside((line, 1), texts):
            yield Edit(Span(line, 1, line, 1), f"{indent}{comment}\n")


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))


def _texts(file: File) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The starts and ends of multi-line texts and comments."""
    for span in file.scalar_spans():
        if span.line == span.end_line:
            continue
        is_block = file.source.lines[span.line - 1][span.column - 1] in "|>"
        # The rest of a block's last line belongs to it.
        yield span[:2], (span.end_line, 10**9) if is_block and not file.is_json else span[2:]
    for span, _ in file.comments:
        if span.line != span.end_line:
            yield span[:2], span[2:]


def _is_inside(
    place: tuple[int, int], texts: Sequence[tuple[tuple[int, int], tuple[int, int]]]
) -> bool:
    return any(start < place < end for start, end in texts)


def _values(text: str, name: str) -> list[object]:
    return [one.value for one in load_text(text, file=name).documents]
