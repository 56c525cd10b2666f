"""Options that several commands share, and readers of their values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import typer

from trigger_cli.model import DeliveryOrder
from trigger_cli.times import parse_duration, parse_time_point

_T = TypeVar("_T")


class DialectName(StrEnum):
    """Whose rules hold."""

    auto = "auto"
    docs = "docs"
    docs_2026_08 = "docs-2026-08"
    server = "server"
    server_3_9 = "server-3.9"
    server_3_8 = "server-3.8"


class Order(StrEnum):
    """In which order events are taken (O1)."""

    occurred = "occurred"
    received = "received"
    log = "log"

    @property
    def of_model(self) -> DeliveryOrder:
        """The order as the model names it."""
        return self.value


class ColorMode(StrEnum):
    """When to use colour."""

    auto = "auto"
    always = "always"
    never = "never"


def reader(parse: Callable[[str], _T]) -> Callable[[str | _T], _T]:
    """A reader for ``typer.Option(parser=…)`` whose errors say what was expected."""

    def read(text: str | _T) -> _T:
        # A default is passed as it is.
        if not isinstance(text, str):
            return text
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(f"{text!r} is {error}.") from None

    return read


def _parse_zone(text: str) -> tzinfo:
    if text.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("no known time zone; try UTC or Europe/Berlin") from None


@dataclass(frozen=True, slots=True)
class LabelValue:
    """A label and the value it must have."""

    label: str
    value: str


def _parse_label(text: str) -> LabelValue:
    label, equals, value = text.partition("=")
    if not equals or not label:
        raise ValueError("not of the form LABEL=VALUE")
    return LabelValue(label, value)


def _parse_saved(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in {".svg", ".html", ".txt"}:
        raise ValueError("no file to save a view in; its name must end in .svg, .html or .txt")
    return path


read_duration = reader(parse_duration)
read_moment = reader(parse_time_point)
read_zone = reader(_parse_zone)
read_label = reader(_parse_label)
read_saved = reader(_parse_saved)
