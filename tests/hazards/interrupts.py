"""Ctrl-C, SIGTERM and SIGHUP at many moments of commands that take their time."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

from tests.hazards.hazard import ON_TERMINAL, Hazard

# What takes a second or more, and its exit code if it is done before Ctrl-C comes.
_COMMANDS: dict[str, tuple[str, int]] = {
    "replay --jobs 1": ("replay $M/everything.json $M/large.jsonl --jobs 1 --output out", 0),
    "replay --jobs 2": ("replay $M/everything.json $M/large.jsonl --jobs 2 --output out", 0),
    "replay, JSON Lines": ("replay $M/trigger.json $M/large.jsonl --format jsonl --order log --output out", 0),
    "lint": ("lint $SAMPLES/triggers --log $M/large.jsonl --format json --output out", 1),
    "explain": ("explain $SAMPLES/triggers --log $M/large.jsonl --output out", 0),
    "sweep": ("sweep $M/everything.json --log $M/large.jsonl --threshold 1..9 --within 1m,5m,1h --output out", 0),
    "capture": ("capture $M/trigger.json $M/large.jsonl --output out", 0),
    "audit": ("audit $SAMPLES/recording.automations.json $M/large.jsonl --output out", 3),
    "events": ("events $M/large.jsonl --output out", 0),
    "test": ("test $SAMPLES/tests --coverage --output out", 0),
    "fetch": ("fetch --api-url http://127.0.0.1:9/api --patience 1m --output fetched.jsonl", 3),
    "watch": ("watch $M/trigger.json $SAMPLES/nightly.events.jsonl --duration 1m", 0),
    "debug": ("debug $SAMPLES/triggers $M/large.jsonl", 0),
    "--help": ("--help", 0),
}  # fmt: skip


# Each signal that asks for an end, by what the table calls it, and what meets it.
_SIGNALS = {
    "Ctrl-C": (signal.SIGINT, tuple(_COMMANDS)),
    "SIGTERM": (
        signal.SIGTERM,
        ("replay --jobs 1", "replay --jobs 2", "events", "fetch", "watch", "debug"),
    ),
    "SIGHUP": (signal.SIGHUP, ("replay --jobs 2", "sweep", "watch", "debug")),
}


def hazards(moments: int) -> Iterator[Hazard]:
    """So many moments of each command, from its very beginning on, ever further apart."""
    for kind, (number, names) in _SIGNALS.items():
        yield from _moments(kind, number, names, moments)


def _moments(
    kind: str, sent: signal.Signals, names: tuple[str, ...], moments: int
) -> Iterator[Hazard]:
    for name in names:
        command, exit_ = _COMMANDS[name]
        terminal = f"{ON_TERMINAL} " if name == "debug" else ""
        for number in range(moments):
            moment = 0.03 + 2.5 * (number / moments) ** 1.7
            yield Hazard(
                kind,
                f"after {moment:.2f} s",
                name,
                f"{terminal}trigger-cli {command}",
                # Negative: Python's own start and end, which the tool has no hand in.
                frozenset({128 + sent, exit_, -sent}),
                after=_whole_or_nothing,
                interrupt_after=moment,
                signal=sent,
                megabytes=500,
                quick=moments <= 4,
            )


def _whole_or_nothing(folder: Path) -> str | None:
    left = {path.name for path in folder.iterdir() if path.is_file()}
    if odd := left - {"out", "fetched.jsonl", ".fetched.jsonl.fetch.json"}:
        return f"it left {', '.join(odd)}"
    out = folder / "out"
    if out.exists() and not out.read_bytes().endswith(b"\n"):
        return "--output is half written"
    fetched = folder / "fetched.jsonl"
    for line in fetched.read_bytes().splitlines() if fetched.exists() else ():
        json.loads(line)
    return None
