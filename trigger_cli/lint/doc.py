"""Parses a rule's docstring and renders it as Markdown."""

import re
from collections.abc import Iterable
from functools import cache

from trigger_cli.lint.rule import Rule
from trigger_cli.model import RuleHelp

PAGES = "docs/rules"
"""The folder of the rules' pages, relative because the project has no web address yet; SARIF asks
for an absolute ``helpUri``."""

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def summary(rule: Rule) -> str:
    """The first sentence of the rule's documentation."""
    return " ".join((rule.doc or "").strip().partition("\n\n")[0].split())


@cache
def sections(rule: Rule) -> dict[str, str]:
    """The documentation's sections by heading."""
    _, *parts = _HEADING.split(rule.doc or "")
    return {title: body.strip() for title, body in zip(parts[::2], parts[1::2], strict=True)}


def facts(rule: Rule) -> dict[str, str]:
    """The properties of a rule, for the table above its text."""
    severity: str = rule.severity
    if rule.server_severity is not None:
        severity = f"{severity}, with --dialect server: {rule.server_severity}"
    fix = {"safe": "with --fix", "unsafe": "with --unsafe-fixes", None: "none"}[rule.fixable]
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": severity,
        "dialects": ", ".join(rule.dialects),
        "fix": fix,
        "needs": _needs(rule),
    }


def _needs(rule: Rule) -> str:
    if rule.check_log is None:
        return "the definition alone"
    return "the definition; also uses a log (--log)" if rule.check else "a log (--log)"


def markdown(rule: Rule) -> str:
    """The whole documentation of a rule as one Markdown page."""
    about = facts(rule)
    lines = [f"# {about.pop('code')} {about.pop('name')}", "", summary(rule), ""]
    lines += [f"- {key.capitalize()}: {value}" for key, value in about.items()]
    for title, body in sections(rule).items():
        lines += ["", f"## {title}", "", body]
    return "\n".join(lines) + "\n"


def rule_help(rule: Rule) -> RuleHelp:
    """The documentation of `rule` as data."""
    return RuleHelp(
        rule.code, rule.name, rule.severity, summary(rule), markdown(rule), page(rule.code)
    )


def page(code: str) -> str:
    """The address of a rule's page."""
    return f"{PAGES}/{code}.md"


def pages(rules: Iterable[Rule]) -> dict[str, str]:
    """The pages of `rules` by their file names, and ``README.md``, which lists them."""
    rows = [
        f"| [{one.code}]({one.code}.md) | {one.name} | {one.severity} | {summary(one)} |"
        for one in rules
    ]
    head = ["# Lint rules", "", "| code | name | severity | summary |", "|---|---|---|---|"]
    index = "\n".join([*head, *rows]) + "\n"
    return {"README.md": index, **{f"{one.code}.md": markdown(one) for one in rules}}
