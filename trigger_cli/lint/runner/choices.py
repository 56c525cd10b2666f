"""The choices for a file: from the command line, else its configuration, else the defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from trigger_cli.lint.rules import RULES
from trigger_cli.lint.runner.config import Config
from trigger_cli.lint.runner.linter import Settings
from trigger_cli.lint.runner.selection import decide, select
from trigger_cli.model import Severity

DEFAULT = "default"
COMMAND_LINE = "command line"
DEFAULT_DIALECT = "both"
DEFAULT_FAIL_LEVEL: Severity = "warning"


class Origin(NamedTuple):
    """The source of a setting."""

    where: str
    """`DEFAULT`, `COMMAND_LINE`, or the path of a configuration file."""
    setting: str | None = None
    """The setting's name in that source, e.g. ``select``."""
    selector: str | None = None
    """For a rule: the selector that matches it."""


class Choice(Struct, frozen=True):
    """The value of a setting, and its origin."""

    value: str | None
    origin: Origin

    def as_data(self) -> dict[str, Any]:
        """The same as data."""
        return {"value": self.value, "origin": self.origin._asdict()}


def chosen(given: str | None, config: Config, setting: str, default: str | None) -> Choice:
    """A setting with one value.

    Args:
        given: The value from the command line, if any.
        config: The configuration of the file.
        setting: The setting's name.
        default: The value if neither has one.
    """
    if given is not None:
        return Choice(given, Origin(COMMAND_LINE, f"--{setting}"))
    configured = getattr(config, setting.replace("-", "_"))
    if configured is not None:
        return Choice(str(configured), Origin(str(config.path), setting))
    return Choice(default, Origin(DEFAULT))


class Choices(Struct, frozen=True):
    """The selectors and the dialects for one file; `of` makes it."""

    configuration: str | None
    selected: tuple[tuple[str, Origin], ...]
    ignored: tuple[tuple[str, Origin], ...]
    dialect: Choice

    @classmethod
    def of(
        cls,
        file: str,
        config: Config,
        *,
        selected: tuple[str, ...] = (),
        ignored: tuple[str, ...] = (),
        dialect: str | None = None,
    ) -> Choices:
        """The choices for `file` from the command line (keywords) and its configuration (`config`).

        The command line's selection replaces the configuration's; rules that either ignores are
        ignored.
        """
        path = str(config.path)
        choices = [(one, Origin(COMMAND_LINE, "--select", one)) for one in selected] or [
            (one, Origin(path, "select", one)) for one in config.select
        ]
        refusals = [
            *((one, Origin(path, setting, one)) for one, setting in config.ignored_in(file)),
            *((one, Origin(COMMAND_LINE, "--ignore", one)) for one in ignored),
        ]
        return cls(
            None if config.path is None else path,
            tuple(choices),
            tuple(refusals),
            chosen(dialect, config, "dialect", DEFAULT_DIALECT),
        )

    def as_data(self) -> dict[str, Any]:
        """The same as data, with a row for each rule."""
        return {
            "configuration": self.configuration,
            "dialect": self.dialect.as_data(),
            "rules": list(self._rules()),
        }

    def settings(self) -> Settings:
        """The settings for the linter."""
        assert self.dialect.value is not None
        return Settings(select(RULES, *self._selectors()), self.dialect.value)

    def _rules(self) -> Iterator[dict[str, Any]]:
        """Each rule with the setting that decides whether it runs."""
        dialects = self.dialect.value
        assert dialects is not None
        for rule in RULES:
            decision = decide(rule, *self._selectors())
            named = self.selected if decision.is_on else self.ignored
            origin = next((where for one, where in named if one == decision.by), None)
            if origin is None and not decision.is_on:
                origin = self.selected[0][1]._replace(selector=None)  # it selects others
            is_on = decision.is_on and rule.applies_to(dialects)
            if decision.is_on and not is_on:
                origin = self.dialect.origin._replace(setting="dialect")
            yield {
                "code": rule.code,
                "name": rule.name,
                "severity": rule.severity_in(dialects),
                "on": is_on,
                "needs_log": rule.check_log is not None and rule.check is None,
                "origin": (origin or Origin(DEFAULT))._asdict(),
            }

    def _selectors(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        selected, ignored = (
            tuple(one for one, _ in some) for some in (self.selected, self.ignored)
        )
        return selected, ignored
