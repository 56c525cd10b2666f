"""Why the automation of a test fired or did not, in a few lines below a failure."""

from collections.abc import Iterator

from trigger_cli.explain.records import Counterfactual, Explanation
from trigger_cli.explain.sentence import Sentence, written
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import short_uuids
from trigger_cli.render.common.words import VERDICTS, counted, often, quoted
from trigger_cli.testing.judging import FailedExpectation
from trigger_cli.testing.notation import time_text
from trigger_cli.testing.running import Result

_NAME = 60
_CHANGES = 3


def explanation_lines(one: Explanation, start: int) -> Iterator[str]:
    """The verdict and its cause, the nearest miss, and changes that would help.

    Times are offsets from `start`, as in a test file.
    """
    times = f" {often(one.firings)}" if one.firings > 1 else ""
    name = quoted(one.automation.name)
    cause = "" if one.diagnosis.cause == one.verdict else f" ({one.diagnosis.cause})"
    yield f"{name} {VERDICTS[one.verdict]}{times}: {_said(one.diagnosis.said, start)}{cause}"
    miss = one.nearest_miss
    if miss is not None and miss.said != one.diagnosis.said:
        yield f"nearest miss: {_said(miss.said, start)}"
    told = {_said(one.diagnosis.said, start)}
    for child in one.children:
        said = _said(child.diagnosis.said, start)
        if not child.firings and not any(said in already for already in told):
            told.add(said)
            yield f"{child.trigger.path}: {said}"
    changes = one.counterfactuals if not one.firings else one.more_firings
    for change in changes[:_CHANGES]:
        yield f"with {_change(change, one, start)}"


def failure_lines(result: Result, failure: FailedExpectation, limit: int) -> Iterator[str]:
    """Expected and actual result, and the reason: plain lines of at most `limit` characters."""
    yield from (f"{one.mark} {inert(one.text, limit)}" for one in failure.diff)
    if failure.automation is not None:
        explanation = result.explainer.explain(failure.automation, failure.labels)
        yield from explanation_lines(explanation, result.happened.start)


def titled(result: Result) -> str:
    """The test's name, with the dialect if the test runs in several."""
    name = result.scenario.name
    return f"{name} [{result.rules}]" if len(result.scenario.dialects) > 1 else name


def _change(change: Counterfactual, one: Explanation, start: int) -> str:
    where = "" if change.trigger == one.trigger.path else f"{change.trigger}: "
    return f"{where}{_said(change.said, start)}: {counted(change.firings, 'firing')}"


def _said(sentence: Sentence, start: int) -> str:
    return written(
        sentence,
        instant=lambda instant: time_text(instant, start),
        name=lambda text: inert(short_uuids(text), _NAME),
    )
