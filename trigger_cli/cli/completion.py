"""Shell completion: names of automations in the files on the command line."""

import glob
import os
import re
from pathlib import Path

import typer

_MOST = 500
_WITHIN_QUOTES = re.compile(r'(["$`\\])')
_WITHOUT_QUOTES = re.compile(r"([^\w@%+=:,./-])")


class _Fitting(str):
    """A name as it stands in a command line; typer would compare that with the typed text again."""

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        return True


def complete_automation(context: typer.Context, incomplete: str) -> list[str]:
    """The names that begin with the typed text, as the shell takes them; none if they are not known.

    Mistakes in the files are ignored: the shell would show an error inside the command line.
    """
    try:
        paths = _paths(context)
        if not paths:
            return []
        # A heavy import, needed only here.
        from trigger_cli.definitions import load

        names = dict.fromkeys(one.name for one in load(paths).automations)
        # The shell prints the names as they are.
        fitting = [one for one in names if one.startswith(incomplete) and one.isprintable()]
        return [_Fitting(_in_shell(one)) for one in fitting[:_MOST]]
    except Exception:  # noqa: BLE001  # see above
        return []


def _in_shell(name: str) -> str:
    """The name as it has to stand in the command line, where Bash puts the text that it is given.

    Other shells quote it themselves.
    """
    if os.environ.get("_TRIGGER_CLI_COMPLETE") != "complete_bash":
        return name
    match _open_quote(os.environ.get("COMP_WORDS", "")):
        case "'":
            return name.replace("'", "'\\''")
        case '"':
            return _WITHIN_QUOTES.sub(r"\\\1", name)
        case _:
            return _WITHOUT_QUOTES.sub(r"\\\1", name)


def _open_quote(line: str) -> str:
    """The quote that is open at the end of a command line; empty if there is none."""
    quote, is_escaped = "", False
    for character in line:
        if is_escaped:
            is_escaped = False
        elif character == "\\" and quote != "'":
            is_escaped = True
        elif character == quote:
            quote = ""
        elif not quote and character in "\"'":
            quote = character
    return quote


def _paths(context: typer.Context) -> list[str]:
    """The definitions on the command line: without ``--log``, the second of two paths is a log."""
    # If an option still lacks its value, the arguments before it are unparsed.
    named = [str(one) for one in context.params.get("paths") or context.args]
    if len(named) == 2 and not context.params.get("log") and not context.params.get("server"):
        named.pop()
    # Standard input belongs to the shell, and a server is too slow.
    return [one for one in named if one != "-" and (Path(one).exists() or glob.has_magic(one))]
