"""Builds the page from the package's files and the replay's data.

The data is in a block that browsers do not run; every character that could end the block is
escaped. The content security policy allows only the page's own script, by its digest, and no
loading.
"""

import base64
import re
from datetime import UTC, timedelta, tzinfo
from hashlib import sha256
from importlib.resources import files
from typing import Any

from trigger_cli.render.common.plain_json import dump_json
from trigger_cli.render.replay.html.data import PageData
from trigger_cli.render.replay.view import Shows, ShowsAll
from trigger_cli.report import ReplayReport

# In a script element of any type, `</script` and `<!--` have a meaning.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def replay_page(
    report: ReplayReport, *, zone: tzinfo = UTC, shows: Shows | None = None, version: str = ""
) -> str:
    """The page of a finished replay with its buckets; the same report gives the same text.

    Times are in `zone`; `version` is that of trigger-cli, for the page's footer.
    """
    data = PageData(report, shows or ShowsAll()).data()
    data["zone"] = _browser_zone(zone)
    data["version"] = version
    style, script = _part("style.css"), _part("timeline.js")
    values = {
        "STYLE_DIGEST": _digest(style),
        "SCRIPT_DIGEST": _digest(script),
        "STYLE": style,
        "SCRIPT": script,
        "DATA": embedded_json(data),
    }
    # Inserted text is not searched again.
    return re.sub(r"{{(\w+)}}", lambda found: values[found[1]], _part("page.html"))


def _browser_zone(zone: tzinfo) -> str:
    """The zone's name for browsers; for a fixed offset of whole hours, a name that all support."""
    key: str | None = getattr(zone, "key", None)
    offset = zone.utcoffset(None)
    if key or not offset:
        return key or "UTC"
    hours, rest = divmod(abs(offset), timedelta(hours=1))
    is_east = offset > timedelta()
    if not rest:
        return f"Etc/GMT{'-' if is_east else '+'}{hours}"  # these names have the opposite sign
    return f"{'+' if is_east else '-'}{hours:02}:{rest // timedelta(minutes=1):02}"


def embedded_json(value: Any) -> str:
    """JSON for a script element, without characters that could end it."""
    return dump_json(value).translate(_ESCAPES)


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode()).digest()).decode()
