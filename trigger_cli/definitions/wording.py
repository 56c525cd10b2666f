"""How findings describe values."""

import json
import math
import unicodedata
from collections.abc import Iterable
from typing import Any

from trigger_cli.definitions.nodes import Node
from trigger_cli.model import Span

_LIMIT = 60


def shortened(text: str) -> str:
    """`text`, cut if it is long."""
    return text if len(text) <= _LIMIT else text[: _LIMIT - 1] + "…"


def quoted(text: str) -> str:
    """A part of the file for use in a sentence: on one line, short, between backticks."""
    inert = "".join(character if character.isprintable() else " " for character in text)
    return f"`{shortened(inert)}`"


def describe_character(character: str) -> str:
    """Name a character that may be invisible, e.g. ``no-break space (U+00A0)``."""
    name = "a tab" if character == "\t" else unicodedata.name(character, "a control character")
    return f"{name.lower()} (U+{ord(character):04X})"


def describe(value: Any) -> str:
    """Describe a value that was found: ``the string "Reactive"``, ``the number 5``, ``null``."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return "the string " + shortened(json.dumps(value, ensure_ascii=False))
    if isinstance(value, (int, float)):
        if isinstance(value, float) and not math.isfinite(value):
            return "a number that is too large or not finite"
        return "the number " + shortened(json.dumps(value))
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "an object" if value else "an empty object"


def without_value(message: str, value: Any, node: Node) -> str:
    """`message` about a `value`, with the value replaced by its template.

    Values from the command line or the environment may be secrets.
    """
    if node.written is None:
        return message
    return message.replace(describe(value), f"the value of {quoted(node.written)}")


def left_out(node: Node, what: str) -> tuple[str, Span]:
    """The message about a computed value that is left out, and its span."""
    return f"{what} is computed ({quoted(node.written or '')}): unknown here, left out", node.span


def one_of(choices: Iterable[str]) -> str:
    """List the choices, e.g. ``"any", "all" or a number``."""
    *others, last = choices
    return f"{', '.join(others)} or {last}" if others else last
