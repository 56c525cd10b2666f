"""Dialogs over the panes: a prompt, the help, a copied command."""

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from trigger_cli.debugger.app.keys import GROUPS, MOUSE


class Prompt(ModalScreen[str | None]):
    """Asks for one line; returns it once it is accepted, or ``None`` after Escape.

    Args:
        title: What to type.
        notes: The choices.
        check: Raises `ValueError` for text that it does not accept; the message is shown.
        value: The initial text.
    """

    BINDINGS: ClassVar = [("escape", "dismiss", "Cancel")]

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
        with Vertical(classes="dialog"):
            yield Static(Text(self._title, "bold"), markup=False)
            yield Input(value=self._value, select_on_focus=False)
            yield Static("", id="error", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(Text("\n").join(self._notes), markup=False)
            yield Static(Text("Enter accepts, Esc leaves", "dim"), markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Accept the line if it is valid."""
        try:
            self._check(event.value)
        except ValueError as error:
            self.query_one("#error", Static).update(Text(str(error), "red"))
            return
        self.dismiss(event.value)


class Notice(ModalScreen[None]):
    """Shows a text until a key is pressed."""

    BINDINGS: ClassVar = [("escape,enter,q,question_mark,space", "dismiss", "Close")]

    def __init__(self, title: str, body: Text) -> None:
        super().__init__()
        self._title = title
        self._body = body

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Text(self._title, "bold"), markup=False)
            with VerticalScroll():
                yield Static(self._body, markup=False)
            yield Static(Text("Esc closes", "dim"), markup=False)


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
