"""``trigger-cli lint``: check definitions, and compare them with a log."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import FOUND, USAGE, CommandError
from trigger_cli.dialects import dialects_in

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.lint import Settings
    from trigger_cli.lint.knowledge.facts import Facts
    from trigger_cli.lint.runner.config import Config, Configs
    from trigger_cli.lint.runner.session import ReadFile
    from trigger_cli.model import Finding

EXAMPLES = """\
Examples:

\b
  trigger-cli lint triggers/ prefect.yaml
  trigger-cli lint triggers.json --log events.jsonl
  trigger-cli lint triggers/ --select TRG2 --ignore run-name
  trigger-cli lint triggers/ --fix --diff
  trigger-cli lint triggers/ --format sarif --output lint.sarif
"""

_LEVELS = ("error", "warning", "info")
_LARGEST_BASELINE = 16 * 1024 * 1024

LintFormat: TypeAlias = Literal[
    "full", "concise", "json", "jsonl", "github", "gitlab", "junit", "sarif"
]
FailLevel: TypeAlias = Literal["error", "warning", "info"]


def _parse_dialects(text: str) -> str:
    dialects_in(text)
    return text


def lint(
    paths: Annotated[
        list[str],
        shared.argument("PATHS", "Definitions: files, directories, globs, or - for stdin."),
    ],
    log: Annotated[
        list[str] | None,
        shared.valued(
            "LOG",
            "Also check against a log (rules TRG8xx): path, glob, or -. Repeatable.",
            "--log",
            "-l",
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        shared.valued("RULE", "Run only these: codes, prefixes or names, with commas. Repeatable."),
    ] = None,
    ignore: Annotated[
        list[str] | None, shared.valued("RULE", "Do not run these. Repeatable.")
    ] = None,
    dialect: Annotated[
        str | None,
        typer.Option(
            parser=shared.reader(_parse_dialects),
            metavar="DIALECT[,DIALECT]",
            help="Where the definitions run: docs (Prefect Cloud, as documented), server-3.9 and the"
            " like (server: the newest), or both, which is docs and the two newest servers."
            "  [default: both]",
            show_default=False,
        ),
    ] = None,
    fail_level: Annotated[
        FailLevel | None,
        typer.Option(
            help="Exit 1 if a finding has this severity or a higher one.  [default: warning]",
            show_default=False,
        ),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Apply safe fixes to the files.")] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option(
            "--unsafe-fixes", help="With --fix or --diff: also unsafe fixes, to be reviewed."
        ),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")
    ] = False,
    output_format: Annotated[LintFormat, shared.formats("How to show findings.")] = "full",
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Show how often each rule found something.")
    ] = False,
    baseline: Annotated[
        Path | None, shared.valued("FILE", "Ignore the findings in this file.")
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write the findings to --baseline's file.")
    ] = False,
    config: Annotated[
        Path | None,
        shared.valued(
            "FILE", "The configuration.  [default: the nearest trigger-cli.toml or pyproject.toml]"
        ),
    ] = None,
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    color: shared.Color = "auto",
    width: shared.PlainWidth = None,
    quiet: Annotated[bool, shared.quiet("Show only the findings, no summary.")] = False,
    verbose: shared.Verbose = False,
) -> None:
    """Find triggers that do not do what they say.

    `trigger-cli rule TRG203` explains a rule. A comment `# trigger-cli: ignore[TRG203]` (in JSON
    `// …`) silences one line.
    """
    from trigger_cli.cli.output import consoles, make_stderr, open_output, require_view
    from trigger_cli.lint.runner.config import BadConfigError, Configs
    from trigger_cli.lint.runner.session import lint_files, read_files, renumbered

    shows_findings = output_format in {"full", "concise"}
    require_view(save, shows_one=shows_findings, output_format=output_format)
    if save is not None and (diff or write_baseline):
        raise CommandError("--save saves the shown findings, and none are shown here", USAGE)
    stderr = make_stderr(color)
    if write_baseline and baseline is None:
        raise CommandError("--write-baseline needs --baseline FILE", USAGE)
    if (paths + (log or [])).count("-") > 1:
        raise CommandError("only one input can be read from stdin (-)", USAGE)
    if fix and not diff and "-" in paths:
        raise CommandError("standard input cannot be fixed in place", USAGE, "use --diff")
    try:
        configs = Configs(config)
        settings_of = _settings_reader(configs, select, ignore, dialect)
        own = configs.here()
        files, unreadable = read_files(paths, sys.stdin.buffer)
        if fix or diff:
            files, changes = _mend(
                files, settings_of, stderr, unsafe=unsafe_fixes, write=not diff, quiet=quiet
            )
            if diff:
                with open_output(output) as file:
                    file.write(_inert_diff("".join(changes)))
                raise typer.Exit(USAGE if unreadable else FOUND if changes else 0)
            files = renumbered(files)
        facts = _facts(files, log or [], dialect or own.dialect, stderr, quiet=quiet)
        found = [*unreadable, *lint_files(files, settings_of, facts)]
    except BadConfigError as error:
        raise CommandError(str(error), USAGE) from None
    found.sort(key=lambda one: (one.file, one.span.line, one.span.column, one.code))
    if write_baseline and baseline is not None:
        _write_baseline(baseline, found, stderr)
        raise typer.Exit(USAGE if unreadable else 0)
    shown = _without_known(found, baseline or own.baseline, stderr, quiet=quiet)
    with open_output(output) as file:
        names = [one.file for one in files]
        for console in consoles(file, "lint", color=color, width=width, save=save):
            _show(shown, names, console, output_format, stats=statistics)
    if not quiet:
        _summarise(shown, files, stderr, verbose=verbose)
    raise typer.Exit(_exit_code(shown, unreadable, own, fail_level))


def _settings_reader(
    configs: Configs,
    select: list[str] | None,
    ignore: list[str] | None,
    dialect: str | None,
) -> Callable[[str], Settings]:
    """The settings of a file: the command line, else its configuration, else the defaults."""
    from trigger_cli.lint import RULES, Settings
    from trigger_cli.lint.runner.selection import UnknownSelectorError, check_selectors
    from trigger_cli.lint.runner.selection import select as choose

    chosen, refused = (
        [one.strip() for text in texts or [] for one in text.split(",") if one.strip()]
        for texts in (select, ignore)
    )
    try:
        check_selectors([*chosen, *refused])
    except UnknownSelectorError as error:
        raise CommandError(str(error), USAGE, "`trigger-cli rule --all` lists them") from None
    known: dict[tuple[tuple[str, ...], tuple[str, ...], str], Settings] = {}

    def settings_of(file: str) -> Settings:
        config = configs.of(file)
        key = (
            tuple(chosen) or config.select,
            (*config.ignored_in(file), *refused),
            dialect or config.dialect or "both",
        )
        if key not in known:
            known[key] = Settings(choose(RULES, key[0], key[1]), key[2])
        return known[key]

    return settings_of


def _mend(
    files: list[ReadFile],
    settings_of: Callable[[str], Settings],
    stderr: Console,
    *,
    unsafe: bool,
    write: bool,
    quiet: bool,
) -> tuple[list[ReadFile], list[str]]:
    """The files after their fixes, and what changed in each as a diff."""
    from trigger_cli.lint.runner.fixing import unified_diff
    from trigger_cli.lint.runner.rewriting import (
        ChangedMeanwhileError,
        ReadOnlyFileError,
        rewrite,
    )
    from trigger_cli.lint.runner.session import mend, mended
    from trigger_cli.render.common.inert import inert

    after: list[ReadFile] = []
    changes: list[str] = []
    count = 0
    for one in files:
        fixed = mend(one, settings_of(one.file), unsafe=unsafe)
        if fixed is None:
            after.append(one)
            continue
        if write:
            try:
                rewrite(one.file, one.content, fixed.text)
            except ReadOnlyFileError:
                text = f"warning: {inert(one.file, 400)} is read-only and stays as it is"
                stderr.print(text, style="yellow", soft_wrap=True)
                after.append(one)
                continue
            except ChangedMeanwhileError:
                message = "the file changed while it was linted; it is left as it is"
                raise CommandError(f"{one.file}: {message}", USAGE, "run it again") from None
            except OSError as error:
                reason = error.strerror or str(error)
                raise CommandError(f"cannot write {one.file}: {reason}", USAGE) from None
        count += len(fixed.fixes)
        changes.append(unified_diff(one.text or "", fixed.text, one.file))
        after.append(mended(one, fixed.text))
    if count and not quiet:
        verb = "Mended" if write else "Would mend"
        names = ", ".join(inert(change.split("\n", 1)[0][4:], 200) for change in changes[:3])
        stderr.print(f"{verb} {count} in {names}{' …' if len(changes) > 3 else ''}", soft_wrap=True)
    return after, changes


def _inert_diff(text: str) -> str:
    """A diff with control characters escaped, except line ends and tabs."""
    from trigger_cli.render.common.inert import inert

    lines = text.split("\n")
    return "\n".join("\t".join(inert(part, 10_000) for part in one.split("\t")) for one in lines)


def _facts(
    files: list[ReadFile], logs: list[str], dialect: str | None, stderr: Console, *, quiet: bool
) -> dict[int, Facts] | None:
    """The facts of each automation in the logs; ``None`` without a log."""
    if not logs:
        return None
    from trigger_cli.cli.inputs import reading, require_readable
    from trigger_cli.lint.runner.session import automations_of, gather_facts, names_of_interest
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import Reading
    from trigger_cli.render.common.inert import inert

    automations = automations_of(files)
    wanted = Reading(names_of_interest(automations), "occurred", with_received=False)
    reader = Log(logs, wanted)
    with reading(reader, quiet=quiet) as records:
        facts = gather_facts(automations, records, dialect or "both")
    require_readable(reader)
    if reader.stats.malformed and not quiet:
        count = reader.stats.malformed
        lines = f"{count} {'line' if count == 1 else 'lines'}"
        stderr.print(f"warning: {lines} of {inert(', '.join(logs), 200)} are no events")
    return facts


def _write_baseline(path: Path, findings: list[Finding], stderr: Console) -> None:
    from trigger_cli.cli.output import open_output
    from trigger_cli.lint.runner.baseline import dump_baseline

    with open_output(path) as file:
        file.write(dump_baseline(findings))
    stderr.print(f"Wrote {len(findings)} findings to {path}.", soft_wrap=True)


def _without_known(
    findings: list[Finding], path: Path | None, stderr: Console, *, quiet: bool
) -> list[Finding]:
    if path is None:
        return findings
    from trigger_cli.bounded_files import BadFileError, read_small
    from trigger_cli.lint.runner.baseline import BadBaselineError, read_baseline, subtract

    try:
        known = read_baseline(read_small(path, _LARGEST_BASELINE))
    except OSError as error:
        raise CommandError(
            f"cannot read the baseline {path}: {error.strerror or error}",
            USAGE,
            "make one with --write-baseline",
        ) from None
    except (BadBaselineError, BadFileError) as error:
        raise CommandError(f"the baseline {path}: {error}", USAGE) from None
    new, gone = subtract(findings, known)
    if not quiet:
        stale = f"; {gone} of its findings are gone" if gone else ""
        left_out = len(findings) - len(new)
        stderr.print(f"{left_out} known from the baseline{stale}", style="dim", soft_wrap=True)
    return new


def _show(
    findings: list[Finding],
    files: list[str],
    console: Console,
    output_format: LintFormat,
    *,
    stats: bool,
) -> None:
    from trigger_cli.render.common.findings import render_findings, render_findings_concisely
    from trigger_cli.render.lint import json_report, summary

    text = ""
    match output_format:
        case "json" | "jsonl" if stats:
            text = json_report.render_statistics_json(summary.statistics(findings), len(files))
        case _ if stats:
            text = summary.render_statistics(summary.statistics(findings))
        case "full":
            render_findings(findings, console)
        case "concise":
            render_findings_concisely(findings, console)
        case "json":
            text = json_report.render_json(findings, len(files))
        case "jsonl":
            text = json_report.render_jsonl(findings)
        case "github":
            from trigger_cli.render.lint.github import render_github

            text = render_github(findings)
        case "gitlab":
            from trigger_cli.render.lint.gitlab import render_gitlab

            text = render_gitlab(findings)
        case "junit":
            from trigger_cli.render.lint.junit import render_junit

            text = render_junit(findings, files)
        case "sarif":
            from trigger_cli import __version__
            from trigger_cli.lint import RULES
            from trigger_cli.lint.doc import rule_help
            from trigger_cli.render.lint.sarif import render_sarif

            text = render_sarif(findings, [rule_help(rule) for rule in RULES], __version__)
    console.file.write(text)


def _summarise(
    findings: list[Finding], files: list[ReadFile], stderr: Console, *, verbose: bool
) -> None:
    from trigger_cli.render.common.inert import inert
    from trigger_cli.render.lint.summary import summary

    stderr.print(summary(findings, len(files)), soft_wrap=True)
    empty = [name for one in files for name in one.definitions.without_triggers]
    for name in empty if verbose else empty[:3]:
        stderr.print(f"note: {inert(name, 400)} holds no triggers", style="dim", soft_wrap=True)


def _exit_code(
    findings: list[Finding],
    unreadable: list[Finding],
    own: Config,
    fail_level: FailLevel | None,
) -> int:
    if unreadable:
        return USAGE
    level = fail_level or own.fail_level or "warning"
    worst = _LEVELS[: _LEVELS.index(level) + 1]
    return FOUND if any(finding.severity in worst for finding in findings) else 0
