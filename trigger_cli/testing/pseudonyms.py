"""Pseudonyms for a test that will be shared: equal texts get equal pseudonyms.

A resource gets a number within its kind, such as ``prefect.flow.flow-1`` with the name ``flow-1``,
in the events and in the trigger's patterns. A value that a wildcard of the trigger matches keeps
its name, because the pattern would no longer match; `kept` lists these values.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from trigger_cli.dialects import DOCS
from trigger_cli.explain.changes import patterns_at, places
from trigger_cli.match.patterns import GLOB_CHARACTERS, NEGATION, STAR, compile_pattern
from trigger_cli.match.plan import walk
from trigger_cli.model import Automation, CompositeTrigger, Event, Labels
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, STATE_NAME, STATE_TYPE

_PREFIX = re.compile(r"prefect\.[a-z-]+(?:\.[a-z-]+)?\.(?=[^.]+$)")
_KEPT_LABELS = (RESOURCE_ROLE, STATE_NAME, STATE_TYPE, "prefect.run-count")


class Pseudonyms:
    """Gives pseudonyms to the texts of `events`; the same text always gets the same one.

    The wildcards of the automation's trigger keep their meaning.
    """

    def __init__(self, automation: Automation, events: Sequence[Event]) -> None:
        self._globs = list(_wildcards(automation))
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self.kept: dict[str, None] = {}
        """Values that keep their names because a wildcard of the trigger matches them."""
        for event in events:
            for resource in (event.resource, *event.related):
                self._meet(resource)

    def event(self, event: Event) -> Event:
        """The event with its resources renamed."""
        return event._replace(
            resource=self._labels(event.resource),
            related=tuple(map(self._labels, event.related)),
        )

    def definition(self, value: Any, label: str = "") -> Any:
        """A trigger's definition with its patterns renamed."""
        if isinstance(value, dict):
            return {
                key: self.definition(one, key if label == "match" else self._inside(key, label))
                for key, one in value.items()
                if key != "id"
            }
        if isinstance(value, list):
            return [self.definition(one, label) for one in value]
        if isinstance(value, str) and label and label != "match":
            return self.pattern(value, label)
        return value

    def _inside(self, key: str, label: str) -> str:
        """The kind of patterns below `key`; ``match`` if its value contains labels."""
        if key in {"match", "match_related"}:
            return "match"
        return "" if label in {"", "match"} else label

    def pattern(self, pattern: str, label: str) -> str:
        """A pattern, renamed if it is an id or a name."""
        text = pattern.removeprefix(NEGATION)
        negation = pattern[: len(pattern) - len(text)]
        return pattern if STAR in text else negation + self.value(text, label)

    def value(self, text: str, label: str) -> str:
        """The value of a label."""
        if label in _KEPT_LABELS or not text:
            return text
        if self._is_kept(text, label):
            self.kept[text] = None
            return text
        if label == RESOURCE_NAME:
            return self._name(text, "name")
        if label == RESOURCE_ID:
            return self._id(text)
        return self._names.get(text) or self._ids.get(text) or self._name(text, "value")

    # --- Giving names --------------------------------------------------------------------

    def _meet(self, resource: Labels) -> None:
        identity, name = resource.get(RESOURCE_ID), resource.get(RESOURCE_NAME)
        if identity is not None and identity not in self._ids:
            new = self._id(identity)
            if name is not None:
                self._names.setdefault(name, new.rpartition(".")[2])

    def _id(self, identity: str) -> str:
        if identity not in self._ids:
            prefix = _prefix(identity)
            kind = prefix.rstrip(".").rpartition(".")[2] or "resource"
            self._ids[identity] = f"{prefix}{self._numbered(kind)}"
        return self._ids[identity]

    def _name(self, name: str, kind: str) -> str:
        if name not in self._names:
            self._names[name] = self._numbered(kind)
        return self._names[name]

    def _numbered(self, kind: str) -> str:
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return f"{kind}-{self._numbers[kind]}"

    def _labels(self, labels: Labels) -> dict[str, str]:
        return {label: self.value(value, label) for label, value in labels.items()}

    def _is_kept(self, text: str, label: str) -> bool:
        """Whether a wildcard matches the value by more than the kind of its resource."""
        prefix = _prefix(text)
        return any(
            of == label and fits(text) and not (prefix and pattern == f"{prefix}{STAR}")
            for of, pattern, fits in self._globs
        )


def _prefix(identity: str) -> str:
    """``prefect.flow.`` for a flow's id; empty for other ids."""
    found = _PREFIX.match(identity)
    return found[0] if found else ""


def _wildcards(automation: Automation) -> Iterable[tuple[str, str, Callable[[str], bool]]]:
    for trigger in walk(automation.trigger):
        if isinstance(trigger, CompositeTrigger):
            continue
        for place in places(trigger):
            for pattern in patterns_at(trigger, place):
                text = pattern.removeprefix(NEGATION)
                if text != STAR and ({STAR} | GLOB_CHARACTERS) & set(text):
                    yield place.label, text, compile_pattern(text, DOCS)
