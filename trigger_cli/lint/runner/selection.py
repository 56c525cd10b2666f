"""Selects rules: ``--select`` and ``--ignore`` by code, prefix or name."""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from msgspec import Struct

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
    return tuple(rule for rule in rules if decide(rule, chosen, ignored).is_on)


class Decision(Struct, frozen=True):
    """Whether a rule is selected, and the selector that decides it."""

    is_on: bool
    by: str | None
    """``None``: no rule is selected, so every rule runs; or no selector matches this one."""


def decide(rule: Rule, chosen: Sequence[str], ignored: Sequence[str]) -> Decision:
    """Whether `select` would include `rule`, and the selector that decides it."""

    def strongest(selectors: Sequence[str]) -> tuple[int, str | None]:
        strengths = ((_strength(one, rule.code, rule.name), one) for one in selectors)
        return max(strengths, key=itemgetter(0), default=(-1, None))

    (wanted, choice), (refused, refusal) = strongest(chosen or [ALL]), strongest(ignored)
    if refused >= max(wanted, 0):
        return Decision(is_on=False, by=refusal)
    return Decision(is_on=wanted >= 0, by=choice if chosen and wanted >= 0 else None)


def check_selectors(selectors: Iterable[str]) -> None:
    """Check that every selector names a rule.

    Raises:
        UnknownSelectorError: A selector names no rule; the message names it and a similar one.
    """
    for selector in selectors:
        if not names_a_rule(selector):
            near = near_selector(selector)
            hint = f"; did you mean {near}?" if near else ""
            raise UnknownSelectorError(f"there is no rule `{selector}`{hint}")


def near_selector(selector: str) -> str | None:
    """The code or name that a wrong selector probably means."""
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
