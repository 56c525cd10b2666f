"""Shared by the tables of `diff`, `sweep`, `audit` and `events`."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TypeVar

from msgspec import Struct
from rich.console import Console, RenderableType
from rich.text import Text

from trigger_cli.model import Event
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.render.common.fitted import first_rows
from trigger_cli.render.common.names import event_text, subject
from trigger_cli.render.common.view import INDENT, TableView, indented

_Found = TypeVar("_Found")


class HistoryView(TableView, frozen=True):
    """The options, and the formats of events and tables."""

    def event(self, event: Event | None, *, brief: bool = False) -> Text:
        """An event on one line, with its line number; `brief`: nameless in a narrow view."""
        if event is None:
            return Text("a deadline", "dim")
        number = Text(f"#{event.line} ", "dim")
        if brief and not self.roomy:
            return number.append_text(subject(event, wide=False))
        return number.append_text(event_text(event, wide=self.roomy))

    def table(
        self,
        heads: Sequence[str],
        found: Sequence[_Found],
        cells: Callable[[_Found], Sequence[Text | str]],
        what: str,
        default: int,
        *,
        spare: Sequence[str] = (),
    ) -> RenderableType:
        """The first items of `found` as rows of `cells`, indented, and how many are hidden.

        Columns of `spare` are left out, the first one first, where a title would be cut.
        """
        rows = [cells(one) for one in found[: self.rows(default)]]
        room = self.width - INDENT
        return indented(first_rows(heads, rows, room, len(found), what, spare=spare))


class TableOptions(Struct, frozen=True, kw_only=True):
    """What the user asked of a table, and the logs that it is about."""

    zone: tzinfo
    sources: Sequence[str]
    limit: int | None
    quiet: bool
    verbose: bool

    def view(
        self, console: Console, start: int | None, end: int | None, *, fraction: bool = True
    ) -> HistoryView:
        """The view for a log from `start` to `end`, µs."""
        begun = start or 0
        ended = begun if end is None else end
        clock = ClockFormat(begun, ended, self.zone, fraction=fraction, precise=True)
        return HistoryView(clock, console.width, self.verbose, self.limit)
