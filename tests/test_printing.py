"""Text from outside reaches a screen only through the functions that make it inert.

This walks all code of the product. `tests/cli/test_hostile.py` runs all commands and formats.
"""

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from tests.test_architecture import MODULES, Module, called_name

# The functions that write text without a console, and what makes the text inert. A format for
# programs escapes in its own way; `tests/cli/test_hostile.py` shows that each does.
INERT, CONSTANT, FORMAT, FILE = "inert_lines", "a constant", "a format", "a file, never a screen"
WRITERS = {
    "root_help.py: answer": CONSTANT,
    "cli/__init__.py: _show_version": CONSTANT,
    "cli/commands.py: parse_args": CONSTANT,
    "cli/streams.py: write": "stderr itself",
    "cli/failures.py: _say": INERT,
    "cli/debug.py: debug": INERT,
    "cli/new_files.py: _tell": INERT,
    "cli/lint_changes.py: of": INERT,
    "cli/capture.py: capture": FORMAT,
    "cli/events.py: events": FORMAT,
    "cli/fetch.py: add": FORMAT,
    "cli/lint_settings.py: show_choices": FORMAT,
    "cli/lint.py: _show": FORMAT,
    "cli/output.py: write_json": FORMAT,
    "cli/replay.py: write": FORMAT,
    "cli/replay.py: _write_ending": FORMAT,
    "cli/rule.py: _show": FORMAT,
    "cli/sweep.py: sweep": FORMAT,
    "cli/test.py: _write": FORMAT,
    "cli/test.py: _report_mistakes": FORMAT,
    "cli/watch.py: _show": FORMAT,
    "cli/watch.py: _sum_up": FORMAT,
    "api.py: _paths": FILE,
    "cli/failures.py: _kept": FILE,
    "cli/fetch.py: _fetch_automations": FILE,
    "cli/lint_baseline.py: write_known": FILE,
    "cli/new_files.py: write_new": FILE,
    "cli/output.py: consoles": FILE,
    "cli/test.py: _update": FILE,
    "lint/runner/rewriting.py: rewrite": FILE,
    "server/companion.py: write_companion": FILE,
    "server/journal.py: flush": FILE,
    "spill.py: append": FILE,
}
# Where consoles are made. All others come from `make_console`, `make_stderr` or `console_for`.
CONSOLES = {
    "InertConsole": {"render/common/saved_view.py"},
    "_Console": {"cli/consoles.py"},
    "console_for": {"cli/output.py", "cli/inputs.py", "cli/audit.py"},
}
WHERE_TO_GO = (
    "prints by itself. Print on a console (`make_console`, `make_stderr` of cli/output.py), whose"
    " texts are made inert, raise a CommandError, or write a format of render/ to `open_output`."
    " A function that must write by itself applies `inert_lines` and gets a line in WRITERS."
)


@cache
def all_calls() -> list[tuple[Module, str, ast.Call]]:
    """All calls of the product, each with its module and the innermost function that has it."""
    return [(module, *found) for module in MODULES for found in calls_of(module)]


def calls_of(module: Module) -> Iterator[tuple[str, ast.Call]]:
    nodes: list[tuple[ast.AST, str]] = [(ast.parse(module.path.read_text("utf-8")), "")]
    while nodes:
        node, function = nodes.pop()
        if isinstance(node, ast.Call):
            yield function, node
        name = node.name if isinstance(node, ast.FunctionDef) else function
        nodes += [(child, name) for child in ast.iter_child_nodes(node)]


def writes(call: ast.Call) -> bool:
    """Whether a call writes text, but not on a console."""
    name, on_object = called_name(call), isinstance(call.func, ast.Attribute)
    if on_object:
        return name in {"write", "writelines", "echo", "secho", "write_bytes", "write_text"} and (
            "formatter" not in ast.unparse(call.func)  # of help, which is constant
        )
    return name in {"print", "echo", "secho", "input"}


def test_what_writes_by_itself_is_known():
    found = {
        f"{module}: {function}": call for module, function, call in all_calls() if writes(call)
    }
    for place, call in found.items():
        assert place in WRITERS, f"{place} {WHERE_TO_GO}\n{ast.unparse(call)}"
    assert set(WRITERS) == set(found)


@pytest.mark.parametrize("place", [one for one, why in WRITERS.items() if why == INERT])
def test_what_is_said_to_be_inert_is_made_so(place):
    written = [
        ast.unparse(call.args[0])
        for module, function, call in all_calls()
        if writes(call) and place == f"{module}: {function}"
    ]
    assert all("inert_lines(" in one for one in written)


@pytest.mark.parametrize("name", ["Console", *CONSOLES])
def test_each_console_is_inert(name):
    """Rich's own `Console` obeys what a text contains."""
    made = {str(module) for module, _, call in all_calls() if called_name(call) == name}
    assert made == CONSOLES.get(name, set()), f"{made} {WHERE_TO_GO}"


def test_live_displays_have_a_console():
    """Rich would make one of its own."""
    of_rich = {
        module: {
            alias.name
            for node in module.find(ast.ImportFrom)
            for alias in node.names
            if (node.module or "").startswith("rich.")
        }
        for module in MODULES
    }
    for module, _, call in all_calls():
        if called_name(call) in of_rich[module] & {"Progress", "Live", "Status", "track"}:
            assert any(one.arg == "console" for one in call.keywords), f"{module} {WHERE_TO_GO}"


def test_nothing_else_reaches_the_streams():
    """No child process, log record or rich function writes there."""
    for module, _, call in all_calls():
        name = ast.unparse(call.func)
        if name.startswith("subprocess."):
            assert any(one.arg in {"capture_output", "stdout"} for one in call.keywords), module
        forbidden = ("os.write", "rich.print", "rich.inspect", "warnings.warn", "sys.displayhook")
        assert not name.startswith(forbidden), f"{module} {WHERE_TO_GO}"
    assert {"cluster/client.py"} == {str(one) for one in MODULES if "logging" in one.imports}
