"""Changes a field of a trigger, typed as ``threshold = 3``.

The definition is edited as data and read again, so that a change is checked by the same rules as a
file.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.definitions import Document, load_text
from trigger_cli.definitions.durations import read_duration
from trigger_cli.match.plan import walk
from trigger_cli.model import Automation, CompositeTrigger, EventTrigger, MetricTrigger, Trigger
from trigger_cli.times import SECOND, parse_duration

_CHILD = re.compile(r"\.triggers\[(\d+)\]")
_LISTS = {"expect", "after", "for_each"}
_DURATIONS = {"within", "metric.range", "metric.firing_for"}


class Definition(Struct, frozen=True):
    """An automation's trigger as plain JSON, for editing."""

    automation: Automation
    _value: dict[str, Any]

    def fields(self, path: str) -> list[tuple[str, str]]:
        """The editable fields of the trigger at `path`, with their values."""
        trigger = _child(self._value, path)
        return [(name, _shown(name, _get(trigger, name))) for name in self._names(path)]

    def edited(self, path: str, text: str) -> tuple[Definition, str]:
        """The definition with ``field = value`` changed in the trigger at `path`, and the change.

        Raises:
            ValueError: The text, the field or the value is wrong; the message states the mistake.
        """
        name, equals, written = text.partition("=")
        name = name.strip()
        known = self._names(path)
        if not equals:
            raise ValueError("write FIELD = VALUE, such as: threshold = 3")
        if name not in known and not name.startswith("match."):
            raise ValueError(f"{name} is no field of this trigger: {', '.join(known)}")
        changed = copy.deepcopy(self._value)
        trigger = _child(changed, path)
        value = _read(name, written.strip())
        _set(trigger, name, value)
        loaded = load_text(
            json.dumps({"trigger": changed}),
            file=self.automation.source,
            first_index=self.automation.index,
            format="json",
        )
        errors = [one for one in loaded.findings if one.severity == "error"]
        if errors or not loaded.automations:
            raise ValueError(errors[0].message if errors else "that is no trigger any more")
        automation = replace(
            loaded.automations[0],
            name=self.automation.name,
            enabled=self.automation.enabled,
            created=self.automation.created,
            updated=self.automation.updated,
        )
        return Definition(automation, changed), f"{name}={_shown(name, value) or 'default'}"

    def _names(self, path: str) -> list[str]:
        return _fields(next(one for one in walk(self.automation.trigger) if one.path == path))


def definitions_of(
    automations: Sequence[Automation], documents: Sequence[Document]
) -> dict[int, Definition]:
    """The editable definitions, by `Automation.index`."""
    found = {}
    by_index = {one.index: one for one in automations}
    for document in documents:
        for entry in document.entries:
            automation = by_index.get(entry.automation)
            value = document.value_at(entry.trigger_pointer)
            if automation is not None and isinstance(value, dict):
                found[automation.index] = Definition(automation, value)
    return found


def _child(value: dict[str, Any], path: str) -> dict[str, Any]:
    for place in map(int, _CHILD.findall(path)):
        value = value["triggers"][place]
    return value


def _fields(trigger: Trigger) -> list[str]:
    match trigger:
        case EventTrigger():
            return [
                "threshold", "within", "posture", "expect", "after", "for_each", "match",
                "match_related",
            ]  # fmt: skip
        case MetricTrigger():
            return [
                "metric.threshold", "metric.operator", "metric.range", "metric.firing_for",
                "metric.name", "match", "match_related",
            ]  # fmt: skip
        case CompositeTrigger():
            return ["within", "require"] if trigger.kind == "compound" else ["within"]


def _get(trigger: dict[str, Any], name: str) -> Any:
    first, _, rest = name.partition(".")
    value = trigger.get(first)
    return value.get(rest) if rest and isinstance(value, dict) else value


def _set(trigger: dict[str, Any], name: str, value: Any) -> None:
    first, dot, rest = name.partition(".")
    if dot:
        trigger, name = trigger.setdefault(first, {}), rest
    if value is None:
        trigger.pop(name, None)
    else:
        trigger[name] = value


def _read(name: str, text: str) -> Any:
    """The value: JSON, or a text without quotes; an empty text removes the field."""
    if not text:
        return None
    if name in _DURATIONS and text != "null":
        try:
            return parse_duration(text) / SECOND
        except ValueError:
            return text
    try:
        value = json.loads(text)
    except ValueError:
        value = [one.strip() for one in text.split(",")] if name in _LISTS else text
    return [value] if name in _LISTS and isinstance(value, str) else value


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in _LISTS and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if name in _DURATIONS:
        try:
            return f"{read_duration(value) / SECOND:g}"
        except (ValueError, TypeError):
            return str(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
