"""Without the extras: what needs none works, and the rest says what to install."""

import re
import sys
import tomllib

import pytest

from tests.cli.running import run
from tests.support import REPOSITORY, SAMPLES
from trigger_cli.cli.extras import EXTRAS

TRIGGERS = SAMPLES / "triggers" / "15-compound-exports.json"
NIGHTLY = SAMPLES / "nightly.events.jsonl"
SERVER = {"PREFECT_API_URL": "http://127.0.0.1:1/api"}


@pytest.fixture
def bare(monkeypatch):
    """As in an environment where no extra is installed."""
    users = ("trigger_cli.server", "trigger_cli.debugger", "trigger_cli.cluster")
    for name in [one for one in sys.modules if one.startswith((*users, *EXTRAS))]:
        monkeypatch.delitem(sys.modules, name)
    for package in EXTRAS:
        monkeypatch.setitem(sys.modules, package, None)


def test_every_extra_is_in_the_project():
    """Each package under the extra that is named for it, and `all` has all of them."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    for package, extra in EXTRAS.items():
        named = {"distributed": "dask", "hcl2": "python-hcl2"}.get(package, package)
        assert any(re.match(rf"{named}\b", one) for one in extras[extra]), package
        assert not any(re.match(rf"{named}\b", one) for one in project["dependencies"]), package
    (everything,) = extras["all"]
    assert set(EXTRAS.values()) == set(re.findall(r"\[(.*)\]", everything)[0].split(","))


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint", TRIGGERS, "--quiet", "--log", NIGHTLY),
        ("test", SAMPLES / "tests"),
        ("replay", TRIGGERS, NIGHTLY),
        ("explain", TRIGGERS, NIGHTLY),
        ("capture", TRIGGERS, NIGHTLY),
        ("events", NIGHTLY),
        ("rule", "D1"),
        ("doctor",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_needs_no_extra(arguments, bare, tmp_path):
    """A CI that lints and tests installs none."""
    done = run(*arguments, cwd=tmp_path, **SERVER)
    assert 0 == done.returncode, done.stderr.decode()


@pytest.mark.parametrize("server", [SERVER, {}], ids=["a server", "no server"])
@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("fetch", "--automations", "a.json", "--no-events"), "live"),
        (("watch", TRIGGERS, "--server"), "live"),
        (("explain", "--server"), "live"),
        (("debug", TRIGGERS, NIGHTLY), "debug"),
        (("replay", TRIGGERS, NIGHTLY, "--cluster", "tcp://127.0.0.1:9"), "cluster"),
    ],
)
def test_what_needs_one_says_which(arguments, extra, server, bare, tmp_path):
    """An error, what to type, and nothing left behind; a server is asked for later."""
    done = run(*arguments, cwd=tmp_path, **server)
    assert (2, b"") == (done.returncode, done.stdout)
    assert done.stderr.startswith(b"error: this needs the package "), done.stderr
    assert f"help: pip install 'trigger-cli[{extra}]'\n".encode() in done.stderr
    assert not list(tmp_path.iterdir())


def test_doctor_tells_what_is_not_there(bare):
    """A note, as it is no fault."""
    told = run("doctor", "--width", "300", **SERVER).stdout.decode()
    assert "not asked: this needs the package httpx" in told
