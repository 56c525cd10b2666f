"""The last step before the console: every mark has a twin, and no other blank than the blank is left."""

import io
import re

from rich.console import Console
from rich.text import Text

from tests.support import REPOSITORY
from trigger_cli.render.common.plain import show


def shown(text, encoding="utf-8"):
    """What a terminal of that encoding gets."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding)
    show(Console(file=file, width=200), Text(text))
    file.flush()
    return raw.getvalue().decode(encoding)


def test_every_mark_of_the_renderers_has_a_twin_in_ascii():
    """The shades of a sweep's map have four: in ASCII they were one question mark."""
    folder = REPOSITORY / "trigger_cli" / "render"
    sources = [one.read_text("utf-8") for one in folder.rglob("*.py") if "html" not in one.parts]
    marks = sorted(set(re.findall("[≤\u2190-\u2bff]", "".join(sources))) | set("·×–…"))
    assert "?" not in shown("".join(marks), "ascii")
    assert 4 == len(set(shown("░▒▓█", "ascii").strip()))


def test_a_number_kept_beside_its_noun_is_found_by_a_search():
    """`grep 'line 92'` knows one blank."""
    assert "line 92\n" == shown("line\N{NO-BREAK SPACE}92")
