"""Ask one case again: ``python -m tests.front_door.repeat DIALECT 'jobs=2, …' < case.json``.

With ``--record`` a case of the dialect ``docs`` joins those that are asked in every session. A
server's answer has to come from a server: see ``tests/conformance/record.py``.
"""

import ast
import json
import sys
import tempfile
from pathlib import Path

from tests.front_door.door import PLAIN, Asked, Mode, Refused

RECORDED = Path(__file__).with_name("recorded-cases.jsonl")


def mode_of(text: str) -> Mode:
    """The mode that `str` made `text` of."""
    if text == str(PLAIN):
        return PLAIN
    call = ast.parse(f"Mode({text})", mode="eval").body
    assert isinstance(call, ast.Call)
    return Mode(**{one.arg or "": ast.literal_eval(one.value) for one in call.keywords})


def main() -> None:
    """Print the firings that the case has, plainly and in the mode."""
    dialect, text = [one for one in sys.argv[1:] if one != "--record"]
    case = json.load(sys.stdin)
    if "--record" in sys.argv:
        if dialect != "docs":
            sys.exit("only a case of the dialect docs is held against the model")
        with RECORDED.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"mode": text, **case}) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        for mode in (PLAIN, mode_of(text)):
            asked = Asked(case, Path(folder), dialect, mode)
            try:
                print(f"{mode}:", *map(json.dumps, asked.firings()), sep="\n  ")
                print(asked.replay("--width", "100").stdout.decode())
            except Refused as refusal:
                print(refusal)


if __name__ == "__main__":
    main()
