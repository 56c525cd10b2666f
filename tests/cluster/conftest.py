"""A cluster of real processes, for the tests of `trigger_cli.cluster`."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def cluster():
    """Two workers with a thread each, and a nanny that starts a new one where one dies."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        yield running
