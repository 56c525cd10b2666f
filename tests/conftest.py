"""Options of the test session, and what is started early in it: the oracle and a real server.

Both need the oracle's environment (``tests/oracle/make_environment.py``), which is made if it is
not there. If it cannot be made, the tests that need it fail; only ``--no-oracle`` skips them.
"""

from __future__ import annotations

import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.oracle.client import Oracle
from tests.oracle.live_server import LiveServer
from tests.oracle.make_environment import ensure_environment

# For tests/mutation_check.py, which asks whether there is a failure and not for the smallest.
settings.register_profile("unshrunk", phases=[Phase.explicit, Phase.generate])

NEEDS_ORACLE = {"oracle", "live_server"}


def pytest_addoption(parser):
    group = parser.getgroup("oracle", "Prefect's own server as the oracle")
    group.addoption(
        "--oracle-cases",
        type=int,
        default=300,
        metavar="N",
        help="How many fresh random cases to compare with the real engine.  [300]",
    )
    group.addoption(
        "--oracle-seed",
        type=int,
        metavar="SEED",
        help="Repeat a session's random cases.  [a fresh seed]",
    )
    group.addoption(
        "--no-oracle",
        action="store_true",
        help="Skip what needs Prefect's server, which is installed from the package index.",
    )


class OracleSession:
    """What the session has of the real server: made in the background, joined when asked for."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(max_workers=2)
        self.python: Future[Path] | None = None
        self.live_server: Future[LiveServer] | None = None
        self.said: list[str] = []
        """What to tell at the end of the session."""


SESSION = pytest.StashKey[OracleSession]()


def pytest_configure(config):
    config.stash[SESSION] = OracleSession()
    if config.option.oracle_seed is None:
        config.option.oracle_seed = secrets.randbelow(2**32)


def pytest_collection_modifyitems(items):
    """What waits for the real server comes last, so that all else is done in the meantime."""
    items.sort(key=lambda item: "live_server" in getattr(item, "fixturenames", ()))


def pytest_collection_finish(session):
    """Start what takes long before the first test."""
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    options = session.config.option
    if options.no_oracle or options.collectonly or not wanted & NEEDS_ORACLE:
        return
    ours = session.config.stash[SESSION]
    ours.python = ours.pool.submit(ensure_environment)
    if "live_server" in wanted:
        ours.live_server = ours.pool.submit(lambda: LiveServer.run(ours.python.result()))


def pytest_unconfigure(config):
    config.stash[SESSION].pool.shutdown(wait=False, cancel_futures=True)
    LiveServer.stop_all()


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash[SESSION].said:
        terminalreporter.write_line(line)


def _session(config) -> OracleSession:
    if config.option.no_oracle:
        pytest.skip("--no-oracle: not compared with Prefect's own server")
    return config.stash[SESSION]


@pytest.fixture(scope="session")
def oracle(pytestconfig):
    """The real engine, one process for the whole session."""
    one = Oracle(_session(pytestconfig).python.result())
    yield one
    one.close()


@pytest.fixture(scope="session")
def live_server(pytestconfig):
    """A real server's run, begun with the session and complete when this returns."""
    return _session(pytestconfig).live_server.result()


@pytest.fixture(scope="session")
def say(pytestconfig):
    """Tells something at the end of the session, however quiet it is."""
    return pytestconfig.stash[SESSION].said.append
