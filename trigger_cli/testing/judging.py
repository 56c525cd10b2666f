"""Compares the result of a replay with the expectations."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from trigger_cli.model import Automation, Firing, Span
from trigger_cli.testing import notation
from trigger_cli.testing.bucket_states import BucketState, BucketStates
from trigger_cli.testing.expect_fields import names_automation
from trigger_cli.testing.fitting import fits, in_scope, paired
from trigger_cli.testing.records import (
    BucketIs,
    CauseIs,
    Expectation,
    Fires,
    Firings,
    FiringWanted,
)

Mark: TypeAlias = Literal["-", "+", " ", "~"]
"""Missing; unexpected; as expected; present but not mentioned."""

MOST_LINES = 60


class DiffLine(Struct, frozen=True):
    """One line of the difference, in the notation of the test file."""

    mark: Mark
    text: str


class FailedExpectation(Struct, frozen=True):
    """An expectation that was not met."""

    expectation: Expectation
    span: Span
    message: str
    diff: tuple[DiffLine, ...]
    automation: Automation | None
    """The automation to explain."""
    labels: tuple[tuple[str, str], ...] = ()
    """The labels of the bucket to explain."""


class Happened(Struct, frozen=True):
    """The result of one replay."""

    automations: Sequence[Automation]
    start: int
    end: int
    firings: Sequence[Firing]
    """The firings of all triggers, in the order in which they fired."""
    states: BucketStates
    cause: Callable[[Automation], str]
    """Returns the code of why an automation fired or did not."""

    def chosen(self, wanted: FiringWanted) -> list[Automation]:
        """The automations that the expectation refers to."""
        return [one for one in self.automations if names_automation(wanted.automation, one.name)]

    def written(self, firing: Firing) -> str:
        """A firing on one line, with its automation if there are several."""
        return notation.firing(firing, self.start, name=len(self.automations) > 1)


def judge(expectation: Expectation, happened: Happened) -> FailedExpectation | None:
    """Check `expectation`: ``None`` if it was met, else the difference."""
    match expectation.claim:
        case Fires() as claim:
            return _fires(expectation, claim, happened)
        case Firings() as claim:
            return _firings(expectation, claim, happened)
        case BucketIs() as claim:
            return _bucket(expectation, claim, happened)
        case CauseIs() as claim:
            return _cause(expectation, claim, happened)


def counted(claim: Fires, happened: Happened) -> list[Firing]:
    """The firings that `fires` counts."""
    return [one for one in happened.firings if fits(one, claim.wanted, happened.start)]


def listed(claim: Firings, happened: Happened) -> list[Firing]:
    """The firings that ``firings`` refers to."""
    return [one for one in happened.firings if in_scope(one, claim.wanted)]


def found(claim: BucketIs, happened: Happened) -> list[BucketState]:
    """The buckets that `bucket` refers to; open ones first, those without a window last."""
    chosen = happened.chosen(claim.wanted)
    if not chosen:
        return []
    instant = claim.at.resolve(happened.start)
    path = claim.wanted.trigger or "$"
    labels = set(claim.wanted.labels or ())
    fitting = [
        one for one in happened.states.at(instant, chosen[0], path) if labels <= set(one.labels)
    ]
    return sorted(fitting, key=lambda one: (one.state != "open", one.state == "none"))


# --- Claims ------------------------------------------------------------------------------


def _fires(expectation: Expectation, claim: Fires, happened: Happened) -> FailedExpectation | None:
    got = counted(claim, happened)
    if claim.least <= len(got) and (claim.most is None or len(got) <= claim.most):
        return None
    wanted = notation.number(claim)
    lines = [DiffLine("-", f"fires: {wanted}"), DiffLine("+", f"fires: {len(got) or 'never'}")]
    fitting = {one.seq for one in got}
    for one in happened.firings:
        if one.seq in fitting:
            lines.append(DiffLine("+" if claim.most == 0 else " ", happened.written(one)))
        elif in_scope(one, claim.wanted):
            lines.append(DiffLine("~", happened.written(one)))
    noun = "firing" if wanted in {"1", "at least 1", "at most 1"} else "firings"
    what = "no firing" if wanted == "never" else f"{wanted} {noun}"
    message = f"expected {what}{notation.which(claim.wanted)}, got {len(got)}"
    return _failure(expectation, claim.span, message, lines, claim.wanted, happened)


def _firings(
    expectation: Expectation, claim: Firings, happened: Happened
) -> FailedExpectation | None:
    got = listed(claim, happened)
    pairs = paired(claim.firings, got, happened.start, exact=claim.exact)
    missing = [place for place in range(len(claim.firings)) if place not in pairs]
    extra = set(range(len(got))) - set(pairs.values())
    if not missing and not (claim.exact and extra):
        return None
    entries: list[tuple[int, int, DiffLine]] = []
    for place, one in enumerate(got):
        mark: Mark = " " if place not in extra else "+" if claim.exact else "~"
        entries.append((one.at, 1, DiffLine(mark, happened.written(one))))
    for item in (claim.firings[place] for place in missing):
        times = [one.resolve(happened.start) for one in item.time_points]
        line = DiffLine("-", notation.wanted(item))
        entries.append((min(times, default=happened.end), 0, line))
    lines = [line for _, _, line in sorted(entries, key=lambda one: one[:2])]
    parts = []
    verb = "is" if len(missing) == 1 else "are"
    if missing:
        parts.append(f"{len(missing)} of {len(claim.firings)} expected firings {verb} missing")
        scope = claim.firings[missing[0]]
    else:
        scope = FiringWanted(claim.span, automation=got[min(extra)].automation.name)
    if claim.exact and extra:
        parts.append(f"{len(extra)} not expected")
    return _failure(expectation, scope.span, ", ".join(parts), lines, scope, happened)


def _bucket(
    expectation: Expectation, claim: BucketIs, happened: Happened
) -> FailedExpectation | None:
    states = found(claim, happened)
    if any(_agrees(one, claim) for one in states):
        return None
    is_open = any(one.state != "none" for one in states)
    if not is_open and claim.state == "none" and claim.count is None:
        return None
    lines = [DiffLine("-", notation.bucket(claim))]
    shown = states if is_open else states[:1]
    lines += [DiffLine("+", state_text(one, happened.start)) for one in shown]
    if not states:
        lines.append(DiffLine("+", "bucket: none"))
    at = notation.time(claim.at)
    got = lines[1].text.partition("  #")[0]
    message = f"at {at}: expected {notation.bucket(claim)}; got {got}"
    return _failure(expectation, expectation.span, message, lines, claim.wanted, happened)


def _agrees(one: BucketState, claim: BucketIs) -> bool:
    return (claim.state is None or one.state == claim.state) and (
        claim.count is None or (one.count == claim.count and one.state != "none")
    )


def state_text(one: BucketState, start: int) -> str:
    """A bucket in the notation of the test file; window and labels are in a comment."""
    if one.state == "none":
        text = "bucket: none"
        if one.end is not None:
            text += f"  # the last one ended at {notation.time_text(one.end, start)}"
        return text
    text = f"bucket: {one.state}, count: {one.count}"
    if one.start is not None and one.end is not None:
        first, last = notation.time_text(one.start, start), notation.time_text(one.end, start)
        text += f"  # from {first} to {last}"
    if one.labels:
        text += f" {notation.mapping(one.labels)}"
    return text


def _cause(
    expectation: Expectation, claim: CauseIs, happened: Happened
) -> FailedExpectation | None:
    for automation in happened.chosen(claim.wanted):
        code = happened.cause(automation)
        if code != claim.code:
            lines = [DiffLine("-", f"cause: {claim.code}"), DiffLine("+", f"cause: {code}")]
            message = f"expected the cause {claim.code}, got {code}"
            wanted = FiringWanted(claim.span, automation=automation.name)
            return _failure(expectation, claim.span, message, lines, wanted, happened)
    return None


# --- Failures ----------------------------------------------------------------------------


def _failure(
    expectation: Expectation,
    span: Span,
    message: str,
    lines: Sequence[DiffLine],
    wanted: FiringWanted,
    happened: Happened,
) -> FailedExpectation:
    late = [one.resolve(happened.start) for one in wanted.time_points]
    if late and min(late) > happened.end:
        message += f"; the test ends at {notation.time_text(happened.end, happened.start)}"
    chosen = happened.chosen(wanted)
    return FailedExpectation(
        expectation,
        span,
        message,
        tuple(bounded(lines)),
        chosen[0] if len(chosen) == 1 else None,
        tuple(wanted.labels or ()),
    )


def bounded(lines: Iterable[DiffLine]) -> Iterator[DiffLine]:
    """The lines that differ, with some context and the number of omitted lines."""
    everything = list(lines)
    if len(everything) <= MOST_LINES:
        yield from everything
        return
    differing = [place for place, one in enumerate(everything) if one.mark in "-+"]
    near = {around for place in differing for around in (place - 1, place, place + 1)}
    shown = sorted(near & set(range(len(everything))))[:MOST_LINES]
    yield from (everything[place] for place in shown)
    yield DiffLine(" ", f"# and {len(everything) - len(shown):,} more")
