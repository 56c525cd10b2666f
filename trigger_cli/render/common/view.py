"""The options of a table view, and the first lines that several views share."""

from collections.abc import Iterable, Sequence, Sized

from msgspec import Struct
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from trigger_cli.explain.sentence import Sentence, written
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import labels_text, short_path, short_uuids
from trigger_cli.times import format_duration

ROOMY = 120
"""From this width on, names are in full and tables have all columns."""
_FULL = 3
"""The most automations that are shown in full by default; of more, only the result is shown."""
MOST_ROWS = 1_000_000
"""The most rows, for any ``--limit``."""
INDENT = 2
"""The indentation of everything below a heading, in columns."""
_NAME = 60
_SOURCES = 2
_ORDERS = {
    "occurred": "in order of occurrence",
    "received": "in order of receipt",
    "log": "in the log's order",
}


def are_many(shown: Sized) -> bool:
    """Whether only the result of each automation is shown by default."""
    return len(shown) > _FULL


class TableView(Struct, frozen=True):
    """The options that all parts of the output use."""

    clock: ClockFormat
    width: int
    verbose: bool
    limit: int | None
    """The rows of each table, if the user gave them."""

    @property
    def roomy(self) -> bool:
        """Whether there is room for full names and every column."""
        return self.width >= ROOMY

    def name(self, text: str) -> str:
        """Text from a log or a definition; in a narrow view without ``prefect.``."""
        short = text if self.roomy else text.removeprefix("prefect.")
        return inert(short_uuids(short), _NAME)

    def key(self, labels: Sequence[tuple[str, str]]) -> str:
        """A bucketing key."""
        return labels_text(labels)

    def said(self, sentence: Sentence) -> str:
        """A sentence with instants in the view's zone and foreign text made inert."""
        return written(sentence, instant=self.clock.at, name=self.name, key=self.key)

    def rows(self, default: int) -> int:
        """The number of rows to show: the ``limit``, or 1,000 if `verbose`, else `default`."""
        if self.limit is not None:
            return min(self.limit, MOST_ROWS)
        return 1_000 if self.verbose else default


def indented(renderable: RenderableType, levels: int = 1) -> Padding:
    """Indent a renderable below a heading."""
    return Padding(renderable, (0, 0, 0, INDENT * levels))


def span(clock: ClockFormat, order: str, *, is_empty: bool) -> Text:
    """The time range and the order."""
    if is_empty:
        return Text("No event, so no time passed")
    end = clock.full(clock.end) if clock.dated else clock.at(clock.end)
    lasted = format_duration(clock.end - clock.start)
    of_order = f", {_ORDERS[order]}" if order in _ORDERS else ""
    return Text(f"{clock.full(clock.start)} – {end} {clock.zone_name} ({lasted}){of_order}")


class FactLine:
    """Short facts in a row, ``12 firings · 3 buckets``: a line is broken between two of them.

    Facts without text are left out.
    """

    def __init__(self, *facts: Text | str, style: str = "") -> None:
        self._facts = [fact for fact in facts if fact]
        self._style = style

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, each with as many facts as the width allows."""
        line = Text(style=self._style)
        for fact in self._facts:
            longer = line.copy().append(" · ") if line else line.copy()
            longer.append(fact)
            if line and longer.cell_len > options.max_width:
                yield line
                longer = Text(style=self._style).append(fact)
            line = longer
        yield line


def files(**paths: Iterable[str]) -> RenderableType:
    """``triggers a.json · log b.jsonl``, dim; each keyword names the kind of its files.

    A line is broken between two kinds.
    """

    def listed(some: Sequence[str]) -> str:
        if len(some) > _SOURCES:
            return f"{short_path(some[0])} and {len(some) - 1:,} more"
        return ", ".join(map(short_path, some))

    named = {what: list(some) for what, some in paths.items()}
    return FactLine(
        *(f"{what} {listed(some)}" for what, some in named.items() if some), style="dim"
    )
