"""Search for inputs that take a reader more than linear time: short texts, repeated at 1×, 2× and 4×.

    python tests/hazards/growth.py [--minutes 10] [--seed N] [--only READER]

Every reader and command of `fuzzing` is fed sound files in which such a text stands. The time of
a byte is printed for the worst of each reader; nothing asserts a time, as machines are not quiet.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from rich.console import Console
from rich.table import Table

from tests.hazards import fuzzing

SMALLEST = 8_000
"""Bytes of the repeated text at 1×."""
WORTH_A_LOOK = 0.05
"""Seconds: below, times tell nothing of how they grow."""
SUSPICIOUS = 7.0
"""At 4× the bytes a linear reader takes 4 times as long."""
_TOKENS = (
    b"[", b"]", b"{", b"}", b'"', b"'", b"\\", b'\\"', b"*", b"!", b"!*", b"?", b"(", b")", b"|", b"&a ", b"*a ",
    b"${", b"{{", b"}}", b"{%", b"%}", b"# trigger-cli: ignore[TRG203]\n", b"# trigger-cli: ignore[", b"#", b"//", b"/*",
    b"- ", b"-\n", b": ", b"a: ", b",", b"\n", b"\r\n", b" ", b"\t", b"a", b"A", b"0", b"9", b".", b"-", b"1e", b"<<: *a\n",
    b'"a": {', b'"a": [', b'{"a":', b'"expect": ["', b'"type": "compound", "triggers": [', b"prefect.flow-run.", b"\xc3\xa9",
    b"\xe2\x80\xa8", b"---\n", b"|\n", b">-\n", b"T12:00:00Z", b"+00:00", b"[[", b"]]", b"\x1b[31m", b"\x00",
)  # fmt: skip


class Found(NamedTuple):
    """One text, and how long a reader took for it at 1×, 2× and 4×, seconds."""

    target: str
    text: bytes
    seconds: tuple[float, float, float]

    @property
    def growth(self) -> float:
        """How many times as long 4× takes as 1×; 0 where both are too short to tell."""
        first, _, last = self.seconds
        return last / max(first, 0.001) if last >= WORTH_A_LOOK else 0.0


def attempts(target: fuzzing.Target, chance: random.Random) -> Iterator[tuple[bytes, bytes, bytes]]:
    """What stands before a repeated text, the text, and what stands behind it."""
    while True:
        text = b"".join(chance.choices(_TOKENS, k=chance.choice([1, 1, 2, 2, 3, 4])))
        content = chance.choice(target.seeds)
        places = [
            place for place, byte in enumerate(content[:20_000]) if byte in b'"\n:,[{' and place
        ]
        place = chance.choice([0, len(content), *chance.sample(places, min(3, len(places)))])
        yield content[: place + 1], text, content[place + 1 :]


def timed(target: fuzzing.Target, content: bytes, folder: Path) -> float:
    """How long the reader takes, seconds of the processor; the better of two times."""

    def once() -> float:
        begun = time.process_time()
        # What is wrong with an answer is for `fuzzing` to find.
        with suppress(Exception):
            target.read(content, folder)
        return time.process_time() - begun

    first = once()
    return first if first < WORTH_A_LOOK else min(first, once())


def measured(
    target: fuzzing.Target, parts: tuple[bytes, bytes, bytes], folder: Path, smallest: int
) -> Found:
    """One text at three lengths."""
    before, text, behind = parts
    times = [
        timed(target, before + text * (smallest * factor // len(text)) + behind, folder)
        for factor in (1, 2, 4)
    ]
    return Found(target.name, text, (times[0], times[1], times[2]))


def search(
    minutes: float,
    first_seed: int,
    folder: Path,
    only: str = "",
    smallest: int = SMALLEST,
    say: Callable[[Found], None] = lambda _found: None,
) -> list[Found]:
    """Try texts until the time is over; the worst of each reader."""
    chance = random.Random(first_seed)
    trying = [(one, attempts(one, chance)) for one in fuzzing.targets() if only in one.name]
    worst: dict[str, Found] = {}
    until = time.monotonic() + minutes * 60
    while True:
        for target, texts in trying:
            parts = next(texts)
            found = measured(target, parts, folder, smallest)
            if found.growth > SUSPICIOUS:  # a busy machine may seem so once
                again = (measured(target, parts, folder, smallest) for _ in range(2))
                found = min(found, *again, key=lambda one: one.growth)
            if found.growth > SUSPICIOUS:
                say(found)
            if target.name not in worst or found.growth > worst[target.name].growth:
                worst[target.name] = found
        if time.monotonic() >= until:
            return list(worst.values())


def main() -> int:
    """Search and show; 1 if something grows faster than its input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    console = Console(width=150)
    table = Table("reader", "text", "1× s", "2× s", "4× s", "4× / 1×")
    with tempfile.TemporaryDirectory() as folder:
        found = search(
            options.minutes,
            options.seed,
            Path(folder),
            options.only,
            say=lambda one: console.print(repr(one), markup=False),
        )
    for one in found:
        growth = f"{one.growth:.1f}" if one.growth else "too short to tell"
        times = (f"{seconds:.3f}" for seconds in one.seconds)
        table.add_row(one.target, repr(one.text)[:50].replace("[", r"\["), *times, growth)
    console.print(table)
    suspicious = sum(one.growth > SUSPICIOUS for one in found)
    console.print(f"{suspicious} grow faster than their input; --seed {options.seed}")
    return 1 if suspicious else 0


if __name__ == "__main__":
    sys.exit(main())
