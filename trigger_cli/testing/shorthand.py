"""An event on one line: ``flow-run Completed name=daily tags=[production] at +30s x3 every 10s``.

The first two words are a kind of resource and an event of it, or ``event`` and any name. These
parts follow, in any order:

- ``id=``, ``name=`` and ``resource.LABEL=``: the resource, ``prefect.<kind>.<id>``;
- ``flow=``, ``deployment=``, ``work-pool=``, ``tags=[a, b]`` … and ``related.ROLE.LABEL=``: related
  resources;
- ``at TIME``, ``received TIME``, ``xN every DURATION``: time and repetitions. In a repeated event,
  ``{n}`` is replaced by the number of the repetition;
- ``event-id=`` and ``follows=``: ids of events.
"""

import re
from collections.abc import Callable
from typing import Any, NoReturn

from msgspec import Struct, field

from trigger_cli.definitions.wording import quoted
from trigger_cli.model import Labels, Span
from trigger_cli.testing.fields import did_you_mean, read_duration, read_time_point
from trigger_cli.testing.records import EventSpec
from trigger_cli.times import TimePoint
from trigger_cli.vocabulary import (
    ALL_STATES,
    KINDS,
    PREFECT,
    RESOURCE_ID,
    RESOURCE_NAME,
    RESOURCE_ROLE,
    ROLES,
    RUN_KINDS,
    STATE_WORDS,
    TAG,
    near_names,
    role_id,
    state_labels,
)

ANY_EVENT = "event"
MOST_TIMES = 100_000
LONGEST = 20_000
"""The most characters of a shorthand."""

_WORD = re.compile(
    r"""\s*(?:(?P<key>[^\s=\[\]"',]+)=)?"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\[[^\[\]]*\]|[^\s\["']\S*|(?=\s|\Z))"""
)
_OPENED = re.compile(r"""[^\s=\[\]"',]+=([\["'])""")
_ITEM = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,"']+)\s*(?:,|\Z)""")
_TIMES = re.compile(r"[x×](\d{1,9})")
_ESCAPE = re.compile(r"\\(.)")
_MATES = {"[": "]", '"': '"', "'": "'"}
_SHORT_LABELS = {"id": RESOURCE_ID, "name": RESOURCE_NAME, "role": RESOURCE_ROLE}
_TIME_WORDS: dict[str, Callable[[object], TimePoint | int]] = {
    "at": read_time_point,
    "every": read_duration,
    "received": read_time_point,
}
_OWN_KEYS = ("id", "name", "event-id", "follows", "at", "every", "received", "tags")
_KIND_ALIASES = {
    "run": "flow-run",
    "task": "task-run",
    "pool": "work-pool",
    "queue": "work-queue",
    "pod": "kubernetes.pod",
    "custom": ANY_EVENT,
}
_KEY_ALIASES = {
    **_KIND_ALIASES,
    "time": "at",
    "when": "at",
    "interval": "every",
    "label": "tags",
    "eventid": "event-id",
}


class ShorthandError(Exception):
    """A shorthand cannot be read: the mistake, what was expected, and the part of the text."""

    def __init__(self, message: str, start: int, end: int, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.advice = advice


class _Word(Struct, frozen=True):
    key: str | None
    values: tuple[str, ...]
    is_list: bool
    is_quoted: bool
    start: int
    end: int

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    def wrong(self, message: str, advice: str | None = None) -> NoReturn:
        raise ShorthandError(message, self.start, self.end, advice)


def read_shorthand(text: str, span: Span) -> EventSpec:
    """Read an event in shorthand; `span` is its place.

    Raises:
        ShorthandError: The text is not a shorthand.
    """
    if len(text) > LONGEST:
        raise ShorthandError(f"an event of more than {LONGEST:,} characters", 0, 1)
    words = list(_words(text))
    if not words:
        advice = "write for example `flow-run Completed name=daily at +30s`"
        raise ShorthandError("found no event", 0, 1, advice)
    kind, name, rest = _what_happened(words)
    reader = _Reader(kind, name)
    place = 0
    while place < len(rest):
        place += reader.take(rest[place], rest[place + 1] if place + 1 < len(rest) else None)
    return reader.finish(span)


# --- Words -------------------------------------------------------------------------------


def _words(text: str) -> list[_Word]:
    found = []
    place = 0
    end = len(text.rstrip())
    while place < end:
        match = _WORD.match(text, place)
        bare = match is not None and match["key"] is None
        if match is None or match.end() == place or (bare and _opened(match["value"])):
            start = place + len(text[place:]) - len(text[place:].lstrip())
            mate = _MATES.get(text[start]) or _opened(text[start:])
            found_text = f"found {quoted(text[start:end])}"
            if mate:
                message = f"{found_text} without its closing {mate}"
                raise ShorthandError(message, start, end, "close it")
            raise ShorthandError(f"{found_text}, expected a word", start, end)
        start = match.start("key") if match["key"] is not None else match.start("value")
        found.append(_word(match, start))
        place = match.end()
    return found


def _opened(text: str) -> str | None:
    """The missing closing bracket or quote, if `text` is ``key=`` and an opening one."""
    opened = _OPENED.match(text)
    return None if opened is None else _MATES[opened[1]]


def _word(match: re.Match[str], start: int) -> _Word:
    key, raw = match["key"], match["value"]
    if raw.startswith("["):
        return _Word(key, _items(raw, match.start("value")), True, False, start, match.end())
    is_quoted = raw.startswith(('"', "'"))
    return _Word(key, (_plain(raw),), False, is_quoted, start, match.end())


def _items(raw: str, start: int) -> tuple[str, ...]:
    inside = raw[1:-1]
    found = []
    place = 0
    while place < len(inside.rstrip()):
        match = _ITEM.match(inside, place)
        if match is None:
            at = start + 1 + place
            message = f"found {quoted(inside[place:])}, expected a list such as [a, b]"
            raise ShorthandError(message, at, start + len(raw))
        if match[1].strip():
            found.append(_plain(match[1].strip()))
        place = match.end()
    return tuple(found)


def _plain(raw: str) -> str:
    """The value of a word without quotes."""
    if raw.startswith('"'):
        return _ESCAPE.sub(r"\1", raw[1:-1])
    if raw.startswith("'"):
        return raw[1:-1].replace("''", "'")
    return raw


# --- The first two words -----------------------------------------------------------------


def _what_happened(words: list[_Word]) -> tuple[str, str, list[_Word]]:
    """The kind of resource (``event`` for any), the event's name, and the other words."""
    first = words[0]
    kind = first.value if first.key is None and not first.is_list else ""
    if kind != ANY_EVENT and kind not in KINDS:
        _explain_kind(first, kind)
    second = words[1] if len(words) > 1 else first
    if second is first or second.key is not None or second.is_list:
        example = "Completed" if kind in RUN_KINDS else "ready"
        if kind == ANY_EVENT:
            example = "my.custom.event"
        message = f"what happened is missing after `{kind}`"
        second.wrong(message, f"write for example `{kind} {example}`")
    if kind == ANY_EVENT:
        if not second.value:
            second.wrong("an event needs a name")
        return kind, second.value, words[2:]
    if kind in RUN_KINDS:
        _check_state(second, kind)
    return kind, f"{PREFECT}{kind}.{second.value}", words[2:]


def _explain_kind(word: _Word, kind: str) -> NoReturn:
    if kind.startswith(PREFECT):
        rest = kind.removeprefix(PREFECT)
        known = next((one for one in KINDS if rest.startswith(f"{one}.")), None)
        advice = f"write `{known} {rest[len(known) + 1 :]}`" if known else f"write `event {kind}`"
        word.wrong(f"found {quoted(kind)}, expected a kind of resource or `event`", advice)
    there_are = f"there are: event, {', '.join(KINDS)}"
    word.wrong(
        f"found {quoted(kind or '=')}, expected a kind of resource such as flow-run, or `event`",
        did_you_mean(kind or None, (*KINDS, ANY_EVENT), there_are, _KIND_ALIASES),
    )


def _check_state(word: _Word, kind: str) -> None:
    """Refuse misspelled states of Prefect; other names may be custom states of a flow."""
    state = word.value
    if state in ALL_STATES:
        return
    near = near_names([state], dict.fromkeys(ALL_STATES, 1), 1)
    meant = STATE_WORDS.get(state.casefold()) or (near[0].name if near else None)
    if meant is not None and not word.is_quoted:
        word.wrong(
            f"found the state {quoted(state)}, which Prefect does not have",
            f"did you mean `{kind} {meant}`? A flow's own state goes in quotes",
        )


# --- The other words ---------------------------------------------------------------------


class _Reader(Struct):
    """Reads the words after the first two."""

    kind: str
    name: str
    own: dict[str, str] = field(default_factory=dict)
    related: list[dict[str, str]] = field(default_factory=list)
    by_role: dict[str, dict[str, str]] = field(default_factory=dict)
    given: dict[str, _Word] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=lambda: {"at": TimePoint(0, after_start=True)})
    """Other fields of the `EventSpec`."""

    def take(self, word: _Word, following: _Word | None) -> int:
        """Read a word, or two for ``at TIME``; returns how many were read."""
        if word.key is not None:
            self._once(word, word.key)
            self._pair(word, word.key)
            return 1
        if word.is_list:
            word.wrong("found a list, expected `key=[…]`", "did you mean `tags=[…]`?")
        repeated = _TIMES.fullmatch(word.value)
        if repeated:
            self._once(word, "xN")
            self.spec["times"] = int(repeated[1])
            if not 1 <= self.spec["times"] <= MOST_TIMES:
                word.wrong(f"found {quoted(word.value)}, expected x1 to x{MOST_TIMES}")
            return 1
        if word.value not in _TIME_WORDS:
            _explain_word(word)
        if following is None or following.key is not None or following.is_list:
            word.wrong(f"a time is missing after `{word.value}`", f"write `{word.value} +30s`")
        self._once(word, word.value)
        self._time(word.value, following)
        return 2

    def _once(self, word: _Word, key: str) -> None:
        if key in self.given:
            word.wrong(f"{quoted(key)} is given twice")
        self.given[key] = word

    def _time(self, key: str, word: _Word) -> None:
        try:
            self.spec[key] = _TIME_WORDS[key](word.value)
        except ValueError as error:
            message, _, advice = str(error).partition("\n")
            raise ShorthandError(message, word.start, word.end, advice or None) from None

    def _pair(self, word: _Word, key: str) -> None:
        if key in _TIME_WORDS:
            self._time(key, _single(word))
        elif key in {"event-id", "follows"}:
            self.spec[key.removeprefix("event-")] = _single(word).value
        elif key in {"id", "name"} or (key.startswith("resource.") and key != "resource."):
            label = key.removeprefix("resource.")
            self.own[_SHORT_LABELS.get(label, label)] = _single(word).value
        elif key.startswith("related."):
            self._related_label(word, key)
        elif key in {"tags", TAG}:
            tags = word.values
            if not word.is_list and not word.is_quoted:
                tags = tuple(word.value.split(","))
            self.related += [_related(TAG, value) for value in tags if value]
        elif key in ROLES:
            self.related += [_related(key, value) for value in word.values if value]
        elif self.kind != ANY_EVENT and "." not in key:
            label = f"a label of the resource is written resource.{key}=…"
            advice = did_you_mean(key, (*_OWN_KEYS, *ROLES), label, _KEY_ALIASES)
            word.wrong(f"found {quoted(key)}, which no event of this kind has", advice)
        else:
            self.own[key] = _single(word).value

    def _related_label(self, word: _Word, key: str) -> None:
        role, _, label = key.removeprefix("related.").partition(".")
        if not role or not label:
            word.wrong(
                f"found {quoted(key)}, expected related.ROLE.LABEL",
                "write for example related.flow.name=daily",
            )
        if role not in self.by_role:
            self.by_role[role] = {RESOURCE_ROLE: role}
            self.related.append(self.by_role[role])
        self.by_role[role][_SHORT_LABELS.get(label, label)] = _single(word).value

    def finish(self, span: Span) -> EventSpec:
        """The event that the words describe."""
        if "every" in self.spec and self.spec.get("times", 1) < 2:
            self.given["every"].wrong("`every` has no effect without `x2` or more")
        related = tuple(map(_with_id, self.related))
        return EventSpec(span, self.name, resource=self._resource(), related=related, **self.spec)

    def _resource(self) -> Labels:
        own = dict(self.own)
        name = own.get(RESOURCE_NAME)
        identity = own.pop(RESOURCE_ID, None) or name or "1"
        if self.kind == ANY_EVENT:
            return {RESOURCE_ID: identity, **own}
        if not identity.startswith(PREFECT):
            identity = role_id(self.kind, identity)
        state = self.name.removeprefix(f"{PREFECT}{self.kind}.")
        labels = {RESOURCE_ID: identity}
        if name is not None:
            labels[RESOURCE_NAME] = name
        return {**labels, **state_labels(self.kind, state), **own}


def _explain_word(word: _Word) -> NoReturn:
    """Report a word that has no meaning here."""
    advice = did_you_mean(word.value, _TIME_WORDS, "attributes are written key=value")
    if word.value.startswith("+"):
        advice = f"did you mean `at {word.value}`?"
    word.wrong(
        f"found {quoted(word.value)}, expected key=value, `at TIME`, `xN` or `every DURATION`",
        advice,
    )


def _single(word: _Word) -> _Word:
    if word.is_list:
        word.wrong(f"found a list, expected one value for {quoted(word.key or '')}")
    return word


def _related(role: str, name: str) -> dict[str, str]:
    """A related resource with this name; a tag has only an id."""
    labels = {RESOURCE_ID: role_id(role, name), RESOURCE_ROLE: role}
    if role != TAG:
        labels[RESOURCE_NAME] = name
    return labels


def _with_id(labels: dict[str, str]) -> Labels:
    if RESOURCE_ID in labels:
        return labels
    role = labels[RESOURCE_ROLE]
    return {RESOURCE_ID: role_id(role, labels.get(RESOURCE_NAME, "1")), **labels}
