"""A key or a password, which is sent and never shown."""

import base64
import html
import re
from typing import Final

from msgspec import Struct

_HIDDEN: Final = "***"
_SHORTEST: Final = 4
"""The shortest text that is hidden inside a word: three letters also occur in ordinary words."""
_MOST_TIMES: Final = 8
"""How many times a text may be escaped."""
_ESCAPE: Final = re.compile(
    r"\\+(?:[ux]\{([\da-f]{1,6})\}|(?-i:U)([\da-f]{8})|u([\da-f]{4})|x([\da-f]{2}))?"
    r"|%([\da-f]{2})|&\#?\w{1,10};",
    re.IGNORECASE,
)
_CONTROLS: Final = str.maketrans("\b\t\n\f\r", "btnfr")


class Secret:
    """A text that prints as ``***``; only the request's header uses `reveal`.

    `hide_in` knows its forms: the whole text ``name:password``, its two parts, and base64 of all of
    them, each of them escaped any way and several times, as in JSON, a Python string, an address or
    HTML. A form of fewer than four characters, such as a password of three, is hidden only where it
    is a word of its own: in ``"pw": "abc"`` and ``bad password abc``, not in ``abcd``. A user name
    of fewer than four characters is hidden only with its password.
    """

    __slots__ = ("_forms", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._forms = re.compile("|".join(map(_pattern, _forms_of(text))) or "(?!)")

    def reveal(self) -> str:
        """The secret text."""
        return self._text

    def hide_in(self, text: str) -> str:
        """`text` without the secret in any form; a server's answer may repeat the secret."""
        plain, spans = _unescaped(text)
        kept, end = [], 0
        for found in self._forms.finditer(plain):
            begin = spans[found.start()].begin
            kept += [text[end:begin], _HIDDEN]
            end = spans[found.end() - 1].end
        return "".join([*kept, text[end:]])

    def __repr__(self) -> str:
        return _HIDDEN

    __str__ = __repr__


def _forms_of(text: str) -> list[str]:
    """The forms of a secret as `_unescaped` gives them, the longest first."""
    name, _, password = text.partition(":")
    parts = {text, password} | ({name} if len(name) >= _SHORTEST else set())
    forms = {part.translate(_CONTROLS) for part in parts} | parts
    for data in (part.encode() for part in parts):
        # Bytes that are escaped or read one by one.
        forms.add(data.decode("latin-1"))
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            forms.add(encode(data).decode().rstrip("="))
    return sorted({_unescaped(form)[0] for form in forms} - {""}, key=len, reverse=True)


def _pattern(form: str) -> str:
    pattern = re.escape(form) + "={0,2}"  # the padding of base64
    return pattern if len(form) >= _SHORTEST else rf"(?<!\w){pattern}(?!\w)"


# --- Escaped text --------------------------------------------------------------------------------


class _Span(Struct, frozen=True):
    """The part of a text that is one character of its unescaped form."""

    begin: int
    end: int


def _unescaped(text: str) -> tuple[str, list[_Span]]:
    """`text` with its escapes resolved, in units of UTF-16 and without backslashes; their origins."""
    units = [_units(character) for character in text]
    spans = [_Span(at, at + 1) for at, unit in enumerate(units) for _ in unit]
    plain = "".join(units)
    for _ in range(_MOST_TIMES):
        pieces: list[str] = []
        moved: list[_Span] = []
        end = 0
        for escape in _ESCAPE.finditer(plain):
            begin, unit = escape.start(), _resolved(escape)
            whole = _Span(spans[begin].begin, spans[escape.end() - 1].end)
            pieces += [plain[end:begin], unit]
            moved += [*spans[end:begin], *[whole] * len(unit)]
            end = escape.end()
        before = plain
        plain = "".join([*pieces, plain[end:]])
        spans = [*moved, *spans[end:]]
        if plain == before:
            break
    # An address has a plus sign for a space.
    return plain.replace("+", " "), spans


def _resolved(escape: re.Match[str]) -> str:
    """The character of an escape; for backslashes before another character: nothing."""
    number = next(filter(None, escape.groups()), None)
    if number is not None:
        code = int(number, 16)
        return _units(chr(code)) if code <= 0x10FFFF else ""
    return "" if escape[0][0] == "\\" else "".join(map(_units, html.unescape(escape[0])))


def _units(character: str) -> str:
    """A character as one or two units of UTF-16."""
    if character <= "\uffff":
        return character
    return "".join(map(chr, memoryview(character.encode("utf-16-le")).cast("H")))
