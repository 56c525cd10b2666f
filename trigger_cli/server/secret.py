"""A text that must not appear in output, files or errors."""

from __future__ import annotations

_HIDDEN = "***"
_SHORTEST = 4


class Secret:
    """Prints as ``***``; only the request's header uses `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def hide_in(self, text: str) -> str:
        """`text` without the secret; a server's answer may repeat it."""
        # A secret of three letters is also a part of ordinary words.
        return text.replace(self._text, _HIDDEN) if len(self._text) >= _SHORTEST else text

    def __repr__(self) -> str:
        return _HIDDEN

    __str__ = __repr__
