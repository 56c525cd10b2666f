"""The output of ``trigger-cli --help`` and ``--version``, without loading typer.

Typer takes four times as long to load as Python itself (``benchmarks/run.py``, lane "start-up"). A
test checks that typer would print the same.
"""

import sys
from collections.abc import Sequence

from trigger_cli import __version__

HELP = (
    "Replay event logs against Prefect automation triggers, and learn why a trigger did or"
    " didn't fire."
)
EPILOG = "`trigger-cli COMMAND --help` shows a command's options, examples and exit codes."
HELP_OPTIONS = ("-h", "--help")
VERSION_OPTION = "--version"
VERSION = f"trigger-cli {__version__}"
OPTIONS = {
    VERSION_OPTION: "Show the version.",
    "--install-completion": "Install completion for the current shell.",
    "--show-completion": (
        "Show completion for the current shell, to copy it or customize the installation."
    ),
    ", ".join(HELP_OPTIONS): "Show this message and exit.",
}
FIRST_STEPS = {
    "trigger-cli demo": "Write sample triggers and a log, and name three commands to try.",
    "trigger-cli explain --server": "Why an automation of your server fired, or did not.",
    "trigger-cli lint triggers/": "What is wrong in definitions, before they are deployed.",
    "trigger-cli init": "Start a folder with a trigger, a test for it and the lines for CI.",
}
COMMANDS = {
    "demo": "Write sample triggers and logs to try commands on.",
    "init": "Write a first trigger, a test for it and the lines for CI.",
    "replay": "Replay a log: state transitions, firings and timelines.",
    "explain": "Explain why a trigger fired or did not fire.",
    "debug": "Step through a replay, forwards and backwards.",
    "lint": "Find triggers that do not do what they say.",
    "rule": "Explain a rule of the linter, or find rules by words.",
    "schema": "Print the JSON Schema of trigger definitions.",
    "capture": "Cut a small test out of a log.",
    "test": "Run unit tests of triggers.",
    "audit": "Compare a server's own firings with the simulated ones.",
    "sweep": "Replay a grid of a trigger's variants in one pass.",
    "diff": "Compare two definitions, dialects or orders on one log.",
    "drift": "Compare the automations of files with those of a server.",
    "fetch": "Fetch automations and events from a Prefect server.",
    "watch": "Run triggers on a server's live events, or on a log that grows.",
    "doctor": "Check versions, terminal, time zone, server and definitions.",
    "events": "Show what is in a log, and suggest a trigger.",
}
"""The summary of each command; its module in `trigger_cli.cli` and its function there have its name."""

WIDEST = 100
"""The most columns of help, even if the terminal has more."""
_LEAST = 50


def answer(arguments: Sequence[str]) -> bool:
    """Write the help or the version, if `arguments` ask for it; returns whether that succeeded."""
    if len(arguments) != 1 or sys.stdout is None:
        return False
    if arguments[0] in HELP_OPTIONS:
        text = help_text(_columns())
    elif arguments[0] == VERSION_OPTION:
        text = VERSION
    else:
        return False
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError:  # the full program reports it
        return False
    return True


def help_text(width: int) -> str:
    """The front page in lines of at most `width` characters."""
    return "\n".join(
        [
            "Usage: trigger-cli [OPTIONS] COMMAND [ARGS]...",
            "",
            *_wrapped(HELP, width, "  "),
            "",
            "First steps:",
            *_listed(FIRST_STEPS, width),
            "",
            "Options:",
            *_listed(OPTIONS, width),
            "",
            "Commands:",
            *_listed(COMMANDS, width),
            "",
            *_wrapped(EPILOG, width, "  "),
        ]
    )


def _listed(texts: dict[str, str], width: int) -> list[str]:
    left = max(map(len, texts)) + 2
    lines = []
    for name, text in texts.items():
        first, *more = _wrapped(text, width - left - 2, "")
        lines.append(f"  {name:{left}}{first}")
        lines += [" " * (left + 2) + line for line in more]
    return lines


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    lines = [indent]
    for word in text.split():
        if lines[-1] != indent and len(lines[-1]) + 1 + len(word) > width:
            lines.append(indent)
        lines[-1] += word if lines[-1] == indent else f" {word}"
    return lines


def _columns() -> int:
    from shutil import get_terminal_size  # noqa: PLC0415  # the commands need none of it

    return max(min(get_terminal_size().columns, WIDEST) - 2, _LEAST)
