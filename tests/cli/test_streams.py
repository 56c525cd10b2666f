"""Where answers go that cannot be written: what is said, and with which exit code."""

import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest

from tests.cli.running import environment_apart, run, started
from tests.limits import LONGEST
from tests.support import SAMPLES
from trigger_cli import cli


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """`trigger-cli` in a command line, as a shell runs it."""
    tool = f'"{sys.executable}" -m trigger_cli'
    return subprocess.run(
        ["bash", "-c", command.replace("trigger-cli", tool)],
        env=environment_apart(),
        cwd=SAMPLES,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )


@pytest.mark.parametrize(
    "command", ["schema", "rule --all", "--help", "lint triggers", "explain --codes"]
)
def test_stdout_on_a_full_disk(command):
    """The reason is told, once, and the exit code is no success."""
    done = shell(f"trigger-cli {command} > /dev/full")
    assert done.returncode == 2
    assert "error: cannot write to stdout: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", ["schema", "replay triggers nightly.events.jsonl", "lint triggers", "--help"]
)
def test_a_pipe_that_nobody_reads(command):
    """`| head` has seen enough: that is no failure, and nothing is said."""
    done = shell(
        f"trigger-cli {command} 2> >(grep -E 'Traceback|BrokenPipe|bug' >&2) | true; exit ${{PIPESTATUS[0]}}"
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_closed_streams():
    """Stderr may be closed; stdout only where nothing is to be written there; stdin where it is not read."""
    assert shell("trigger-cli lint triggers > /dev/null 2>&-").returncode == 1
    assert shell("trigger-cli replay triggers nightly.events.jsonl <&- > /dev/null").returncode == 0
    done = shell("trigger-cli lint - <&-")
    assert done.returncode == 2
    assert "standard input is closed" in done.stdout
    assert "cannot write to stdout" in shell("trigger-cli schema >&-").stderr


def test_output_to_a_pipe_stays_a_pipe(tmp_path):
    """To take a device's or a pipe's name, as a file's, would be the end of it: of /dev/null, too."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    done = run("schema", "--output", pipe)
    reader.join(LONGEST)
    assert done.returncode == 0
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert read[0].startswith("{")


def test_output_behind_a_link_to_itself(tmp_path):
    """It is refused before anything is written."""
    (tmp_path / "loop").symlink_to("loop")
    done = run("schema", "--output", tmp_path / "loop")
    assert done.returncode == 2
    assert b"Too many levels of symbolic links" in done.stderr


def test_columns_beyond_reason():
    """Wider than any screen is as wide as a screen may be."""
    done = run("events", SAMPLES / "nightly.events.jsonl", COLUMNS="9" * 15)
    assert done.returncode == 0
    assert max(map(len, done.stdout.decode().splitlines())) <= 10_000


@pytest.mark.parametrize(
    ("command", "shown"),
    [("rule TRG307", r"^ o Severity: "), ("lint triggers", r"\\u2[0-9a-f]{3}")],
)
def test_a_terminal_of_few_letters(command, shown):
    """What its encoding lacks is written as an escape, or by a letter that looks like it."""
    done = shell(f"PYTHONIOENCODING=ascii trigger-cli {command}")
    assert done.returncode in {0, 1}
    assert re.search(shown, done.stdout, re.MULTILINE)


def test_an_interrupt_while_a_class_is_made(monkeypatch):
    """Python 3.11 wraps it in an error of its own, which is no bug of ours."""

    class Field:
        def __set_name__(self, owner, name):
            raise KeyboardInterrupt

    def load(*_arguments, **_options):
        type("Loaded", (), {"field": Field()})

    monkeypatch.setattr(cli, "app", load)
    done = run("lint")
    assert (130, b"") == (done.returncode, done.stderr)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of Unix")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_asks_for_an_end(sent, tmp_path):
    """It is taken as Ctrl-C is: what was found is written, and no temporary file stays."""
    triggers = SAMPLES / "triggers" / "09-threshold-within.json"
    with started("replay", triggers, "-", "--output", "out.txt", cwd=tmp_path) as process:
        while not list(tmp_path.iterdir()):  # it writes, so it is up
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(sent)
        _, said = process.communicate(timeout=LONGEST)
    assert (128 + sent, b"") == (process.returncode, re.sub(rb"(?m)^interrupted.*\n", b"", said))
    assert {one.name for one in tmp_path.iterdir()} <= {"out.txt"}
