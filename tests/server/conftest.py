"""The live run begins with the session, in the background, and is joined by the tests at its end."""

from __future__ import annotations

import pytest

from tests import conftest as root
from tests.server.live_run import LiveRun

RUN = pytest.StashKey()


def pytest_collection_modifyitems(items):
    """What waits for the live run comes last."""
    items.sort(key=lambda item: "live_run" in getattr(item, "fixturenames", ()))


def pytest_collection_finish(session):
    """Start it before the first test, if some test asks for it."""
    options = session.config.option
    wanted = any("live_run" in getattr(item, "fixturenames", ()) for item in session.items)
    if not wanted or options.no_oracle or options.collectonly:
        return
    ours = session.config.stash[root.SESSION]
    if ours.python is None:
        ours.python = ours.pool.submit(root.ensure_environment)
    python = ours.python
    # A thread of its own: the session's pool has two, and both may be busy.
    pool = root.ThreadPoolExecutor(max_workers=1)
    session.config.stash[RUN] = pool.submit(lambda: LiveRun.run(python.result()))
    pool.shutdown(wait=False)


def pytest_unconfigure(config):
    LiveRun.stop_all()


@pytest.fixture(scope="session")
def live_run(pytestconfig):
    """A real server's run with its watch and fetches, complete when this returns."""
    if pytestconfig.option.no_oracle:
        pytest.skip("--no-oracle: no real server")
    return pytestconfig.stash[RUN].result()
