"""Helpers that do at once, in this process, what they are asked to; and what a replay prints."""

import pickle
from collections.abc import Sequence
from typing import Any

from trigger_cli.engine.errors import EndlessError
from trigger_cli.engine.replay import Replay
from trigger_cli.events.batch import Batch, Rows, Selected
from trigger_cli.match.matcher import Sides
from trigger_cli.model import Event, Match
from trigger_cli.pipeline import ReplayRun
from trigger_cli.read.errors import EmptyRangeError
from trigger_cli.render.replay.json_report import replay_object
from trigger_cli.render.replay.view import ShowsAll


class InlineCluster:
    """What `trigger_cli.cluster.client.Cluster` is to its users, results going through bytes."""

    def __init__(self, workers: int = 3) -> None:
        self._workers = workers

    def count(self) -> int:
        return self._workers

    def ask(self, function: Any, *arguments: Any) -> Any:
        return self.submit(function, *arguments)

    def threads(self) -> dict[str, int]:
        return {f"worker {number}": 1 for number in range(self._workers)}

    def submit(self, function: Any, *arguments: Any) -> Any:
        return pickle.loads(pickle.dumps(function(*arguments)))  # noqa: S301

    def result(self, answer: Any) -> Any:
        return answer


def in_rows(sides: Sides, events: Sequence[Event], together: int) -> list[Rows]:
    """Events as a reader gives them, so many at a time."""
    matcher, _ = sides.plans()
    return [
        Rows(batch_of(list(map(matcher.match, events[begin : begin + together]))), None)
        for begin in range(0, len(events), together)
    ]


def batch_of(matches: list[Match]) -> Batch:
    """Matched events in columns; those with takings are wanted."""
    wanted = {
        row: (one.event.resource, one.event.related, one.takings)
        for row, one in enumerate(matches)
        if one.takings
    }
    return in_columns([one.event for one in matches], wanted)


def in_columns(events: Sequence[Event], wanted: dict[int, Selected]) -> Batch:
    """Events in columns, with the `wanted` parts by row, ascending."""
    names = sorted({one.name for one in events})
    occurred = [one.occurred for one in events]
    return Batch(
        [one.line for one in events],
        [one.id for one in events],
        occurred,
        occurred,
        [one.follows for one in events],
        [one.received for one in events],
        [names.index(one.name) for one in events],
        names,
        list(wanted),
        list(wanted.values()),
    )


def printed(automations, records, options, make_replay=Replay):
    """What the command prints."""
    run = ReplayRun(
        automations,
        records,
        options,
        with_buckets=False,
        compare_dialects=False,
        firings_only=True,
        make_replay=make_replay,
    )
    stopped = None
    try:
        for _ in run:
            pass
    except EmptyRangeError as error:
        return str(error)
    except EndlessError as error:
        stopped = error.args
    return {**replay_object(run.report(), ShowsAll()), "stopped": stopped}
