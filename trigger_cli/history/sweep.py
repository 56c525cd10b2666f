"""Replays a grid of variants of one trigger in one pass over a log.

Reading, ordering, delivery (O) and the first matching (N, M) are done once for all cells. Only the
buckets are evaluated per cell, for the events that concern the trigger.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from trigger_cli.dialects import DIFFERENCES, counterpart
from trigger_cli.engine.sensitivity import sensitivities
from trigger_cli.events.batch import Rows
from trigger_cli.history.delivered import Deliveries
from trigger_cli.history.grid import Axis, Cell
from trigger_cli.history.variants import Variants
from trigger_cli.match.plan import is_evaluated
from trigger_cli.model import Automation, Key, LogRecord
from trigger_cli.pipeline import ReplayOptions, replayed

KEPT_KEYS = 1_000
"""The most keys to distinguish per cell."""


class CellResult(Struct):
    """The result of one variant."""

    cell: Cell
    firings: int = 0
    first: int | None = None
    """When it first fired, µs."""
    last: int | None = None
    keys: set[tuple[str, ...]] = field(default_factory=set)
    """The bucketing keys that fired; at most `KEPT_KEYS`."""
    more_keys: bool = False
    """Whether more keys fired than are kept."""

    def add(self, at: int, key: tuple[str, ...]) -> None:
        """Add a firing at `at`, µs."""
        self.firings += 1
        self.last = at
        if self.first is None:
            self.first = at
        if len(self.keys) < KEPT_KEYS:
            self.keys.add(key)
        elif key not in self.keys:
            self.more_keys = True


class Sweep(Struct):
    """The results of a grid."""

    axes: tuple[Axis, ...]
    results: list[CellResult]
    """In the order of the cells: the last axis varies fastest."""
    started: int | None = None
    ended: int | None = None
    events: int = 0
    not_evaluated: int = 0
    """The number of cells that the dialect's server would refuse (D11)."""
    concerned: int = 0
    """The number of events that any variant took."""
    dialect_sensitive: tuple[str, ...] = ()
    """The differences that can give a variant another number in the other dialect: ids of section D."""
    malformed: int = 0
    leaderless: int = 0
    """The number of events whose leader did not come in time (O4)."""


def sweep(
    axes: Sequence[Axis],
    cells: Sequence[Cell],
    automations: Sequence[Automation],
    records: Iterable[LogRecord | Rows],
    options: ReplayOptions,
) -> Sweep:
    """Replay all variants in one pass over the records.

    Args:
        axes: The grid's axes.
        cells: The grid's cells.
        automations: The variant of each cell.
        records: The records of the log, in the order of delivery (O1). A `Match`, also in `Rows`,
            must have been made for the sides from `replayed`; an `Event` is matched here.
        options: How to replay.
    """
    done = Sweep(tuple(axes), [CellResult(cell) for cell in cells])
    about = options.dialect, counterpart(options.dialect)
    rows = {row for one in automations for row in sensitivities(one, *about)}
    done.dialect_sensitive = tuple(one.id for one in DIFFERENCES if one.id in rows)
    done.not_evaluated = sum(not is_evaluated(one, options.dialect) for one in automations)

    def fires(cell: int, at: int, key: Key) -> None:
        done.results[cell].add(at, key)

    matcher, (plan,) = replayed(automations, options.dialect).plans()
    replay = Variants(automations, plan, options.expired_bucket_buffer, fires)
    deliveries = Deliveries(records, options, matcher)
    with deliveries.naming_event():
        for one in deliveries:
            if not done.concerned:
                replay.start(deliveries.started or 0)
            done.concerned += 1
            replay.take(one)
        if deliveries.started is not None:
            if not done.concerned:
                replay.start(deliveries.started)
            replay.run_timers(deliveries.clock)
            done.started, done.ended = deliveries.started, deliveries.clock
    done.events, done.malformed = deliveries.events, deliveries.malformed
    done.leaderless = deliveries.lost_leaders.count
    return done
