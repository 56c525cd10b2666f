"""A table view as a file, to attach or to print: ``--save FILE.svg|html|txt``.

The file loads nothing, and text from a log stays text.
"""

import io
import re
from html import escape
from typing import Literal, TypeAlias

from rich.console import Console, OverflowMethod
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Span, Text

from trigger_cli.render.common.inert_console import InertConsole

SavedFormat: TypeAlias = Literal["svg", "html", "txt"]
ViewForm: TypeAlias = SavedFormat | Literal["fragment"]
"""A fragment is HTML for use in a page, such as a notebook."""
SAVED_FORMATS: tuple[SavedFormat, ...] = ("svg", "html", "txt")

_FONTS = "Menlo, 'DejaVu Sans Mono', Consolas, 'Liberation Mono', monospace"
_DIM = Style(color="#878787", dim=False)
"""The grey of pages, as Rich has it in pictures; its grey for pages has too little contrast."""
_BRIGHT = Style(dim=False)
"""A dim colour would be half as bright as the grey: dark red on black cannot be read."""
_FONT_ASPECT = 0.602
"""A character's width divided by its height; the same in all of these fonts."""

# Rich's own templates, without the fonts that they load from a server.
_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
    <style>
    .{unique_id}-matrix {{
        font-family: FONTS;
        font-size: {char_height}px;
        line-height: {line_height}px;
        white-space: pre;
    }}
    .{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
    {styles}
    </style>
    <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
    </defs>
    {chrome}
    <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
    </g>
</svg>
""".replace("FONTS", _FONTS)
_HTML = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>TITLE</title>
<style>
{stylesheet}
body {{ color: {foreground}; background-color: {background}; margin: 1.5rem; }}
pre {{ font: 14px/1.25 FONTS; margin: 0; }}
</style>
</head>
<body>
<pre>{code}</pre>
</body>
</html>
""".replace("FONTS", _FONTS)
_FRAGMENT = """\
<pre style="color: {foreground}; background-color: {background}; padding: 0.5rem; overflow-x: auto; \
font: 13px/1.25 FONTS">{code}</pre>
""".replace("FONTS", _FONTS)
# Characters that XML does not allow, except the escape that starts a colour.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class SavedView:
    """A view that is drawn again for a file; `title` is shown above the picture."""

    def __init__(self, form: ViewForm, *, width: int, title: str) -> None:
        self._form = form
        self._title = title
        self._drawn = io.StringIO()
        self.console = _console(self._drawn, width, colored=form != "txt")
        """The console to draw the view on."""

    def text(self) -> str:
        """The file's text, once everything is drawn."""
        drawn = self._drawn.getvalue()
        if self._form == "txt":
            return drawn
        picture = _console(io.StringIO(), self.console.width, colored=True)
        picture.record = True
        # A terminal breaks long lines; a browser scrolls.
        is_page = self._form in {"html", "fragment"}
        dim = _DIM if is_page else None
        text = _without_links(Text.from_ansi(_NOT_XML.sub("\ufffd", drawn)), dim)
        overflow: OverflowMethod = "ignore" if is_page else "fold"
        picture.print(text, soft_wrap=is_page, overflow=overflow, highlight=False)
        if self._form == "fragment":
            return picture.export_html(theme=MONOKAI, code_format=_FRAGMENT, inline_styles=True)
        if is_page:
            template = _HTML.replace("TITLE", _in_template(escape(self._title)))
            return picture.export_html(theme=MONOKAI, code_format=template)
        return picture.export_svg(
            title=_in_template(self._title),
            theme=MONOKAI,
            code_format=_SVG,
            font_aspect_ratio=_FONT_ASPECT,
            unique_id="view",
        )


def _console(file: io.StringIO, width: int, *, colored: bool) -> Console:
    """A console for a file, with colours even if the terminal has none."""
    return InertConsole(
        file=file,
        width=width,
        force_terminal=colored,
        color_system="truecolor" if colored else None,
        no_color=not colored,
    )


def _without_links(text: Text, dim: Style | None) -> Text:
    """The text without links; `dim` replaces the grey of text that has no colour of its own."""
    spans = []
    for one in text.spans:
        if isinstance(one.style, Style):
            style = one.style.update_link(None)
            if style.dim and style.color is not None:
                style += _BRIGHT
            elif dim is not None and style.dim:
                style += dim
            spans.append(Span(one.start, one.end, style))
    return Text(text.plain, spans=spans, no_wrap=False)


def _in_template(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text).replace("{", "(").replace("}", ")")
