"""Options of the test session, and what is started early in it: the oracle and real servers.

They need the oracle's environment (``tests/oracle/make_environment.py``), which is made if it is
not there. If it cannot be made, the tests that need it fail; only ``--no-oracle`` skips them.
"""

import gc
import os
import secrets
import signal
import sys
import tempfile
import threading

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.background import LONGEST, Background, let_others_go_first
from tests.oracle.client import Oracle
from tests.oracle.live_server import LiveServer
from tests.oracle.make_environment import VERSIONS, ensure_environment
from tests.server.live_run import LiveRun
from trigger_cli import processes

# No time limits: they would depend on what else the machine does. A failure tells how to repeat it.
# Few examples: each session draws others.
settings.register_profile(
    "tests",
    deadline=None,
    print_blob=True,
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")
# For tests/mutation_check.py, which asks whether there is a failure and not for the smallest.
settings.register_profile(
    "unshrunk",
    settings.get_profile("tests"),
    max_examples=100,
    phases=[Phase.explicit, Phase.generate],
)

BEFORE_THE_TEST: set[threading.Thread] = set()
"""Threads of fixtures and of the session, which idle or know nothing of the product."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call():
    BEFORE_THE_TEST.clear()
    BEFORE_THE_TEST.update(threading.enumerate())


def _may_fork() -> bool:
    """As in the product, in a process that has no threads before the test."""
    return sys.platform == "linux" and set(threading.enumerate()) <= BEFORE_THE_TEST


LIVE = {"live_server": LiveServer, "live_run": LiveRun}
"""Fixtures that are a real server's run in the background, a minute or two long."""


def pytest_addoption(parser):
    group = parser.getgroup("oracle", "Prefect's own server as the oracle")
    group.addoption(
        "--oracle-cases",
        type=int,
        default=25,
        metavar="N",
        help="How many fresh random cases to compare with each real engine.  [25]",
    )
    group.addoption(
        "--oracle-seed",
        type=int,
        metavar="SEED",
        help="Repeat a session's random cases.  [a fresh seed]",
    )
    group.addoption(
        "--front-door-cases",
        type=int,
        default=50,
        metavar="N",
        help="How many random cases to ask of the command line and of the model.  [50]",
    )
    group.addoption(
        "--front-door-seed",
        type=int,
        metavar="SEED",
        help="Repeat a session's cases for the command line, and its hazards.  [a fresh seed]",
    )
    group.addoption(
        "--every-hazard",
        action="store_true",
        help="Meet all quick hazards and not one in sixteen, which --front-door-seed chooses.",
    )
    group.addoption(
        "--no-oracle",
        action="store_true",
        help="Skip what needs Prefect's server, which is installed from the package index.",
    )


SAID = pytest.StashKey[list[str]]()
"""What to tell at the end of the session."""
BACKGROUND = pytest.StashKey[Background]()
"""What the session's processes make for each other."""


SEEDS = ("oracle_seed", "front_door_seed")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Every process of the session draws from the same seeds: they collect the same tests."""
    for seed in SEEDS:
        node.workerinput[seed] = getattr(node.config.option, seed)


def pytest_configure(config):
    config.stash[SAID] = []
    given = getattr(config, "workerinput", {})
    for seed in SEEDS:
        if seed in given:
            setattr(config.option, seed, given[seed])
        elif getattr(config.option, seed) is None:
            setattr(config.option, seed, secrets.randbelow(2**32))
    if sys.dont_write_bytecode and not given:
        # Hundreds of processes that the tests start would compile the product each for itself.
        compiled = tempfile.TemporaryDirectory()
        config.add_cleanup(compiled.cleanup)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = compiled.name
    # To spawn each of the product's processes would be a sixth of the suite's time.
    processes.may_fork = _may_fork
    # Thousands of tests are a million objects, which each collection of garbage would go through
    # again: a tenth of the suite's time.
    gc.set_threshold(50_000, 20, 50)
    gc.disable()
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # As a shell's `&` has it; the commands that tests interrupt would never end.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        # As `nohup` has it.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_finish():
    gc.enable()  # Not frozen: Hypothesis looks for what refers to its source of random numbers.


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file stays together, but for shares of random cases and the versions of the oracle."""
    from xdist.scheduler import LoadFileScheduling

    class ByFileOrShare(LoadFileScheduling):
        def _split_scope(self, nodeid):
            if "[share-" in nodeid:
                return nodeid
            first = nodeid.partition("[")[2].rstrip("]").split("-")[0]
            return super()._split_scope(nodeid) + (first if first in VERSIONS else "")

    return ByFileOrShare(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Many tests wait for a terminal, a browser or a process; eight wait for the real servers."""
    return min((os.cpu_count() or 1) * 3 // 2, 8)


def pytest_collection_modifyitems(items):
    """What takes long comes first; what waits for a real server last: all else is done meanwhile."""
    items.sort(key=_turn)
    for item in items:
        if {"oracle", *LIVE} & set(getattr(item, "fixturenames", ())):
            # The limit of the others, after what is made for it in the background.
            item.add_marker(pytest.mark.timeout(LONGEST + float(item.config.getini("timeout"))))


LONG = ("tests/hazards", "tests/cluster", "tests/front_door", "tests/debugger", "tests/cli")
"""Folders whose files take longest: begun last, one of them would be waited for."""


def _turn(item):
    wanted = set(getattr(item, "fixturenames", ()))
    folder = item.nodeid.rpartition("/")[0]
    return bool(LIVE.keys() & wanted), folder not in LONG


@pytest.fixture(scope="session", autouse=True)
def background(request, tmp_path_factory):
    """What takes long is begun before the first test, if some test asks for it."""
    worker = getattr(request.config, "workerinput", {}).get("workerid")
    folder = tmp_path_factory.getbasetemp()
    ours = Background(folder.parent if worker else folder, makes=worker in {None, "gw0"})
    wanted = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    if not request.config.option.no_oracle and wanted & {"oracle", *LIVE}:
        newest = VERSIONS[0]
        for version in VERSIONS if "oracle" in wanted else (newest,):
            ours.begin(version, lambda version=version: ensure_environment(version))
        for name in LIVE.keys() & wanted:
            run = LIVE[name].run
            ours.begin(name, lambda run=run: run(ours.result(newest)))
        let_others_go_first()
    request.config.stash[BACKGROUND] = ours
    return ours


def pytest_sessionfinish(session):
    ours = session.config.stash.get(BACKGROUND, None)
    if ours and not (session.shouldstop or session.shouldfail):
        # Another process may still wait for what this one makes.
        ours.finish()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["said"] = session.config.stash[SAID]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[SAID].extend(getattr(node, "workeroutput", {}).get("said", ()))


def pytest_unconfigure():
    for one in LIVE.values():
        one.stop_all()


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash[SAID]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def _real(pytestconfig):
    if pytestconfig.option.no_oracle:
        pytest.skip("--no-oracle: not compared with Prefect's own server")


@pytest.fixture(scope="session", params=VERSIONS)
def oracle(request, _real, background):
    """A version's real engine, one process for the whole session."""
    one = Oracle(request.param, background.result(request.param))
    yield one
    one.close()


@pytest.fixture(scope="session")
def live_server(_real, background):
    """A real server's run, begun with the session and complete when this returns."""
    done = background.result("live_server")
    if not done.is_evidence:
        pytest.skip(
            "in each run the server evaluated an event twice, or lagged by more than lies between"
            f" two events ({done.failed_evaluations} twice, {done.lag:.1f} s at the last):"
            " the machine is too busy for a comparison"
        )
    return done


@pytest.fixture(scope="session")
def live_run(_real, background):
    """A real server's run with its watch and fetches, complete when this returns."""
    return background.result("live_run")


@pytest.fixture(scope="session")
def say(pytestconfig):
    """Tells something at the end of the session, however quiet it is."""
    return pytestconfig.stash[SAID].append


@pytest.fixture
def log(tmp_path):
    """Writes a log file and gives its path."""

    def write(content: bytes, name: str = "log") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write
