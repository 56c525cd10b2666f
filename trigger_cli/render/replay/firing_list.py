"""An automation's firings; below a composite's, the children's firings that led to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from trigger_cli.model import Firing
from trigger_cli.render.common.fitted import Column, FittedTable
from trigger_cli.render.common.names import child_path, event_text, labels_text
from trigger_cli.render.replay.steps import FIRED
from trigger_cli.render.replay.view import INDENT, View, hidden_rows

_FIRINGS = 10
_FIRINGS_OF_COMPOSITE = 5
_TREE = 40
"""How many lines of one firing's tree are shown."""
_STYLE = "bold red"


def firing_list(firings: Sequence[Firing], view: View) -> RenderableType:
    """The first firings, each with its causal tree."""
    composite = bool(firings[0].children)
    shown = firings[: view.rows(_FIRINGS_OF_COMPOSITE if composite else _FIRINGS)]
    lines = [line for firing in shown for line in islice(_tree(firing), _TREE)]
    table = FittedTable(_columns(lines, view, composite=composite), view.width - INDENT)
    parts: list[RenderableType] = [table.rows(0, len(lines))]
    if len(firings) > len(shown):
        how = f"--limit {len(firings)}"
        parts.append(hidden_rows(len(firings) - len(shown), "firing", how))
    return Padding(Group(*parts), (0, 0, 0, INDENT))


def _columns(lines: Sequence[tuple[str, Firing]], view: View, *, composite: bool) -> list[Column]:
    when = [
        Text(f"{guide}{view.clock.at(one.at)}", _STYLE if guide == _ROOT else "")
        for guide, one in lines
    ]
    offsets = [Text(view.clock.offset(one.at), "dim") for _, one in lines]
    whose = [_whose(one, is_root=guide == _ROOT) for guide, one in lines]
    events = [_event(one, view) for _, one in lines]
    numbers = [Text("" if one.event is None else str(one.event.line), "dim") for _, one in lines]
    if view.stacked:
        stack = view.stack(whose, events, numbers)
        return [Column(f"{_BLANK}fired at", when), Column("", stack, flexible=True)]
    return [
        Column(f"{_BLANK}fired at", when),
        Column("offset", offsets, justify="right"),
        Column("child" if composite else "bucket", whose, flexible=True),
        Column("event", events, flexible=True),
        Column("line", numbers, justify="right"),
    ]


_ROOT = f"{FIRED} "
_BLANK = " " * len(_ROOT)


def _tree(firing: Firing) -> Iterator[tuple[str, Firing]]:
    """The firing and each one below it, with the guide lines to its left."""
    yield _ROOT, firing
    stack = [(_BLANK, firing.children, 0)]
    while stack:
        indent, children, place = stack.pop()
        if place == len(children):
            continue
        stack.append((indent, children, place + 1))
        is_last = place == len(children) - 1
        yield f"{indent}{'└─' if is_last else '├─'} ", children[place]
        stack.append((f"{indent}{'   ' if is_last else '│  '}", children[place].children, 0))


def _whose(firing: Firing, *, is_root: bool) -> Text:
    text = Text("" if is_root else child_path(firing.trigger.path))
    if firing.labels:
        text.append(" " if text else "")
        text.append(labels_text(firing.labels))
    return text


def _event(firing: Firing, view: View) -> Text:
    if firing.event is None:
        return Text("no event: time alone", "dim")
    return event_text(firing.event, wide=view.roomy)
