"""A grid of variants of one trigger, replayed together in one pass over a log.

Reading, ordering, delivery (O) and the first matching (N, M) are done once for all cells; what is
done for each is only what its buckets make of the events that concern the trigger at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from trigger_cli.engine.compile import CompiledEventTrigger, compile_automations
from trigger_cli.engine.replay import Replay
from trigger_cli.history.cohorts import cohorts_of
from trigger_cli.history.delivered import Deliveries, Leaves, feed
from trigger_cli.history.grid import Axis, Cell
from trigger_cli.model import Automation, BadLine, Event, Transition
from trigger_cli.pipeline import ReplayOptions

KEPT_KEYS = 1_000
"""How many of a cell's keys are told apart."""
KEPT_PROBLEMS = 100


@dataclass(slots=True)
class CellResult:
    """What became of one variant."""

    cell: Cell
    firings: int = 0
    first: int | None = None
    """When it first fired, µs."""
    last: int | None = None
    keys: set[tuple[str, ...]] = field(default_factory=set)
    """The bucketing keys that fired; at most `KEPT_KEYS`."""
    more_keys: bool = False
    """Whether there are more than are kept."""

    def add(self, at: int, key: tuple[str, ...]) -> None:
        """Take note of a firing at `at`, µs."""
        self.firings += 1
        self.last = at
        if self.first is None:
            self.first = at
        if len(self.keys) < KEPT_KEYS:
            self.keys.add(key)
        elif key not in self.keys:
            self.more_keys = True


@dataclass(slots=True)
class Sweep:
    """A whole grid."""

    axes: tuple[Axis, ...]
    results: list[CellResult]
    """In the order of the cells: the last axis varies fastest."""
    started: int | None = None
    ended: int | None = None
    events: int = 0
    concerned: int = 0
    """How many events concerned some variant."""
    problems: list[BadLine] = field(default_factory=list)
    malformed: int = 0

    def add_problem(self, problem: BadLine) -> None:
        """Take note of a line that is no event."""
        self.malformed += 1
        if len(self.problems) < KEPT_PROBLEMS:
            self.problems.append(problem)


def sweep(
    axes: Sequence[Axis],
    cells: Sequence[Cell],
    automations: Sequence[Automation],
    records: Iterable[Event | BadLine],
    options: ReplayOptions,
) -> Sweep:
    """Replay all variants over the records, read once.

    Args:
        axes: The grid's axes.
        cells: Its cells.
        automations: The variant of each cell.
        records: Events and bad lines in the order of delivery (O1).
        options: How to replay.
    """
    done = Sweep(tuple(axes), [CellResult(cell) for cell in cells])
    leaves = Leaves(automations, options.dialect)
    deliveries = Deliveries(records, options, leaves.want, done.add_problem)
    plan = compile_automations(automations, options.dialect)
    reactive = [
        leaf
        for leaf in plan.leaves
        if isinstance(leaf, CompiledEventTrigger)
        and leaf.parent is None
        and leaf.definition.posture == "Reactive"
    ]
    if len(reactive) == len(automations):
        _step_cohorts(reactive, deliveries, options, done)
    else:
        _replay_all(automations, deliveries, options, done)
    done.started, done.ended = deliveries.started, deliveries.clock
    done.events = deliveries.events
    return done


def _step_cohorts(
    leaves: Sequence[CompiledEventTrigger],
    deliveries: Deliveries,
    options: ReplayOptions,
    done: Sweep,
) -> None:
    """Reactive triggers: no deadlines, and variants of the threshold alone share their buckets."""

    def fires(number: int, at: int, key: tuple[str, ...]) -> None:
        done.results[number].add(at, key)

    cohorts = cohorts_of(leaves, options.dialect, options.expired_bucket_buffer, fires)
    for one in deliveries:
        done.concerned += 1
        for cohort in cohorts:
            cohort.take(one)


def _replay_all(
    automations: Sequence[Automation], deliveries: Deliveries, options: ReplayOptions, done: Sweep
) -> None:
    """Any triggers: one replay of all variants, fed with what concerns them."""
    by_index = {
        automation.index: (automation.trigger, result)
        for automation, result in zip(automations, done.results, strict=True)
    }
    replay = Replay(
        automations, options.dialect, expired_bucket_buffer=options.expired_bucket_buffer
    )

    def note(transitions: Iterable[Transition]) -> None:
        for one in transitions:
            if one.kind == "fired" and one.automation is not None:
                root, result = by_index[one.automation.index]
                if one.trigger is root:
                    result.add(one.at, one.key)

    for one in deliveries:
        if replay.started is None:
            assert deliveries.started is not None
            replay.start(deliveries.started)
        done.concerned += 1
        note(feed(replay, one))
    if deliveries.started is not None:
        if replay.started is None:
            replay.start(deliveries.started)
        note(replay.finish(deliveries.clock))
