"""``trigger-cli debug`` as a user runs it."""

import gzip
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from functools import partialmethod

import pytest

from tests.cli import running
from tests.cli.running import command_apart, run
from tests.limits import LONGEST, ended_in_time
from tests.support import REPOSITORY, SAMPLES
from trigger_cli.cli import debug
from trigger_cli.debugger.app import app

TRIGGERS = SAMPLES / "triggers" / "09-threshold-within.json"
LOG = SAMPLES / "nightly.events.jsonl"


def test_it_needs_a_terminal():
    """Into a pipe there is nothing to show, and that is said."""
    done = run("debug", TRIGGERS, LOG)
    assert 2 == done.returncode
    assert b"needs a terminal" in done.stderr
    assert b"" == done.stdout


def test_it_needs_the_terminal_for_stderr_too(monkeypatch):
    """Its screen is drawn there: in a file nobody would see it, and the command would seem to hang."""
    monkeypatch.setattr(running._Terminal, "isatty", lambda self: self is sys.stdout)
    monkeypatch.setattr(debug, "_take_terminal_as_stdin", lambda: pytest.fail("it went on"))
    done = run("debug", TRIGGERS, LOG, on_terminal=True)
    assert 2 == done.returncode
    assert b"needs a terminal" in done.stderr


def test_without_a_log():
    """As in every command, a mistake on the command line is exit 2."""
    done = run("debug", TRIGGERS)
    assert 2 == done.returncode
    assert b"no log was given" in done.stderr


_COMPLETE_AFTER = 2.0
"""When a screen with the text waited for is complete at the latest, seconds."""


def in_terminal(log, keys, stdin=None):
    """The exit code of `debug`, its text, and all bytes that it wrote, in a terminal of its own.

    Args:
        log: As the command is given it.
        keys: Text to wait for, and the key that is pressed, or the signal sent, once it is there.
        stdin: A file or pipe in place of the terminal.
    """
    leader, follower = pty.openpty()

    def own_terminal() -> None:
        import fcntl
        import termios

        os.setsid()
        fcntl.ioctl(follower, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command_apart("debug", TRIGGERS, log),
        stdin=follower if stdin is None else stdin,
        stdout=follower,
        stderr=follower,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"},
        cwd=REPOSITORY,
        preexec_fn=own_terminal,  # noqa: PLW1509  # a terminal of its own
    )
    os.close(follower)
    seen = b""
    coming = iter(keys)
    wanted, key = next(coming, (None, b""))
    seen_at = None
    with ended_in_time(process):
        while process.poll() is None:
            is_quiet = not select.select([leader], [], [], 0.3)[0]
            if not is_quiet:
                try:
                    seen += os.read(leader, 65_536)
                except OSError:
                    break
            if wanted is None or wanted not in seen:
                continue
            # The screen is complete when it is quiet; one that says how far it is never is.
            seen_at = seen_at or time.monotonic()
            if is_quiet or time.monotonic() - seen_at > _COMPLETE_AFTER:
                if isinstance(key, signal.Signals):
                    process.send_signal(key)
                else:
                    os.write(leader, key)
                seen_at = None
                wanted, key = next(coming, (None, b""))
        process.wait(LONGEST)
    os.close(leader)
    text = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", seen).decode(errors="replace")
    return process.returncode, text, seen


@pytest.mark.parametrize("by_stdin", [False, True])
def test_in_a_terminal(by_stdin):
    """It opens, takes keys, and prints what was copied when it is left; also with the log on stdin."""
    log = "-" if by_stdin else str(LOG)
    keys = [(b"Firings", b"f"), (b"01:01:46", b"y"), (b"Copied", b"\r"), (b"Copied", b"q")]
    with LOG.open("rb") as file:
        code, text, _ = in_terminal(log, keys, file if by_stdin else None)
    assert 0 == code
    last = text.splitlines()[-1]
    assert f"trigger-cli explain {TRIGGERS} --log {log}" in last
    assert "--firing 1" in last


@pytest.mark.parametrize(("key", "code"), [(b"q", 0), (b"\x03", 130)])
def test_one_need_not_wait_for_a_log_that_does_not_end(key, code):
    """While a pipe gives nothing, q and Ctrl-C leave at once."""
    reading, writing = os.pipe()
    try:
        assert code == in_terminal("-", [(b"reading", key)], reading)[0]
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("text", [b"\x1b[?1049h", b"reading"], ids=["screen starts", "reading"])
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_and_the_terminal_is_as_before(text, sent, monkeypatch):
    """As soon as the screen starts, and while a pipe gives nothing."""
    monkeypatch.setattr(sys.modules[__name__], "_COMPLETE_AFTER", 0.0)
    reading, writing = os.pipe()
    try:
        code, _, seen = in_terminal("-", [(text, sent)], reading)
    finally:
        os.close(reading)
        os.close(writing)
    assert 128 + sent == code
    assert seen.rindex(b"\x1b[?1049l") > seen.rindex(b"\x1b[?1049h")


def test_an_interrupt_before_there_is_a_screen(tmp_path, monkeypatch):
    """A thread reads the log by then, which cannot be closed while it does."""
    os.mkfifo(tmp_path / "pipe")
    writing = []

    def interrupted(_loading):
        writing.append(os.open(tmp_path / "pipe", os.O_WRONLY))  # returns when it is being read
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "Debugger", interrupted)
    monkeypatch.setattr(debug, "_take_terminal_as_stdin", lambda: None)
    abandoned = []
    monkeypatch.setattr(debug, "_ABANDONED", abandoned)
    threads = set(threading.enumerate())
    done = run("debug", TRIGGERS, tmp_path / "pipe", on_terminal=True)
    os.close(*writing)
    for thread in set(threading.enumerate()) - threads:
        thread.join(LONGEST)
    abandoned.pop().close()
    assert (130, b"") == (done.returncode, done.stdout)
    assert b"bug" not in done.stderr


def test_a_log_without_events_ends_it(tmp_path):
    """What fails in the background is told as any command tells it, after the screen is gone."""
    log = tmp_path / "bad.jsonl"
    log.write_text("x\ny\n")
    code, text, _ = in_terminal(log, [])
    assert 3 == code
    assert f"error: {log}:1: not JSON at column 1" in " ".join(text.split())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "error: the log has no events"),
        (gzip.compress(LOG.read_bytes())[:30], "damaged: the compressed data breaks off"),
    ],
    ids=["empty", "damaged"],
)
def test_why_a_log_has_no_events_is_told(content, told, tmp_path, monkeypatch):
    """In this process, without a screen."""
    log = tmp_path / "log"
    log.write_bytes(content)
    unseen = partialmethod(app.Debugger.run, headless=True)
    monkeypatch.setattr(app.Debugger, "run", unseen)
    monkeypatch.setattr(debug, "_take_terminal_as_stdin", lambda: None)
    done = run("debug", TRIGGERS, log, on_terminal=True)
    assert (3, b"") == (done.returncode, done.stdout)
    assert told in " ".join(done.stderr.decode().split())


def test_a_log_that_breaks_off_is_told_of_at_the_end(tmp_path):
    """What could be read is shown, and that there was more; at the end, where it broke off."""
    log = tmp_path / "cut.jsonl.gz"
    log.write_bytes(gzip.compress(LOG.read_bytes())[:-2_000])
    code, text, _ = in_terminal(log, [(b"Firings", b"q")])
    assert 3 == code
    assert "A log could not be read to its end" in text
    assert "cut.jsonl.gz: damaged: the compressed data breaks off" in " ".join(text.split())


def test_an_event_of_the_year_9999(tmp_path):
    """It is shown, and its line is named when the debugger is left."""
    *_, last = lines = LOG.read_text().splitlines()[:3]
    late = json.loads(last) | {"id": "late", "occurred": "9999-12-31T23:59:59Z"}
    log = tmp_path / "late.jsonl"
    log.write_text("\n".join([*lines, json.dumps(late)]))
    code, text, _ = in_terminal(log, [(b"Firings", b">"), (b"Firings", b"q")])
    assert 0 == code
    told = " ".join(text.split())
    assert f"{log}:4: this event occurred more than a year from all others" in told
