"""What the tables of `diff`, `sweep`, `audit` and `events` share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from trigger_cli.dialects import Dialect
from trigger_cli.explain.sentence import Sentence, written
from trigger_cli.model import Event
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.render.common.fitted import Column, FittedTable
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import (
    event_text,
    labels_text,
    short_path,
    short_uuids,
    subject,
)
from trigger_cli.render.common.plain import Encodable
from trigger_cli.render.replay.view import ROOMY, hidden_rows, joined
from trigger_cli.times import format_duration

INDENT = 2
_SOURCES = 2
_NAME = 60
_ORDERS = {
    "occurred": "in order of occurrence",
    "received": "in order of receipt",
    "log": "in the log's order",
}


@dataclass(frozen=True, slots=True)
class HistoryView:
    """The options that all parts of the output share."""

    clock: ClockFormat
    width: int
    verbose: bool
    limit: int | None

    @property
    def roomy(self) -> bool:
        """Whether there is room for full names."""
        return self.width >= ROOMY

    def rows(self, default: int) -> int:
        """How many rows of something to show."""
        if self.limit is not None:
            return self.limit
        return 1_000 if self.verbose else default

    def said(self, sentence: Sentence) -> str:
        """A sentence, its instants in the view's zone and foreign text made inert."""
        return written(sentence, instant=self.clock.at, name=self.name, key=labels_text)

    def name(self, text: str) -> str:
        """Text from a log or a definition; in a narrow view without ``prefect.``."""
        short = text if self.roomy else text.removeprefix("prefect.")
        return inert(short_uuids(short), _NAME)

    def event(self, event: Event | None, *, brief: bool = False) -> Text:
        """An event on one line, with its line; `brief`: nameless in a narrow view."""
        if event is None:
            return Text("time alone", "dim")
        number = Text(f"#{event.line} ", "dim")
        if brief and not self.roomy:
            return number.append_text(subject(event, wide=False))
        return number.append_text(event_text(event, wide=self.roomy))

    def table(self, columns: Sequence[Column], total: int, what: str, default: int) -> Group:
        """The first rows, indented, and how many more there are.

        Column widths depend on all rows.
        """
        shown = min(total, self.rows(default))
        cut = [
            Column(c.header, c.cells[:shown], flexible=c.flexible, justify=c.justify)
            for c in columns
        ]
        parts: list[RenderableType] = [FittedTable(cut, self.width - INDENT).rows(0, shown)]
        if total > shown:
            parts.append(hidden_rows(total - shown, what, f"--limit {total}"))
        return Group(Padding(Group(*parts), (0, 0, 0, INDENT)))


def view_of(
    console: Console,
    zone: tzinfo,
    *,
    start: int | None,
    end: int | None,
    verbose: bool,
    limit: int | None,
    fraction: bool = True,
) -> HistoryView:
    """The view for a log from `start` to `end`."""
    begun = start or 0
    ended = begun if end is None else end
    clock = ClockFormat(begun, ended, zone, fraction=fraction, precise=True)
    return HistoryView(clock, console.width, verbose, limit)


def span(view: HistoryView, order: str, *, is_empty: bool) -> Text:
    """The time range and the order."""
    if is_empty:
        return Text("No event, so no time passed")
    clock = view.clock
    end = clock.full(clock.end) if clock.dated else clock.at(clock.end)
    lasted = format_duration(clock.end - clock.start)
    of_order = f", {_ORDERS[order]}" if order in _ORDERS else ""
    return Text(f"{clock.full(clock.start)} – {end} {clock.zone_name} ({lasted}){of_order}")


def files(**paths: Iterable[str]) -> Text:
    """``triggers a.json · log b.jsonl``, dim; each keyword names the kind of its files."""

    def listed(some: Sequence[str]) -> str:
        if len(some) > _SOURCES:
            return f"{short_path(some[0])} and {len(some) - 1:,} more"
        return ", ".join(map(short_path, some))

    named = {what: list(dict.fromkeys(some)) for what, some in paths.items()}
    return Text(joined(f"{what} {listed(some)}" for what, some in named.items() if some), "dim")


def dialect_name(dialect: Dialect) -> str:
    """``server dialect``."""
    return f"{dialect.name} dialect"


def show(console: Console, parts: Iterable[RenderableType]) -> None:
    """Print the parts, in characters that the console has."""
    for part in parts:
        console.print(Encodable(part), markup=False, highlight=False, emoji=False)
