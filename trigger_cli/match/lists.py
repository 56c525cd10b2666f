"""Texts that are meant as a list or as a regular expression, and what they probably mean."""

import re
from functools import lru_cache

from trigger_cli.match.patterns import STAR
from trigger_cli.vocabulary import ALL_STATES, PREFECT, STATE_TYPES

# These patterns take linear time: no part scans the rest of the text from each possible start.
_GROUP = re.compile(r"\(([^()|]*\|[^()]*)\)|\{([^{},]*,[^{}]*)\}")
_SEPARATOR = re.compile(r"[,|]")
_NAME = re.compile(r"[\w-]+(?:\.[\w*-]+)+")
_SYNTAX = re.compile(r"[\\()\[\]{}^$+?|]")
_WORDS = (frozenset(ALL_STATES), frozenset(STATE_TYPES))


@lru_cache(maxsize=4096)
def is_regular(text: str) -> bool:
    """Whether a text is a regular expression: ``^…``, or ``(a|b)`` in it."""
    found = _GROUP.search(text)
    return text.startswith("^") or bool(found and found[1])


@lru_cache(maxsize=4096)
def listed(text: str) -> tuple[str, ...]:
    """The names or values that a text lists, such as ``a.(b|c)``; empty if it lists none."""
    plain = _plain(text)
    if group := _GROUP.search(plain):
        parts = _SEPARATOR.split(group[1] or group[2])
        found = [plain[: group.start()] + one.strip() + plain[group.end() :] for one in parts]
        fits = bool(group[1]) or all(map(_NAME.fullmatch, found))
    else:
        found = [one.strip() for one in _SEPARATOR.split(plain)]
        if found[0].startswith(PREFECT):
            family = found[0].rpartition(".")[0]
            found = [f"{family}.{one}" if one in ALL_STATES else one for one in found]
            fits = all(one.startswith(PREFECT) and _NAME.fullmatch(one) for one in found)
        else:
            fits = any(words.issuperset(found) for words in _WORDS)
    return tuple(found) if fits and len(found) > 1 and not any(map(_SYNTAX.search, found)) else ()


def pattern_for(text: str) -> str | None:
    """The pattern that a regular expression without alternatives means, if it is simple."""
    plain = _plain(text).replace(".*", STAR)
    meant = plain if text.endswith("$") or plain.endswith(STAR) else plain + STAR
    return None if not plain or _SYNTAX.search(plain) else meant


def _plain(text: str) -> str:
    unanchored = text.removeprefix("^").removesuffix("$") if text.startswith("^") else text
    return unanchored.replace("\\.", ".")
