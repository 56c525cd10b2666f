"""Firings: one a line for ``grep``; in a table with the firings of children that led to each."""

from collections.abc import Iterator
from datetime import UTC, tzinfo
from itertools import islice

from rich.console import Group, RenderableType
from rich.text import Text

from trigger_cli.model import Firing
from trigger_cli.render.common.fitted import FittedTable, hidden_rows
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import Keys, child_path, event_text, key_texts
from trigger_cli.render.common.view import INDENT, indented
from trigger_cli.render.replay.steps import FIRED
from trigger_cli.render.replay.view import View, stack
from trigger_cli.times import format_instant, to_datetime
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME

_LONGEST = 200
_FIRINGS = 10
_FIRINGS_OF_COMPOSITE = 5
_TREE = 40
"""The most lines of one firing's tree."""
_ROOT = f"{FIRED} "
_BLANK = " " * len(_ROOT)


def firing_line(firing: Firing, zone: tzinfo) -> str:
    """``2026-03-01T12:00:00.000000Z  name  label=value  event  resource  line 7``."""
    when = format_instant(firing.at)
    if zone is not UTC:
        when = to_datetime(firing.at, zone).isoformat(timespec="microseconds")
    parts = [when, inert(firing.automation.name, _LONGEST)]
    parts += [
        f"{inert(label, _LONGEST)}={inert(value, _LONGEST)}" for label, value in firing.labels
    ]
    event = firing.event
    if event is not None:
        resource = event.resource.get(RESOURCE_NAME) or event.resource.get(RESOURCE_ID, "")
        parts += [inert(event.name, _LONGEST), inert(resource, _LONGEST), f"line {event.line}"]
    return "  ".join(part for part in parts if part)


class ShownFirings:
    """The first firings of an automation, as many as its list shows, and the number of all."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.first: list[Firing] = []
        self.total = 0

    def add(self, firing: Firing) -> None:
        """Add the next firing."""
        self.total += 1
        most = _FIRINGS_OF_COMPOSITE if firing.children else _FIRINGS
        if len(self.first) < self._view.rows(most):
            self.first.append(firing)


def firing_list(firings: ShownFirings, view: View) -> RenderableType:
    """The first firings, each with its causal tree."""
    composite = any(one.children for one in firings.first)
    lines = [line for firing in firings.first for line in islice(_tree(firing), _TREE)]
    heads = ["~"]
    if not view.stacked:
        heads = [">offset", "~child" if composite else "~bucket", "~event", ">line"]
    keys = key_texts(one.labels for _, one in lines)
    rows = [_row(guide, one, keys, view) for guide, one in lines]
    table = FittedTable((f"{_BLANK}fired at", *heads), rows, view.width - INDENT).rows()
    hidden_firings = firings.total - len(firings.first)
    if not hidden_firings:
        return indented(table)
    hidden = hidden_rows(hidden_firings, "firing", f"--limit {firings.total}")
    return indented(Group(table, hidden))


def _row(guide: str, one: Firing, keys: Keys, view: View) -> list[Text]:
    is_root = guide == _ROOT
    when = Text(f"{guide}{view.clock.at(one.at)}", "bold red" if is_root else "")
    whose = _event_and_resource(one, keys, is_root=is_root)
    event, line = Text("no event: a deadline", "dim"), Text()
    if one.event is not None:
        event = event_text(one.event, wide=view.roomy)
        line = Text(str(one.event.line), "dim")
    if view.stacked:
        return [when, stack(whose, event, line)]
    return [when, Text(view.clock.offset(one.at), "dim"), whose, event, line]


def _tree(firing: Firing, guide: str = _ROOT, indent: str = _BLANK) -> Iterator[tuple[str, Firing]]:
    """The firing and each firing below it, with the guide lines to its left."""
    yield guide, firing
    for place, child in enumerate(firing.children, 1):
        branch, trunk = ("└─ ", "   ") if place == len(firing.children) else ("├─ ", "│  ")
        yield from _tree(child, indent + branch, indent + trunk)


def _event_and_resource(firing: Firing, keys: Keys, *, is_root: bool) -> Text:
    text = Text("" if is_root else child_path(firing.trigger.path))
    if firing.labels:
        text.append(" " if text else "")
        text.append(keys[firing.labels])
    return text
