"""``test --coverage``: the clauses of triggers that the tests exercise, with both answers."""

from collections import Counter
from typing import Any

from rich.console import Console
from rich.text import Text

from trigger_cli.render.common.fitted import FittedTable
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import child_path, short_path
from trigger_cli.render.common.plain import show
from trigger_cli.render.common.plain_json import bounded
from trigger_cli.render.common.view import indented
from trigger_cli.render.common.words import quoted
from trigger_cli.testing.coverage import AutomationCoverage, Clause, Coverage

_MANY = 200


def render_coverage(coverage: Coverage, console: Console, *, verbose: bool) -> None:
    """Show each automation's share and its incomplete clauses; `verbose`: all clauses."""
    show(console, "", Text("Coverage", "bold underline"))
    names = Counter(one.automation.name for one in coverage.automations)
    for automation in coverage.automations:
        is_one = names[automation.automation.name] == 1
        _automation(automation, console, verbose=verbose, is_named=is_one)
    seen = sum(one.seen for one in coverage.automations)
    total = sum(one.total for one in coverage.automations)
    text = f"{coverage.percent:.0f} % of {total:,} answers ({seen:,} seen)"
    show(console, Text(text, "bold"))


def coverage_object(coverage: Coverage) -> dict[str, Any]:
    """The coverage as JSON."""
    return {
        "percent": round(coverage.percent, 2),
        "automations": [
            {
                "automation": bounded(one.automation.name),
                "source": bounded(one.automation.source),
                "test": bounded(one.test),
                "seen": one.seen,
                "total": one.total,
                "clauses": [
                    {
                        "trigger": clause.trigger,
                        "clause": bounded(clause.name),
                        "yes": clause.yes,
                        "no": clause.no,
                        "unseen": list(clause.unseen),
                    }
                    for clause in one.clauses.values()
                ],
            }
            for one in coverage.automations
        ],
    }


def _automation(
    one: AutomationCoverage, console: Console, *, verbose: bool, is_named: bool
) -> None:
    """Show one automation; unless its name is its own (`is_named`), with its test and file."""
    percent = 100 * one.seen / one.total if one.total else 100
    style = "green" if one.seen == one.total else "yellow"
    name = inert(one.automation.name, 80)
    share = (f"{percent:3.0f} % ", style)
    where = "" if is_named else f" of {quoted(one.test)}, {short_path(one.automation.source)}"
    counts = (f"  {one.seen} of {one.total}", "dim")
    show(console, Text.assemble(share, (name, "bold"), where, counts))
    clauses = [clause for clause in one.clauses.values() if verbose or clause.unseen][:_MANY]
    if not clauses:
        return
    nested = any(clause.trigger != "$" for clause in one.clauses.values())
    rows = [
        (child_path(clause.trigger) if nested else "", inert(clause.name, 120), _answers(clause))
        for clause in clauses
    ]
    heads = ("trigger", "~clause", "answers")
    table = FittedTable(heads, rows, console.width - 6, dim=["trigger"])
    show(console, indented(table.rows(with_header=False), 3))


def _answers(clause: Clause) -> Text:
    text = Text()
    for seen, word in ((clause.yes, clause.words.yes), (clause.no, clause.words.no)):
        text.append(", " if text else "")
        text.append(f"{'✓' if seen else '✗'} {word}", "green" if seen else "red")
    return text
