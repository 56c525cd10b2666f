"""Ask one case again: ``python -m tests.front_door.repeat DIALECT 'jobs=2, …' < case.json``."""

from __future__ import annotations

import ast
import json
import sys
import tempfile
from pathlib import Path

from tests.front_door.door import PLAIN, Asked, Mode


def mode_of(text: str) -> Mode:
    """The mode that `str` made `text` of."""
    if text == str(PLAIN):
        return PLAIN
    call = ast.parse(f"Mode({text})", mode="eval").body
    assert isinstance(call, ast.Call)
    return Mode(**{one.arg or "": ast.literal_eval(one.value) for one in call.keywords})


def main() -> None:
    """Print the firings that the case had, and has in the mode."""
    dialect, text = sys.argv[1:3]
    case = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        for mode in (PLAIN, mode_of(text)):
            asked = Asked(case, Path(folder), dialect, mode)
            print(f"{mode}:", *map(json.dumps, asked.firings()), sep="\n  ")
            print(asked.replay("--width", "100").stdout.decode())


if __name__ == "__main__":
    main()
