"""``trigger-cli rule``: what a rule of the linter does, and why."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.options import ColorMode
from trigger_cli.cli.shared_options import SavedView

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.lint.rule import Rule

EXAMPLES = """\
Examples:

\b
  trigger-cli rule TRG203
  trigger-cli rule unknown-key
  trigger-cli rule --all
  trigger-cli rule --all --format markdown > rules.md
"""


class RuleFormat(StrEnum):
    """How to show rules."""

    table = "table"
    markdown = "markdown"
    json = "json"


def rule(
    code: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CODE]...", help="Codes, prefixes or names of rules.", show_default=False
        ),
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Every rule.")] = False,
    output_format: Annotated[
        RuleFormat, typer.Option("--format", "-f", help="How to show them.")
    ] = RuleFormat.table,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to this file.", show_default=False
        ),
    ] = None,
    save: SavedView = None,
    color: Annotated[
        ColorMode, typer.Option(help="Colour; auto heeds NO_COLOR and FORCE_COLOR.")
    ] = ColorMode.auto,
    width: Annotated[
        int | None, typer.Option(min=20, metavar="N", help="Columns.", show_default=False)
    ] = None,
) -> None:
    """Explain a rule of the linter, or list them all."""
    from trigger_cli.cli.output import open_output
    from trigger_cli.cli.saving import consoles, require_view
    from trigger_cli.lint import RULES
    from trigger_cli.lint.selection import UnknownSelectorError, check_selectors, select

    is_table = output_format is RuleFormat.table
    require_view(save, shows_one=is_table, output_format=output_format)
    wanted = code or []
    try:
        check_selectors(wanted, RULES)
    except UnknownSelectorError as error:
        raise CommandError(str(error), USAGE, "`trigger-cli rule --all` lists them") from None
    rules = RULES if show_all or not wanted else select(RULES, wanted, ())
    with open_output(output) as file:
        title = "trigger-cli rule"
        for console in consoles(file, color=color, width=width, save=save, title=title):
            _show(rules, console, file, output_format)


def _show(
    rules: tuple[Rule, ...], console: Console, file: TextIO, output_format: RuleFormat
) -> None:
    from trigger_cli.lint.doc import facts, markdown, sections, summary

    match output_format:
        case RuleFormat.markdown:
            file.write("\n".join(markdown(one) for one in rules))
        case RuleFormat.json:
            from trigger_cli.render.plain_json import json_document

            values = [
                {**facts(one), "summary": summary(one), "sections": sections(one)} for one in rules
            ]
            value = {"format": "trigger-cli/rule@1", "rules": values}
            file.write(json_document(value))
        case RuleFormat.table if len(rules) == 1:
            from rich.markdown import Markdown

            console.print(Markdown(markdown(rules[0])))
        case RuleFormat.table:
            from rich.table import Table

            table = Table(
                "code", "name", "severity", "dialect", "fix", "", box=None, pad_edge=False
            )
            for one in rules:
                dialect = "" if len(one.dialects) > 1 else one.dialects[0]
                severity = one.severity
                table.add_row(
                    one.code, one.name, severity, dialect, one.fixable or "", summary(one)
                )
            console.print(table)
