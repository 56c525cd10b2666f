"""Reads the keys of an object in a test file, and reports mistakes with their places."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from trigger_cli.definitions.codes import Code
from trigger_cli.definitions.nodes import Node, Pointer
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.wording import describe, one_of, quoted
from trigger_cli.dialects import advice_for
from trigger_cli.model import Span
from trigger_cli.testing.codes import (
    DUPLICATE_KEY,
    MISSING_KEY,
    NOT_A_CHOICE,
    NOT_A_TIME,
    OUT_OF_RANGE,
    UNKNOWN_KEY,
    WRONG_TYPE,
)
from trigger_cli.times import (
    DAY,
    TimePoint,
    duration_from_seconds,
    parse_duration,
    parse_instant,
    parse_time_point,
)
from trigger_cli.vocabulary import RESOURCE_ID, nearest

_Choice = TypeVar("_Choice", bound=str)
_Time = TypeVar("_Time")
LONGEST = 100_000 * DAY
_MOST = 1_000_000_000


class Fields:
    """The keys of the object at `pointer`; another kind of value is a mistake and has no keys.

    Args:
        what: The name of the object in messages, such as ``a test``.
        known: The keys that the object may have.
        aliases: Other words for these keys.
    """

    def __init__(
        self,
        node: Node,
        pointer: Pointer,
        report: Report,
        what: str,
        known: Sequence[str],
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self.node = node
        self.pointer = pointer
        self.report = report
        if not node.is_object:
            self.wrong(node, f"found {describe(node.value)}, expected {what}, which is a mapping")
        for repeated in node.repeated:
            message = f"the key {quoted(repeated.key)} is given again, first on line {repeated.first.line}"
            self.report.add(DUPLICATE_KEY, message, repeated.span, self.place(repeated.key))
        for key, member in node.members.items():
            if key not in known:
                advice = did_you_mean(key, known, f"known keys: {', '.join(known)}", aliases)
                message = f"unknown key {quoted(key)} in {what}"
                self.report.add(UNKNOWN_KEY, message, member.key_span, self.place(key), advice)

    def place(self, key: str | int) -> Pointer:
        """The pointer to the value of `key`."""
        return (*self.pointer, key)

    def get(self, key: str) -> Node | None:
        """The value of `key`; ``None`` if it is missing."""
        return self.node.get(key)

    def value(self, key: str) -> Node:
        """The value of a key that the object has."""
        return self.node.members[key].node

    def has(self, key: str) -> bool:
        """Whether the object has the key, even as ``null``."""
        return key in self.node.members

    def key_span(self, key: str) -> Span:
        """The span of the key."""
        return self.node.members[key].key_span

    def missing(self, key: str, what: str, advice: str | None = None) -> None:
        """Report that `key` is missing."""
        message = f"the key `{key}` is missing in {what}"
        span = self.node.span
        if span.line != span.end_line:
            span = beginning(span)
        self.report.add(MISSING_KEY, message, span, self.pointer, advice)

    def wrong(
        self, node: Node, message: str, advice: str | None = None, code: Code = WRONG_TYPE
    ) -> None:
        """Report a wrong value."""
        self.report.add(code, message, node.span, self.pointer, advice)

    def wrong_key(self, key: str, message: str, advice: str, code: Code = WRONG_TYPE) -> None:
        """Report a key that is not allowed."""
        self.report.add(code, message, self.key_span(key), self.pointer, advice)

    def unexpected(
        self,
        node: Node,
        key: str,
        expected: str,
        advice: str | None = None,
        code: Code = WRONG_TYPE,
    ) -> None:
        """Report a value of the wrong kind."""
        message = f"`{key}`: found {describe(node.value)}, expected {expected}"
        self.wrong(node, message, advice, code)

    # --- Values --------------------------------------------------------------------------

    def text(self, key: str) -> str | None:
        """A string."""
        node = self.get(key)
        return None if node is None else self.as_text(node, key)

    def as_text(self, node: Node, key: str) -> str | None:
        """`node` as a string."""
        if node.tag is not None:
            message = f"found {quoted(node.tag)}, which YAML reads as a tag and not as text"
            self.wrong(node, message, "put text that starts with `!` in quotes")
            return None
        if isinstance(node.value, str):
            return node.value
        advice = None
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            advice = f'put it in quotes: "{node.value}"'
        self.unexpected(node, key, "a string", advice)
        return None

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A string or a list of strings."""
        node = self.get(key)
        if node is None:
            return None
        if not node.is_list:
            one = self.as_text(node, key)
            return None if one is None else (one,)
        found = [self.as_text(item, key) for item in node.items]
        return tuple(one for one in found if one is not None)

    def flag(self, key: str, *, default: bool) -> bool:
        """``true`` or ``false``."""
        node = self.get(key)
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self.unexpected(node, key, "true or false")
            return default
        return node.value

    def whole(self, key: str, *, least: int = 0) -> int | None:
        """A whole number."""
        node = self.get(key)
        if node is None:
            return None
        value = node.value
        if not isinstance(value, int) or isinstance(value, bool):
            self.unexpected(node, key, "a whole number")
            return None
        if not least <= value <= _MOST:
            expected = f"a number from {least} to {_MOST:,}"
            self.unexpected(node, key, expected, code=OUT_OF_RANGE)
            return None
        return value

    def choice(self, key: str, choices: Sequence[_Choice]) -> _Choice | None:
        """One of the `choices`."""
        node = self.get(key)
        return None if node is None else self.as_choice(node, key, choices)

    def as_choice(self, node: Node, key: str, choices: Sequence[_Choice]) -> _Choice | None:
        """`node` as one of the `choices`."""
        for choice in choices:
            if node.value == choice:
                return choice
        meant = advice_for(str(node.value)) if key == "dialect" else None
        advice = meant or did_you_mean(node.value, choices)
        self.unexpected(node, key, one_of(choices), advice, NOT_A_CHOICE)
        return None

    def duration(self, key: str) -> int | None:
        """A duration, µs."""
        node = self.get(key)
        return None if node is None else self.as_time(node, key, read_duration)

    def time_point(self, key: str, read: Callable[[object], TimePoint]) -> TimePoint | None:
        """A time, by `read`: `read_time_point`, or `read_occurred` for a full event."""
        node = self.get(key)
        return None if node is None else self.as_time(node, key, read)

    def as_time(self, node: Node, key: str, read: Callable[[object], _Time]) -> _Time | None:
        """`node` as a time or a duration, by `read`."""
        try:
            return read(node.value)
        except ValueError as error:
            message, _, advice = str(error).partition("\n")
            self.wrong(node, f"`{key}`: {message}", advice or None, NOT_A_TIME)
            return None

    def labels(self, key: str) -> tuple[tuple[str, str], ...] | None:
        """A mapping of labels to values."""
        node = self.get(key)
        if node is None:
            return None
        if not node.is_object:
            self.unexpected(node, key, "a mapping of labels", "write {LABEL: VALUE}")
            return None
        return self.as_labels(node, f"{key}.")

    def resource(self, key: str) -> tuple[tuple[str, str], ...]:
        """A resource: its id, or its labels."""
        node = self.get(key)
        if node is not None and isinstance(node.value, str):
            return ((RESOURCE_ID, node.value),)
        return self.labels(key) or ()

    def as_labels(self, node: Node, lead: str = "") -> tuple[tuple[str, str], ...]:
        """`node` as labels; messages put `lead` before each name."""
        values = {
            label: self.as_text(member.node, f"{lead}{label}")
            for label, member in node.members.items()
        }
        return tuple((label, value) for label, value in values.items() if value is not None)


def did_you_mean(
    found: object,
    choices: Iterable[str],
    otherwise: str | None = None,
    aliases: Mapping[str, str] | None = None,
) -> str | None:
    """Advice that names the most similar choice; `otherwise` if none is similar."""
    near = nearest(found, choices, aliases) if isinstance(found, str) else None
    return f"did you mean `{near}`?" if near else otherwise


def read_time_point(value: object) -> TimePoint:
    """Read a time of a test: RFC 3339, ``+5m`` or seconds after the start.

    Raises:
        ValueError: It is not a time. Advice follows the message after a newline.
    """
    expected = "expected an offset such as +5m, or a time such as 2026-03-01T12:00:00Z"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return TimePoint(read_duration(value), after_start=True)
    if not isinstance(value, str):
        raise ValueError(f"found {describe(value)}, {expected}")  # noqa: TRY004  # its message is shown
    try:
        time_point = parse_time_point(value)
    except ValueError:
        advice = ""
        with suppress(ValueError):
            parse_duration(value)
            advice = f"\nwrite `+{value.strip()}`: an offset from the test's start"
        raise ValueError(f"found {describe(value)}, {expected}{advice}") from None
    if time_point.after_start and time_point.time > LONGEST:
        raise ValueError(f"found {describe(value)}, expected at most 100,000 days")
    return time_point


def read_duration(value: object) -> int:
    """Read a duration of a test, µs: ``90``, ``90s``, ``5m``, ``PT5M``.

    Raises:
        ValueError: The value is not a duration.
    """
    expected = "expected a duration such as 90s, 5m or PT5M"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"found {describe(value)}, {expected}")  # noqa: TRY004
    if isinstance(value, str):
        try:
            duration = parse_duration(value)
        except ValueError:
            raise ValueError(f"found {describe(value)}, {expected}") from None
    elif not math.isfinite(value) or not 0 <= value <= LONGEST / 1_000_000:
        raise ValueError(
            f"found {describe(value)}, expected 0 or more seconds, at most 100,000 days"
        )
    else:
        duration = duration_from_seconds(value)
    if duration > LONGEST:
        raise ValueError(f"found {describe(value)}, expected at most 100,000 days")
    return duration


def read_occurred(value: object) -> TimePoint:
    """Read the time of a full event: as in a log, or as any time of a test.

    Raises:
        ValueError: The value is not a time.
    """
    if isinstance(value, str) and not value.strip().startswith("+"):
        with suppress(ValueError):
            return TimePoint(parse_instant(value))
    return read_time_point(value)


def beginning(span: Span) -> Span:
    """The first character of a value that may have many lines."""
    return Span(span.line, span.column, span.line, span.column + 1)
