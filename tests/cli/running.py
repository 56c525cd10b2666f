"""The command line run as a user runs it, in this process or in one of its own."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

import typer

from tests.limits import LONGEST, ended_in_time
from tests.support import REPOSITORY
from trigger_cli import cli
from trigger_cli.cli.commands import _made
from trigger_cli.cli.parameters import choices_of


@dataclass
class Done:
    """What a command came to."""

    returncode: int
    stdout: bytes
    stderr: bytes


def formats_of(command: str) -> tuple[str, ...]:
    """The formats of a command as it declares them, the default first; empty if it has none."""
    found = [choices_of(one) for one in _made(command).params if one.name == "output_format"]
    return found[0] if found else ()


class _Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def run(
    *arguments: object,
    cwd: Path | None = None,
    stdin: bytes | Path = b"",
    on_terminal: bool = False,
    **environment: str,
) -> Done:
    """Run a command in this process, which is ten times as fast as in one of its own.

    Args:
        arguments: The command line.
        cwd: The working directory.
        stdin: The content of standard input, or the file that it is redirected from.
        on_terminal: Whether stdout and stderr are terminals.
        environment: Additional environment variables.
    """
    kind = _Terminal if on_terminal else io.TextIOWrapper
    stdout, stderr = (kind(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
    with ExitStack() as stack:
        stack.enter_context(chdir(cwd or Path.cwd()))
        stack.enter_context(_with_variables({"NO_COLOR": "1", "COLUMNS": "80", **environment}))
        content = io.BytesIO(stdin) if isinstance(stdin, bytes) else stdin.open("rb")
        piped = stack.enter_context(io.TextIOWrapper(content, "utf-8"))
        stack.enter_context(patch.object(sys, "stdin", piped))
        stack.enter_context(redirect_stdout(stdout))
        stack.enter_context(redirect_stderr(stderr))
        stack.enter_context(patch.object(cli, "app", _made_once(cli.app)))
        try:
            cli.main([str(one) for one in arguments])
            code: object = 0
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int)
    return Done(code, _bytes(stdout), _bytes(stderr))


@contextmanager
def _with_variables(given: dict[str, str]) -> Iterator[None]:
    """As `patch.dict`, which sets all of the environment again: a tenth of a small command."""
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@cache
def _made_once(app: Any) -> Any:
    """The group of commands of the app: to make it takes longer than a small replay."""
    return typer.main.get_command(app) if isinstance(app, typer.Typer) else app


def command_apart(*arguments: object) -> list[str]:
    """The command line that runs a command in a process of its own."""
    return [sys.executable, "-m", "trigger_cli", *map(str, arguments)]


def environment_apart(**more: str) -> dict[str, str]:
    """The environment of such a process, which finds the package in any folder."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1", **more}


def run_apart(
    *arguments: object,
    cwd: Path | None = None,
    stdout: int | IO[bytes] = subprocess.PIPE,
    **environment: str,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own."""
    return subprocess.run(
        command_apart(*arguments),
        cwd=cwd,
        env=environment_apart(**environment),
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        timeout=LONGEST,
    )


def _bytes(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


@contextmanager
def started(
    *arguments: object, cwd: Path | None = None, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs in a process of its own, with pipes as its streams; ended at the end."""
    process = subprocess.Popen(
        command_apart(*arguments),
        cwd=cwd,
        env=environment_apart(**environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with ended_in_time(process):
        yield process


def run_program(
    program: str, *arguments: object, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a Python program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=cwd,
        env=environment_apart(),
        capture_output=True,
        check=False,
        timeout=LONGEST,
    )
