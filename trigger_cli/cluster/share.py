"""Some automations, replayed by a worker page by page: a pure function from bytes to bytes.

So nothing is lost with a worker: another one is given the same bytes.
"""

from __future__ import annotations

import marshal
import pickle
from collections.abc import Collection, Iterator
from typing import Any, Literal, TypeAlias

from trigger_cli.engine.replay import Replay
from trigger_cli.model import Event, Heading, Match, Transition, TransitionKind, Unmatched

RowKind: TypeAlias = Literal["start", "match", "heading", "seen", "run"]
Row: TypeAlias = tuple[RowKind, tuple[Any, ...]]
"""A call of a `Replay` as `marshal` can pack it: which, and the fields of the record it is given."""


def evaluate_page(
    before: bytes, page: bytes, told: Collection[TransitionKind]
) -> tuple[bytes, bytes]:
    """Replay the next page of a log.

    Args:
        before: The `Replay` as the page before left it, by `pickle`.
        page: A list of `Row`, by `marshal`.
        told: Which records to tell.

    Returns:
        The `Replay` after the page, and the list of records to be told, both by `pickle`.
    """
    replay: Replay = pickle.loads(before)  # noqa: S301  # the client's own
    rows: list[Row] = marshal.loads(page)  # noqa: S302  # the client's own
    records = [one for row in rows for one in _call(replay, *row) if one.kind in told]
    return pickle.dumps(replay), pickle.dumps(records)


def _call(replay: Replay, kind: RowKind, fields: tuple[Any, ...]) -> Iterator[Transition]:
    match kind:
        case "match":
            event, takings = fields
            return replay.take(Match(Event(*event), takings))
        case "run":
            return replay.pass_by(Unmatched(*fields))
        case "heading":
            return replay.take(Heading(*fields))
        case "seen":
            return replay.see(Heading(*fields))
        case "start":
            replay.start(*fields)
            return iter(())
