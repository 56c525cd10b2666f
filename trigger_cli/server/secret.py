"""A text that must not be printed, stored, or told in an error."""

from __future__ import annotations

_HIDDEN = "***"
_SHORTEST = 4


class Secret:
    """Shows as ``***`` wherever it is printed; `reveal` is for the request's header alone."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def hide_in(self, text: str) -> str:
        """`text` without the secret, which a server's answer may repeat."""
        # A secret of three letters would tear holes into words, and is none.
        return text.replace(self._text, _HIDDEN) if len(self._text) >= _SHORTEST else text

    def __repr__(self) -> str:
        return _HIDDEN

    __str__ = __repr__
