"""Selects rules: ``--select`` and ``--ignore`` by code, prefix or name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trigger_cli.lint.rule import Rule
from trigger_cli.lint.rules import RULES
from trigger_cli.vocabulary import nearest

ALL = "ALL"


class UnknownSelectorError(ValueError):
    """A selector that names no rule."""


def matches(selector: str, code: str, name: str) -> bool:
    """Whether a selector names a rule: ``ALL``, ``TRG2``, ``TRG203``, or its name."""
    return _strength(selector, code, name) >= 0


def names_a_rule(selector: str) -> bool:
    """Whether a selector names any rule."""
    return any(matches(selector, rule.code, rule.name) for rule in RULES)


def select(
    rules: Iterable[Rule], chosen: Sequence[str], ignored: Sequence[str]
) -> tuple[Rule, ...]:
    """The rules that are selected (none: all) and not ignored; the longer selector wins.

    So ``--select TRG203 --ignore TRG2`` runs only TRG203.
    """

    def strength(selectors: Sequence[str], rule: Rule) -> int:
        return max((_strength(one, rule.code, rule.name) for one in selectors), default=-1)

    return tuple(
        rule for rule in rules if strength(chosen or [ALL], rule) > strength(ignored, rule)
    )


def check_selectors(selectors: Iterable[str]) -> None:
    """Check that every selector names a rule.

    Raises:
        UnknownSelectorError: One does not; its message names it and a near one.
    """
    for selector in selectors:
        if not names_a_rule(selector):
            near = near_selector(selector)
            hint = f"; did you mean {near}?" if near else ""
            raise UnknownSelectorError(f"there is no rule `{selector}`{hint}")


def near_selector(selector: str) -> str | None:
    """The code or name that a wrong selector probably stands for."""
    words = (word for rule in RULES for word in (rule.code, rule.name))
    return nearest(selector, words, likeness=0.75)


def _strength(selector: str, code: str, name: str) -> int:
    if selector == ALL:
        return 0
    if selector in {code, name}:
        return 100
    if selector.startswith("TRG") and code.startswith(selector):
        return len(selector)
    return -1
