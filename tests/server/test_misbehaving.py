"""`fetch` from a server that misbehaves at random; ``misbehaving.py`` does as many runs as one likes."""

import re
import subprocess
import sys

from tests.limits import LONGEST
from tests.server import misbehaving

RUNS = 2


def test_nothing_is_lost_or_doubled(pytestconfig):
    """In a process of its own, which forks; from the session's seed."""
    seed = pytestconfig.option.front_door_seed
    done = subprocess.run(
        [sys.executable, misbehaving.__file__, "--runs", str(RUNS), "--seed", str(seed)],
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    assert re.match(rf"{RUNS} runs from seed {seed}, .* 0 runs not as they should be", done.stdout)
