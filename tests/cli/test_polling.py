"""``lint --watch``: linted again when something changes, and only then."""

import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.cli.running import run, started
from tests.limits import LONGEST
from trigger_cli.cli import polling

EMPTY = '{"type": "event", "posture": "Reactive", "expect": []}\n'
CLEAN = EMPTY.replace("[]", '["a.b"], "match": {"prefect.resource.id": "shop.*"}')
WATCH = ("lint", ".", "--watch", "--format", "concise")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.json").write_text(EMPTY)
    return tmp_path


@pytest.fixture
def while_it_waits(monkeypatch) -> Callable[[Sequence[Callable[[], object]]], None]:
    """What happens during one pause after the other; then Ctrl-C is pressed."""

    def script(steps: Sequence[Callable[[], object]]) -> None:
        left = iter(steps)

        def pause(_: float) -> None:
            step = next(left, None)
            if step is None:
                raise KeyboardInterrupt
            step()

        # Of this module alone: a server of other tests is waited for in a thread meanwhile.
        monkeypatch.setattr(polling, "time", SimpleNamespace(sleep=pause))

    return script


def found(stdout: bytes) -> list[str]:
    """The file and code of each finding, in order."""
    lines = stdout.decode().splitlines()
    return [f"{line.partition(':')[0]} {line.split('[')[1][:6]}" for line in lines]


def test_each_kind_of_change_is_seen(folder, while_it_waits):
    """A file that is written, comes or goes, and its configuration; no change, no turn."""
    steps = [
        lambda: None,
        lambda: (folder / "two.json").write_text(EMPTY),
        lambda: None,
        lambda: (folder / "one.json").write_text(CLEAN),
        lambda: (folder / "trigger-cli.toml").write_text('ignore = ["TRG2"]\n'),
        lambda: (folder / "trigger-cli.toml").write_text("ignore = [\n"),
        (folder / "trigger-cli.toml").unlink,
        (folder / "two.json").unlink,
    ]
    while_it_waits(steps)
    done = run(*WATCH, cwd=folder)
    assert done.returncode == 130
    one, two = "one.json TRG201", "two.json TRG201"
    assert found(done.stdout) == [one, one, two, two, two]
    said = done.stderr.decode().splitlines()
    assert said.count("Waiting for a change; Ctrl-C ends it.") == 7
    assert sum("not TOML" in line for line in said) == 1


def test_logs_and_baselines_are_watched(folder, while_it_waits):
    """They change what is found as well."""
    log = folder / "log.jsonl"
    log.write_text("")
    run("lint", ".", "--baseline", "known", "--write-baseline", cwd=folder)
    known = (folder / "known").read_text()
    (folder / "known").write_text(known.replace("TRG201", "TRG999"))
    (folder / "trigger-cli.toml").write_text('baseline = "known"\n')
    steps = [lambda: log.write_text("\n"), lambda: (folder / "known").write_text(known)]
    while_it_waits(steps)
    done = run(*WATCH, "--select", "TRG2", "--log", "log.jsonl", cwd=folder)
    assert done.returncode == 130
    assert found(done.stdout) == ["one.json TRG201"] * 2


@pytest.mark.parametrize(
    "more", [["--fix"], ["--diff"], ["--add-ignore"], ["--output", "x"], ["--show-settings"], ["-"]]
)
def test_it_only_shows(folder, more):
    """A turn must not cause the next."""
    done = run(*WATCH, *more, cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--watch cannot be combined with" in done.stderr


def test_it_is_ended_by_an_interrupt(folder):
    """In a process of its own: a change gives the next findings, Ctrl-C exits 130 without a traceback."""
    with started(*WATCH, cwd=folder) as process:
        first = process.stdout.readline()
        (folder / "one.json").write_text(EMPTY.replace("[]", '["a.b"]'))
        second = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        process.wait(LONGEST)
    assert found(first + second) == ["one.json TRG201", "one.json TRG203"]
    assert process.returncode == 130
    assert b"Traceback" not in said
