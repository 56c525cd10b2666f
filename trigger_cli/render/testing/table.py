"""``test`` for people: a line for each test; below a failed one, details that help to fix it."""

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

from trigger_cli.model import Span
from trigger_cli.render.common.fitted import grid
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.plain import show, show_whole
from trigger_cli.render.common.view import INDENT, indented
from trigger_cli.render.common.words import counted
from trigger_cli.render.testing.explanation import explanation_lines
from trigger_cli.testing.judging import FailedExpectation
from trigger_cli.testing.records import Suite
from trigger_cli.testing.running import Result

_STYLES = {"-": "red", "+": "green", " ": "", "~": "dim"}
_LONGEST_LINE = 600
_LONGEST_SOURCE = 70
_LONGEST_NAME = 200
_SHOWN_FAILURES = 20
_SHOWN_WHYS = 5
_GAP = 1


def render_suite(
    suite: Suite,
    results: Sequence[Result],
    console: Console,
    *,
    only_failing: bool,
    verbose: bool,
) -> None:
    """Show the results of one file; with `only_failing`, only those of failed tests."""
    shown = [one for one in results if not (only_failing and one.passed)]
    if not shown:
        return
    show_whole(console, Text(inert(suite.file, 400), "bold underline"))
    several = {one.scenario.name for one in results if len(one.scenario.dialects) > 1}
    heads = [_head(one, with_dialect=one.scenario.name in several) for one in shown]
    room = console.width - 2 - 2 * _GAP - max(facts.cell_len for *_, facts in heads)
    names = max(min(max(name.cell_len for _, name, _ in heads), room), 1)
    for result, head in zip(shown, heads, strict=True):
        table = grid("left", "wrap", "left", gap=_GAP)
        table.columns[1].width = names
        table.add_row(*head)
        show(console, table)
        if verbose:
            for problem in result.problems[:5]:
                text = f"{inert(problem.source, 200)}:{problem.line}: {inert(problem.message, 300)}"
                show(console, indented(Text(text, "yellow"), 2))
        if result.error is not None:
            show_whole(console, _placed(suite, result.scenario.span, f"error: {result.error}"))
        for failure in result.failures[:_SHOWN_FAILURES]:
            _failure(suite, failure, console)
        for part in _explanation_lines(result):
            show(console, indented(part, 2))
        if not result.scenario.expects:
            show(
                console, indented(Text("expects nothing; --update writes what happened", "red"), 2)
            )
        hidden = len(result.failures) - _SHOWN_FAILURES
        if hidden > 0:
            show(console, indented(Text(f"… and {hidden:,} more failures", "dim"), 2))


def _head(result: Result, *, with_dialect: bool) -> tuple[Text, Text, Text]:
    """The mark, the name, and what happened."""
    style = "green" if result.passed else "bold red"
    name = Text(inert(result.scenario.name, _LONGEST_NAME), "" if result.passed else "bold")
    if with_dialect or result.dialect != "docs":
        name.append(f" [{result.rules}]", "cyan")
    facts = f"{counted(result.events, 'event')}, {counted(result.asked_firings, 'firing')}"
    # A name may end with a number: two blanks keep it apart.
    return Text("✓" if result.passed else "✗", style), name, Text(f" {facts}", "dim")


def _failure(suite: Suite, failure: FailedExpectation, console: Console) -> None:
    span = failure.span
    show_whole(console, _placed(suite, span, failure.message))
    source = suite.excerpt(span.line).strip().removeprefix("- ")
    if source != failure.diff[0].text:
        shown = inert(source, _LONGEST_SOURCE)
        show(console, indented(Text(f"{span.line} | {shown}", "dim"), 2))
    for line in failure.diff:
        text = Text(f"{line.mark} {inert(line.text, _LONGEST_LINE)}", _STYLES[line.mark])
        show(console, indented(text, 2))


def _placed(suite: Suite, span: Span, message: str) -> Text:
    place = f"{' ' * 2 * INDENT}{inert(suite.file, 400)}:{span.line}:{span.column}: "
    return Text.assemble((place, "bold"), inert(message, _LONGEST_LINE))


def _explanation_lines(result: Result) -> Iterator[RenderableType]:
    """The explanation of each automation that a failure refers to."""
    asked = {
        (one.automation.index, one.labels): one.automation
        for one in result.failures
        if one.automation is not None
    }
    start = result.happened.start
    for (_, labels), automation in list(asked.items())[:_SHOWN_WHYS]:
        explanation = result.explainer.explain(automation, labels)
        table = grid("left", "wrap", gap=1)
        for place, line in enumerate(explanation_lines(explanation, start)):
            table.add_row(Text("why" if place == 0 else "", "cyan"), Text(line))
        yield table
    if result.failures:
        yield ""
