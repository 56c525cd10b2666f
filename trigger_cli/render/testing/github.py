"""``test --format github``: failures as GitHub Actions annotations."""

from collections.abc import Iterator, Sequence

from trigger_cli.render.common.annotations import annotation
from trigger_cli.render.common.inert import inert
from trigger_cli.render.testing.explanation import failure_lines, titled
from trigger_cli.testing.records import Suite
from trigger_cli.testing.running import Result

_LONG = 1_000


def render_github_failures(suites: Sequence[tuple[Suite, Sequence[Result]]]) -> str:
    """A line for each expectation that was not met; no line for tests that pass."""
    return "".join(
        line for suite, of_suite in suites for one in of_suite for line in _lines(suite, one)
    )


def _lines(suite: Suite, result: Result) -> Iterator[str]:
    title = titled(result)
    if result.error is not None:
        yield annotation(
            "error", suite.file, result.scenario.span, title, [inert(result.error, _LONG)]
        )
    for failure in result.failures:
        text = [inert(failure.message, _LONG), *failure_lines(result, failure, _LONG)]
        yield annotation("error", suite.file, failure.span, title, text)
    if not result.scenario.expects:
        yield annotation("error", suite.file, result.scenario.span, title, ["expects nothing"])
