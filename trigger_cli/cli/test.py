"""``trigger-cli test``: run test files."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO, TypeAlias, assert_never

import typer
from msgspec.structs import replace

from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.failures import FOUND, LOG, USAGE, CommandError
from trigger_cli.model import Finding
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.words import counted, listed, quoted

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.definitions import Definitions
    from trigger_cli.model import BadLine, Event
    from trigger_cli.testing.coverage import Coverage
    from trigger_cli.testing.records import Scenario, Suite
    from trigger_cli.testing.running import Result

EXAMPLES = """\
Examples:

\b
  trigger-cli test tests/exports.trigger-test.yaml
  trigger-cli test tests/ --run 'two failures' --fail-fast
  trigger-cli test tests/ --coverage --min-coverage 80
  trigger-cli test tests/ --junit report.xml --only-failing
  trigger-cli test tests/ --format github
  trigger-cli test new.trigger-test.yaml --update

A test file:

\b
  triggers: triggers.json
  tests:
  - name: two failures within a minute
    events:
    - flow-run Failed name=daily at +0s x2 every 30s
    expect:
    - fires: 1
      at: +30s

`trigger-cli capture` cuts a test out of a log.
"""


ResultFormat: TypeAlias = Literal["table", "json", "github", "junit"]
Report: TypeAlias = "Callable[[list[Finding]], bool]"
"""Writes mistakes to the reports; returns whether a person sees them there."""
_LISTED = 8


def _parse_regex(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None


def run_tests(
    paths: Annotated[
        list[str],
        shared.argument(
            "FILES", "Test files, globs, - for stdin, or folders with *.trigger-test.yaml files."
        ),
    ],
    run: Annotated[
        re.Pattern[str] | None,
        shared.valued(
            "REGEX",
            "Run only tests whose name matches this regular expression.",
            "--run",
            parser=shared.reader(_parse_regex),
        ),
    ] = None,
    only_failing: Annotated[
        bool,
        typer.Option(
            "--only-failing", help="Show only the tests that fail; a JUnit report has all."
        ),
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop after the first test that fails.")
    ] = False,
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Write actual results into the test files: failed expectations are corrected,"
            " tests without any get them. The rest of a file is unchanged.",
        ),
    ] = False,
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage",
            help="Show which clauses of the triggers were exercised, with both answers.",
        ),
    ] = False,
    min_coverage: Annotated[
        float | None,
        shared.valued("PCT", "Exit 1 if fewer percent were exercised.", min=0, max=100),
    ] = None,
    junit: Annotated[Path | None, shared.written("Also write a JUnit report.", "--junit")] = None,
    output_format: Annotated[ResultFormat, shared.formats()] = "table",
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    color: shared.Color = "auto",
    width: shared.Width = None,
    quiet: Annotated[bool, shared.quiet("Show only the tests that fail, no summary.")] = False,
    verbose: shared.Verbose = False,
) -> None:
    """Run unit tests of triggers: events and expectations in a test file.

    A failed test shows expected against got, its place in the test file, and why the trigger did
    or did not fire.
    """
    from trigger_cli.cli.output import consoles, make_stderr, open_output, require_view
    from trigger_cli.testing.coverage import Coverage

    is_table = output_format == "table"
    require_view(save, shows_one=is_table, output_format=output_format)
    stderr = make_stderr(color)
    report = partial(_report_mistakes, output_format, output, junit)
    suites = _read(paths, stderr, update=update, report=report)
    chosen = [
        (suite, [one for one in suite.scenarios if run is None or run.search(one.name)])
        for suite in suites
    ]
    if not any(scenarios for _, scenarios in chosen):
        _nothing_to_run(suites, run)
    gathered = Coverage() if coverage or min_coverage is not None else None
    runner = _Runner(gathered, report, fail_fast=fail_fast)
    results = [(suite, runner.run(suite, scenarios)) for suite, scenarios in chosen]
    results = [(suite, of_suite) for suite, of_suite in results if of_suite]
    if gathered is not None:
        gathered.finish()
    if update and _update(results, stderr, quiet=quiet):
        results = _judged_again(results, _read(paths, stderr, update=False, report=report), report)
    hide = only_failing or quiet
    with open_output(output) as file:
        if is_table:
            from trigger_cli.render.testing.coverage import render_coverage
            from trigger_cli.render.testing.table import render_suite

            for console in consoles(file, "test", color=color, width=width, save=save):
                for suite, of_suite in results:
                    render_suite(suite, of_suite, console, only_failing=hide, verbose=verbose)
                if gathered is not None:
                    render_coverage(gathered, console, verbose=verbose)
        else:
            _write(results, gathered, file, output_format, only_failing=hide)
    if junit is not None:
        with open_output(junit) as file:
            _write(results, gathered, file, "junit", only_failing=hide)
    everything = [one for _, of_suite in results for one in of_suite]
    if not quiet:
        _warn_of_logs(everything, stderr)
        _sum_up(everything, runner, stderr)
        if coverage and gathered is not None and output_format not in {"table", "json"}:
            text = f"coverage is {gathered.percent:.1f} %; --format table or json shows the clauses"
            stderr.print(text, soft_wrap=True)
    exit_code = 0 if all(one.passed for one in everything) else FOUND
    if gathered is not None and min_coverage is not None and gathered.percent < min_coverage:
        text = f"coverage is {gathered.percent:.1f} %, expected {min_coverage:g} %"
        stderr.print(text, soft_wrap=True)
        exit_code = FOUND
    raise typer.Exit(LOG if any(one.error is not None for one in everything) else exit_code)


def _write(
    results: Sequence[tuple[Suite, Sequence[Result]]],
    coverage: Coverage | None,
    file: TextIO,
    output_format: ResultFormat,
    *,
    only_failing: bool,
) -> None:
    """Write the results in a format for programs."""
    from trigger_cli.cli.output import write_json

    match output_format:
        case "json":
            from trigger_cli.render.testing.json_report import results_object

            write_json(file, results_object(results, coverage, only_failing=only_failing))
        case "github":
            from trigger_cli.cli.git_changes import from_repository
            from trigger_cli.render.testing.github import render_github_failures

            placed = [(replace(one, file=from_repository(one.file)), r) for one, r in results]
            file.write(render_github_failures(placed))
        case "junit":
            from trigger_cli.render.testing.junit import junit_xml

            file.write(junit_xml(results))
        case "table":
            pass  # shown on consoles
        case _:
            assert_never(output_format)


# --- Reading -------------------------------------------------------------------------------


def _read(
    paths: Sequence[str],
    stderr: Console,
    *,
    update: bool,
    report: Report,
) -> list[Suite]:
    """Read every test file; reports all mistakes with `report`, and on stderr if that says no.

    Raises:
        CommandError: A test file, or a definition that it names, is wrong.
    """
    from trigger_cli.cli.inputs import require_files
    from trigger_cli.definitions import load
    from trigger_cli.definitions.files import STDIN, find_files, read_bytes
    from trigger_cli.render.common.findings import render_findings
    from trigger_cli.testing.reading import read_suite

    if update and STDIN in paths:
        raise CommandError("--update has no file to write to where tests come from stdin", USAGE)
    known: dict[str, Definitions] = {}

    def load_once(path: str) -> Definitions:
        if path not in known:
            known[path] = load([path])
        return known[path]

    suites = []
    problems = []
    for found in find_files(paths, with_tests=True):
        content = found if isinstance(found, Finding) else read_bytes(found, sys.stdin.buffer)
        if isinstance(content, Finding):
            problems.append(content)
            continue
        assert not isinstance(found, Finding)
        suite = read_suite(content, found.file, load_once, expectations_optional=update)
        suites.append(suite)
        problems += suite.findings
    errors = [one for one in problems if one.severity == "error"]
    if errors:
        is_told = report(problems)
        require_files(errors)
        if not is_told:
            render_findings(problems, stderr)
        raise CommandError(f"{counted(len(errors), 'error')} in the test files", USAGE)
    return suites


def _report_mistakes(
    output_format: ResultFormat, output: Path | None, junit: Path | None, problems: list[Finding]
) -> bool:
    """Write the mistakes in test files to the reports; returns whether a person sees them there."""
    from trigger_cli.cli.output import open_output

    reports = [output] if output_format == "junit" else []
    for path in [*reports, *([] if junit is None else [junit])]:
        from trigger_cli.render.testing.junit import junit_mistakes

        with open_output(path) as file:
            file.write(junit_mistakes([one for one in problems if one.severity == "error"]))
    if output_format == "github":
        from trigger_cli.cli.git_changes import from_repository
        from trigger_cli.render.lint.github import render_github

        placed = [replace(one, file=from_repository(one.file)) for one in problems]
        with open_output(output) as file:
            file.write(render_github(placed))
    return output_format == "github"


def _nothing_to_run(suites: Sequence[Suite], run: re.Pattern[str] | None) -> None:
    """Raise the error for a run without tests, which is not a success."""
    names = [one.name for suite in suites for one in suite.scenarios]
    if not suites:
        message = "no test files were found, so nothing was tested"
        advice = "in a folder, test files are called *.trigger-test.yaml"
    else:
        assert run is not None
        message = f"no test's name matches {run.pattern!r}, so nothing was tested"
        advice = f"the tests are: {listed(list(map(quoted, names)), _LISTED)}"
    raise CommandError(message, FOUND, advice)


# --- Running -------------------------------------------------------------------------------


class _Runner:
    """Runs tests; each set of logs is read once."""

    def __init__(self, coverage: Coverage | None, report: Report, *, fail_fast: bool) -> None:
        self._coverage = coverage
        self._report = report
        self._fail_fast = fail_fast
        self._logs: dict[tuple[str, ...], list[Event | BadLine]] = {}
        self.stopped = False
        """Whether --fail-fast skipped tests."""

    def run(self, suite: Suite, scenarios: Sequence[Scenario]) -> list[Result]:
        """Run scenarios of the suite, in order."""
        from trigger_cli.testing.running import run_scenario

        results: list[Result] = []
        watch = None if self._coverage is None else self._coverage.watch
        for scenario in scenarios:
            if self.stopped:
                break
            if self._coverage is not None:
                self._coverage.add(scenario.automations, scenario.name)
            self._read_logs(suite, scenario)
            for result in run_scenario(scenario, self._logs, watch):
                results.append(result)
                if self._fail_fast and not result.passed:
                    self.stopped = True
                    break
        return results

    def _read_logs(self, suite: Suite, scenario: Scenario) -> None:
        """Read the logs of the scenario that are not known yet.

        Raises:
            CommandError: A log cannot be read, is named twice, or has lines and no event.
        """
        from trigger_cli.cli.inputs import no_event_in, require_readable
        from trigger_cli.definitions.codes import UNREADABLE_FILE
        from trigger_cli.read.log import Log
        from trigger_cli.read.log_range import with_labels
        from trigger_cli.testing.records import LogFiles

        named: list[str] = []
        for source in scenario.events:
            if not isinstance(source, LogFiles):
                continue
            named += source.paths
            log = Log(list(source.paths))
            if source.paths not in self._logs:
                self._logs[source.paths] = list(with_labels(log))
            try:
                require_readable(log)
                require_readable(Log(named))
                if log.first_bad and not log.stats.events:
                    raise no_event_in(log.first_bad)
            except CommandError as error:
                wrong = [f"{one.source}: {one.message}" for one in log.unreadable]
                code, span = UNREADABLE_FILE, source.span
                self._report(
                    [code.finding(one, suite.file, span) for one in wrong or [error.message]]
                )
                place = f"{suite.file}:{span.line}:{span.column}"
                message = f"{place}: {error.message}"
                raise CommandError(message, error.exit_code, error.help_text) from None


# --- Updating ------------------------------------------------------------------------------


def _update(
    results: Sequence[tuple[Suite, Sequence[Result]]], stderr: Console, *, quiet: bool
) -> bool:
    """Write actual results into the files, and tell of each; returns whether any changed."""
    from trigger_cli.cli.output import open_output
    from trigger_cli.definitions import load
    from trigger_cli.testing.reading import read_suite
    from trigger_cli.testing.updating import corrections, updated

    changed = False
    for suite, of_suite in results:
        text = suite.text if all(one.passed for one in of_suite) else updated(suite, of_suite)
        if text == suite.text:
            if not quiet:
                stderr.print(f"unchanged {inert(suite.file, 400)}", soft_wrap=True)
            continue
        if read_suite(text, suite.file, lambda path: load([path])).has_errors:
            raise CommandError(
                f"{suite.file} is written in a way that --update cannot edit",
                USAGE,
                "write `expect` in block style, one `- fires: 1` a line, and in each test its own,"
                " not an alias",
            )
        with open_output(Path(suite.file)) as file:
            file.write(text)
        changed = True
        if not quiet:
            said = _what_was_updated(corrections(of_suite))
            stderr.print(f"updated {inert(suite.file, 400)}: {said}", soft_wrap=True)
    return changed


def _what_was_updated(found: Mapping[str, int]) -> str:
    """``2 expectations corrected in "a"; expectations added to "b"``."""
    corrected = [quoted(name) for name, many in found.items() if many]
    added = [quoted(name) for name, many in found.items() if not many]
    many = counted(sum(found.values()), "expectation")
    parts = [f"{many} corrected in {listed(corrected, _LISTED)}"] if corrected else []
    return "; ".join(parts + ([f"expectations added to {listed(added, _LISTED)}"] if added else []))


def _judged_again(
    results: Sequence[tuple[Suite, Sequence[Result]]], suites: Sequence[Suite], report: Report
) -> list[tuple[Suite, list[Result]]]:
    """The results of the same tests after the files were updated."""
    runner = _Runner(None, report, fail_fast=False)
    names = {s.file: {r.scenario.name for r in of_suite} for s, of_suite in results}
    return [
        (suite, runner.run(suite, [s for s in suite.scenarios if s.name in names[suite.file]]))
        for suite in suites
        if suite.file in names
    ]


def _warn_of_logs(results: Sequence[Result], stderr: Console) -> None:
    """Warn about lines of logs that are no events, and about events of logs that waited in vain (O4).

    A test's own events may wait so.
    """
    from trigger_cli.cli.output import warn
    from trigger_cli.testing.records import LogFiles
    from trigger_cli.views.lost_leaders import lost_leaders_said

    told: dict[str, None] = {}
    for one in results:
        name = quoted(one.scenario.name)
        if one.problems:
            first, more = one.problems[0], len(one.problems) - 1
            text = f"{inert(first.source, 400)}:{first.line}: {inert(first.message, 400)}"
            told[f"{name}: {text}" + (f" (and {more:,} more)" if more else "")] = None
        if one.leaderless and any(isinstance(each, LogFiles) for each in one.scenario.events):
            told[f"{name}: {lost_leaders_said(one.leaderless)}"] = None
    for text in told:
        warn(stderr, text)


def _sum_up(results: Sequence[Result], runner: _Runner, stderr: Console) -> None:
    errors = sum(one.error is not None for one in results)
    failed = sum(not one.passed for one in results) - errors
    text = f"{counted(len(results), 'test')}: "
    text += f"{len(results) - failed - errors} passed, {failed} failed"
    if errors:
        text += f", {counted(errors, 'error')}"
    if runner.stopped:
        text += "; stopped at the first failure (--fail-fast)"
    stderr.print(text, style="red" if failed or errors else "green", soft_wrap=True)
