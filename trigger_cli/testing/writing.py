"""Writes a captured test as the text of a test file."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from trigger_cli.model import Event, Firing
from trigger_cli.testing import notation
from trigger_cli.testing.capturing import Reached, Setting
from trigger_cli.testing.event_text import event_text
from trigger_cli.times import format_instant

_PAD = "  "
MOST_LISTED = 10_000
"""The most firings that a test lists; of more it lists some and counts all."""
LISTED_AT_AN_END = 1_000
"""How many of the first firings, and of the last, are listed if there are more than that."""


class Captured(Struct, frozen=True):
    """The content of the test file."""

    setting: Setting
    events: Sequence[Event]
    """In log order."""
    firings: Sequence[Firing]
    reached: Reached | None
    heading: Sequence[str]
    """The comments at the top of the file, one a line."""
    triggers: str | dict[str, Any]
    """The path of the definitions, or the definition itself."""
    name: str
    """The name of the test."""


def suite_text(captured: Captured) -> str:
    """The test file."""
    return "".join(f"{line}\n" for line in _lines(captured))


def _lines(captured: Captured) -> Iterator[str]:
    setting = captured.setting
    for line in captured.heading:
        yield f"# {printable(line)}"
    if isinstance(captured.triggers, str):
        yield f"triggers: {notation.scalar(captured.triggers)}"
    else:
        yield "triggers:"
        yield from (f"{_PAD}{line}" for line in yaml_lines(captured.triggers))
    if setting.dialect != "docs":
        yield f"dialect: {setting.dialect}"
    if setting.order != "occurred":
        yield f"order: {setting.order}"
    yield ""
    yield "tests:"
    yield f"- name: {notation.scalar(captured.name)}"
    yield f"  start: {format_instant(setting.start)}"
    yield f"  until: {notation.time_text(setting.until, setting.start)}"
    if captured.events:
        yield "  events:"
        for event in captured.events:
            yield f"  - {event_text(event, setting.start, indent=4)}"
    yield "  expect:"
    yield from _expectations(captured)


def _expectations(captured: Captured) -> Iterator[str]:
    setting = captured.setting
    name = notation.scalar(setting.automation.name)
    yield f"  - automation: {name}"
    listed = captured.firings
    if len(listed) > MOST_LISTED:
        yield f"    fires: {len(listed)}"
        yield f"  - automation: {name}"
        yield f"    # the first {LISTED_AT_AN_END:,} of them, and the last {LISTED_AT_AN_END:,}"
        listed = (*listed[:LISTED_AT_AN_END], *listed[-LISTED_AT_AN_END:])
    if listed:
        yield "    firings:"
        for firing in listed:
            yield f"    - {notation.firing(firing, setting.start, name=False)}"
        if len(listed) == len(captured.firings):
            yield "    exact: true"
        return
    yield "    fires: never"
    reached = captured.reached
    if reached is not None:
        yield f"  - automation: {name}"
        if reached.trigger != "$":
            yield f"    trigger: {notation.scalar(reached.trigger)}"
        if reached.labels:
            yield f"    labels: {notation.mapping(reached.labels)}"
        yield f"    at: {notation.time_text(reached.at, setting.start)}"
        yield f"    count: {reached.count}"


def printable(text: str) -> str:
    """Text for a comment: on one line, without control characters."""
    return "".join(one if one.isprintable() else "?" for one in text[:400])


def yaml_lines(value: Any) -> Iterator[str]:
    """A plain value in block style, line by line."""
    if not _is_block(value):
        yield _flow(value)
    elif isinstance(value, list):
        for one in value:
            first, *rest = yaml_lines(one)
            yield f"- {first}"
            yield from (f"{_PAD}{line}" for line in rest)
    else:
        for name, one in value.items():
            key = f"{notation.scalar(str(name))}:"
            if _is_block(one):
                yield key
                pad = "" if isinstance(one, list) else _PAD
                yield from (f"{pad}{line}" for line in yaml_lines(one))
            else:
                yield f"{key} {_flow(one)}"


def _is_block(value: Any) -> bool:
    if isinstance(value, list):
        return any(isinstance(one, dict | list) for one in value)
    return isinstance(value, dict) and bool(value)


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return notation.scalar(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return "{}" if isinstance(value, dict) else repr(value)
