"""Runs one command on a terminal of its own, and fails if the terminal is left otherwise.

``python -I -S on_terminal.py COMMAND...`` ends with the command's exit code, as a shell tells it.
Signals go to the command; what it wrote on the first screen goes to stderr. Exit code 99: the
terminal is still on its second screen or in another mode, or a process of the command is left.
"""

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios

_OTHER_SCREEN, _FIRST_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
_LEFT_OTHERWISE = 99


def main() -> int:
    """Run the command; its exit code, or 99."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(theirs)
    # Signals that come before the command is there are sent to it then.
    numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    child = os.fork()
    if child == 0:
        _become(theirs, numbers)
    for number in numbers:
        signal.signal(number, lambda sent, _frame: os.kill(child, sent))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
    seen = b""
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        seen += _read(ours, 0.02)
    while more := _read(ours, 0):
        seen += more
    first_screen = seen.rpartition(_FIRST_SCREEN)[2] if _FIRST_SCREEN in seen else seen
    sys.stderr.write(
        re.sub(rb"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b\][0-9;a-z]*\x07|\r", b"", first_screen).decode(
            errors="replace"
        )
    )
    for problem, there_is in (
        ("the second screen is left", seen.count(_OTHER_SCREEN) > seen.count(_FIRST_SCREEN)),
        ("the mode of the terminal is another", termios.tcgetattr(theirs) != before),
        ("a process is left", _is_left(child)),
    ):
        if there_is:
            sys.stderr.write(f"{problem}\n")
            return _LEFT_OTHERWISE
    code = os.waitstatus_to_exitcode(ended[1])
    return code if code >= 0 else 128 - code


def _become(terminal: int, numbers: set[signal.Signals]) -> None:
    """Turn into the command, in a session with the terminal."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)
    for descriptor in (0, 1, 2):
        os.dup2(terminal, descriptor)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
    os.execvpe(sys.argv[1], sys.argv[1:], {**os.environ, "TERM": "xterm-256color"})  # noqa: S606


def _read(terminal: int, seconds: float) -> bytes:
    """What comes within so many seconds."""
    if not select.select([terminal], [], [], seconds)[0]:
        return b""
    with contextlib.suppress(OSError):
        return os.read(terminal, 65_536)
    return b""


def _is_left(group: int) -> bool:
    """Whether the command has left a process, which is ended then."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
        return True
    return False


sys.exit(main())
