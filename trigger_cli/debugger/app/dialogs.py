"""Dialogs over the panes: a prompt, the help, a copied command."""

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from trigger_cli.debugger.app.keys import GROUPS, MOUSE

_EDITING = {
    key: one.action
    for one in Input.BINDINGS
    if isinstance(one, Binding)
    for key in one.key.split(",")
    if key != "ctrl+c"
}
"""The keys that edit a line, and their actions."""


class Prompt(ModalScreen[str | None]):
    """Asks for one line; returns it once it is accepted, or ``None`` after Escape or if it is empty.

    Args:
        title: What to type.
        notes: The choices.
        check: Raises `ValueError` for text that it does not accept; the message is shown.
        value: The initial text.
    """

    def __init__(
        self,
        title: str,
        notes: Sequence[Text],
        check: Callable[[str], object],
        value: str = "",
    ) -> None:
        super().__init__()
        self._title = title
        self._notes = notes
        self._check = check
        self._value = value

    def compose(self) -> ComposeResult:
        with _dialog(self._title, "Enter accepts, Esc leaves", can_focus=False):
            yield Input(value=self._value, select_on_focus=False)
            yield Static("", id="error", markup=False)
            yield Static(Text("\n").join(self._notes), markup=False)

    async def take(self, event: Key) -> bool:
        """Edit the line, accept it or leave; returns whether the key does one of these."""
        line = self.query_one(Input)
        if event.key == "escape" or (event.key == "enter" and not line.value):
            self.dismiss(None)
        elif event.key == "enter":
            self._accept(line.value)
        elif event.is_printable and event.character is not None:
            line.replace(event.character, *line.selection)
        elif event.key in _EDITING:
            await line.run_action(_EDITING[event.key])
        else:
            return False
        return True

    def _accept(self, value: str) -> None:
        """Accept the line if it is valid."""
        try:
            self._check(value)
        except ValueError as error:
            self.query_one("#error", Static).update(Text(str(error), "red"))
            return
        self.dismiss(value)


class Notice(ModalScreen[None]):
    """Shows a text until a key is pressed."""

    BINDINGS: ClassVar = [("escape,enter,q,question_mark,space", "dismiss", "Close")]

    def __init__(self, title: str, body: Text) -> None:
        super().__init__()
        self._title = title
        self._body = body

    def compose(self) -> ComposeResult:
        with _dialog(self._title, "Esc closes", can_focus=True):
            yield Static(self._body, markup=False)


def _dialog(title: str, closing: str, *, can_focus: bool) -> VerticalScroll:
    """The frame of a dialog, which scrolls; how to close it is always in sight."""
    dialog = VerticalScroll(classes="dialog", can_focus=can_focus)
    # As content: Textual parses a plain string as markup.
    dialog.border_title, dialog.border_subtitle = Content(title), closing
    return dialog


def help_text(width: int) -> Text:
    """Every key, in two columns if there is room."""
    blocks: list[list[Text]] = []
    for title, keys in GROUPS:
        block = [Text(title, "bold")]
        block += [Text.assemble((f"  {one.shown:<4}", "bold"), one.help) for one in keys]
        blocks.append([*block, Text()])
    if width >= 100:
        left, right = blocks[0] + blocks[3], blocks[1] + blocks[2]
        rows = []
        for one, other in zip_longest(left, right, fillvalue=Text()):
            row = one.copy()
            row.pad_right(max(52 - row.cell_len, 0))
            rows.append(row + other)
    else:
        rows = [row for block in blocks for row in block]
    return Text("\n").join([*rows, Text(MOUSE, "dim")])
