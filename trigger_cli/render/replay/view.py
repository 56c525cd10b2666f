"""The options of a replay's view that all parts of the output use."""

from typing import Protocol

from rich.text import Text

from trigger_cli.dialects import Dialect
from trigger_cli.model import Automation, Firing
from trigger_cli.render.common.view import MOST_ROWS, TableView
from trigger_cli.report import BucketHistory

STACKED = 56
"""Below this width, an event is shown below its effect."""
_READABLE = 500


class Shows(Protocol):
    """The selection of ``--automation`` and ``--bucket``; by default everything."""

    def automation(self, automation: Automation) -> bool:  # noqa: ARG002
        """Whether to show the automation."""
        return True

    def firing(self, firing: Firing) -> bool:  # noqa: ARG002
        """Whether to show the firing."""
        return True

    def bucket(self, bucket: BucketHistory) -> bool:  # noqa: ARG002
        """Whether to show the bucket."""
        return True


class ShowsAll(Shows):
    """Nothing is filtered."""


class View(TableView, frozen=True):
    """The options that all parts of the output use."""

    dialect: Dialect
    shows: Shows
    many_sources: bool
    """Whether the automations come from more than one file."""

    @property
    def stacked(self) -> bool:
        """Whether an effect and its event share a column, because there is little room."""
        return self.width < STACKED

    def at_least(self, default: int) -> int:
        """The number to show: ``--limit`` if it is more than `default`."""
        return max(default, self.limit or 0)

    def rows(self, default: int) -> int:
        """The number of rows: ``--limit``, or `default` without it."""
        return default if self.limit is None else min(self.limit, MOST_ROWS)


def stack(above: Text, below: Text, line: Text) -> Text:
    """Two cells in one: one above the other, with the log's line number at the end."""
    numbered = Text.assemble(below, (f" #{line}", "dim")) if line else below
    return Text("\n").join(part for part in (above, numbered) if part)


def how_to_see_buckets(total: int) -> str:
    """The options that show more of `total` buckets."""
    one = "--bucket LABEL=VALUE"
    return f"--limit {total}, or {one}" if total <= _READABLE else one
