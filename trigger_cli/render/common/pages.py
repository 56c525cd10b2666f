"""Pages of Markdown on a terminal, laid out and coloured as all other output."""

from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown
from rich.padding import Padding
from rich.text import Text
from rich.theme import Theme

# In Rich's own styles, code has a black ground, also on a light terminal.
_THEME = Theme({"markdown.h1": "bold", "markdown.h2": "bold", "markdown.code": "cyan"})


class _Heading(Heading):
    LEVEL_ALIGN = dict.fromkeys(Heading.LEVEL_ALIGN, "left")


class _Code(CodeBlock):
    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        """The code, indented."""
        # As `view.indented`, which would load much that no page needs.
        yield Padding.indent(Text(str(self.text).rstrip()), 2)


class MarkdownPage(Markdown):
    """A page whose title begins on the left, and whose code has no ground of its own."""

    elements: ClassVar = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
    }

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render in these styles."""
        with console.use_theme(_THEME):
            yield from super().__rich_console__(console, options)
