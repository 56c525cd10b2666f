"""The console of every table, warning and progress bar: a terminal obeys only rich's own codes."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from trigger_cli.render.common.inert import inert_lines


class InertConsole(Console):
    """A console for text from outside, printed unchanged: no markup, emoji or highlighting.

    Control characters of texts are escaped, also where a caller forgot to do so. Callers still use
    `inert` for text in a line or a cell, because it limits the length, and escapes line ends.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            force_jupyter=False,  # a notebook shows the finished view, not each printed line
            **settings,
        )

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of a renderable; those that are not rich's own control codes are escaped."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            escaped = text if control or text == "\n" else inert_lines(text)
            yield segment if escaped is text else Segment(escaped, style)
