"""`trigger-cli watch` on logs; on a server, see tests/server/test_live_run.py."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from tests.cli.running import command_apart, environment_apart, run, started
from tests.limits import LONGEST, ended_in_time
from tests.support import SAMPLES, log_event, written_trigger
from trigger_cli.cli import watch_sources
from trigger_cli.cli.server_options import WallClock
from trigger_cli.live.following import FollowedFile
from trigger_cli.server import stream
from trigger_cli.server.settings import ServerSettings
from trigger_cli.times import SECOND

LOG = SAMPLES / "nightly.events.jsonl"
TRIGGERS = SAMPLES / "triggers"


def event(name, at):
    return json.dumps(log_event(name, id=f"{name}-{at}", occurred=at))


@pytest.fixture
def triggers(tmp_path):
    """Two automations: on every `a`, and on three of them."""
    path = tmp_path / "t.json"
    both = [
        {"name": "each", "trigger": {"expect": ["a"]}},
        {"name": "three", "trigger": {"expect": ["a"], "threshold": 3, "within": 600}},
    ]
    path.write_text(json.dumps(both))
    return path


@pytest.mark.parametrize("name", ["09-threshold-within", "12-proactive-for-each", "16-sequence"])
def test_stdin_gives_what_a_replay_gives(name):
    """Line for line, if the log is taken as it stands."""
    path = TRIGGERS / f"{name}.json"
    watched = run("watch", path, "-", "-q", stdin=LOG.read_bytes())
    replayed = run("replay", path, LOG, "--order", "log", "-q")
    assert (0, replayed.stdout) == (watched.returncode, watched.stdout)


def test_jsonl_ends_with_a_summary():
    """A firing a line, then the counts."""
    path = TRIGGERS / "09-threshold-within.json"
    done = run("watch", path, "-", "--format", "jsonl", stdin=LOG.read_bytes())
    *firings, summary = map(json.loads, done.stdout.splitlines())
    assert {"fired"} == {one["kind"] for one in firings}
    assert ("trigger-cli/watch@1", len(firings)) == (summary["format"], summary["firings"])


def test_verbose_jsonl_has_every_transition():
    """As `replay --format jsonl` has them."""
    path = TRIGGERS / "09-threshold-within.json"
    watched = run("watch", path, "-", "-f", "jsonl", "-v", stdin=LOG.read_bytes())
    replayed = run("replay", path, LOG, "-f", "jsonl", "--order", "log")
    kinds = [
        [json.loads(one)["kind"] for one in done.stdout.splitlines()]
        for done in (watched, replayed)
    ]
    assert kinds[0] == kinds[1]


def test_a_growing_file(triggers, tmp_path):
    """Followed until there have been three firings, half a line at a time."""
    log = tmp_path / "log.jsonl"
    log.write_text(event("a", "2026-03-01T12:00:00Z") + "\n")
    ends = ("--firings", "3", "--duration", "30s")
    with started("watch", triggers, log, "--automation", "each", *ends) as process:
        first = process.stdout.readline()
        assert first.startswith(b"2026-03-01T12:00:00.000000Z  each")
        text = event("a", "2026-03-01T12:00:01Z") + "\n"
        for half in (text[:30], text[30:], event("a", "2026-03-01T12:00:02Z") + "\n"):
            with log.open("a") as file:
                file.write(half)
            time.sleep(0.05)
        out, err = process.communicate(timeout=LONGEST)
    assert (0, 2) == (process.returncode, len(out.splitlines())), err


def test_the_dashboard_on_a_terminal(triggers, tmp_path):
    """It is drawn, fits its 80 columns and 24 lines, and stays when the watch ends."""
    log = tmp_path / "log.jsonl"
    log.write_text("".join(event("a", f"2026-03-01T12:00:0{n}Z") + "\n" for n in range(2)))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        command_apart("watch", triggers, log),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment_apart(TERM="xterm-256color"),
    )
    os.close(theirs)
    text = b""
    is_told = False
    with ended_in_time(process):
        try:
            while chunk := os.read(ours, 65536):
                text += chunk
                if b"2 firings" in text and not is_told:
                    is_told = True
                    process.send_signal(signal.SIGINT)
        except OSError:  # the terminal's other side is closed
            pass
        os.close(ours)
        assert 130 == process.wait(LONGEST)
    alternate, _, left = text.decode().rpartition("\x1b[?1049l")
    left = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", left)
    assert "2 events · 2 matched · 2 firings" in left
    assert "three" in left
    assert "2/3" in left
    assert "★ " in left
    lines = left.split("\r\n")
    assert (True, True) == (len(lines) <= 24, "\x1b[?1049h" in alternate)


def test_an_interrupt_while_it_ends_does_not_lose_the_summary(triggers, monkeypatch):
    """A second Ctrl-C, while the connection is closed, waits until all is shown."""
    stop = watch_sources.LiveSource.stop

    def stop_interrupted(source):
        signal.raise_signal(signal.SIGINT)
        stop(source)

    monkeypatch.setattr(watch_sources.LiveSource, "stop", stop_interrupted)
    done = run("watch", triggers, "-", stdin=event("a", "2026-03-01T12:00:00Z").encode())
    assert (130, b"1 event, 1 firing\n") == (done.returncode, done.stderr)


def test_events_before_since_are_left_out(triggers):
    """Of a log, too."""
    lines = [event("a", "2026-03-01T12:00:00Z"), event("a", "2026-03-01T13:00:00Z")]
    asked = ("watch", triggers, "-", "--since", "2026-03-01T12:30:00Z", "-q")
    done = run(*asked, stdin="\n".join(lines).encode())
    assert 1 == len(done.stdout.splitlines())


@pytest.mark.parametrize(
    "since", [("12:30:00",), ("03-01 12:30:00",), ("13:30:00", "--tz", "+01:00")]
)
@pytest.mark.parametrize("is_file", [True, False])
def test_a_log_tells_the_day_of_since(since, is_file, triggers, tmp_path):
    """As of --from: not the day of the watch."""
    lines = [event("a", "2026-03-01T12:00:00Z"), event("a", "2026-03-01T13:00:00Z")]
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines) + "\n")
    given = ("watch", triggers, log if is_file else "-", "-q", "--since", *since)
    stop = ("--firings", "1") if is_file else ()
    done = run(*given, *stop, stdin=log.read_bytes())
    hour = b"14" if "--tz" in since else b"13"
    assert [hour + b":00:00"] == re.findall(rb"1\d:\d\d:\d\d", done.stdout)


def test_the_clock_starts_with_the_first_event_since_then(tmp_path):
    """What was to happen before there was any event is no firing (T3, T7)."""
    trigger = {"posture": "Proactive", "expect": ["b"], "within": 600}
    path = written_trigger(tmp_path / "silence.json", trigger)
    lines = [event("a", "2026-03-01T13:00:00Z"), event("a", "2026-03-01T13:11:00Z")]
    asked = "watch", path, "-", "--since", "2026-03-01T12:00:00Z", "-q"
    done = run(*asked, stdin="\n".join(lines).encode())
    assert ["2026-03-01T13:10:00.000000Z"] == [
        line.split()[0].decode() for line in done.stdout.splitlines()
    ]


def test_an_event_of_the_far_future_is_told(triggers):
    """And is not what the next firing is stamped with."""
    lines = [event("a", "9999-12-31T00:00:00Z"), event("a", "2026-03-01T12:00:00Z")]
    done = run("watch", triggers, "-", stdin="\n".join(lines).encode())
    assert [b"2026-03-01T12:00:00.000000Z"] == [one.split()[0] for one in done.stdout.splitlines()]
    assert b"an event of 9999-12-31T00:00:00.000000Z is set aside" in done.stderr
    assert b"1 event, 1 firing, 1 ahead of the clock" in done.stderr


def test_an_empty_log_is_told(triggers, tmp_path):
    """It may be the wrong file; what comes later is taken."""
    log = tmp_path / "log.jsonl"
    log.touch()
    done = run("watch", triggers, log, "--duration", "500ms")
    assert (0, b"") == (done.returncode, done.stdout)
    assert f"warning: the log has no events so far: {log}\n" in done.stderr.decode()
    log.write_text(event("a", "2026-03-01T12:00:00Z") + "\n")
    assert b"no events so far" not in run("watch", triggers, log, "--firings", "1").stderr


def test_a_named_pipe_is_opened_once(triggers, tmp_path):
    """A look at it before it is read lost the writer and what it wrote."""
    os.mkfifo(pipe := tmp_path / "pipe")
    text = event("a", "2026-03-01T12:00:00Z") + "\n"

    def write():
        with suppress(BrokenPipeError):
            pipe.write_text(text)

    threading.Thread(target=write, daemon=True).start()
    done = run("watch", triggers, pipe, "--firings", "1", "--duration", "5s")
    assert (0, 1, False) == (done.returncode, done.stdout.count(b"\n"), b"warning" in done.stderr)


def test_a_pipe_without_a_name_ends_with_its_writer(triggers):
    """As of ``watch <(command)``: nobody can open it again."""
    reading, writing = os.pipe()
    os.write(writing, event("a", "2026-03-01T12:00:00Z").encode())
    os.close(writing)
    try:
        done = run("watch", triggers, f"/dev/fd/{reading}", "--duration", "1h")
    finally:
        os.close(reading)
    assert (0, 1) == (done.returncode, done.stdout.count(b"\n"))


def test_a_line_without_an_end_is_told_at_the_end(triggers, tmp_path):
    """It is not counted, for its rest may come."""
    log = tmp_path / "log.jsonl"
    log.write_text(event("a", "2026-03-01T12:00:00Z"))
    done = run("watch", triggers, log, "--duration", "300ms")
    assert (0, b"") == (done.returncode, done.stdout)
    assert f"warning: {log} ends within a line, which is not counted\n" in done.stderr.decode()
    with log.open("a") as file:
        file.write("\n")
    assert b"within a line" not in run("watch", triggers, log, "--duration", "300ms").stderr


def test_a_log_that_becomes_a_folder_ends_the_watch(triggers, tmp_path):
    """It would be waited for without an end."""
    log = tmp_path / "log.jsonl"
    log.mkdir()
    lost = FollowedFile(log, lambda: None, lambda _: None, lambda _: None)
    with patch.object(watch_sources, "FollowedFile", lambda *_: lost):
        log.with_name("file").write_text("")
        done = run("watch", triggers, log.with_name("file"))
    assert (3, True) == (done.returncode, b"a folder has taken its name" in done.stderr), (
        done.stderr
    )


def test_a_bad_line_is_told_once(triggers):
    """And the watch goes on."""
    lines = b"nonsense\n[]\n" + event("a", "2026-03-01T12:00:00Z").encode()
    done = run("watch", triggers, "-", stdin=lines)
    assert (0, 1) == (done.returncode, len(done.stdout.splitlines()))
    assert b"warning: stdin:1: " in done.stderr


def test_the_dashboard_counts_what_it_does_not_take(triggers):
    """Lines that are no events, and events ahead of the clock; what they are is told at the end."""
    events = [event("a", "2026-03-01T12:00:00Z"), event("a", "9999-12-31T00:00:00Z")]
    lines = "\n".join(["nonsense", "[]", *events])
    done = run("watch", triggers, "-", stdin=lines.encode(), on_terminal=True, TERM="xterm")
    shown = done.stdout.decode().rpartition("\x1b[?1049l")[2]
    assert " · 2 malformed lines · 1 ahead of the clock" in shown
    assert "warning: stdin:1: " in shown + done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("none.jsonl",), 3, "none.jsonl"),
        (("--server", "--log", "x"), 2, "exclude each other"),
        (("--server",), 2, "no Prefect server is configured"),
        (("a", "b"), 2, "more than two arguments"),
        (("-", "--api-url", "http://x/api"), 2, "are of a server, and a log is watched"),
        (("--server", "--pace", "log"), 2, "--pace log needs a log"),
        (("-", "--automation", "nobody"), 2, 'no automation is called "nobody"'),
    ],
)
def test_what_cannot_be_watched(arguments, code, message, triggers, tmp_path):
    """An error in a sentence, and its exit code."""
    done = run("watch", triggers, *arguments, cwd=tmp_path, PREFECT_HOME="/nowhere")
    assert (code, True) == (done.returncode, message in done.stderr.decode()), done.stderr


def test_a_server_that_cannot_give_the_past_is_told():
    """While the stream is open and the API fails, it said `connecting` for two minutes."""

    @contextmanager
    def connected(_settings):
        yield SimpleNamespace(send=lambda _: None, recv=lambda _: '{"type": "auth_success"}')

    class Impatient(WallClock):
        def sleep(self, seconds):
            raise SystemExit

    items = []
    settings = ServerSettings("http://127.0.0.1:1/api", "a test")
    with (
        patch.object(stream, "connect_websocket", connected),
        patch.object(watch_sources, "WallClock", Impatient),
        suppress(SystemExit),
    ):
        watch_sources._stream(
            settings, 0, 9 * SECOND, SimpleNamespace(put=items.append), threading.Event()
        )
    said = "the server cannot be reached (Connection refused); trying again in 0.5 s"
    assert [watch_sources.Noticed(said)] == items[1:]


def test_a_server_that_is_away_is_waited_for(triggers):
    """It is said that there is no connection, which is no error, whatever `--patience` is."""
    text = " ".join(run("watch", "--help").stdout.decode().split())
    assert "a lost connection is tried again without end" in text
    assert "cannot be reached" not in text
    at = ["--server", "--api-url", "http://127.0.0.1:1/api"]
    for seconds in (1, 5, 25):  # a busy machine
        done = run("watch", triggers, *at, "--duration", f"{seconds}s", PREFECT_HOME="/nowhere")
        assert 0 == done.returncode
        if b"not connected" in done.stderr:
            break
    assert b"not connected" in done.stderr
