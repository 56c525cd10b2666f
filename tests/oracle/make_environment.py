"""The oracle's own environments, one for each version of the server: made once, then found again.

Each is a virtual environment with what ``requirements-VERSION.txt`` pins, in a folder named after
that file's hash and the Python that made it: below ``$TRIGGER_CLI_ORACLE_HOME``, or else in
``.venv-oracle/`` at the top of the checkout. It is made beside its place and moved there when
it is complete, so half an environment is never found.

The test session makes what is not there; so does ``python tests/oracle/make_environment.py``, with
versions as arguments. It prints the path of each environment's Python.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERSIONS = ("3.9", "3.8")
"""The servers that are asked, the newest first."""
HOME_VARIABLE = "TRIGGER_CLI_ORACLE_HOME"
LONGEST_INSTALL = 800.0
"""How long the packages may take to come, seconds."""


class EnvironmentFailure(Exception):  # noqa: N818  # what it says, not what it is
    """The environment could not be made; says why, and how to go on without it."""


def home() -> Path:
    """Where environments are kept."""
    chosen = os.environ.get(HOME_VARIABLE)
    return Path(chosen) if chosen else HERE.parent.parent / ".venv-oracle"


def requirements(version: str) -> Path:
    """What the environment of a version is made of."""
    return HERE / f"requirements-{version}.txt"


def place(version: str) -> Path:
    """Where the environment of a version and this Python belongs."""
    what = requirements(version).read_bytes() + sys.version.encode()
    return home() / hashlib.sha256(what).hexdigest()[:16]


def python_of(environment: Path) -> Path:
    """The environment's Python."""
    return environment / "bin" / "python"


def variables() -> dict[str, str]:
    """Our variables for its programs, which keep their byte code, so that they compile once."""
    hidden = {"PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"}
    return {name: value for name, value in os.environ.items() if name not in hidden}


def install(python: Path, *what: str | Path) -> None:
    """Install packages into the environment of that Python.

    uv takes a second where pip takes half a minute of a core. pip is asked where uv fails, as it
    may be the only one that is told of a mirror.

    Raises:
        EnvironmentFailure: they could not be installed; says what both said.
    """
    said = ""
    for installer in (
        ["uv", "pip", "install", "--quiet", "--python", str(python)],
        ["pip", "--python", str(python), "install", "--quiet", "--no-compile"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *installer, *map(str, what)],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_INSTALL,
        )
        if not done.returncode:
            return
        said += done.stderr[-2000:]
    told = " ".join(map(str, what))
    raise EnvironmentFailure(
        f"the oracle's environment ({told}) could not be installed;"
        " without a network, run pytest with --no-oracle\n" + said
    )


def ensure_environment(version: str) -> Path:
    """The Python of a version's environment, made now if need be.

    Raises:
        EnvironmentFailure: it could not be made.
    """
    wanted = place(version)
    if python_of(wanted).exists():
        return python_of(wanted)
    wanted.parent.mkdir(parents=True, exist_ok=True)
    # No business of git's, nor of the tools that ask it.
    (wanted.parent / ".gitignore").write_text("*\n", "utf-8")
    # A virtual environment may be moved as long as its Python is called by its path: only
    # its scripts, which nobody here calls, name the folder they were made in.
    building = Path(tempfile.mkdtemp(prefix="making-", dir=wanted.parent))
    try:
        venv.create(building)
        install(python_of(building), "--requirement", requirements(version))
        try:
            building.rename(wanted)
        except OSError:  # another session was faster
            if not python_of(wanted).exists():
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return python_of(wanted)


if __name__ == "__main__":
    for version in sys.argv[1:] or VERSIONS:
        print(ensure_environment(version))
