"""``trigger-cli lint``: check definitions, and compare them with a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NoReturn,
    TypeAlias,
    assert_never,
    get_args,
)

import typer
from msgspec.structs import replace

from trigger_cli import __version__
from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.completion import complete_dialects, complete_selectors
from trigger_cli.cli.failures import FOUND, USAGE, CommandError
from trigger_cli.dialects import dialects_in
from trigger_cli.model import Severity
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.words import listed, quoted

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.lint.knowledge.facts import Facts
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
  trigger-cli lint triggers/ --add-ignore --diff
  trigger-cli lint triggers/ --watch --format concise
  trigger-cli lint triggers/ --changed-since origin/main
  trigger-cli lint - --stdin-filename prefect.yaml < prefect.yaml
"""

LintFormat: TypeAlias = Literal[
    "full", "concise", "json", "jsonl", "github", "gitlab", "junit", "rdjson", "sarif"
]
_LEVELS = get_args(Severity)
_NOT_WATCHED = ("fix", "add_ignore", "write_baseline", "output", "save", "diff", "show_settings")


def _parse_dialects(text: str) -> str:
    dialects_in(text)
    return text


def lint(
    paths: Annotated[
        list[str],
        shared.argument("PATHS", "Definitions: files, folders, globs, or - for stdin."),
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
        shared.valued(
            "RULE",
            "Run only these: codes, prefixes or names, with commas. Repeatable.",
            autocompletion=complete_selectors,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        shared.valued("RULE", "Do not run these. Repeatable.", autocompletion=complete_selectors),
    ] = None,
    dialect: Annotated[
        str | None,
        typer.Option(
            parser=shared.reader(_parse_dialects),
            autocompletion=complete_dialects,
            metavar="DIALECT[,DIALECT]",
            help="Where the definitions run: docs (Prefect Cloud, as documented), server-3.9 and the"
            " like (server: the newest), or both, which is docs and the two newest servers."
            "  [default: both]",
            show_default=False,
        ),
    ] = None,
    fail_level: Annotated[
        Severity | None,
        typer.Option(
            help="Exit 1 if a finding has this severity or a higher one.  [default: warning]",
            show_default=False,
        ),
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit 0 even if there are findings or fixes.")
    ] = False,
    stdin_filename: Annotated[
        str | None,
        shared.valued(
            "NAME",
            "With -: the name of the text in findings; it chooses JSON or YAML, and the configuration.",
        ),
    ] = None,
    changed: Annotated[
        bool,
        typer.Option(
            "--changed",
            help="Only files that the git branch changed since it diverged from the default branch, and"
            " files that are not committed; all findings in them, also on lines that are as before.",
        ),
    ] = False,
    changed_since: Annotated[
        str | None,
        shared.valued("BASE", "The same, since it diverged from this branch, tag or commit."),
    ] = None,
    show_settings: Annotated[
        bool,
        typer.Option(
            "--show-settings",
            help="Show which rules run on which files, and where each setting comes from; lint nothing.",
        ),
    ] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Apply safe fixes to the files.")] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option(
            "--unsafe-fixes", help="With --fix or --diff: also unsafe fixes, to be reviewed."
        ),
    ] = False,
    add_ignore: Annotated[
        bool,
        typer.Option(
            "--add-ignore",
            help="Write a comment that silences each finding into the files. Plain JSON has no"
            " comments and is left alone.",
        ),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option(
            "--diff", help="Show what --fix or --add-ignore would change, and change nothing."
        ),
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
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Lint again whenever a definition, log or setting changes; until Ctrl-C.",
        ),
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
    `// …`) silences one line; --add-ignore writes such comments.
    """
    given = dict(locals())
    from trigger_cli.cli.lint_baseline import without_known, write_known
    from trigger_cli.cli.lint_changes import Rewriting, fixed, silenced
    from trigger_cli.cli.lint_settings import choices_reader, settings_reader, show_choices
    from trigger_cli.cli.output import consoles, make_stderr, open_output
    from trigger_cli.lint.runner.choices import DEFAULT_FAIL_LEVEL
    from trigger_cli.lint.runner.config import BadConfigError, Configs
    from trigger_cli.lint.runner.session import in_order, lint_files, read_files

    logs = log or []
    _require_one_answer(
        output_format,
        save,
        show_settings=show_settings,
        statistics=statistics,
        shown=not (diff or write_baseline),
    )
    _require_one_change(
        baseline, write=write_baseline, fixes=fix or unsafe_fixes, ignores=add_ignore
    )
    if unsafe_fixes and not (fix or diff):
        raise CommandError("--unsafe-fixes needs --fix or --diff", USAGE)
    by_git = changed or changed_since is not None
    in_place = (fix or add_ignore) and not diff
    _require_readable_stdin(paths, logs, stdin_filename, in_place=in_place, by_git=by_git)
    stderr = make_stderr(color)
    if watch:
        _watch(given, stderr)
    try:
        configs = Configs(config)
        choices_of = choices_reader(configs, select, ignore, dialect)
        settings_of = settings_reader(choices_of)
        own = configs.here()
        known = baseline or own.baseline
        is_wanted = _changed_files(changed_since, stderr, quiet=quiet) if by_git else lambda _: True
        files, unreadable = read_files(paths, sys.stdin.buffer, stdin_filename or "-", is_wanted)
        if show_settings:
            with open_output(output) as file:
                show_choices(
                    file,
                    files,
                    choices_of,
                    own,
                    fail_level,
                    baseline,
                    as_json=output_format == "json",
                )
            raise typer.Exit(USAGE if unreadable else 0)
        rewriting = Rewriting(
            stderr, output, bool(unreadable), only_shows=diff, exit_zero=exit_zero, quiet=quiet
        )
        if fix or (diff and not add_ignore):
            files = rewriting.of(
                files, partial(fixed, settings_of, unsafe=unsafe_fixes), "fix", "Fixed"
            )
        facts = facts_of(files, logs, dialect or own.dialect, stderr, quiet=quiet)
        found = [*unreadable, *lint_files(files, settings_of, facts)]
        if add_ignore:
            left = without_known(found, {}, known, stderr, quiet=True)
            files = rewriting.of(
                files, partial(silenced, left, stderr, quiet=quiet), "silence", "Silenced"
            )
            found = [*unreadable, *lint_files(files, settings_of, facts)]
    except BadConfigError as error:
        raise CommandError(str(error), USAGE) from None
    found = in_order(found)
    if write_baseline and baseline is not None:
        write_known(baseline, found, stderr)
        raise typer.Exit(USAGE if unreadable else 0)
    looked_for = {
        one.file: settings_of(one.file).codes(with_log=facts is not None)
        for one in files
        if known is not None
    }
    shown = without_known(found, looked_for, known, stderr, quiet=quiet)
    level = fail_level or own.fail_level or DEFAULT_FAIL_LEVEL
    failing = _LEVELS[: _LEVELS.index(level) + 1]
    with open_output(output) as file:
        for console in consoles(file, "lint", color=color, width=width, save=save):
            _show(shown, files, console, output_format, failing, stats=statistics)
    if not quiet:
        _summarise(shown, files, stderr, verbose=verbose)
    fails = not exit_zero and any(one.severity in failing for one in shown)
    raise typer.Exit(USAGE if unreadable else FOUND if fails else 0)


# --- What goes together ------------------------------------------------------------------------


def _require_one_answer(
    output_format: LintFormat,
    save: Path | None,
    *,
    show_settings: bool,
    statistics: bool,
    shown: bool,
) -> None:
    """Refuse a format or a file that the answer does not have; `shown`: it is the findings."""
    from trigger_cli.cli.output import require_view

    is_view = output_format in {"full", "concise"}
    if show_settings and not (is_view or output_format == "json"):
        raise CommandError("--show-settings has the formats full and json", USAGE)
    if statistics and not (is_view or output_format in {"json", "jsonl"}):
        raise CommandError("--statistics has the formats full, json and jsonl", USAGE)
    require_view(save, shows_one=is_view, output_format=output_format)
    none = "the shown findings, and none are shown here"
    if save is not None and (show_settings or not shown):
        raise CommandError(f"--save saves {none}", USAGE)
    if statistics and (show_settings or not shown):
        raise CommandError(f"--statistics counts {none}", USAGE)
    if not (is_view or show_settings or shown):
        raise CommandError(f"--format {output_format} writes {none}", USAGE, "leave out --format")


def _require_one_change(baseline: Path | None, *, write: bool, fixes: bool, ignores: bool) -> None:
    """Refuse changes that exclude each other, and a baseline to `write` that has no name."""
    if write and baseline is None:
        raise CommandError("--write-baseline needs --baseline FILE", USAGE)
    if ignores and (fixes or write):
        raise CommandError(
            "--add-ignore cannot be combined with --fix, --unsafe-fixes or --write-baseline",
            USAGE,
            "run them one after the other",
        )


def _require_readable_stdin(
    paths: list[str], logs: list[str], name: str | None, *, in_place: bool, by_git: bool
) -> None:
    """Refuse to read stdin twice, to change it `in_place`, or to ask git about it."""
    if "-" not in paths:
        if name is not None:
            raise CommandError(
                "--stdin-filename names what is read from stdin", USAGE, "give the path -"
            )
    elif in_place:
        raise CommandError("standard input cannot be changed in place", USAGE, "use --diff")
    elif by_git:
        raise CommandError("git does not know what is read from stdin", USAGE, "name files")
    if (paths + logs).count("-") > 1:
        raise CommandError("only one input can be read from stdin (-)", USAGE)


def _watch(given: dict[str, Any], stderr: Console) -> NoReturn:
    """Lint after every change of a file; `given` are the command's parameters.

    Raises:
        CommandError: There is more to do than to show findings, or standard input to read.
    """
    from trigger_cli.cli.output import make_console
    from trigger_cli.cli.polling import definitions_and_settings, run_again_on_changes
    from trigger_cli.events.sources import find_sources
    from trigger_cli.lint.runner.config import BadConfigError, Configs

    if any(map(given.get, _NOT_WATCHED)) or "-" in [*given["paths"], *(given["log"] or [])]:
        raise CommandError(
            "--watch cannot be combined with -, --diff, --show-settings or an option that writes",
            USAGE,
        )
    stdout = make_console(sys.stdout, color=given["color"], width=None)

    def run() -> None:
        if stdout.is_terminal:
            stdout.clear()
        lint(**{**given, "watch": False})

    def files() -> set[str]:
        named = [one.name for one in find_sources(given["log"] or [], None)]
        settings = [given["config"], given["baseline"]]
        with suppress(BadConfigError):
            settings.append(Configs(given["config"]).here().baseline)
        named += [str(one) for one in settings if one is not None]
        return definitions_and_settings(given["paths"], named)

    run_again_on_changes(run, files, stderr, quiet=given["quiet"])


def _changed_files(base: str | None, stderr: Console, *, quiet: bool) -> Callable[[str], bool]:
    """A function that returns whether git reports a file as changed."""
    from trigger_cli.cli.git_changes import changes_since
    from trigger_cli.cli.output import note

    changes = changes_since(base)
    if not quiet:
        note(stderr, f"only files changed since {inert(changes.base, 200)}")
    return changes.has


def facts_of(
    files: list[ReadFile], logs: list[str], dialect: str | None, stderr: Console, *, quiet: bool
) -> dict[int, Facts] | None:
    """The facts of each automation in the logs; ``None`` without a log."""
    if not logs:
        return None
    from trigger_cli.cli.inputs import reading, report_log, require_readable
    from trigger_cli.lint.runner.session import automations_of, gather_facts, names_of_interest
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import Reading

    automations = automations_of(files)
    wanted = Reading(names_of_interest(automations), "occurred", with_received=False)
    reader = Log(logs, wanted)
    with reading(reader, quiet=quiet) as records:
        facts = gather_facts(automations, records, dialect or "both")
    require_readable(reader)
    report_log(
        reader,
        stderr,
        leaderless=max((one.leaderless for one in facts.values()), default=0),
        quiet=quiet,
    )
    return facts


def _show(
    findings: list[Finding],
    files: list[ReadFile],
    console: Console,
    output_format: LintFormat,
    failing: Sequence[str],
    *,
    stats: bool,
) -> None:
    from trigger_cli.cli.git_changes import from_repository
    from trigger_cli.render.lint import json_report, summary

    if output_format in {"github", "gitlab", "sarif"}:
        findings = [replace(one, file=from_repository(one.file)) for one in findings]
    text = ""
    match output_format:
        case "json" | "jsonl" if stats:
            text = json_report.render_statistics_json(summary.statistics(findings), len(files))
        case _ if stats:
            text = summary.render_statistics(summary.statistics(findings))
        case "full":
            from trigger_cli.render.common.findings import render_findings

            render_findings(findings, console)
        case "concise":
            from trigger_cli.render.common.findings import render_findings_concisely

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

            text = render_junit(findings, [one.file for one in files], failing)
        case "rdjson":
            from trigger_cli.lint import RULES
            from trigger_cli.lint.doc import rule_help
            from trigger_cli.render.lint.rdjson import render_rdjson

            lines = {one.file: one.lines for one in files}
            text = render_rdjson(findings, [rule_help(rule) for rule in RULES], lines)
        case "sarif":
            from trigger_cli.lint import RULES
            from trigger_cli.lint.doc import rule_help
            from trigger_cli.render.lint.sarif import render_sarif

            text = render_sarif(findings, [rule_help(rule) for rule in RULES], __version__)
        case _:
            assert_never(output_format)
    console.file.write(text)


def _summarise(
    findings: list[Finding], files: list[ReadFile], stderr: Console, *, verbose: bool
) -> None:
    from trigger_cli.cli.output import note
    from trigger_cli.render.lint.summary import summary

    stderr.print(summary(findings, len(files)), soft_wrap=True)
    for one in files:
        if names := one.not_loaded:
            said = listed([quoted(name) for name in names], len(names) if verbose else 3)
            until = "until the errors are corrected, other rules do not check"
            note(stderr, f"{inert(one.file, 400)}: {until} {said}")
    empty = [name for one in files for name in one.definitions.without_triggers]
    for name in empty if verbose else empty[:3]:
        note(stderr, f"{inert(name, 400)} holds no triggers")
