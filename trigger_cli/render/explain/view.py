"""The options of an explanation that all of its tables use."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TypeAlias

from rich.padding import Padding
from rich.text import Text

from trigger_cli.dialects import Dialect
from trigger_cli.model import Event
from trigger_cli.render.common.clock import clock_of
from trigger_cli.render.common.fitted import FittedTable
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import labels_text, short_id, short_uuids
from trigger_cli.render.common.view import INDENT, TableView, indented
from trigger_cli.report import ReplayReport
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME

WIDE = 100
_NAME = 60
_LONG_NAME = 200
_WHOLE_NAME = 2_000
"""No name and no id of Prefect is longer."""


LineOf: TypeAlias = Callable[[int, str, str], int | None]


def no_line(_automation: int, _path: str, _field: str) -> None:
    """The line of a definition without a file."""


class ExplainView(TableView, frozen=True):
    """The options, and the formats of events, names and keys."""

    dialect: Dialect
    line_of: LineOf = no_line
    """The line of an automation's trigger, by its path, that has a field."""

    def name(self, text: str) -> str:
        """Text from a log or a definition, with UUIDs shortened."""
        return inert(text, _LONG_NAME) if self.verbose else inert(short_uuids(text), _NAME)

    def whole(self, text: str) -> str:
        """Text from a log or a definition that is to be copied, not shortened."""
        return inert(text, _WHOLE_NAME)

    def key(self, labels: Sequence[tuple[str, str]]) -> str:
        """A bucketing key."""
        return labels_text(labels, full=self.verbose)

    def event(self, event: Event) -> Text:
        """An event on one line: ``prefect.flow-run.Failed wise-owl line 12``."""
        name = event.name if self.width >= WIDE else event.name.removeprefix("prefect.")
        text = Text(self.name(name))
        resource = event.resource.get(RESOURCE_NAME) or short_id(
            event.resource.get(RESOURCE_ID, "")
        )
        if resource:
            text.append(f" {self.name(resource)}")
        return text.append(f" line\N{NO-BREAK SPACE}{event.line}", "dim")

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[Text | str]]) -> Padding:
        """The rows, indented and without titles; `heads` as of a `FittedTable`."""
        return indented(FittedTable(heads, rows, self.width - INDENT).rows(with_header=False))


def view_of(
    report: ReplayReport,
    zone: tzinfo,
    *,
    dialect: Dialect,
    width: int,
    verbose: bool,
    limit: int | None,
    line_of: LineOf = no_line,
) -> ExplainView:
    """The view of a replay's explanations."""
    clock = clock_of(report, zone, precise=verbose)
    return ExplainView(clock, width, verbose, limit, dialect, line_of)


def section(title: str) -> Text:
    """The heading of a section."""
    return Text(title, "bold")
