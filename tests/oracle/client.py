"""The oracle, asked from the tests: one process, many cases.

`Oracle` starts ``serve.py`` in its own environment and keeps it for the session.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.limits import LONGEST, killed_if_late
from tests.oracle.make_environment import variables

SERVE = Path(__file__).with_name("serve.py")


class OracleFailure(AssertionError):  # noqa: N818  # what it says, not what it is
    """The server refused a case or failed on it."""


class Oracle:
    """A running server engine; answers one case at a time.

    Args:
        version: The server's, as `make_environment` knows it.
        python: The Python of its environment.
    """

    def __init__(self, version: str, python: Path) -> None:
        self.version = version
        self.dialect = f"server-{version}"
        self._process = subprocess.Popen(
            [str(python), str(SERVE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=variables(),
        )
        self.asked = 0
        """How many cases it has answered."""
        assert self._answer() == {"ready": True}

    def firings(self, case: dict[str, Any]) -> list[dict[str, Any]]:
        """The real server's root firings, in the order in which it fired."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        self.asked += 1
        if "error" in answer:
            raise OracleFailure(answer["error"])
        return answer["firings"]

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        with killed_if_late(self._process):
            line = self._process.stdout.readline()
        if not line:
            raise OracleFailure(f"the oracle ended with status {self._process.wait(LONGEST)}")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()
