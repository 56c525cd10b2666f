"""How a replay is to be shown: what every part of the output asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rich.text import Text

from trigger_cli.dialects import Dialect
from trigger_cli.model import Automation, Firing
from trigger_cli.render.common.view import MOST_ROWS, TableView
from trigger_cli.report import BucketHistory

STACKED = 56
"""Below this width, an event stands below what it did."""
_READABLE = 500


class Shows(Protocol):
    """What the user asked to see: ``--automation`` and ``--bucket``; by default everything."""

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


@dataclass(frozen=True, slots=True)
class View(TableView):
    """The options that all parts of the output share."""

    dialect: Dialect
    shows: Shows
    many_sources: bool
    """The automations come from more than one file."""

    @property
    def stacked(self) -> bool:
        """Whether there is so little room that what happened and its event share a column."""
        return self.width < STACKED

    def at_least(self, default: int) -> int:
        """How many to show of what ``--limit`` shows more of, but never less."""
        return max(default, self.limit or 0)

    def rows(self, default: int) -> int:
        """How many rows of something to show that shows `default` unless ``--limit`` is given."""
        return default if self.limit is None else min(self.limit, MOST_ROWS)


def stack(above: Text, below: Text, line: Text) -> Text:
    """What is two cells elsewhere as one: one above the other, the log's line at the end."""
    numbered = Text.assemble(below, (f" #{line}", "dim")) if line else below
    return Text("\n").join(part for part in (above, numbered) if part)


def how_to_see_buckets(total: int) -> str:
    """How to see more of this many buckets."""
    one = "--bucket LABEL=VALUE"
    return f"--limit {total}, or {one}" if total <= _READABLE else one
