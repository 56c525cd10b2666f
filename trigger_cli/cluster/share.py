"""Some automations, replayed by a worker page by page: a pure function from bytes to bytes.

So nothing is lost with a worker: another one is given the same bytes.
"""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from trigger_cli.dialect import DIALECTS
from trigger_cli.engine.compile import walk
from trigger_cli.engine.replay import Replay
from trigger_cli.model import Automation, Event, Heading, Transition, TransitionKind, Unmatched

RowKind: TypeAlias = Literal["start", "event", "heading", "seen", "run"]
Row: TypeAlias = tuple[RowKind, tuple[Any, ...]]
"""A call of a `Replay` as `marshal` can pack it: which, and the fields of the record it is given."""

FIRINGS: Final = frozenset[TransitionKind]({"fired", "resolved"})


class Plan(NamedTuple):
    """What a share is made of; can be sent to another machine."""

    automations: tuple[Automation, ...]
    """Enabled ones, in definition order."""
    dialect: str
    expired_bucket_buffer: int
    """µs."""
    told: frozenset[TransitionKind]
    """Which records are sent back."""


class Share:
    """A plan's definitions, compiled, and the bytes of what refers to them.

    Definitions are packed as numbers, as both sides have them, and what is compiled cannot be
    packed at all. So what is unpacked holds the definitions of the share that unpacks it.
    """

    def __init__(self, plan: Plan) -> None:
        dialect = DIALECTS[plan.dialect]
        replay = Replay(plan.automations, dialect, expired_bucket_buffer=plan.expired_bucket_buffer)
        replay.firings_only = True
        self._told = plan.told
        self._parts: list[object] = [dialect]
        for automation in plan.automations:
            self._parts += (automation, *walk(automation.trigger))
        self._parts += replay.compiled()
        self._numbers = {id(part): number for number, part in enumerate(self._parts)}
        self.beginning = self.dumps(replay)
        """A `Replay` before its first event, as bytes."""

    def dumps(self, value: object) -> bytes:
        """`value` as bytes."""
        file = BytesIO()
        pickler = pickle.Pickler(file, protocol=5)
        pickler.persistent_id = lambda one: self._numbers.get(id(one))  # type: ignore[method-assign]
        pickler.dump(value)
        return file.getvalue()

    def loads(self, packed: bytes) -> Any:
        """What a share of the same plan made bytes of."""
        unpickler = pickle.Unpickler(BytesIO(packed))  # noqa: S301  # packed by this program
        unpickler.persistent_load = self._parts.__getitem__  # type: ignore[method-assign]
        return unpickler.load()

    def told(self, records: Iterator[Transition]) -> Iterator[Transition]:
        """Those of a replay's records that are sent back."""
        return (record for record in records if record.kind in self._told)


def evaluate_page(packed_plan: bytes, before: bytes, page: bytes) -> tuple[bytes, bytes]:
    """Replay the next page of a log.

    Args:
        packed_plan: `Plan`, by `pickle`.
        before: The `Replay` as the page before left it.
        page: A list of `Row`, by `marshal`.

    Returns:
        The `Replay` after the page, and a list of the records to be told, both as bytes.
    """
    share = _share(packed_plan)
    replay = share.loads(before)
    rows: list[Row] = marshal.loads(page)  # noqa: S302  # the client's own
    told = [record for row in rows for record in share.told(_call(replay, *row))]
    return share.dumps(replay), share.dumps(told)


@lru_cache(maxsize=8)
def _share(packed_plan: bytes) -> Share:
    return Share(pickle.loads(packed_plan))  # noqa: S301  # the client's own


def _call(replay: Replay, kind: RowKind, fields: tuple[Any, ...]) -> Iterator[Transition]:
    match kind:
        case "event":
            return replay.take(Event(*fields))
        case "run":
            return replay.pass_by(Unmatched(*fields))
        case "heading":
            return replay.take(Heading(*fields))
        case "seen":
            return replay.see(Heading(*fields))
        case "start":
            replay.start(*fields)
            return iter(())
