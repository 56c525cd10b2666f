"""Edits of a file's text that keep its comments, order and layout.

Each function returns the edits for one change, in JSON or YAML, or ``None`` if the layout of the
text does not allow it.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from trigger_cli.definitions.nodes import Node, ObjectMember
from trigger_cli.definitions.scalars import read_plain_scalar
from trigger_cli.lint.file import File
from trigger_cli.lint.subject import ValueAt
from trigger_cli.model import Edit, Fix, Span

_PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*")
_LEAD = re.compile(r"[ \t]*(?:- +)*\Z")
_AFTER_MEMBER = re.compile(r"[{,][ \t]*\Z")
_ITEM = re.compile(r"([ \t]*(?:- +)+)(?:[&!]\S+ +)*")
"""What precedes an item of a block list: the dash, and an anchor that stays with the first."""


def fix(description: str, edits: Sequence[Edit] | None, *, safe: bool) -> Fix | None:
    """A fix of `edits`, if there are any."""
    return Fix(description, tuple(edits), safe) if edits else None


def write(at: ValueAt, value: Any, description: str | None = None, *, safe: bool) -> Fix:
    """A fix that replaces a scalar by another, with the same quotes."""
    edit = Edit(at.node.span, written_like(at.subject.file, at.node.span, value))
    return Fix(description or f"write {value}", (edit,), safe)


def write_several(at: ValueAt, values: Sequence[str], *, safe: bool) -> Fix:
    """A fix that replaces a string by several: items of the list that holds it, or a new list."""
    file, span = at.subject.file, at.node.span
    written = [written_like(file, span, value) for value in values]
    lead = _lead(file, span)
    if not isinstance(at.pointer[-1], int):
        text = f"[{', '.join(written)}]"
    elif item := _ITEM.fullmatch(lead):
        text = f"\n{item[1]}".join(written)
    else:
        text = ", ".join(written)
    return Fix(f"write {', '.join(values)}", (Edit(span, text),), safe)


def rename_key(file: File, member: ObjectMember, key: str) -> tuple[Edit, ...]:
    """Rename a key."""
    return (Edit(member.key_span, written_like(file, member.key_span, key)),)


def insert_member(
    at: ValueAt, key: str, value: Any, before: str | None = None
) -> tuple[Edit, ...] | None:
    """Add ``key: value`` to an object, before one of its members (by default the first)."""
    file, members = at.subject.file, at.node.members
    if not members:
        if not _is_flow(file, at.node):
            return None
        return (Edit(at.node.span, f"{{{json.dumps(key)}: {json.dumps(value)}}}"),)
    start = members[before if before in members else next(iter(members))].key_span
    if not at.node.span[:2] <= start[:2] < at.node.span[2:]:
        return None  # from an alias: it is written elsewhere
    own_line, quote = _own_line(file, start), _text(file, start)[:1]
    flow = _is_flow(file, at.node)
    if not own_line and not _AFTER_MEMBER.search(_lead(file, start)):
        return None  # an anchor or a tag precedes it
    json_text = f"{json.dumps(key)}: {json.dumps(value)}"
    written = json_text if quote == '"' else f"{key}: {_plain(value)}"
    line_end = (",\n" if flow else "\n") + _indent(file, start)
    return (_insert(start, written + (line_end if own_line else ", ")),)


def add_items(at: ValueAt, values: Sequence[str]) -> tuple[Edit, ...] | None:
    """Add strings to a list, before its last item; an alias is written elsewhere, and passed over."""
    file, own = at.subject.file, _own_items(at.node)
    if not own or not values:
        return None
    last = own[-1]
    written = [written_like(file, last, value) for value in values]
    flow = _is_flow(file, at.node)
    if not _own_line(file, last):
        if not flow:
            return None  # an anchor precedes it
        # On one line, add at the end, which is easier to read.
        end = Span(*last[2:], *last[2:])
        return (Edit(end, "".join(f", {one}" for one in written)),)
    line_end = ",\n" + _indent(file, last) if flow else "\n" + _lead(file, last)
    return (_insert(last, "".join(one + line_end for one in written)),)


def replace_items(at: ValueAt, value: str) -> tuple[Edit, ...] | None:
    """Let a list hold one string, in place of its items if it has any."""
    file, span, text = at.subject.file, at.node.span, json.dumps([value])
    if not at.node.is_list:
        return None
    if own := _own_items(at.node):
        span, text = Span(*own[0][:2], *own[-1][2:]), written_like(file, own[0], value)
    return None if _has_comment(file, span) else (Edit(span, text),)


def remove_item(at: ValueAt, index: int) -> tuple[Edit, ...] | None:
    """Remove an item of a list that has other items."""
    file, items = at.subject.file, at.node.items
    if len(items) < 2:
        return None
    spans = [item.span for item in items]
    return _remove(file, at.node, spans, spans, index)


def remove_member(at: ValueAt, key: str) -> tuple[Edit, ...] | None:
    """Remove a member of an object that has other members."""
    members = at.node.members
    if len(members) < 2 or key not in members:
        return None
    keys = [member.key_span for member in members.values()]
    values = [member.node.span for member in members.values()]
    return _remove(at.subject.file, at.node, keys, values, list(members).index(key))


def _remove(
    file: File, parent: Node, starts: list[Span], ends: list[Span], index: int
) -> tuple[Edit, ...] | None:
    if starts != sorted(starts) or len(set(starts)) < len(starts):
        return None  # from an alias: it is written elsewhere
    if _is_flow(file, parent):
        if index + 1 < len(starts):
            span = Span(*starts[index][:2], *starts[index + 1][:2])
        else:
            span = Span(*ends[index - 1][2:], *ends[index][2:])
    else:
        lead, after = _lead(file, starts[index]), ends[index].end_line + 1
        if not re.fullmatch(r"[ \t]*(?:- +)?", lead):
            return None
        if "- " in lead and parent.is_object:
            return None  # the first key of a list item follows its dash
        span = Span(starts[index].line, 1, after, 1)
        if after > len(file.source.lines):  # without a newline, it goes with the one before it
            lines, above = file.source.lines, starts[index].line - 1
            span = Span(above, len(lines[above - 1]) + 1, len(lines), len(lines[-1]) + 1)
    return None if _has_comment(file, span) else (Edit(span, ""),)


def _own_items(node: Node) -> list[Span]:
    """The items of a list, without those of an alias, which are written elsewhere."""
    place = node.span
    return [one.span for one in node.items if place[:2] <= one.span[:2] < place[2:]]


def _has_comment(file: File, span: Span) -> bool:
    """Whether a comment begins there, which would be removed, too."""
    return any(span[:2] <= where[:2] < span[2:] for where, _ in file.comments)


def _insert(before: Span, text: str) -> Edit:
    return Edit(Span(*before[:2], *before[:2]), text)


def _is_flow(file: File, node: Node) -> bool:
    return _text(file, node.span)[:1] in {"{", "["}


def _own_line(file: File, span: Span) -> bool:
    """Whether only indentation and dashes precede it on its line."""
    return _LEAD.match(_lead(file, span)) is not None


def _lead(file: File, span: Span) -> str:
    return file.source.lines[span.line - 1][: span.column - 1]


def _indent(file: File, span: Span) -> str:
    """The blanks that put a new line at its column: its line's tabs are kept, a dash becomes a blank."""
    return re.sub(r"\S", " ", _lead(file, span))


def _text(file: File, span: Span) -> str:
    start, end = (file.source.offset(*place) for place in (span[:2], span[2:]))
    return file.source.text[start:end]


def written_like(file: File, span: Span, value: Any) -> str:
    """The text of a scalar with the quotes of the one at `span`."""
    before = _text(file, span)[:1]
    if file.is_json or before == '"' or not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if before == "'":
        return "'" + value.replace("'", "''") + "'"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and read_plain_scalar(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)
