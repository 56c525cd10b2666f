"""``trigger-cli rule``: the documentation of rules of the linter, the engine and test files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias, assert_never

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.completion import complete_documented
from trigger_cli.cli.failures import USAGE, CommandError

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = """\
Examples:

\b
  trigger-cli rule TRG203
  trigger-cli rule unknown-key
  trigger-cli rule E4 D7 TST102
  trigger-cli rule negation
  trigger-cli rule --all
  trigger-cli rule --all --format markdown > rules.md
"""

RuleFormat: TypeAlias = Literal["table", "markdown", "json"]
_Kind: TypeAlias = Literal["rules", "semantics", "test_codes"]


class _Entry(NamedTuple):
    """One documented item."""

    kind: _Kind
    """The key of the list in the JSON output."""
    code: str
    name: str
    severity: str
    differs: str
    fix: str
    summary: str
    page: str
    """The documentation as Markdown."""
    value: dict[str, Any]
    """The documentation as JSON."""

    def has(self, words: Iterable[str]) -> bool:
        """Whether name or text, without examples, contain all of `words`; case does not count."""
        text = " ".join([self.code, self.name, *self.page.split("```")[::2]]).casefold()
        return all(word in text for word in words)


def rule(
    code: Annotated[
        list[str] | None,
        shared.argument(
            "[CODE|WORD]...",
            "Codes, prefixes or names of the linter's rules; ids of the engine's; codes of mistakes in"
            " test files. Other words find the rules that have all of them in their name or text.",
            autocompletion=complete_documented,
        ),
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Every rule of the linter.")] = False,
    output_format: Annotated[RuleFormat, shared.formats("How to show them.")] = "table",
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    color: shared.Color = "auto",
    width: shared.PlainWidth = None,
) -> None:
    """Explain a rule of the linter or of the engine, find rules by words, or list the linter's.

    The engine's rules (E4, P5) are those that every record of a replay names, and the differences
    between dialects (D7). TST102 and the like are mistakes in test files.
    """
    from trigger_cli.cli.output import consoles, open_output, require_view
    from trigger_cli.semantics import is_rule_id

    is_table = output_format == "table"
    require_view(save, shows_one=is_table, output_format=output_format)
    if show_all or not code:
        chosen, is_list = [one for one in _entries() if one.kind == "rules"], True
    else:
        # The linter's rules take 50 ms to load.
        entries = _of_engine() if all(map(is_rule_id, code)) else _entries()
        chosen, is_list = _chosen(list(entries), code)
    with open_output(output) as file:
        for console in consoles(file, "rule", color=color, width=width, save=save):
            _show(chosen, console, output_format, is_list=is_list and len(chosen) > 1)


def _entries() -> Iterator[_Entry]:
    """All documented items."""
    from trigger_cli.lint import RULES
    from trigger_cli.lint.doc import facts, markdown, sections, summary
    from trigger_cli.testing.codes import MISTAKES

    for one in RULES:
        about = {**facts(one), "summary": summary(one), "sections": sections(one)}
        head = (one.code, one.name, one.severity, one.row or "", one.fixable or "")
        yield _Entry("rules", *head, summary(one), markdown(one), about)
    yield from _of_engine()
    for mistake in MISTAKES:
        about = {**mistake.about._asdict(), "summary": mistake.summary, "advice": mistake.advice}
        yield _Entry("test_codes", *mistake.about, "", "", mistake.summary, mistake.markdown, about)


def _of_engine() -> Iterator[_Entry]:
    """The rules of the engine and the differences between dialects."""
    from trigger_cli.dialects import DIFFERENCE_BY_ID
    from trigger_cli.render.common.words import as_heading
    from trigger_cli.semantics import semantic_rules

    for semantic in semantic_rules().values():
        title = semantic.section
        first = semantic.markdown.partition("\n")[0].partition(". ")[0].rstrip(".:")
        if difference := DIFFERENCE_BY_ID.get(semantic.id):
            title = first = as_heading(difference.on).rstrip(".")
        page = f"# {semantic.id} · {title}\n\n{semantic.markdown}\n"
        head = (semantic.id, semantic.section, "", "", "")
        yield _Entry("semantics", *head, f"{first}.", page, semantic._asdict())


def _chosen(entries: Sequence[_Entry], arguments: Sequence[str]) -> tuple[list[_Entry], bool]:
    """The entries that the arguments name, and those that contain all remaining words.

    The flag is true if a prefix or words chose them: then they are listed, not printed in full.

    Raises:
        CommandError: An id is unknown, or nothing contains the words.
    """
    from trigger_cli.semantics import is_rule_id

    found: list[_Entry] = []
    others: list[str] = []
    is_list = False
    for one in arguments:
        if is_rule_id(one):
            found.append(_semantic(entries, one.upper()))
            continue
        named = _named(entries, one)
        found += named
        is_list = is_list or len(named) > 1
        others += [] if named else [one]
    if others:
        words = " ".join(others).casefold().split()
        told = [one for one in entries if words and one.has(words)]
        if not told:
            raise _nothing(others)
        # Entries whose name contains all words come first.
        found += sorted(told, key=lambda one: not all(word in one.name for word in words))
        is_list = True
    each = {one.code: one for one in found}
    return list(each.values()), is_list


def _named(entries: Sequence[_Entry], selector: str) -> list[_Entry]:
    """The entries of a code, a prefix or a name; case does not count for codes."""
    from trigger_cli.lint import RULES
    from trigger_cli.lint.runner.selection import select

    codes = {one.code for text in {selector, selector.upper()} for one in select(RULES, [text], ())}
    tests = selector.upper() if selector.upper().startswith("TST") else "no code"
    return [one for one in entries if one.code in codes or one.code.startswith(tests)]


def _semantic(entries: Sequence[_Entry], wanted: str) -> _Entry:
    known = {one.code: one for one in entries if one.kind == "semantics"}
    if wanted not in known:
        alike = ", ".join(other for other in known if other[0] == wanted[0])
        raise CommandError(
            f"there is no rule {wanted}", USAGE, f"there are {alike}" if alike else None
        )
    return known[wanted]


def _nothing(others: Sequence[str]) -> CommandError:
    from trigger_cli.explain.causes import CAUSES
    from trigger_cli.lint.runner.selection import near_selector

    text = " ".join(others)
    if text in CAUSES:
        return CommandError(
            f"`{text}` is no rule: it is a cause that `explain` finds",
            USAGE,
            "`trigger-cli explain --codes` describes it",
        )
    near = near_selector(text) or near_selector(text.upper())
    hint = f"; did you mean {near}?" if near else ""
    return CommandError(
        f"no rule is called `{text}` or has {'it' if len(others) == 1 else 'these words'} in its text{hint}",
        USAGE,
        "`trigger-cli rule --all` lists the linter's rules",
    )


def _show(
    entries: Sequence[_Entry], console: Console, output_format: RuleFormat, *, is_list: bool
) -> None:
    match output_format:
        case "markdown":
            console.file.write("\n".join(one.page for one in entries))
        case "json":
            from trigger_cli.cli.output import write_json

            kinds: tuple[_Kind, ...] = ("rules", "semantics", "test_codes")
            value: dict[str, Any] = {"format": "trigger-cli/rule@1"}
            value |= {kind: [one.value for one in entries if one.kind == kind] for kind in kinds}
            write_json(console.file, value)
        case "table" if not is_list:
            from trigger_cli.render.common.pages import MarkdownPage
            from trigger_cli.render.common.plain import show

            for one in entries:
                show(console, MarkdownPage(one.page))
        case "table":
            from trigger_cli.render.common.fitted import FittedTable
            from trigger_cli.render.common.plain import show

            heads = ("code", "~name", "severity", "differs", "fix", "~")
            rows = [one[1:7] for one in entries]
            show(console, FittedTable(heads, rows, console.width).rows())
        case _:
            assert_never(output_format)
