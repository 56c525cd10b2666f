"""``test --coverage``: which clauses of which triggers the tests have exercised, both ways."""

from __future__ import annotations

from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from trigger_cli.render.common.fitted import Column, FittedTable
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import child_path
from trigger_cli.render.common.plain import Encodable
from trigger_cli.render.common.plain_json import bounded
from trigger_cli.testing.coverage import AutomationCoverage, Clause, Coverage

_MANY = 200


def render_coverage(coverage: Coverage, console: Console, *, verbose: bool) -> None:
    """Show each automation's share and the clauses that lack a side; `verbose`: all of them."""
    _show("", console)
    _show(Text("Coverage", "bold underline"), console)
    for automation in coverage.automations:
        _automation(automation, console, verbose=verbose)
    seen = sum(one.seen for one in coverage.automations)
    total = sum(one.total for one in coverage.automations)
    text = f"{coverage.percent:.0f} % of {total:,} answers ({seen:,} seen)"
    _show(Text(text, "bold"), console)


def coverage_object(coverage: Coverage) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "percent": round(coverage.percent, 2),
        "automations": [
            {
                "automation": bounded(one.automation.name),
                "source": bounded(one.automation.source),
                "seen": one.seen,
                "total": one.total,
                "clauses": [_clause_object(clause) for clause in one.clauses.values()],
            }
            for one in coverage.automations
        ],
    }


def _clause_object(clause: Clause) -> dict[str, Any]:
    return {
        "trigger": clause.trigger,
        "clause": bounded(clause.name),
        "yes": clause.yes,
        "no": clause.no,
        "unseen": list(clause.unseen),
    }


def _automation(one: AutomationCoverage, console: Console, *, verbose: bool) -> None:
    percent = 100 * one.seen / one.total if one.total else 100
    style = "green" if one.seen == one.total else "yellow"
    name = inert(one.automation.name, 80)
    _show(
        Text.assemble(
            (f"{percent:3.0f} % ", style), (name, "bold"), (f"  {one.seen} of {one.total}", "dim")
        ),
        console,
    )
    clauses = [clause for clause in one.clauses.values() if verbose or clause.unseen][:_MANY]
    if not clauses:
        return
    nested = any(clause.trigger != "$" for clause in one.clauses.values())
    columns = [
        Column(
            "trigger",
            [Text(child_path(clause.trigger) if nested else "") for clause in clauses],
            style="dim",
        ),
        Column("clause", [Text(inert(clause.name, 120)) for clause in clauses], flexible=True),
        Column("answers", [_answers(clause) for clause in clauses]),
    ]
    table = FittedTable(columns, console.width - 6)
    _show(Padding(table.rows(0, len(clauses), with_header=False), (0, 0, 0, 6)), console)


def _answers(clause: Clause) -> Text:
    text = Text()
    for seen, word in ((clause.yes, clause.words.yes), (clause.no, clause.words.no)):
        text.append(", " if text else "")
        text.append(f"{'✓' if seen else '✗'} {word}", "green" if seen else "red")
    return text


def _show(part: RenderableType, console: Console) -> None:
    console.print(Encodable(part), markup=False, highlight=False, emoji=False)
