"""The panes: each draws the content of its view, and reports clicks to the app."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from trigger_cli.debugger.selection import Selection
from trigger_cli.debugger.session import Session
from trigger_cli.debugger.views.parts import firing_text
from trigger_cli.debugger.views.timeline_pane import Timeline, TimeSpan, timeline

_SCROLLING: list[BindingType] = [
    ("up", "scroll_up", "Up"),
    ("down", "scroll_down", "Down"),
    ("pageup", "page_up", "Page up"),
    ("pagedown", "page_down", "Page down"),
]


class TextPane(VerticalScroll, inherit_bindings=False):
    """Lines of text that scroll; the left and right arrows move the cursor."""

    BINDINGS: ClassVar = _SCROLLING

    def __init__(self, title: str, id: str) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id, classes="pane")
        self.border_title = title
        self._text = Static("", markup=False)
        self._parts: Callable[[int], Iterable[RenderableType]] = lambda _: ()

    def compose(self) -> ComposeResult:
        yield self._text

    def show(self, parts: Callable[[int], Iterable[RenderableType]]) -> None:
        """Show what `parts` makes for a width in columns, from the top."""
        self._parts = parts
        self._draw()
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        columns = max(self.content_size.width - 1, 1)  # the scroll bar takes one
        self._text.update(Group(*self._parts(columns)))


class TimelinePane(Widget, can_focus=True):
    """The timeline; a click goes to its time."""

    @dataclass
    class Clicked(Message):
        """The user clicked on an instant, or on a row's name."""

        instant: int | None
        selection: Selection | None

    def __init__(self, session: Session, whole: TimeSpan) -> None:
        super().__init__(id="timeline", classes="pane")
        self.border_title = "Timeline"
        self._session = session
        self.span = whole
        self._drawn: Timeline | None = None

    def render(self) -> Text:
        """The lines, drawn again after each change."""
        width, height = self.content_size
        self._drawn = timeline(self._session, self.span, width, height)
        return Text("\n").join(self._drawn.lines[:height])

    def on_click(self, event: events.Click) -> None:
        if self._drawn is None:
            return
        place = event.get_content_offset(self)
        if place is None:
            return
        row = place.y - 2
        rows = self._drawn.rows
        instant = self._drawn.instant(place.x)
        selection = rows[row].selection if instant is None and 0 <= row < len(rows) else None
        self.post_message(self.Clicked(instant, selection))

    async def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        await self.run_action("app.zoom(True)")

    async def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        await self.run_action("app.zoom(False)")


class FiringPane(ScrollView, inherit_bindings=False):
    """The selection's firings; draws only the visible ones."""

    BINDINGS: ClassVar = [*_SCROLLING, ("enter", "choose", "Go there")]

    @dataclass
    class Chosen(Message):
        """The user chose a firing."""

        seq: int

    def __init__(self, session: Session) -> None:
        super().__init__(id="firings", classes="pane")
        self.can_focus = True
        self._session = session
        self._firings: Sequence[int] = ()
        self._current = -1

    def show(self) -> None:
        """The firings of the selection, with the last one before the cursor in view."""
        session = self._session
        self._firings = session.index.firings(session.selection)
        self._current = bisect_left(self._firings, session.position.applied) - 1
        self.border_title = f"Firings {self._current + 1:,}/{len(self._firings):,}"
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._firings))
        height = self.scrollable_content_region.height
        self.scroll_to(y=max(self._current - height // 2, 0), animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line, by its position in the pane."""
        width = self.scrollable_content_region.width
        place = self.scroll_offset.y + y
        if not 0 <= place < len(self._firings):
            said = "No firing." if not self._firings and y == 0 else ""
            return Strip([Segment(said)]).adjust_cell_length(width, self.rich_style)
        session = self._session
        is_current = place == self._current
        text = firing_text(session, self._firings[place], width, current=is_current)
        strip = Strip(text.render(self.app.console)).apply_style(self.rich_style)
        return strip.adjust_cell_length(width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is not None:
            number = self.scroll_offset.y + place.y
            if 0 <= number < len(self._firings):
                self.post_message(self.Chosen(self._firings[number]))

    def action_choose(self) -> None:
        """Jump to the marked firing."""
        if self._firings:
            self.post_message(self.Chosen(self._firings[max(self._current, 0)]))
