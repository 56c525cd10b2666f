"""Fuzzing: sound files, spoilt at random, through every reader and through the command line.

What is allowed is what is documented: a reader raises nothing but its own errors, and a command
ends with one of its exit codes, without a bug to report.
"""

import bz2
import gzip
import io
import json
import lzma
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.cli.running import run
from tests.hazards import materials
from tests.support import REPOSITORY
from trigger_cli.definitions import load_text
from trigger_cli.lint.runner.baseline import BadBaselineError, read_baseline
from trigger_cli.lint.runner.config import BadConfigError, read_config
from trigger_cli.read.log import Log
from trigger_cli.server.journal import Journal, JournalError
from trigger_cli.server.settings import SettingsError, read_settings
from trigger_cli.testing.reading import read_suite

_AT_ONCE = 40
"""Examples of one reader before the next one's turn."""
_LONGEST = 200_000


@dataclass(frozen=True)
class Target:
    """A reader, what it is fed, and a call that may raise nothing."""

    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes, Path], object]


@dataclass(frozen=True)
class Failure:
    """Something that should not have happened."""

    target: str
    what: str
    content: bytes


@dataclass
class Tally:
    """How far fuzzing came."""

    examples: dict[str, int]
    failures: list[Failure]
    seed: int


class UnexpectedError(Exception):
    """A command ended as none should."""


def fuzz(seconds: float, first_seed: int, folder: Path, only: str = "") -> Tally:
    """Feed all readers in turn until the time is over."""
    chosen = [one for one in targets() if only in one.name]
    tally = Tally({target.name: 0 for target in chosen}, [], first_seed)
    until = time.monotonic() + seconds
    number = first_seed
    while time.monotonic() < until:
        for target in chosen:
            feed(target, number, folder, tally)
            if time.monotonic() >= until:
                break
        number += 1
    return tally


def feed(
    target: Target, number: int, folder: Path, tally: Tally, *, inputs: int = _AT_ONCE
) -> None:
    """Feed one reader some inputs; what goes wrong is shrunk and noted, once of each kind."""
    latest = [b""]

    @seed(number)
    @settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
    )
    @given(_spoilt(target.seeds))
    def attempt(content: bytes) -> None:
        tally.examples[target.name] += 1
        latest[0] = content
        target.read(content, folder)

    try:
        attempt()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the finding
        what = f"{type(error).__name__}: {str(error)[:300]}"
        known = {(one.target, one.what.split(":")[0]) for one in tally.failures}
        if (target.name, what.split(":")[0]) not in known:
            tally.failures.append(Failure(target.name, what, latest[0]))


# --- What they are fed -----------------------------------------------------------------------

_ODD_VALUES = (
    b"null", b"true", b"-1", b"0", b"1e999", b"-0.0", b"NaN", b"Infinity", b"9" * 400, b"1" * 5000,
    b'""', b'"\\ud800"', b'"\\u0000"', b"[]", b"{}", b"[[]]", b'{"a": 1, "a": 2}', b".nan", b"0x1F",
    b"2026-13-45T99:99:99Z", b'"2026-03-01T12:00:00+99:99"', b'"P1Y"', b'"PT1e400S"', b'"0001-01-01T00:00:00Z"',
    b'"9999-12-31T23:59:60.9999999Z"', b"*a", b"&a", b"<<: *a", b"!!python/none", b"|", b">-", b"---", b"...",
    b"[" * 300, b"{" * 300, b'{"a":' * 1200, b"- " * 300, b"\xff", b"\x00", b"\xef\xbb\xbf", b"\r", b"\r\n",
    b"\xe2\x80\xa8", b"\xc2\x85", b"//", b"/*", b"#", b"'", b'"', b"\\", b"\t", b"# trigger-cli: ignore[",
    b'"posture": "Proactive"', b'"type": "compound"', b'"type": "metric"', b'"type": "sequence"', b'"require": "all"',
    b'"!a*"', b'"*"', b'"["', b'"(?P<"', "\N{SNOWMAN}".encode(), "\u202e".encode(),
)  # fmt: skip
# Where a value, a key or a line begins and ends, in all of the formats.
_JOINT = re.compile(rb"[\n,:\[\]{}]|(?<=: )")


def _spoilt(seeds: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    steps = st.lists(st.tuples(st.integers(0, 9), st.integers(0), st.integers(0)), max_size=8)
    return st.builds(_applied, st.sampled_from(seeds), st.sampled_from(seeds), steps)


def _applied(content: bytes, other: bytes, steps: list[tuple[int, int, int]]) -> bytes:
    for kind, one, two in steps:
        begin, end = _stretch(content, one, two)
        piece = content[begin:end]
        match kind:
            case 0:  # cut out
                piece = b""
            case 1:  # twice, or often: duplicate keys, repeated lines
                piece *= 2 + two % 3
            case 2 | 3:  # something else in its place
                piece = _ODD_VALUES[(one + two) % len(_ODD_VALUES)]
            case 4:  # splice
                first, last = _stretch(other, two, one)
                piece = other[first:last]
            case 5:  # single bytes
                piece = bytes([(one ^ two) % 256])
            case 6:  # nest
                depth = 1 + two % 400
                piece = b"[" * depth + piece + b"]" * depth
            case 7:  # nest as an object
                depth = 1 + two % 200
                piece = b'{"a": ' * depth + piece + b"}" * depth
            case 8:  # cut off there
                content, piece = content[:end], piece[: len(piece) // 2]
            case _:  # something between
                piece += _ODD_VALUES[(one * 7 + two) % len(_ODD_VALUES)]
        content = (content[:begin] + piece + content[end:])[:_LONGEST]
    return content


def _stretch(content: bytes, one: int, two: int) -> tuple[int, int]:
    """A part of the content, mostly one between two joints."""
    joints = [0, *(found.end() for found in _JOINT.finditer(content, 0, 20_000)), len(content)]
    if one % 5 == 0:
        begin = one % (len(content) + 1)
        return begin, min(len(content), begin + two % 40)
    place = (one // 5) % len(joints)
    return joints[place], joints[min(len(joints) - 1, place + 1 + two % 3)]


# --- Who is fed ------------------------------------------------------------------------------


def targets() -> Iterator[Target]:
    """Every reader, and the commands that read the most."""
    samples = REPOSITORY / "sample_events"
    recorded = [
        json.loads(line)
        for line in (REPOSITORY / "tests" / "conformance" / "recorded-cases.jsonl")
        .read_text("utf-8")
        .splitlines()[:40]
    ]
    json_definitions = tuple(path.read_bytes() for path in sorted(samples.glob("triggers/*.json")))
    json_definitions += tuple(json.dumps(case).encode()[:4000] for case in recorded)
    yaml_definitions = tuple(
        text.replace("@@", "60").encode()
        for text in (materials.TRIGGER_YAML, materials.PREFECT_YAML)
    ) + tuple(path.read_bytes() for path in sorted(samples.rglob("*.yaml")))
    lines = materials.NIGHT.read_bytes().splitlines(keepends=True)
    night = b"".join(lines[:12])
    events = [json.loads(line) for line in lines[:6]]
    logs = (
        night,
        json.dumps(events).encode(),
        json.dumps(events, indent=2).encode(),
        json.dumps({"events": events, "total": 6, "next_page": None}).encode(),
        b"".join(json.dumps({"type": "event", "event": one}).encode() + b"\n" for one in events),
        b"Connected to an event stream\n" + night,
        night.decode().encode("utf-16"),
    )
    packed = (
        gzip.compress(night),
        bz2.compress(night),
        lzma.compress(night),
        zstandard.compress(night),
    )
    tests = tuple(path.read_bytes() for path in sorted(samples.rglob("*.trigger-test.yaml")))
    config = (
        (
            b'select = ["TRG1", "TRG2"]\nignore = ["TRG203"]\nfail-level = "error"\ndialect = "docs"\n'
            b'baseline = "b.json"\n[per-file-ignores]\n"*.json" = ["TRG3"]\n'
        ),
    )
    profiles = (materials.PROFILES.replace("@@", '"http://127.0.0.1:4200/api"').encode(),)
    baseline = (
        (
            b'{"format": "trigger-cli/baseline@1", "findings": [{"file": "a", "code": "TRG1",'
            b' "automation": "b", "trigger": "$", "message": "m", "count": 2}]}'
        ),
    )
    yield Target(
        "definitions, JSON", json_definitions, lambda data, _: load_text(data, file="t.json")
    )
    yield Target(
        "definitions, YAML", yaml_definitions, lambda data, _: load_text(data, file="t.yaml")
    )
    for language, suffix, text in (
        ("Terraform", "tf", materials.TRIGGER_TF),
        ("Python", "py", materials.TRIGGER_PY),
    ):
        yield Target(
            f"definitions, {language}",
            (text.replace("@@", "60").encode(),),
            lambda data, _, file=f"t.{suffix}": load_text(data, file=file),
        )
    yield Target("logs", logs, _read_log)
    yield Target("logs, compressed", packed, _read_log)
    yield Target("test files", tests, _read_suite)
    yield Target("trigger-cli.toml", config, _read_config)
    yield Target("profiles.toml", profiles, _read_profiles)
    yield Target("lint's baseline", baseline, _read_baseline)
    yield Target("fetch's file", (night, *packed[::3]), _read_journal)
    for name, seeds, file, arguments, exits in (
        ("lint", json_definitions, "t.json", ("lint", "t.json"), {0, 1, 2}),
        ("lint --fix", yaml_definitions, "t.yaml", ("lint", "t.yaml", "--fix", "--unsafe-fixes"), {0, 1, 2}),
        ("replay", json_definitions, "t.json", ("replay", "t.json", str(materials.NIGHT)), {0, 2}),
        ("replay of a log", logs, "log", ("replay", str(samples / "triggers"), "log"), {0, 3}),
        ("explain", logs, "log", ("explain", str(samples / "triggers" / "09-threshold-within.json"), "log"), {0, 3}),
        ("events", logs + packed, "log", ("events", "log"), {0, 3}),
        ("test", tests, "t.trigger-test.yaml", ("test", "t.trigger-test.yaml", "--coverage"), {0, 1, 2, 3}),
    ):  # fmt: skip
        yield Target(f"the command {name}", seeds, _command(file, arguments, frozenset(exits)))


def _read_log(data: bytes, _: Path) -> None:
    reader = Log(["-"], stdin=io.BytesIO(data))
    for _record in reader:
        pass


def _read_suite(data: bytes, _: Path) -> None:
    read_suite(data, "t.trigger-test.yaml", lambda path: load_text("[]", file=path))


def _read_config(data: bytes, folder: Path) -> None:
    path = folder / "trigger-cli.toml"
    path.write_bytes(data)
    with suppress(BadConfigError):
        read_config(path)


def _read_profiles(data: bytes, folder: Path) -> None:
    (folder / "profiles.toml").write_bytes(data)
    with suppress(SettingsError):
        read_settings({"PREFECT_HOME": str(folder)}, folder)


def _read_baseline(data: bytes, _: Path) -> None:
    with suppress(BadBaselineError):
        read_baseline(data.decode("utf-8", "replace"))


def _read_journal(data: bytes, folder: Path) -> None:
    path = folder / "journal.jsonl"
    path.write_bytes(data)
    with suppress(JournalError):
        Journal(path).close()


def _command(
    file: str, arguments: tuple[str, ...], exits: frozenset[int]
) -> Callable[[bytes, Path], object]:
    def attempt(data: bytes, folder: Path) -> None:
        (folder / file).write_bytes(data)
        done = run(*arguments, cwd=folder, TRIGGER_CLI_DEBUG="1", PREFECT_HOME=str(folder))
        if done.returncode not in exits or b"Traceback" in done.stderr:
            raise UnexpectedError(
                f"exit {done.returncode}: {done.stderr[-600:].decode('utf-8', 'replace')}"
            )

    return attempt


def reproducer(failure: Failure) -> str:
    """Python that gives the content once more, for a test."""
    content: Any = failure.content
    if len(content) > 2_000:
        name = f"fuzz-{random.Random(content).getrandbits(32):08x}.bin"
        Path(name).write_bytes(content)
        return f"{failure.target}: {failure.what}\n  content: in {name}"
    return f"{failure.target}: {failure.what}\n  content = {content!r}"
