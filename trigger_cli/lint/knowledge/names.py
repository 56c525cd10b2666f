"""Classifies wrong event names, so that exactly one rule reports each."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from trigger_cli.lint.edits import write
from trigger_cli.lint.knowledge.catalog import (
    families,
    family,
    is_open,
    is_prefects,
    known_events,
    matched_by,
    nearest_event,
    same_but_for_spelling,
    with_prefix,
)
from trigger_cli.lint.knowledge.texts import is_clean
from trigger_cli.lint.subject import Subject, ValueAt
from trigger_cli.match.patterns import NEGATION, STAR
from trigger_cli.model import Fix
from trigger_cli.vocabulary import LOG_WRITE, RENAMED_EVENTS, STATE_TYPES

_LIFE_CYCLE = re.compile(r"prefect\.[a-z-]+\.(created|updated|deleted)")

Kind = Literal["log", "renamed", "state-type", "spelling", "unknown", "foreign", "missing-prefix"]


class NameProblem(Struct, frozen=True):
    """Why Prefect emits no event of this name."""

    kind: Kind
    meant: str | None
    """The name that was probably intended."""


class WrongName(Struct, frozen=True):
    """A name pattern in ``expect`` or ``after`` for which Prefect emits no event."""

    at: ValueAt
    text: str
    meant: str | None
    """The intended name, without the ``!`` that the text may have."""
    written: str | None
    """The intended name, with the ``!``."""

    def fix(self, *, safe: bool) -> Fix | None:
        """A fix that writes the intended name, if it is known."""
        if self.written is None:
            return None
        return write(self.at, self.written, f"write {self.meant}", safe=safe)


def wrong_names(subject: Subject, kind: Kind) -> Iterator[WrongName]:
    """The event names of an automation that are wrong in one way."""
    for at, text in subject.names:
        found = diagnose(text)
        if found is not None and found.kind == kind:
            sign = NEGATION if text.startswith(NEGATION) else ""
            yield WrongName(at, text, found.meant, found.meant and sign + found.meant)


@lru_cache(maxsize=4096)
def diagnose(pattern: str) -> NameProblem | None:
    """The problem of a name pattern in ``expect`` or ``after``; ``None`` if there is none."""
    name = pattern.removeprefix(NEGATION)
    if name == LOG_WRITE:
        return NameProblem("log", None)
    if not is_clean(name) or matched_by(name):
        return None
    if not is_prefects(name):
        meant = with_prefix(name)
        return NameProblem("missing-prefix", meant) if meant else None
    if is_open(name) or _LIFE_CYCLE.fullmatch(name):
        return None
    if name in RENAMED_EVENTS:
        return NameProblem("renamed", RENAMED_EVENTS[name])
    meant = None
    if STAR in name:
        lower = re.compile(re.escape(name.lower().replace("_", "-")).replace("\\*", ".*"))
        if any(lower.fullmatch(known.lower()) for known in known_events()):
            return NameProblem("spelling", None)
    elif spelled := same_but_for_spelling(name):
        head, _, last = name.rpartition(".")
        if last in STATE_TYPES and last != spelled.rpartition(".")[2]:
            return NameProblem("state-type", f"{head.lower()}.{STATE_TYPES[last][0]}")
        return NameProblem("spelling", spelled)
    else:
        meant = nearest_event(name)
    if family(name) in families() or meant:
        return NameProblem("unknown", meant)
    return NameProblem("foreign", None)
