"""Writes events for a test file: in shorthand if it can express the event, else in full."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby

from trigger_cli.model import Event, Labels
from trigger_cli.testing import notation
from trigger_cli.testing.events import made
from trigger_cli.testing.records import NOWHERE
from trigger_cli.testing.shorthand import ANY_EVENT, ShorthandError, read_shorthand
from trigger_cli.vocabulary import (
    KINDS,
    PREFECT,
    RESOURCE_ID,
    RESOURCE_NAME,
    RESOURCE_ROLE,
    ROLES,
    TAG,
    role_id,
    state_labels,
)

_SAFE = re.compile(r"[\w./:*+@%()<>#&-]+", re.ASCII)
_SAFE_KEY = re.compile(r"[\w./:@#-]+", re.ASCII)
_LONGEST_LINE = 96
_LONGEST_SHORTHAND = 400


class NotInShorthand(Exception):  # noqa: N818  # not an error: the event is written in full
    """The shorthand cannot express the event."""


def event_text(event: Event, start: int, *, indent: int) -> str:
    """An event as an item of ``events:``, without its dash; further lines are indented."""
    short = shorthand(event, start)
    return full(event, start, indent=indent) if short is None else notation.scalar(short)


def shorthand(event: Event, start: int) -> str | None:
    """The event in shorthand; ``None`` if reading it would not give the same event."""
    for kind in filter(None, (_kind(event), ANY_EVENT)):
        with suppress(NotInShorthand, ShorthandError):
            words = " ".join(_words(event, start, kind))
            if len(words) <= _LONGEST_SHORTHAND and _gives(words, event, start):
                return words
    return None


def _gives(words: str, event: Event, start: int) -> bool:
    again = next(made(read_shorthand(words, NOWHERE), start))
    return again._replace(line=event.line, id=again.id or f"event-{event.line}") == event._replace(
        received=event.occurred if event.received is None else event.received
    )


def _kind(event: Event) -> str | None:
    rest = event.name.removeprefix(PREFECT)
    kinds = [one for one in KINDS if event.name != rest and rest.startswith(f"{one}.")]
    return max(kinds, key=len, default=None)


def _words(event: Event, start: int, kind: str) -> Iterator[str]:
    name = event.name if kind == ANY_EVENT else event.name.removeprefix(f"{PREFECT}{kind}.")
    yield f"{kind} {_value(name)}"
    yield from _resource_words(event.resource, kind, name)
    yield from _related_words(event.related)
    yield f"at {notation.time_text(event.occurred, start)}"
    if event.received is not None and event.received != event.occurred:
        yield f"received {notation.time_text(event.received, start)}"
    if event.id != f"event-{event.line}":
        yield f"event-id={_value(event.id)}"
    if event.follows is not None:
        yield f"follows={_value(event.follows)}"


def _resource_words(resource: Labels, kind: str, state: str) -> Iterator[str]:
    identity = resource.get(RESOURCE_ID)
    name = resource.get(RESOURCE_NAME)
    if identity is None:
        raise NotInShorthand
    own = identity if kind == ANY_EVENT else identity.removeprefix(f"{PREFECT}{kind}.")
    if own != name:
        yield f"id={_value(own)}"
    if name is not None:
        yield f"name={_value(name)}"
    derived = {} if kind == ANY_EVENT else state_labels(kind, state)
    for label, value in resource.items():
        if label in {RESOURCE_ID, RESOURCE_NAME} or derived.get(label) == value:
            continue
        is_plain = "." in label and not label.startswith(("resource.", "related."))
        key = label if is_plain else f"resource.{label}"
        yield f"{_key(key)}={_value(value)}"


def _related_words(related: Sequence[Labels]) -> Iterator[str]:
    for role, group in groupby(related, key=_simple_role):
        resources = list(group)
        if role is None:
            for one in resources:
                yield from _related_labels(one)
            continue
        names = [
            one[RESOURCE_ID].removeprefix(role_id(TAG, "")) if role == TAG else one[RESOURCE_NAME]
            for one in resources
        ]
        values = [_value(one) for one in names]
        key = "tags" if role == TAG else role
        single = len(values) == 1 and role != TAG
        yield f"{key}={values[0]}" if single else f"{key}=[{', '.join(values)}]"


def _simple_role(resource: Labels) -> str | None:
    """The role of a resource that has only a role and a name."""
    role = resource.get(RESOURCE_ROLE, "")
    if role == TAG and set(resource) == {RESOURCE_ID, RESOURCE_ROLE}:
        return role if resource[RESOURCE_ID].startswith(role_id(TAG, "")) else None
    name = resource.get(RESOURCE_NAME)
    if role not in ROLES or name is None or len(resource) != 3:
        return None
    return role if resource.get(RESOURCE_ID) == role_id(role, name) else None


def _related_labels(resource: Labels) -> Iterator[str]:
    role = resource.get(RESOURCE_ROLE)
    if not role or "." in role:
        raise NotInShorthand
    short = {RESOURCE_ID: "id", RESOURCE_NAME: "name"}
    for label, value in resource.items():
        if label != RESOURCE_ROLE:
            yield f"{_key(f'related.{role}.{short.get(label, label)}')}={_value(value)}"


def _key(key: str) -> str:
    if not _SAFE_KEY.fullmatch(key):
        raise NotInShorthand
    return key


def _value(text: str) -> str:
    if _SAFE.fullmatch(text):
        return text
    if not text.isprintable():
        raise NotInShorthand
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# --- In full -----------------------------------------------------------------------------


def full(event: Event, start: int, *, indent: int) -> str:
    """The event as a mapping, in full."""
    pad = "\n" + " " * indent
    lines = [f"event: {notation.scalar(event.name)}"]
    lines.append(f"at: {notation.time_text(event.occurred, start)}")
    if event.received is not None and event.received != event.occurred:
        lines.append(f"received: {notation.time_text(event.received, start)}")
    lines.append(f"id: {notation.scalar(event.id)}")
    if event.follows is not None:
        lines.append(f"follows: {notation.scalar(event.follows)}")
    lines += _labels("resource: ", event.resource)
    if event.related:
        lines.append("related:")
        for one in event.related:
            lines += _labels("- ", one)
    return pad.join(lines)


def _labels(lead: str, labels: Labels) -> list[str]:
    line = lead + notation.mapping(labels.items())
    if len(line) <= _LONGEST_LINE or not labels:
        return [line]
    pairs = [f"  {notation.scalar(key)}: {notation.scalar(value)}" for key, value in labels.items()]
    if lead == "- ":
        return [f"- {pairs[0].lstrip()}", *pairs[1:]]
    return [lead.rstrip(), *pairs]
