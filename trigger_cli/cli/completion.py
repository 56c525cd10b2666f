"""Shell completion of values: names in the files on the command line, rules, dialects, zones.

Mistakes are ignored: the shell would show an error inside the command line.
"""

import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from trigger_cli.definitions.nodes import Pointer

_MOST = 500
_WITHIN_QUOTES = re.compile(r'(["$`\\])')
_WITHOUT_QUOTES = re.compile(r"([^\w@%+=:,./-])")


class _Fitting(str):
    """A name as it stands in a command line; typer would compare that with the typed text again."""

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        return True


_Values = Callable[[typer.Context], Iterable[str]]
_Completion = Callable[[typer.Context, str], list[str]]


def _completing(values: _Values, *, many: bool = False, alone: tuple[str, ...] = ()) -> _Completion:
    """What typer calls with the typed text: the values that begin with it, as the shell takes them.

    With `many`, the text is a list with commas, of which the last value is completed; `alone` are
    values that stand in no list.
    """

    def complete(context: typer.Context, incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",") if many else ("", "", incomplete)
        given = set(before.split(","))
        try:
            # The shell prints the values as they are.
            fitting = [
                f"{before}{comma}{one}"
                for one in dict.fromkeys(chain(() if comma else alone, values(context)))
                if one.startswith(last) and one.isprintable() and not (comma and one in given)
            ]
        except Exception:  # noqa: BLE001  # see the top
            return []
        written = map(_in_shell, fitting[:_MOST])
        return [_Fitting(one) for one in written if one is not None]

    return complete


# Heavy imports are made only where they are needed.


def _automations(context: typer.Context) -> Iterator[str]:
    from trigger_cli.definitions import load

    paths = _paths(context)
    return (one.name for one in load(paths).automations) if paths else iter(())


def _fields(context: typer.Context) -> Iterator[str]:
    """``/threshold=`` and the like: the fields that the triggers have."""
    from trigger_cli.definitions import load
    from trigger_cli.definitions.nodes import format_pointer

    loaded = load(_paths(context))
    for document in loaded.documents:
        for entry in document.entries:
            trigger = document.value_at(entry.trigger_pointer)
            yield from (f"{format_pointer(one)}=" for one in _pointers(trigger, ()))


def _pointers(value: Any, pointer: "Pointer") -> Iterator["Pointer"]:
    """The pointers of all values within a trigger that are no children."""
    for key, one in value.items():
        place = (*pointer, key)
        if key == "triggers" and isinstance(one, list):
            for number, child in enumerate(one):
                yield from _pointers(child, (*place, number))
        elif isinstance(one, dict):
            yield from _pointers(one, place)
        else:
            yield place


def _selectors(_: typer.Context) -> Iterator[str]:
    """Families, codes and names of the linter's rules."""
    from trigger_cli.lint import RULES

    yield from dict.fromkeys(one.code[:4] for one in RULES)
    yield from (one.code for one in RULES)
    yield from (one.name for one in RULES)


def _documented(context: typer.Context) -> Iterator[str]:
    """All that `rule` explains by its code or name."""
    from trigger_cli.semantics import semantic_rules
    from trigger_cli.testing.codes import MISTAKES

    yield from _selectors(context)
    yield from semantic_rules()
    yield from (one.about.code for one in MISTAKES)


def _profiles(_: typer.Context) -> list[str]:
    from trigger_cli.server.settings import profile_names

    return profile_names(os.environ, Path.home())


def _zones(_: typer.Context) -> list[str]:
    from zoneinfo import available_timezones

    return ["UTC", "local", *sorted(available_timezones())]


def _dialects(_: typer.Context) -> Iterable[str]:
    from trigger_cli.dialects import DIALECTS

    return DIALECTS


complete_automation = _completing(_automations)
complete_field = _completing(_fields)
complete_selectors = _completing(_selectors, many=True)
complete_documented = _completing(_documented)
complete_profile = _completing(_profiles)
complete_zone = _completing(_zones)
complete_dialects = _completing(_dialects, many=True, alone=("both",))
complete_between = _completing(_dialects, many=True, alone=("definitions", "dialects", "orders"))


def _in_shell(name: str) -> str | None:
    """The name as typer's script of the shell has to get it; ``None`` if it cannot.

    Bash puts the text that it is given into the command line. Zsh evaluates it within quotes: a
    backslash would free a ``$(…)`` of the name, and quotes are lost. Fish quotes it itself.
    """
    shell = os.environ.get("_TRIGGER_CLI_COMPLETE")
    if shell == "complete_zsh":
        return None if {"'", '"'} & set(name) else name.replace("\\", "\\" * 4)
    if shell != "complete_bash":
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
