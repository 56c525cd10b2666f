"""A cluster of real processes, for the tests of `trigger_cli.cluster`."""

from collections.abc import Iterator

import dask
import pytest
from distributed import Client, LocalCluster

WORKERS = 2
REPLACED_WITHIN = 60
"""How long a new worker may take to come, seconds."""
CONFIG = {
    # Who looks for a worker that is dead soon gives up.
    "distributed.comm.timeouts.connect": "3s",
    # A cluster closes for good what is away so long after a loss, even if it came back in between
    # and was killed again. Its nanny, which would start it again, goes with it.
    "distributed.deploy.lost-worker-timeout": "1h",
    # A new worker is forked from a process that has imported all, instead of importing it again.
    "distributed.worker.multiprocessing-method": "forkserver",
}


def local_cluster(workers: int) -> LocalCluster:
    """Workers with a thread each, and nannies that start a new one where one dies."""
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",  # any port: others may have taken the usual one
    )


@pytest.fixture(scope="module", autouse=True)
def _config() -> Iterator[None]:
    with dask.config.set(CONFIG):
        yield


class Running:
    """A cluster that has its workers again when it is asked for."""

    def __init__(self) -> None:
        self._cluster = local_cluster(WORKERS)

    def whole(self) -> LocalCluster:
        """With two workers, whatever has been done to them; a new cluster if they do not come."""
        with Client(self._cluster.scheduler_address, set_as_default=False) as client:
            try:
                client.wait_for_workers(WORKERS, timeout=REPLACED_WITHIN)
            except TimeoutError:
                self.close()
                self._cluster = local_cluster(WORKERS)
        return self._cluster

    def close(self) -> None:
        self._cluster.close(timeout=REPLACED_WITHIN)


@pytest.fixture(scope="module")
def _running(_config: None) -> Iterator[Running]:
    running = Running()
    yield running
    running.close()


@pytest.fixture
def cluster(_running: Running) -> LocalCluster:
    """Two workers."""
    return _running.whole()
