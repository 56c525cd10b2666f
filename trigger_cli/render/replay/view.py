"""How a replay is to be shown: what every part of the output asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.text import Text

from trigger_cli.dialects import Dialect
from trigger_cli.model import Automation, Firing
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.report import BucketHistory

ROOMY = 120
"""From this width on, names are written in full and tables have all their columns."""


STACKED = 56
"""Below this width, an event stands below what it did."""
INDENT = 2
"""How far everything below an automation's heading is indented."""


_READABLE = 500


class Shows(Protocol):
    """What the user asked to see: ``--automation`` and ``--bucket``."""

    def automation(self, automation: Automation) -> bool:
        """Whether to show the automation."""

    def firing(self, firing: Firing) -> bool:
        """Whether to show the firing."""

    def bucket(self, bucket: BucketHistory) -> bool:
        """Whether to show the bucket."""


class ShowsAll:
    """Nothing is filtered."""

    def automation(self, automation: Automation) -> bool:  # noqa: ARG002
        return True

    def firing(self, firing: Firing) -> bool:  # noqa: ARG002
        return True

    def bucket(self, bucket: BucketHistory) -> bool:  # noqa: ARG002
        return True


@dataclass(frozen=True, slots=True)
class View:
    """The options that all parts of the output share."""

    clock: ClockFormat
    dialect: Dialect
    width: int
    verbose: bool
    limit: int | None
    """Rows of each table, where the user gave it."""
    shows: Shows
    many_sources: bool
    """The automations come from more than one file."""

    @property
    def roomy(self) -> bool:
        """Whether there is room for full names and every column."""
        return self.width >= ROOMY

    @property
    def stacked(self) -> bool:
        """Whether there is so little room that what happened and its event share a column."""
        return self.width < STACKED

    def stack(
        self, first: Sequence[Text], second: Sequence[Text], lines: Sequence[Text]
    ) -> list[Text]:
        """What is two columns elsewhere as one: one above the other, the log's line at the end."""
        cells = []
        for above, below, line in zip(first, second, lines, strict=True):
            numbered = Text.assemble(below, (f" #{line}", "dim")) if line else below
            cells.append(Text("\n").join(part for part in (above, numbered) if part))
        return cells

    def at_least(self, default: int) -> int:
        """How many to show of what ``--limit`` shows more of, but never less."""
        return max(default, self.limit or 0)

    def rows(self, default: int) -> int:
        """How many rows of something to show that shows `default` unless ``--limit`` is given."""
        return default if self.limit is None else self.limit


def joined(parts: Iterable[str]) -> str:
    """Short facts on one line: ``12 firings · 3 buckets``."""
    return " · ".join(part for part in parts if part)


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 firing``, ``1,907 events``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def how_to_see_buckets(total: int) -> str:
    """How to see more of this many buckets."""
    one = "--bucket LABEL=VALUE"
    return f"--limit {total}, or {one}" if total <= _READABLE else one


def hidden_rows(number: int, what: str, how: str) -> Text:
    """``… 37 more buckets (--limit 42)``; `what` is the word for one."""
    return Text(f"… {number:,} more {what if number == 1 else what + 's'} ({how})", "dim")
