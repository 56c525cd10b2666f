"""The last step before the console: removes trailing blanks and replaces unsupported characters.

A no-break space, which has kept a number beside its noun, becomes a blank, as searches expect it.
On a terminal that is not UTF-8, each symbol is replaced by an ASCII one of the same width.
"""

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

_TWINS = str.maketrans(
    "★✓✗●•·◇×├┤─━┄╷└│→←›≤–…╲░▒▓█",
    "*+xOo.@x[]-=~|`|><><-~\\-=%#",
)


class Encodable:
    """A renderable in the characters of the console's encoding."""

    def __init__(self, renderable: RenderableType) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render, and replace characters that the encoding lacks."""
        plain = options.ascii_only or options.legacy_windows
        for line in console.render_lines(self._renderable, options, pad=False):
            for text, style, _ in _without_trailing_blanks(line):
                blank = text.replace("\N{NO-BREAK SPACE}", " ")
                yield Segment(_spelled(blank, options.encoding) if plain else blank, style)
            yield Segment.line()


def show(console: Console, *parts: RenderableType) -> None:
    """Print the parts, in characters that the console's encoding has."""
    for part in parts:
        console.print(Encodable(part))


def show_whole(console: Console, text: Text) -> None:
    """Print the text on one line, however long: a broken line cannot be clicked or copied."""
    options = console.options
    if options.ascii_only or options.legacy_windows:
        text = Text(_spelled(text.plain, options.encoding), spans=text.spans, style=text.style)
    console.print(text, no_wrap=True, overflow="ignore", crop=False)


def _without_trailing_blanks(line: list[Segment]) -> list[Segment]:
    end = len(line)
    while end and not line[end - 1].text.strip(" "):
        end -= 1
    if not end:
        return []
    text, style, control = line[end - 1]
    return [*line[: end - 1], Segment(text.rstrip(" "), style, control)]


def _spelled(text: str, encoding: str) -> str:
    twins = text.translate(_TWINS)
    try:
        twins.encode(encoding)
    except UnicodeEncodeError:
        # The replacements have the same width, so that columns stay aligned.
        known = {one: bool(one.encode(encoding, "ignore")) for one in set(twins)}
        return "".join(one if known[one] else "?" * cell_len(one) for one in twins)
    return twins
