"""Sentences that are independent of how they are shown.

An explanation knows no time zone and no terminal. So a sentence is a tuple of parts: fixed words,
instants, and text from a log or a definition, which a view must escape.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from msgspec import Struct

from trigger_cli.match.why_not import Check
from trigger_cli.model import Event, Heading
from trigger_cli.times import format_duration, format_instant


class At(Struct, frozen=True):
    """An instant, µs; each view formats it."""

    instant: int


class Name(Struct, frozen=True):
    """Text from a log or a definition, which a view must escape and shorten."""

    text: str


class Key(Struct, frozen=True):
    """A bucketing key: each ``for_each`` label with its value; also used for other labels."""

    labels: tuple[tuple[str, str], ...]


Part: TypeAlias = str | At | Name | Key
Sentence: TypeAlias = tuple[Part, ...]


def say(words: str, *parts: Part | Sentence) -> Sentence:
    """Insert a part, or the parts of a sentence, in place of each ``{}`` of `words`."""
    first, *rest = words.split("{}")
    said: list[Part] = [first]
    for part, following in zip(parts, rest, strict=True):
        said += [part] if isinstance(part, str | At | Name | Key) else part
        said.append(following)
    return tuple(said)


def written(
    sentence: Sentence,
    *,
    instant: Callable[[int], str] = format_instant,
    name: Callable[[str], str] = str,
    key: Callable[[tuple[tuple[str, str], ...]], str] | None = None,
) -> str:
    """The sentence as text; the functions format the parts that are not fixed words."""

    def text(part: Part) -> str:
        match part:
            case At():
                return instant(part.instant)
            case Name():
                return name(distinct(part.text))
            case Key() if key is not None:
                return key(part.labels)
            case Key():
                return ", ".join(f"{name(label)}={name(value)}" for label, value in part.labels)
            case _:
                return part

    return "".join(map(text, sentence))


def distinct(text: str) -> str:
    """A name; in quotes if it ends as a part of a sentence does, or a blank is easily missed."""
    is_plain = bool(text) and text == text.strip() and text[-1] not in ",.;:"
    return text if is_plain else f'"{text}"'


def capitalised(sentence: Sentence) -> Sentence:
    """The sentence with an initial capital, unless it begins with a name."""
    first, *rest = sentence
    return (first[:1].upper() + first[1:], *rest) if isinstance(first, str) else sentence


def listed(names: Iterable[str], *, last: str = "or", limit: int = 3) -> Sentence:
    """``a, b or c``; with more than `limit`, ``a, b or 5 others``."""
    texts = list(names)
    if not texts:
        return ("nothing",)
    shown: list[Part] = [Name(one) for one in texts[:limit]]
    if len(texts) > limit:
        shown[-1:] = [f"{len(texts) - limit + 1} others"]
    parts: list[Part] = [shown[0]]
    for place, one in enumerate(shown[1:], 1):
        parts.append(f" {last} " if place == len(shown) - 1 else ", ")
        parts.append(one)
    return tuple(parts)


def event_named(event: Event | Heading) -> Sentence:
    """``prefect.flow-run.Failed (line 12)``."""
    return (Name(event.name), f" (line {event.line})")


def came_ahead(early: Event, late: Event) -> str:
    """When `early`, which was processed before `late`, came: ``5 s before``, to follow "came"."""
    gap = late.occurred - early.occurred
    if gap < 0:
        return f"{format_duration(-gap)} after, and was processed before,"
    return f"{format_duration(gap)} before" if gap else "at the time of"


def of_key(words: str, labels: tuple[tuple[str, str], ...], otherwise: str = "") -> Sentence:
    """`words` and the key or, without ``for_each``, `otherwise`."""
    return (words, Key(labels)) if labels else (otherwise,)


def wanted_and_found(failed: Check) -> Sentence:
    """What the failed clause requires, and what the event has."""
    actual = "none" if failed.actual is None else Name(failed.actual)
    return say("{} wants {}; it has {}", Name(failed.clause), listed(failed.expected), actual)


def times(number: int, one: str, many: str | None = None) -> str:
    """``1 event``, ``12,345 events``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ordinal(number: int) -> str:
    """``first``, ``2nd``, ``3rd``, ``4th``."""
    words = {1: "first", 2: "second", 3: "third"}
    if number in words:
        return words[number]
    ends = {1: "st", 2: "nd", 3: "rd"}
    end = "th" if number % 100 in {11, 12, 13} else ends.get(number % 10, "th")
    return f"{number}{end}"
