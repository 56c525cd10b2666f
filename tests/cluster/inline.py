"""A cluster that does at once, in this process, what it is asked to."""

from __future__ import annotations

import pickle
from typing import Any


class InlineCluster:
    """What `trigger_cli.cluster.client.Cluster` is to its users, results going through bytes."""

    def __init__(self, workers: int = 3) -> None:
        self._workers = workers

    def threads(self) -> dict[str, int]:
        return {f"worker {number}": 1 for number in range(self._workers)}

    def submit(self, function: Any, *arguments: Any, urgent: bool = False) -> Any:
        given = [one.value if isinstance(one, _Done) else one for one in arguments]
        return _Done(pickle.loads(pickle.dumps(function(*given))))  # noqa: S301

    def has(self, answer: Any) -> bool:
        return False

    def result(self, answer: Any) -> Any:
        return answer.value


class _Done:
    def __init__(self, value: Any) -> None:
        self.value = value
