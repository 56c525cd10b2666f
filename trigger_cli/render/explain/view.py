"""How explanations are shown: options that all parts of their tables share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trigger_cli.dialects import Dialect
from trigger_cli.explain.sentence import Sentence, written
from trigger_cli.model import Event
from trigger_cli.render.common.clock import ClockFormat, clock_of
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import labels_text, short_id, short_uuids
from trigger_cli.report import ReplayReport
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME

INDENT = 2
ROOMY = 100
_NAME = 60
_LONG_NAME = 200


@dataclass(frozen=True, slots=True)
class ExplainView:
    """The options that all parts share."""

    clock: ClockFormat
    dialect: Dialect
    width: int
    verbose: bool
    limit: int | None

    def said(self, sentence: Sentence) -> str:
        """A sentence, with its instants in the view's zone and foreign text made inert."""
        return written(sentence, instant=self.clock.at, name=self.name, key=self.key)

    def name(self, text: str) -> str:
        """Text from a log or a definition, with UUIDs shortened."""
        return inert(text, _LONG_NAME) if self.verbose else inert(short_uuids(text), _NAME)

    def key(self, labels: Sequence[tuple[str, str]]) -> str:
        """A bucketing key."""
        return labels_text(labels, full=self.verbose)

    def rows(self, default: int) -> int:
        """How many rows to show; all of them if the user asked for verbose output."""
        if self.limit is not None:
            return self.limit
        return 1_000 if self.verbose else default

    def event(self, event: Event) -> Text:
        """An event on one line: ``prefect.flow-run.Failed wise-owl line 12``."""
        text = Text(self.name(event.name if self.width >= ROOMY else short_name(event.name)))
        resource = event.resource.get(RESOURCE_NAME) or short_id(
            event.resource.get(RESOURCE_ID, "")
        )
        if resource:
            text.append(f" {self.name(resource)}")
        return text.append(f" line\N{NO-BREAK SPACE}{event.line}", "dim")


def short_name(name: str) -> str:
    """An event's name, in a narrow view without ``prefect.``."""
    return name.removeprefix("prefect.")


def view_of(
    report: ReplayReport,
    zone: tzinfo,
    *,
    dialect: Dialect,
    width: int,
    verbose: bool,
    limit: int | None,
) -> ExplainView:
    """The view of a replay's explanations."""
    clock = clock_of(report, zone, precise=verbose)
    return ExplainView(clock, dialect, width, verbose, limit)


def section(title: str) -> Text:
    """The heading of a part."""
    return Text(title, "bold")


def grid(*columns: str) -> Table:
    """A table without lines; each column ``left``, ``right`` or ``wrap``."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(justify="right" if column == "right" else "left", no_wrap=column != "wrap")
    return table


def indented(renderable: Table | Text | Padding, levels: int = 1) -> Padding:
    """Below a heading."""
    return Padding(renderable, (0, 0, 0, INDENT * levels))
