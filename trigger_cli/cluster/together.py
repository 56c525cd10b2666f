"""What one worker evaluates: triggers with deadlines or without a key, composites, metrics.

They need a clock, or each other's firings, so they cannot be dealt out as keys are. All that is
decided elsewhere is delivery (O): the worker is told which event is taken when.
"""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any, Literal, TypeAlias

from trigger_cli.cluster.client import ClusterError
from trigger_cli.cluster.tasks import Evaluation
from trigger_cli.dialects import DIALECTS
from trigger_cli.engine.replay import Replay
from trigger_cli.match.plan import walk
from trigger_cli.model import Event, Pending, Transition

StepKind: TypeAlias = Literal["start", "event", "released", "along", "until", "quiet", "run dry"]
Step: TypeAlias = tuple[StepKind, int, tuple[Any, ...] | None]
"""What happens, the clock then, µs, and the fields of the `Event`, where one is taken.

One that was ``released`` (O4) comes before the deadlines of that instant, another after them (T4).
What follows an event and comes ``along`` with it has no deadline before it, even an overdue one.
"""

_TOLD = frozenset({"fired", "resolved"})


class Steps(Replay):
    """A replay that takes its events by `Step`."""

    def take_steps(self, steps: Iterable[Step]) -> Iterator[Transition]:
        """What fires or is resolved in these steps."""
        for step in steps:
            for record in self._take_step(*step):
                if record.kind in _TOLD:
                    yield record

    def _take_step(
        self, kind: StepKind, clock: int, fields: tuple[Any, ...] | None
    ) -> Iterator[Transition]:
        if kind == "start":
            self.start(clock)
        elif kind == "quiet":
            self._quiet = True
        elif kind == "run dry":
            yield from self.finish(until_quiet=True)
            self._move_clock(clock)
        else:
            if kind != "along":
                yield from self.finish(clock - 1 if kind == "released" else clock)
            if fields is not None:
                self._move_clock(clock)
                self._offer(Event(*fields))
                yield from self._flush()


class Parts:
    """Bytes that name the parts of the definitions, which both sides have, instead of holding them.

    Args:
        evaluation: The definitions.
        compiled: What was compiled of them, where there is need of it.
    """

    def __init__(self, evaluation: Evaluation, compiled: Sequence[object] = ()) -> None:
        self._parts: list[object] = [DIALECTS[evaluation.dialect]]
        for automation in evaluation.automations:
            self._parts += (automation, *walk(automation.trigger))
        self._parts += compiled
        self._numbers = {id(part): number for number, part in enumerate(self._parts)}

    def dumps(self, value: object) -> bytes:
        """`value` as bytes."""
        file = BytesIO()
        pickler = pickle.Pickler(file, protocol=5)
        pickler.persistent_id = lambda one: self._numbers.get(id(one))  # type: ignore[method-assign]
        pickler.dump(value)
        return file.getvalue()

    def loads(self, packed: bytes) -> Any:
        """What `dumps` made bytes of, on this side or the other."""
        unpickler = pickle.Unpickler(BytesIO(packed))  # noqa: S301  # packed by this program
        unpickler.persistent_load = self._parts.__getitem__  # type: ignore[method-assign]
        return unpickler.load()


class _Evaluator:
    """Definitions that a worker has compiled, and the state in which a replay of them begins."""

    def __init__(self, packed: bytes) -> None:
        evaluation: Evaluation = pickle.loads(packed)  # noqa: S301  # the client's own
        replay = Steps(
            evaluation.automations,
            DIALECTS[evaluation.dialect],
            expired_bucket_buffer=evaluation.expired_bucket_buffer,
        )
        replay.firings_only = True
        self.parts = Parts(evaluation, replay.compiled())
        self.beginning = self.parts.dumps(replay)


@lru_cache(maxsize=8)
def _evaluator(packed: bytes) -> _Evaluator:
    return _Evaluator(packed)


class Standing:
    """How a replay stands between two pages of steps; taken up once, as it then changes.

    Another worker gets a copy, so one that is lost can still be made again from the one before.
    Once it was taken up there is nothing in it, but it can still be sent: it stands beside what
    was found, which another worker may be asked to hand out.
    """

    def __init__(self, packed_evaluation: bytes, replay: Steps | bytes | None) -> None:
        self._packed_evaluation = packed_evaluation
        self._replay = replay

    def __reduce__(self) -> tuple[type[Standing], tuple[bytes, bytes | None]]:
        replay = self._replay
        if isinstance(replay, Steps):
            replay = _evaluator(self._packed_evaluation).parts.dumps(replay)
        return Standing, (self._packed_evaluation, replay)

    def seen(self) -> Steps:
        """The replay, to be looked at only."""
        replay = self._held()
        if isinstance(replay, bytes):
            replay = _evaluator(self._packed_evaluation).parts.loads(replay)
            self._replay = replay
        assert isinstance(replay, Steps)
        return replay

    def taken_up(self) -> Steps:
        """The replay, to go on with."""
        replay = self.seen()
        self._replay = None
        return replay

    def _held(self) -> Steps | bytes:
        if self._replay is None:
            # Never seen, as a lost worker takes both with it; but a wrong answer would be worse.
            raise ClusterError("a worker was asked for what it had already gone on from")
        return self._replay


def evaluate_steps(
    before: Standing | bytes | None, packed_evaluation: bytes, page: bytes
) -> tuple[Standing, bytes]:
    """Evaluate what happens in a page of steps.

    Args:
        before: How the page before left things, perhaps as `pickle` made it bytes.
        packed_evaluation: `Evaluation`, by `pickle`.
        page: A list of `Step`, by `marshal`.

    Returns:
        How it stands, and the `Transition` records of what fired or was resolved, by `Parts`.
    """
    evaluator = _evaluator(packed_evaluation)
    if before is None:
        before = Standing(packed_evaluation, evaluator.beginning)
    elif isinstance(before, bytes):
        before = pickle.loads(before)  # noqa: S301  # made by a worker
        assert isinstance(before, Standing)
    replay = before.taken_up()
    steps: list[Step] = marshal.loads(page)  # noqa: S302  # the client's own
    records = list(replay.take_steps(steps))
    return Standing(packed_evaluation, replay), evaluator.parts.dumps(records)


def clock_and_pending(standing: Standing | bytes, packed_evaluation: bytes) -> bytes:
    """The clock, µs, and the open deadlines, by `Parts`."""
    if isinstance(standing, bytes):
        standing = pickle.loads(standing)  # noqa: S301  # made by a worker
        assert isinstance(standing, Standing)
    replay = standing.seen()
    found: tuple[int, list[Pending]] = replay.clock, replay.pending()
    return _evaluator(packed_evaluation).parts.dumps(found)
