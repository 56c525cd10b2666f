"""The records that led to a firing in plain words, and their timeline."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from trigger_cli.model import TriggerTransition
from trigger_cli.render.common.axis import TimeAxis
from trigger_cli.render.common.names import child_path
from trigger_cli.render.common.phrases import phrase
from trigger_cli.render.common.view import indented
from trigger_cli.render.common.words import fires_on_every_event
from trigger_cli.render.explain.view import ExplainView

_MARKS = {"fired": "★", "stored": "•", "counted": "•", "opened": "├", "ignored": "·"}
_RANK = "★•├·"
_STEPS = 12
_LANES = 8
_CAPTION = 24


def story_lines(
    records: Sequence[TriggerTransition], view: ExplainView
) -> Iterator[RenderableType]:
    """One line for each step: the time, the trigger, what happened, the event."""
    occasions = [tuple(group) for _, group in groupby(records, key=_occasion)]
    if not view.verbose:
        occasions = [one for one in occasions if not _is_obvious(one)] or occasions
    shown = view.rows(_STEPS)
    hidden = max(len(occasions) - shown, 0)
    several = len({one.trigger.path for one in records}) > 1
    rows = []
    for occasion in occasions[hidden:]:
        place = Text(child_path(occasion[0].trigger.path) if several else "", "dim")
        said = phrase(occasion, view.clock, None) or occasion[0].kind
        fired = any(one.kind == "fired" for one in occasion)
        text = Text(said, "bold" if fired else "")
        if view.verbose:
            rules = " ".join(dict.fromkeys(one.rule for one in occasion))
            text.append(f" ({rules})", "dim")
        event = next((one.event for one in occasion if one.event is not None), None)
        # A window also opens with the clock, or where the one before ends.
        without = "no event" if occasion[0].kind == "opened" else "by a deadline"
        by = Text(without, "dim") if event is None else view.event(event)
        rows.append((view.clock.at(occasion[0].at), place, text, by))
    if hidden:
        yield indented(Text(f"… {hidden:,} earlier (-v)", "dim"))
    yield view.table(("", "", "~", "~"), rows)


def _occasion(one: TriggerTransition) -> tuple[object, ...]:
    return (one.at, one.trigger.path, one.key, one.event and one.event.line)


def _is_obvious(occasion: Sequence[TriggerTransition]) -> bool:
    """Whether it is a child that fires on every event; the parent's record is enough then."""
    trigger = occasion[0].trigger
    return trigger.path != "$" and fires_on_every_event(trigger)


# --- Timeline ------------------------------------------------------------------------------


def timeline_lines(
    records: Sequence[TriggerTransition], view: ExplainView
) -> Iterator[RenderableType]:
    """A lane for each trigger involved, on an axis that ends with the firing."""
    told = [one for one in records if one.kind in _MARKS]
    if len({one.at for one in told}) < 2:
        return
    paths = sorted({one.trigger.path for one in told})[:_LANES]
    captions = min(max(len(child_path(path)) for path in paths), _CAPTION)
    axis = TimeAxis(told[0].at, max(one.at for one in told), view.width - captions - 6)
    yield indented(Text(f"{'':{captions}}  {axis.labels(view.clock)}", "dim"))
    used: set[str] = set()
    for path in paths:
        cells: dict[int, str] = {}
        for one in told:
            if one.trigger.path == path:
                column, mark = axis.column(one.at), _MARKS[one.kind]
                cells[column] = min(mark, cells.get(column, mark), key=_RANK.index)
        used.update(cells.values())
        first, last = min(cells), max(cells)
        line = Text(f"{child_path(path)[:captions]:{captions}}  {'':{first}}")
        for column in range(first, last + 1):
            cell = cells.get(column, "─")
            line.append(cell, {"★": "bold red", "─": "dim"}.get(cell, "cyan"))
        yield indented(line)
    legend = {"├": "opened", "•": "counted", "·": "ignored", "★": "fired"}
    text = "   ".join(f"{mark} {word}" for mark, word in legend.items() if mark in used)
    yield indented(Text(text, "dim"))
