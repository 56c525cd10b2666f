"""``--cluster``: connects to a cluster, and reports why it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trigger_cli.cli.failures import LOG, USAGE, CommandError
from trigger_cli.times import SECOND

if TYPE_CHECKING:
    from trigger_cli.parallel.replay import Helpers
    from trigger_cli.read.log import Log, Readers
    from trigger_cli.read.reading import Reading


def cluster_log(paths: Sequence[str], reading: Reading, *, one_by_one: bool) -> Log:
    """The logs, read by a cluster."""
    from trigger_cli.cluster import SharedStorage
    from trigger_cli.read.log import Log

    return Log(paths, reading, one_by_one=one_by_one, storage=SharedStorage(reading))


@contextmanager
def cluster_workers(address: str, log: Log, *, patience: int) -> Iterator[tuple[Readers, Helpers]]:
    """The readers of the logs, and the helpers that evaluate triggers.

    Args:
        address: The address of the scheduler.
        log: The logs to read.
        patience: How long the cluster may be without workers, µs.

    Raises:
        CommandError: There is no cluster at the address, or it fails later.
    """
    from trigger_cli.cluster import ClusterError, ClusterWorkers, connect

    began = False
    try:
        with connect(address, patience / SECOND) as cluster:
            began = True
            yield ClusterWorkers(cluster, log.reading), cluster
    except ClusterError as error:
        usual = "start the cluster again, or use --jobs"
        if not began:
            usual = "start one with `dask scheduler` and `dask worker`, or use --jobs"
        what_to_do = error.help_text or usual
        raise CommandError(str(error), LOG if began else USAGE, what_to_do) from None
