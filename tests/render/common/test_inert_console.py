"""`trigger_cli.render.common.inert_console`: rich's codes pass, those of a text do not."""

import io

import pytest
from rich.live import Live
from rich.panel import Panel
from rich.progress import Progress, TextColumn
from rich.table import Table
from rich.text import Text

from trigger_cli.render.common.inert_console import InertConsole

TEXT = "\x1b[31m\x9b2J\x7f\u202e\u200b[red]"
SHOWN = r"\x1b[31m\x9b2J\x7f\u202e\u200b[red]"


def console_on(file: io.StringIO, **settings: object) -> InertConsole:
    return InertConsole(file=file, width=80, **settings)


def table() -> Table:
    found = Table(TEXT)
    found.add_row(Panel(Text(TEXT)))
    return found


@pytest.mark.parametrize("soft_wrap", [False, True])
@pytest.mark.parametrize("shown", [TEXT, Text(TEXT), Panel(TEXT), table()])
def test_no_text_is_obeyed(shown: object, soft_wrap: bool) -> None:
    """Wherever it stands; a cell is as wide as the text was, so it is cut."""
    file = io.StringIO()
    console_on(file).print(shown, soft_wrap=soft_wrap)
    assert (SHOWN if isinstance(shown, str | Text) else SHOWN[:8]) in file.getvalue()
    assert file.getvalue().replace("\n", "").isprintable()


def test_colours_and_live_displays_are_drawn() -> None:
    """They are made of codes that a terminal is to obey."""
    file = io.StringIO()
    console = console_on(file, force_terminal=True, color_system="truecolor")
    console.print(Text("a\tb", "red"), TEXT)
    assert "\x1b[31ma" in file.getvalue()
    assert SHOWN in file.getvalue()
    with Live(TEXT, console=console), Progress(TextColumn("{task.description}"), console=console):
        pass
    assert "\x1b[?25l" in file.getvalue()
    assert "\x9b" not in file.getvalue()


def test_line_ends_stay() -> None:
    file = io.StringIO()
    console_on(file).print("a\nb\n")
    assert "a\nb\n\n" == file.getvalue()
