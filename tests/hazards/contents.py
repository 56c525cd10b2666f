"""Hazards in what a file holds: each content for each reader that may be given it."""

import bz2
import gzip
import lzma
import random
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import zstandard

from tests.hazards import materials
from tests.hazards.hazard import Hazard
from tests.hazards.materials import LONG_LINE, Piece, holds

NOBODY = "http://127.0.0.1:9/api"
"""A server that is not there: port 9 discards."""


@dataclass(frozen=True)
class Reader:
    """Something that reads files."""

    name: str
    file: str
    command: str
    template: str
    """A sound file of its kind, with ``@@`` where a value stands."""
    value: str
    """What is sound at that place."""
    syntax: str
    sound: int = 0
    """The exit code for a sound file."""
    exits: frozenset[int] = frozenset({0, 1, 2})
    quick: bool = False

    def filled(self, value: str) -> str:
        """The file with a value in its place."""
        return self.template.replace("@@", value)


_LOG_EXITS = frozenset({0, 3})
READERS = (
    Reader(
        "definitions, JSON",
        "triggers.json",
        "trigger-cli lint triggers.json >&2",
        materials.TRIGGER_JSON,
        "60",
        "json",
        exits=frozenset({0, 1, 2}),
        quick=True,
    ),
    Reader(
        "definitions, YAML",
        "triggers.yaml",
        "trigger-cli replay triggers.yaml $SAMPLES/nightly.events.jsonl -q",
        materials.TRIGGER_YAML,
        "60",
        "yaml",
        exits=frozenset({0, 2}),
        quick=True,
    ),
    Reader(
        "definitions, Terraform",
        "triggers.tf",
        "trigger-cli lint triggers.tf >&2",
        materials.TRIGGER_TF,
        "60",
        "hcl",
        exits=frozenset({0, 1, 2}),
    ),
    Reader(
        "definitions, Python",
        "triggers.py",
        "trigger-cli lint triggers.py >&2",
        materials.TRIGGER_PY,
        "60",
        "python",
        sound=1,
        exits=frozenset({0, 1, 2}),
    ),
    Reader(
        "prefect.yaml",
        "prefect.yaml",
        "trigger-cli explain prefect.yaml $SAMPLES/nightly.events.jsonl",
        materials.PREFECT_YAML,
        "60",
        "yaml",
        exits=frozenset({0, 2}),
    ),
    Reader(
        "log",
        "events.jsonl",
        "trigger-cli replay $M/trigger.json events.jsonl --format json",
        materials.EVENT,
        "{}",
        "json",
        exits=_LOG_EXITS,
        quick=True,
    ),
    Reader(
        "log, an array",
        "events.json",
        "trigger-cli events events.json",
        "[" + materials.EVENT + "]",
        "{}",
        "json",
        exits=_LOG_EXITS,
    ),
    Reader(
        "log, an API page",
        "events.json",
        "trigger-cli explain $M/trigger.json events.json",
        '{"total": 1, "events": [' + materials.EVENT + '], "next_page": null}',
        "{}",
        "json",
        exits=_LOG_EXITS,
    ),
    Reader(
        "log, websocket messages",
        "messages.jsonl",
        "trigger-cli replay $M/trigger.json messages.jsonl --order log --format jsonl",
        '{"type": "event", "event": ' + materials.EVENT.rstrip() + "}\n",
        "{}",
        "json",
        exits=_LOG_EXITS,
    ),
    Reader(
        "test file",
        "my.trigger-test.yaml",
        "trigger-cli test my.trigger-test.yaml",
        materials.TEST_FILE,
        "1",
        "yaml",
        exits=frozenset({0, 1, 2}),
        quick=True,
    ),
    Reader(
        "trigger-cli.toml",
        "trigger-cli.toml",
        "trigger-cli lint $M/trigger.json --config trigger-cli.toml",
        materials.CONFIG,
        "[]",
        "toml",
        exits=frozenset({0, 1, 2}),
        quick=True,
    ),
    Reader(
        "profiles.toml",
        "profiles.toml",
        "trigger-cli fetch --patience 0 -q",
        materials.PROFILES,
        f'"{NOBODY}"',
        "toml",
        sound=3,
        exits=frozenset({2, 3}),
        quick=True,
    ),
    Reader(
        "lint's baseline",
        "baseline.json",
        "trigger-cli lint $M/trigger.json --baseline baseline.json",
        materials.BASELINE,
        "",
        "json",
        exits=frozenset({0, 2}),
    ),
    Reader(
        "fetch's file",
        "events.jsonl",
        f"trigger-cli fetch --output events.jsonl --api-url {NOBODY} --patience 0",
        materials.EVENT,
        "{}",
        "json",
        sound=3,
        exits=frozenset({2, 3}),
    ),
    Reader(
        "fetch's companion",
        ".events.jsonl.fetch.json",
        "cp $SAMPLES/nightly.events.jsonl events.jsonl && trigger-cli fetch --output events.jsonl"
        f" --api-url {NOBODY} --patience 0",
        f'{{"format": "trigger-cli/fetch@1", "api": "{NOBODY}", "filter": {{}}, "since": @@}}',
        '"2026-03-01T12:00:00Z"',
        "json",
        sound=2,
        exits=frozenset({2, 3}),
    ),
    Reader(
        "watch's log",
        "events.jsonl",
        "trigger-cli watch $M/trigger.json - < events.jsonl",
        materials.EVENT,
        "{}",
        "json",
        exits=_LOG_EXITS,
    ),
)

_NOT_MADE = "\x00\x07\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u2028\x7f"

# By name: what becomes of a sound file.
_SPOILT: dict[str, tuple[Callable[[Reader, bytes], tuple[Piece, ...]], bool]] = {
    "nothing at all": (lambda _, __: (), False),
    "blanks alone": (lambda _, __: (b" \t\r\n" * 100,), False),
    "a byte order mark": (lambda _, sound: (b"\xef\xbb\xbf", sound), False),
    "UTF-16": (lambda _, sound: (sound.decode().encode("utf-16"),), False),
    "UTF-16 without its last byte": (
        lambda _, sound: (sound.decode().encode("utf-16")[:-1],),
        False,
    ),
    "CRLF": (lambda _, sound: (sound.replace(b"\n", b"\r\n"),), True),
    "CR": (lambda _, sound: (sound.replace(b"\n", b"\r"),), False),
    "NUL bytes amid it": (lambda _, sound: (sound[:40], b"\0" * 10, sound[40:]), True),
    "10 MB of NUL bytes": (lambda _, __: ((b"\0", 10_000_000),), False),
    "invalid UTF-8 amid it": (lambda _, sound: (sound[:10], b"\xff\xc0\xaf", sound[10:]), True),
    "invalid UTF-8 at its end": (lambda _, sound: (sound, b"\xe2\x82"), False),
    "terminal commands amid it": (
        lambda _, sound: (sound[:60], _NOT_MADE.encode(), sound[60:]),
        True,
    ),
    "random bytes": (lambda _, __: (random.Random(0).randbytes(100_000),), True),
    "its first half": (lambda _, sound: (sound[: len(sound) // 2],), False),
    "itself twice": (lambda _, sound: (sound, sound), False),
    "a line of 100 MB": (lambda _, sound: (sound, b'"', (b"x", LONG_LINE), b'"\n'), True),
    "a line of 100 MB, never ended": (lambda _, sound: (sound, (b"[", LONG_LINE)), False),
}

# By name: a value at a place where another is expected, in JSON; whether it is tried each time.
_VALUES: dict[str, tuple[str, bool]] = {
    "100,000 nested lists": ("[" * 100_000 + "]" * 100_000, True),
    "100,000 lists never closed": ("[" * 100_000, False),
    "100,000 nested objects": ('{"a": ' * 100_000 + "1" + "}" * 100_000, False),
    "900 nested lists": ("[" * 900 + "]" * 900, False),
    "an integer of 100,000 digits": ("9" * 100_000, True),
    "an integer of 4,000 digits": ("9" * 4_000, False),
    "an integer beyond 64 bits": ("-18446744073709551616", False),
    "1e999": ("1e999", True),
    "1e-999": ("1e-999", False),
    "NaN": ("NaN", True),
    "-Infinity": ("-Infinity", False),
    "a lone surrogate": (r'"\ud800"', True),
    "an escaped NUL": (r'"a\u0000b"', False),
    "escaped terminal commands": (r'"\u001b[2J\u202e\u0007"', False),
    "duplicate keys": ('{"a": 1, "a": 2, "": 3, "": 4}', True),
    "a key of 1 MB": ('{"' + "k" * 1_000_000 + '": 1}', False),
    "a text of 5 MB": ('"' + "x" * 5_000_000 + '"', False),
    "200,000 members": ('{"' + '": 1, "'.join(map(str, range(200_000))) + '": 1}', False),
    "500,000 elements": ("[" + "0, " * 499_999 + "0]", False),
    "null": ("null", False),
    "true": ("true", False),
    "a list of everything": ('[null, true, -1, 1.5, "", "x", [], {}, [[]], {"a": {}}]', False),
}
_TOML_VALUES = {
    "NaN": "nan",
    "-Infinity": "-inf",
    "1e-999": "1e-999",
    "duplicate keys": "{a = 1, a = 2}",
    "100,000 nested objects": "{a = " * 100_000 + "1" + "}" * 100_000,
}
_YAML_VALUES = {"NaN": ".nan", "-Infinity": "-.inf"}

_ANCHORS = "".join(
    f"- &a{level} [{', '.join([f'*a{level - 1}' if level else 'x'] * 9)}]\n" for level in range(12)
)
_MERGES = "".join(
    f"m{level}: &m{level} {{<<: [{', '.join([f'*m{level - 1}'] * 9) if level else ''}], k{level}: 1}}\n"
    for level in range(12)
)
_YAML_BOMBS = {
    "a YAML bomb of aliases": _ANCHORS,
    "a YAML bomb of merge keys": _MERGES,
    "an alias of itself": "&a [*a]\n",
    "an alias of nothing": "a: *b\n",
    "100,000 aliases": "- &a [x, x]\n" + "- *a\n" * 100_000,
    "100,000 documents": "--- {a: 1}\n" * 100_000,
    "a Python object": "a: !!python/object/apply:os.system ['touch owned']\n",
    "a set, a pair list, a time": "a: !!set {x}\nb: !!omap [x: 1]\nc: !!timestamp 2001-12-14\n",
    "a %YAML 9.9 directive": "%YAML 9.9\n---\na: 1\n",
    "complex keys": "? [a, {b: c}]\n: 1\n? {}\n: 2\n",
    "10,000 nested by indentation": "".join(" " * level + "a:\n" for level in range(2_000)),
    "100,000 nested dashes": "- " * 100_000 + "a\n",
}


# What takes the most work, rather than memory: `tests/lint/test_work.py` bounds it.
_LABEL = b'{"posture": "Reactive", "match": {"a": "'
_SEQUENCE = b'{"type": "sequence", "within": 60, "triggers": ['
_COMPOUND = b'{"type": "compound", "require": "all", "within": 60, "triggers": ['
_LAST_CHILD = b'{"posture": "Reactive", "expect": ["a"]}]}'
_CHILD = b'{"posture": "Reactive", "expect": ["a"]},'


def hazards() -> Iterator[Hazard]:
    """Every content for every reader."""
    for reader in READERS:
        yield Hazard(
            "contents", "nothing wrong", reader.name, reader.command, frozenset({reader.sound}),
            make=holds(reader.file, reader.filled(reader.value)), quick=reader.quick,
        )  # fmt: skip
        sound = reader.filled(reader.value).encode()
        for name, (spoil, often) in _SPOILT.items():
            yield _hazard(reader, name, partial(spoil, reader, sound), often=often)
        for name, (value, often) in _VALUES.items():
            if reader.syntax == "toml":
                value = _TOML_VALUES.get(name, value)  # noqa: PLW2901
            elif reader.syntax == "yaml":
                value = _YAML_VALUES.get(name, value)  # noqa: PLW2901
            yield _hazard(reader, name, partial(_with_value, reader, value), often=often)
        if reader.syntax == "yaml":
            for name, text in _YAML_BOMBS.items():
                yield _hazard(reader, name, partial(_alone, text), often="bomb" in name)
    yield from _large_definitions()
    yield from _compressed_logs()


def _with_value(reader: Reader, value: str) -> tuple[Piece, ...]:
    return (reader.filled(value),)


def _alone(text: str) -> tuple[Piece, ...]:
    return (text,)


def _hazard(
    reader: Reader, name: str, pieces: Callable[[], tuple[Piece, ...]], *, often: bool
) -> Hazard:
    def make(folder: Path) -> None:
        holds(reader.file, *pieces())(folder)

    return Hazard(
        "contents",
        name,
        reader.name,
        reader.command,
        reader.exits,
        make=make,
        after=_owned,
        quick=often and reader.quick,
    )


def _owned(folder: Path) -> str | None:
    return "a file's content was executed" if (folder / "owned").exists() else None


def _large_definitions() -> Iterator[Hazard]:
    """As much as a definition file may hold, of what takes the most memory."""
    for name, file, pieces in (
        ("8 MB of small values", "large.json", (b"[", (b"0,", 4_000_000), b"0]")),
        ("8 MB of brackets", "large.json", ((b"[]", 4_000_000),)),
        ("8 MB of lists", "large.json", (b"[", (b"[],", 2_600_000), b"[]]")),
        ("8 MB of triggers", "large.json", (b"[", (b'{"type":"event"},', 480_000), b"{}]")),
        ("8 MB of bad words", "large.json", ((b"x ", 4_000_000),)),
        ("8 MB of small values", "large.yaml", ((b"- 0\n", 2_000_000),)),
        ("8 MB of keys", "large.yaml", ((b"a: 0\n", 1_600_000),)),
        ("8 MB of text", "large.yaml", (b"a: ", (b"x", 8_000_000))),
        ("20,000 brackets in a label", "large.json", (_LABEL, (b"[", 20_000), b'"}}')),
        ("20,000 signs of a template", "large.json", (_LABEL, (b"${", 20_000), b'"}}')),
        ("20,000 stars in a pattern", "large.json", (_LABEL, (b"*a", 20_000), b'"}}')),
        ("10,000 comments without end", "large.json", (b'{"a": 1, ', (b"- /*A", 10_000))),
        (
            "4,000 comments that ignore",
            "large.json",
            ((b"// trigger-cli: ignore[TRG203]\n", 4_000), _LABEL, b'x"}}'),
        ),
        ("200 children of a sequence", "large.json", (_SEQUENCE, (_CHILD, 199), _LAST_CHILD)),
        ("10,000 children", "large.json", (_COMPOUND, (_CHILD, 9_999), _LAST_CHILD)),
        ("128 KB of brackets", "large.tf", (b"a = ", (b"[", 60_000), (b"]", 60_000), b"\n")),
        ("8 MB of blocks", "large.tf", ((b"a {\n}\n", 1_000_000),)),
        ("128 KB of calls", "large.py", ((b"EventTrigger(expect=['a'])\n", 4_800),)),
        ("128 KB of sums", "large.py", (b"a = 1", (b"+1", 65_000))),
    ):
        yield Hazard(
            "contents", name, f"definitions, {file[6:].upper()}", f"trigger-cli lint {file} | head -c 100000",
            frozenset({0, 1, 2}), make=holds(file, *pieces),
        )  # fmt: skip


def _zeros(compressor: object, megabytes: int, finish: str = "flush") -> bytes:
    """Compressed zeros, which are the most that can come out of the least."""
    pieces = [compressor.compress(b"\0" * 1_000_000) for _ in range(megabytes)]
    return b"".join(pieces) + getattr(compressor, finish)()


def _compressed_logs() -> Iterator[Hazard]:
    kinds: dict[str, tuple[Callable[[bytes], bytes], Callable[[], bytes]]] = {
        "gz": (gzip.compress, lambda: gzip.compress(b"\0" * 300_000_000, 9)),
        "bz2": (bz2.compress, lambda: _zeros(bz2.BZ2Compressor(), 300)),
        "xz": (lzma.compress, lambda: _zeros(lzma.LZMACompressor(preset=1), 300)),
        "zst": (
            zstandard.ZstdCompressor(write_checksum=True).compress,
            lambda: _zeros(zstandard.ZstdCompressor().compressobj(), 1_000),
        ),
    }
    spoilt: tuple[tuple[str, int, Callable[[bytes], bytes], str], ...] = (
        ("nothing wrong", 0, lambda whole: whole, ""),
        ("two files as one", 0, lambda whole: whole + whole, ""),
        ("cut off", 3, lambda whole: whole[: len(whole) // 2], "breaks off"),
        ("cut off in its head", 3, lambda whole: whole[:7], "breaks off|damaged"),
        ("damaged amid it", 3, _flipped, "damaged|breaks off"),
        ("padding, then rubbish", 3, lambda whole: whole + b"\0" * 100 + b"rubbish", "damaged|breaks off"),
    )  # fmt: skip
    for suffix, (compressed, bomb) in kinds.items():
        meets = f"log, .{suffix}"
        file = f"night.jsonl.{suffix}"
        command = f"trigger-cli replay $M/trigger.json {file} -q"
        for name, exit_, change, says in spoilt:

            def write(
                folder: Path,
                file: str = file,
                compressed: Callable[[bytes], bytes] = compressed,
                change: Callable[[bytes], bytes] = change,
            ) -> None:
                (folder / file).write_bytes(change(compressed(materials.NIGHT.read_bytes())))

            yield Hazard(
                "contents", name, meets, command, frozenset({exit_}), says, write,
                quick=name == "cut off",
            )  # fmt: skip

        def write_bomb(folder: Path, file: str = file, bomb: Callable[[], bytes] = bomb) -> None:
            (folder / file).write_bytes(bomb())

        yield Hazard(
            "contents", "a bomb", meets, command, frozenset({0, 3}), make=write_bomb, quick=suffix == "zst",
        )  # fmt: skip
        yield Hazard(
            "contents", "a bomb", f"fetch's file, .{suffix}",
            f"trigger-cli fetch --output {shlex.quote(file)} --api-url {NOBODY} --patience 0",
            frozenset({2, 3}), make=write_bomb,
        )  # fmt: skip


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return (
        content[:middle]
        + bytes(byte ^ 0x55 for byte in content[middle : middle + 50])
        + content[middle + 50 :]
    )
