"""``test --format json``: ``trigger-cli/test@1``."""

from collections.abc import Sequence
from typing import Any

from trigger_cli.render.common.plain_json import bounded, problem_object
from trigger_cli.render.explain.json_report import explanation_object
from trigger_cli.render.testing.coverage import coverage_object
from trigger_cli.testing.coverage import Coverage
from trigger_cli.testing.judging import FailedExpectation
from trigger_cli.testing.records import BucketIs, CauseIs, Fires, Suite
from trigger_cli.testing.running import Result
from trigger_cli.times import format_instant

FORMAT = "trigger-cli/test@1"
_CLAIMS: dict[type, str] = {Fires: "fires", BucketIs: "bucket", CauseIs: "cause"}


def results_object(
    suites: Sequence[tuple[Suite, Sequence[Result]]],
    coverage: Coverage | None,
    *,
    only_failing: bool,
) -> dict[str, Any]:
    """The object of ``--format json``."""
    results = [one for _, of_suite in suites for one in of_suite]
    passed = sum(one.passed for one in results)
    return {
        "format": FORMAT,
        "summary": {
            "files": len(suites),
            "tests": len(results),
            "passed": passed,
            "failed": len(results) - passed,
            "errors": sum(one.error is not None for one in results),
        },
        "tests": [
            _result(suite, one)
            for suite, of_suite in suites
            for one in of_suite
            if not (only_failing and one.passed)
        ],
        "coverage": None if coverage is None else coverage_object(coverage),
    }


def _result(suite: Suite, result: Result) -> dict[str, Any]:
    return {
        "file": bounded(suite.file),
        "line": result.scenario.span.line,
        "name": bounded(result.scenario.name),
        "dialect": result.rules,
        "passed": result.passed,
        "error": None if result.error is None else bounded(result.error),
        "start": format_instant(result.happened.start),
        "end": format_instant(result.happened.end),
        "events": result.events,
        "firings": result.firings,
        "failures": [_failure(result, one) for one in result.failures],
        "problems": [problem_object(one) for one in result.problems[:100]],
    }


def _failure(result: Result, failure: FailedExpectation) -> dict[str, Any]:
    explained = failure.automation
    return {
        "line": failure.span.line,
        "column": failure.span.column,
        "claim": _CLAIMS.get(type(failure.expectation.claim), "firings"),
        "message": bounded(failure.message),
        "diff": [{"mark": one.mark, "text": bounded(one.text)} for one in failure.diff],
        "explanation": None
        if explained is None
        else explanation_object(result.explainer.explain(explained, failure.labels)),
    }
