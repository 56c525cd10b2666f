"""Groups a bucket's transitions into steps: the effect of one event or one deadline.

The engine records every rule it applies, so one event can cause four transitions at one instant:
opened, counted, fired, opened again. A `Step` contains all of these, with one phrase.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.model import (
    CompositeTrigger,
    Event,
    FiredTransition,
    HeldTransition,
    MetricTransition,
    MetricTrigger,
    Trigger,
    TriggerTransition,
)
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.render.common.phrases import phrase
from trigger_cli.report import BucketHistory

FIRED = "★"
COUNTED = "•"
IGNORED = "·"
OPENED = "├"
CLOSED = "┤"
BREACHED = "!"
LOST = "×"

_MARKS = {
    "fired": FIRED,
    "counted": COUNTED,
    "stored": COUNTED,
    "opened": OPENED,
    "renewed": OPENED,
    "breached": BREACHED,
    "resolved": CLOSED,
    "closed": CLOSED,
    "dropped": CLOSED,
    "expired": LOST,
    "superseded": LOST,
    "ignored": IGNORED,
    "recovered": CLOSED,
    "measured": COUNTED,
    "cleared": CLOSED,
}
"""By importance: the mark of a step is the first of these that happened in it."""


class Step(Struct, frozen=True):
    """The effect of one event or deadline on a bucket, or `times` equal steps in a row."""

    transitions: tuple[TriggerTransition, ...]
    phrase: str
    times: int
    last_at: int
    """The time of the last of the `times`, µs."""

    @property
    def at(self) -> int:
        return self.transitions[0].at

    @property
    def trigger(self) -> Trigger:
        return self.transitions[0].trigger

    @property
    def mark(self) -> str:
        kinds = {transition.kind for transition in self.transitions}
        return next(mark for kind, mark in _MARKS.items() if kind in kinds)

    @property
    def size(self) -> int:
        """How many transitions it contains."""
        return len(self.transitions) * self.times

    @property
    def event(self) -> Event | None:
        """The event that caused it; for a deadline's firing, the event that the firing names."""
        told = [one for one in self.transitions if one.kind in {"stored", "fired"}]
        for one in told or self.transitions:
            subject = one.firing.event if one.kind == "fired" and one.event is None else one.event
            if subject is not None or one.kind == "fired":
                return subject
        return None

    @property
    def rules(self) -> str:
        """The rules of the step, without duplicates: ``B6 E2``."""
        return " ".join(dict.fromkeys(transition.rule for transition in self.transitions))


def steps_of(
    bucket: BucketHistory, clock: ClockFormat, *, merge: bool
) -> tuple[list[Step], list[Step]]:
    """The steps before and after the transitions that the report did not keep.

    `merge`: equal steps in a row become one step.
    """
    kept = bucket.transitions
    # If nothing is hidden, the first list is complete.
    cut = bucket.hidden_after if bucket.hidden else len(kept)
    first = _steps(kept[:cut], clock, set())
    last = _steps(kept[cut:], clock, None)
    return (_merged(first), _merged(last)) if merge else (first, last)


def _steps(
    transitions: Sequence[TriggerTransition], clock: ClockFormat, held: set[str] | None
) -> list[Step]:
    steps = []
    for occasion in _occasions(transitions):
        if all(one.kind == "cleared" for one in occasion):
            # The report did not keep the firing itself.
            said = "holds nothing after a firing"
        else:
            said = phrase(occasion, clock, held)
        steps.append(Step(occasion, said, 1, occasion[0].at))
    return steps


def _occasions(transitions: Sequence[TriggerTransition]) -> Iterator[tuple[TriggerTransition, ...]]:
    """The transitions of each step: one event, one deadline, or one firing of a child."""
    occasion: list[TriggerTransition] = []
    for one in transitions:
        if occasion and _begins_another(occasion[-1], one):
            yield tuple(occasion)
            occasion = []
        occasion.append(one)
    if occasion:
        yield tuple(occasion)


def _begins_another(previous: TriggerTransition, one: TriggerTransition) -> bool:
    if previous.at != one.at:
        return True
    if isinstance(one.trigger, CompositeTrigger):
        done = previous.kind in {"stored", "fired", "cleared"}
        return (done and one.kind in {"expired", "superseded", "stored"}) or (
            previous.kind == one.kind == "fired"
        )
    earlier, later = previous.event, one.event
    return earlier is not later and (earlier and earlier.line) != (later and later.line)


def _merged(steps: Iterable[Step]) -> list[Step]:
    merged: list[Step] = []
    for step in steps:
        if merged and _likeness(merged[-1]) == _likeness(step) is not None:
            merged[-1] = replace(merged[-1], times=merged[-1].times + 1, last_at=step.at)
        else:
            merged.append(step)
    return merged


def _likeness(step: Step) -> object:
    """A key that is equal for steps to merge; ``None`` for a metric's, which are not merged."""
    likenesses = [_likeness_of(one) for one in step.transitions]
    return None if None in likenesses else likenesses


def _likeness_of(one: TriggerTransition) -> object:
    match one:
        case HeldTransition():
            return (one.kind, one.rule, one.firing.trigger.path)
        case MetricTransition() | FiredTransition(trigger=MetricTrigger()):
            return None
        case FiredTransition():
            return (one.kind, one.rule, None if one.before is None else one.before.count)
        case _:
            counts = [bucket and bucket.count for bucket in (one.before, one.after)]
            # A cool-down with another end is another step.
            return (one.kind, one.rule, counts, one.before if one.kind == "ignored" else None)
