"""A cluster of real processes, for the tests of `trigger_cli.cluster`."""

from __future__ import annotations

import dask
import pytest
from distributed import LocalCluster


def local_cluster(workers: int) -> LocalCluster:
    """Workers with a thread each, and nannies that start a new one where one dies."""
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",  # any port: others may have taken the usual one
    )


@pytest.fixture(scope="module")
def cluster():
    """Two workers, who soon give up looking for one that is dead."""
    with dask.config.set({"distributed.comm.timeouts.connect": "3s"}), local_cluster(2) as running:
        yield running
