"""The connection to a cluster's scheduler."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from distributed import Client

ClusterClient: TypeAlias = Any
"""A `distributed.Client`, which is untyped."""
_PATIENCE = "10s"


@contextmanager
def connect(address: str) -> Iterator[ClusterClient]:
    """A client of the scheduler at `address`, e.g. ``tcp://10.0.0.1:8786``.

    Raises:
        OSError: there is no scheduler, or it has no workers.
        ValueError: the address is none.
    """
    # What goes wrong is raised; the log says it once more, in words for its developers.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with Client(address, timeout=_PATIENCE, set_as_default=False) as client:
        if not threads_of(client):
            raise OSError("the scheduler has no workers")
        yield client


def threads_of(client: ClusterClient) -> dict[str, int]:
    """The cluster's workers, each with the number of its threads."""
    threads: dict[str, int] = client.nthreads()
    return threads
