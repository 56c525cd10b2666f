"""``trigger-cli rule``: the documentation of rules of the linter and the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import USAGE, CommandError

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.lint.rule import Rule
    from trigger_cli.semantics import SemanticRule

EXAMPLES = """\
Examples:

\b
  trigger-cli rule TRG203
  trigger-cli rule unknown-key
  trigger-cli rule E4 D7
  trigger-cli rule --all
  trigger-cli rule --all --format markdown > rules.md
"""

RuleFormat: TypeAlias = Literal["table", "markdown", "json"]


def rule(
    code: Annotated[
        list[str] | None,
        shared.argument(
            "[CODE]...", "Codes, prefixes or names of the linter's rules; ids of the engine's."
        ),
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Every rule.")] = False,
    output_format: Annotated[RuleFormat, shared.formats("How to show them.")] = "table",
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    color: shared.Color = "auto",
    width: shared.PlainWidth = None,
) -> None:
    """Explain a rule of the linter or of the engine, or list the linter's.

    The engine's rules (E4, P5) are those that every record of a replay names, and the differences
    between dialects (D7).
    """
    from trigger_cli.cli.output import consoles, open_output, require_view
    from trigger_cli.lint import RULES
    from trigger_cli.lint.runner.selection import UnknownSelectorError, check_selectors, select
    from trigger_cli.semantics import is_rule_id

    is_table = output_format == "table"
    require_view(save, shows_one=is_table, output_format=output_format)
    codes = code or []
    ids = [one.upper() for one in codes if is_rule_id(one)]
    wanted = [one for one in codes if not is_rule_id(one)]
    try:
        check_selectors(wanted)
    except UnknownSelectorError as error:
        raise CommandError(str(error), USAGE, "`trigger-cli rule --all` lists them") from None
    rules = (
        RULES if show_all or not (wanted or ids) else select(RULES, wanted, ()) if wanted else ()
    )
    semantic = _semantic(ids)
    with open_output(output) as file:
        for console in consoles(file, "rule", color=color, width=width, save=save):
            _show(rules, semantic, console, output_format)


def _semantic(ids: list[str]) -> list[SemanticRule]:
    from trigger_cli.semantics import semantic_rules

    known = semantic_rules() if ids else {}
    for one in ids:
        if one not in known:
            alike = ", ".join(other for other in known if other[0] == one[0])
            raise CommandError(
                f"there is no rule {one}", USAGE, f"there are {alike}" if alike else None
            )
    return [known[one] for one in ids]


def _show(
    rules: tuple[Rule, ...],
    semantic: list[SemanticRule],
    console: Console,
    output_format: RuleFormat,
) -> None:
    from trigger_cli.lint.doc import facts, markdown, sections, summary

    pages = [f"# {one.id} · {one.section}\n\n{one.markdown}\n" for one in semantic]
    match output_format:
        case "markdown":
            console.file.write("\n".join([*pages, *(markdown(one) for one in rules)]))
        case "json":
            from trigger_cli.cli.output import write_json

            values = [
                {**facts(one), "summary": summary(one), "sections": sections(one)} for one in rules
            ]
            value = {
                "format": "trigger-cli/rule@1",
                "rules": values,
                "semantics": [one._asdict() for one in semantic],
            }
            write_json(console.file, value)
        case "table" if semantic or len(rules) == 1:
            from rich.markdown import Markdown

            for page in [*pages, *(markdown(one) for one in rules)]:
                console.print(Markdown(page))
        case "table":
            from rich.table import Table

            table = Table(
                "code", "name", "severity", "differs", "fix", "", box=None, pad_edge=False
            )
            for one in rules:
                dialect = one.row or ""
                severity = one.severity
                table.add_row(
                    one.code, one.name, severity, dialect, one.fixable or "", summary(one)
                )
            console.print(table)
