"""Hazards of where the answer goes: full disks, closed pipes, narrow terminals."""

import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from tests.hazards.hazard import Hazard

LOG = "$SAMPLES/nightly.events.jsonl"
# Every command that answers, in a form that takes no terminal and no server.
ANSWERS: dict[str, tuple[str, int]] = {
    "replay": (f"replay $SAMPLES/triggers {LOG}", 0),
    "replay -q": (f"replay $SAMPLES/triggers {LOG} -q", 0),
    "replay, JSON Lines": (f"replay $SAMPLES/triggers {LOG} --format jsonl", 0),
    "replay, JSON": (f"replay $SAMPLES/triggers {LOG} --format json", 0),
    "explain": (f"explain $SAMPLES/triggers {LOG}", 0),
    "explain --codes": ("explain --codes", 0),
    "lint": (f"lint $SAMPLES/triggers --log {LOG}", 1),
    "lint, SARIF": ("lint $SAMPLES/triggers --format sarif", 1),
    "lint --diff": ("lint $SAMPLES/triggers --fix --diff", 1),
    "lint --statistics": ("lint $SAMPLES/triggers --statistics", 1),
    "rule": ("rule --all", 0),
    "schema": ("schema", 0),
    "capture": (f"capture $SAMPLES/triggers/09-threshold-within.json {LOG} --trim", 0),
    "test": ("test $SAMPLES/failing.trigger-test.yaml --coverage", 1),
    "audit": ("audit $SAMPLES/recording.automations.json $SAMPLES/recording.events.jsonl", 0),
    "sweep": (f"sweep $SAMPLES/triggers/09-threshold-within.json {LOG} --threshold 1..3 --within 1m,5m", 0),
    "diff": (f"diff $SAMPLES/triggers --between dialects --log {LOG}", 1),
    "doctor": ("doctor --offline $SAMPLES/triggers", 0),
    "events": (f"events {LOG}", 0),
    "watch": (f"watch $SAMPLES/triggers/09-threshold-within.json - < {LOG}", 0),
    "--help": ("--help", 0),
    "replay --help": ("replay --help", 0),
    "--version": ("--version", 0),
}  # fmt: skip
_TABLES = (
    "replay",
    "replay -q",
    "explain",
    "lint",
    "rule",
    "test",
    "audit",
    "sweep",
    "diff",
    "doctor",
    "events",
)
_TO_FILES = (
    "replay",
    "replay, JSON Lines",
    "lint, SARIF",
    "schema",
    "capture",
    "audit",
    "sweep",
    "diff",
    "events",
)


def hazards(small_disk: Path | None) -> Iterator[Hazard]:
    """Each place for each command; `small_disk` is a file system of some pages."""
    for name, (command, exit_) in ANSWERS.items():
        yield from _standard_streams(name, f"trigger-cli {command}", exit_)
    for name in _TO_FILES:
        yield from _output_files(name, f"trigger-cli {ANSWERS[name][0]}", small_disk)
    for name in _TABLES:
        yield from _terminals(name, f"trigger-cli {ANSWERS[name][0]}", ANSWERS[name][1])
    yield from _other_files(small_disk)
    yield from _over_inputs()


def _standard_streams(name: str, command: str, exit_: int) -> Iterator[Hazard]:
    quick = name in {"replay", "lint", "schema", "watch", "--help"}
    done = frozenset({exit_})
    to_full = f"{command} > /dev/full"
    yield Hazard(
        "output", "stdout on a full disk", name, to_full, frozenset({2}), "No space left on device",
        quick=quick,
    )  # fmt: skip
    yield Hazard("output", "stderr on a full disk", name, f"{command} 2> /dev/full", done | {2})
    for reader, often in (("head -n 1", True), ("head -c 20", False), ("true", True)):
        yield Hazard(
            "output", f"| {reader}", name, f"{command} | {reader}; exit ${{PIPESTATUS[0]}}", done | {0},
            quick=quick and often,
        )  # fmt: skip
    yield Hazard(
        "output",
        "2>&1 | true",
        name,
        f"{command} 2>&1 | true; exit ${{PIPESTATUS[0]}}",
        done | {0, 2},
    )
    yield Hazard("output", "stdout closed", name, f"{command} >&-", done | {2})
    yield Hazard("output", "stderr closed", name, f"{command} 2>&-", done)
    if "<" not in command:
        yield Hazard("output", "stdin closed", name, f"{command} <&-", done)
    for encoding in ("ascii", "latin-1"):
        yield Hazard(
            "output", f"a terminal in {encoding}", name,
            f"PYTHONUTF8=0 PYTHONIOENCODING={encoding} LC_ALL=C {command}", done,
            quick=name == "replay",
        )  # fmt: skip


def _output_files(name: str, command: str, small_disk: Path | None) -> Iterator[Hazard]:
    quick = name == "replay"

    def hazard(what: str, file: str, says: str, before: str = ":") -> Hazard:
        return Hazard(
            "output", f"--output {what}", name, f"{before}; {command} --output {file}", frozenset({2}), says,
            after=_nothing_half_written, quick=quick,
        )  # fmt: skip

    yield hazard("in no folder", "nowhere/out", "No such file")
    yield hazard("a folder", "folder", "director", "mkdir folder")
    yield hazard("below a file", "file/out", "ot a directory", "touch file")
    yield hazard("a link to itself", "loop", "symbolic|loop", "ln -s loop loop")
    yield hazard("of 300 characters", "x" * 300, "too long")
    yield Hazard(
        "output", "--output with a limit on file size", name, _LIMITED.format(f"{command} --output out"),
        frozenset({2}), "[Ff]ile too large", after=_nothing_half_written, quick=quick,
    )  # fmt: skip
    if can_make_devices():
        # Never the system's own: a tool that took their name would have done so for everyone.
        yield Hazard(
            "output", "--output to a full device", name, f"{command} --output full; code=$?; test -c full || exit 9; exit $code",
            frozenset({2}), "No space left on device", make=_make_device("full", 7), quick=quick,
        )  # fmt: skip
        yield Hazard(
            "output", "--output to a null device", name, f"{command} --output null; test -c null",
            frozenset({0}), make=_make_device("null", 3), quick=quick,
        )  # fmt: skip
    yield Hazard(
        "output", "--output into a closed pipe", name,
        f"mkfifo pipe; head -n 1 pipe > /dev/null & {command} --output pipe; code=$?; test -p pipe || exit 9; exit $code",
        frozenset({0, 1}), quick=quick,
    )  # fmt: skip
    if small_disk is not None:
        yield Hazard(
            "output", "--output on a full disk", name, f"{command} --output {small_disk}/out",
            frozenset({2}), "No space left on device",
            after=lambda _: _nothing_half_written(small_disk), quick=quick,
        )  # fmt: skip


_COPIES = "for number in 1 2 3 4 5; do cp $M/large.jsonl $number.jsonl; done; "
_LARGER = "--log '[1-5].jsonl'"
# The streams of a run are files, which a limit must not concern.
_LIMITED = "(ulimit -f 0; {}) 2>&1 | cat >&2; code=${{PIPESTATUS[0]}}; exit $code"


@cache
def can_make_devices() -> bool:
    """Whether this user may make a device, and this file system holds one."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            _make_device("null", 3)(Path(folder))
            Path(folder, "null").write_text("x")
        except OSError:
            return False
    return True


def _make_device(name: str, minor: int) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        os.mknod(folder / name, stat.S_IFCHR | 0o666, os.makedev(1, minor))

    return make


def _nothing_half_written(folder: Path) -> str | None:
    left = [
        path.name
        for path in folder.iterdir()
        if path.is_file() and path.name.startswith((".", "out"))
    ]
    return f"it left {', '.join(left)}" if left else None


def _terminals(name: str, command: str, exit_: int) -> Iterator[Hazard]:
    # The tool's own words are at most so long; what logs and definitions hold may be longer.
    narrow = f"{command} --width 20 > out"
    if name not in {"replay -q", "lint"}:  # these give a line each, however long, for grep
        yield Hazard(
            "terminal", "--width 20", name, narrow, frozenset({exit_}), after=_narrow,
            quick=name in {"replay", "explain"},
        )  # fmt: skip
    for columns in ("20", "1", "5000"):
        yield Hazard(
            "terminal",
            f"COLUMNS={columns}",
            name,
            f"COLUMNS={columns} {command}",
            frozenset({exit_}),
        )
    # `script` gives the command a terminal of its own, of 20 columns and 5 lines.
    on_terminal = f"stty cols 20 rows 5; {command}; echo exit $?".replace("'", "'\\''")
    yield Hazard(
        "terminal", "20 × 5 on a terminal", name,
        f"NO_COLOR= script -qec '{on_terminal}' /dev/null > typed < /dev/null; tail -n 1 typed | grep -q 'exit {exit_}'",
        frozenset({0}),
    )  # fmt: skip
    yield Hazard(
        "terminal", "--color always", name, f"{command} --color always --width 20 | cat > /dev/null", frozenset({0}),
    )  # fmt: skip


def _narrow(folder: Path) -> str | None:
    lines = (folder / "out").read_text("utf-8").splitlines()
    if not lines:
        return "it shows nothing"
    # A command to copy is no table: broken, it would not run.
    wide = [
        line
        for line in lines
        if len(line) > 20 and not re.search(r"trigger-cli |TRG|\.json|\.yaml", line)
    ]
    return f"{len(wide)} lines are wider, such as {wide[0]!r}" if wide else None


def _over_inputs() -> Iterator[Hazard]:
    """Outputs that are also inputs, which are kept."""
    made = (
        "mkdir -p work/d; cd work; cp $SAMPLES/triggers/09-threshold-within.json d/t.json; touch d/x.tf;"
        " cp $SAMPLES/nightly.events.jsonl d/in.jsonl; cp d/in.jsonl log.txt; cp d/t.json kept.json;"
        " ln d/in.jsonl hard; ln -s d/in.jsonl soft; ln -s ../kept.json d/link.json;"
        " printf 'triggers: t.json\\ntests:\\n- name: a\\n  events: [{log: in.jsonl}]\\n  expect: [{fires: 1}]\\n' > d/a.trigger-test.yaml;"
        " echo 'baseline = \"known.json\"' > trigger-cli.toml;"
        ' echo \'{"format": "trigger-cli/baseline@1", "findings": []}\' > known.json; cp -a . ../before; '
    )
    kept = "; code=$?; diff -r . ../before >&2 || exit 9; exit $code"
    for meets, command in (
        ("a link", "replay d/t.json d/in.jsonl -o soft"),
        ("a hard link", "explain d/t.json d/in.jsonl -o hard"),
        ("standard input", "replay d/t.json - -o d/in.jsonl < d/in.jsonl"),
        ("standard input of lint", "lint - -o d/t.json < d/t.json"),
        ("a folder", "lint d -o d/t.json"),
        ("a folder with sources that are not read", "lint d -f full -o d/x.tf"),
        ("a link in a folder", "lint d -o kept.json"),
        ("a glob", "events 'd/*.jsonl' -o d/in.jsonl"),
        ("what a test file names", "test d/a.trigger-test.yaml --junit d/in.jsonl"),
        ("a configuration that is found", "lint d/t.json -f json -o trigger-cli.toml"),
        ("the baseline that it names", "lint d/t.json -o known.json"),
        ("a baseline that is written", "lint d/t.json --baseline d/t.json --write-baseline"),
        ("--save", "replay d/t.json log.txt --save log.txt"),
        ("two outputs", "test d/a.trigger-test.yaml -o new.txt --junit ./new.txt"),
        ("two outputs of fetch", "fetch --api-url http://127.0.0.1:9/api -o new.txt --save new.txt"),
    ):  # fmt: skip
        yield Hazard(
            "output", "--output over what is read", meets, f"{made}trigger-cli {command}{kept}",
            frozenset({2}), "is read by this command|in a folder that this command reads|written twice",
            quick=True,
        )  # fmt: skip


def _other_files(small_disk: Path | None) -> Iterator[Hazard]:
    copy = "cp $SAMPLES/failing.trigger-test.yaml t.trigger-test.yaml; ln -s $SAMPLES/* ."
    yield Hazard(
        "output", "test --update with a limit on file size", "test",
        f"{copy}; cp t.trigger-test.yaml before; {_LIMITED.format('trigger-cli test t.trigger-test.yaml --update').replace('exit', 'cmp t.trigger-test.yaml before && exit')}",
        frozenset({2}), "[Ff]ile too large", quick=True,
    )  # fmt: skip
    yield Hazard(
        "output", "lint --fix with a limit on file size", "lint",
        f"cp -r $SAMPLES/triggers before; cp -r before now; {_LIMITED.format('trigger-cli lint now --fix').replace('exit', 'diff -r before now && exit')}",
        frozenset({2}), "[Ff]ile too large", quick=True,
    )  # fmt: skip
    if can_make_devices():
        for meets, command in (
            ("test --junit", f"{copy}; trigger-cli test t.trigger-test.yaml --junit full"),
            (
                "lint --write-baseline",
                "trigger-cli lint $SAMPLES/triggers --baseline full --write-baseline",
            ),
        ):
            yield Hazard(
                "output", "to a full device", meets, command, frozenset({2}), "No space left on device",
                make=_make_device("full", 7),
            )  # fmt: skip
    everything = f"trigger-cli replay $M/everything.json {_LARGER} -q > /dev/null"
    yield Hazard(
        "output", "no room for temporary files", "replay of a large log",
        _COPIES + _LIMITED.format(everything), frozenset({3}), "too large", megabytes=500,
    )  # fmt: skip
    if small_disk is not None:
        for meets, command in (
            ("replay of a large log", everything),
            ("lint with a large log", f"trigger-cli lint $M/everything.json {_LARGER} -q"),
        ):
            yield Hazard(
                "output", "temporary files on a full disk", meets,
                f"{_COPIES}export TMPDIR={small_disk}; {command}",
                # Where another folder for temporary files is known, that one is taken.
                frozenset({0, 1, 3}), megabytes=500,
            )  # fmt: skip
