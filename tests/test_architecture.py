"""Who may import whom: the table in ``docs/architecture.md``, held.

One test a rule, over all modules, which are parsed once; a failure names the places.
"""

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from tests.support import REPOSITORY

PACKAGE = REPOSITORY / "trigger_cli"

# For each part, the other parts of trigger_cli that it may import. `*`: any.
_MAY_IMPORT = {
    "__init__": "api",
    "__main__": "cli root_help",
    "root_help": "__version__",
    "model": "",
    "times": "",
    "vocabulary": "",
    "same_file": "",
    "bounded_files": "same_file",
    "interrupts": "",
    "processes": "interrupts",
    "bounded_queue": "",
    "whole_files": "",
    "spill": "",
    "lazy_sequence": "",
    "file_search": "",
    "utf16": "",
    "dialects": "",
    "shipped": "",
    "semantics": "shipped",
    "definitions": "model times file_search same_file utf16 vocabulary",
    # Bytes to events, which knows no trigger.
    "events": "model times file_search same_file spill utf16",
    # Which triggers take an event, which knows no time.
    "match": "model dialects vocabulary",
    # The one way from logs to what a replay takes.
    "read": "model times events interrupts processes bounded_queue same_file",
    # Matches in, transitions out, which knows no label, file or screen.
    "engine": "model times match dialects vocabulary",
    # Folds of transitions that more than one reader needs, which know no screen.
    "views": "model times dialects engine",
    # Firings as bytes, for reports of millions.
    "firings": "model vocabulary match spill lazy_sequence",
    "report": "model views firings",
    "pipeline": "model times dialects events match engine read firings report parallel",
    "parallel": "model vocabulary events match engine firings",
    "cluster": "events read same_file",
    # Log-based rules are handed what a replay showed (`lint/knowledge/facts.py` gathers it).
    "lint": (
        "definitions model times dialects vocabulary events match engine read pipeline"
        " report bounded_files whole_files views"
    ),
    "explain": (
        "model times spill firings dialects vocabulary events interrupts lazy_sequence match engine"
        " pipeline read report views"
    ),
    # Of `explain`, render takes the records alone.
    "history": (
        "events spill lazy_sequence firings definitions model times dialects vocabulary match"
        " engine views pipeline processes read explain"
    ),
    "testing": (
        "definitions model times dialects vocabulary match engine views pipeline read explain"
    ),
    "debugger": (
        "definitions model times dialects vocabulary match engine views report pipeline"
        " read explain render"
    ),
    "server": "model times bounded_files same_file whole_files events vocabulary",
    "live": "model times dialects match engine views",
    "render": "model times dialects vocabulary views report explain match history testing",
    "cli": "*",
    # The commands without a terminal.
    "api": "*",
}
MAY_IMPORT = {part: set(others.split()) for part, others in _MAY_IMPORT.items()}
# Third-party packages, by the part that may use them; the core needs none beside `RECORDS`.
LIBRARIES = {
    "server": {"httpx", "websockets", "orjson", "msgspec", "zstandard"},
    "definitions": {"msgspec", "pydantic", "pydantic_core", "lark", "hcl2", "ruamel"},
    "events": {"orjson", "msgspec", "zstandard"},
    "cluster": {"distributed", "fsspec"},
    "lint": {"jinja2"},
    "render": {"rich", "orjson"},
    # Its core packs events with zstandard; Textual stays in its `app/` (tests/debugger holds that).
    "debugger": {"rich", "textual", "zstandard"},
    "cli": {"typer", "rich"},
    "api": {"rich"},
}
# Of `msgspec`, every part may use what records are made with; its decoders are for those above.
RECORDS = {"msgspec", "msgspec.structs"}
OF_RECORDS = {"Struct", "field", "replace", "asdict", "astuple"}
# What would make a replay depend on more than its input (T2), or print where only cli/ may.
FORBIDDEN_MODULES = {"random", "time", "secrets"}
FORBIDDEN_CALLS = {"print", "input"}
FORBIDDEN_METHODS = {"now", "utcnow", "today"}

# Modules outside `events` and `testing` that make events, and why.
MAKE_EVENTS = {
    "parallel/share.py": "an event that comes over the wire, as it was sent",
    "debugger/event_store.py": "events unpacked as they were packed; and an outline, which is to go",
    "explain/kept_events.py": "events unpacked as they were packed",
    "history/kept_deliveries.py": "events unpacked as they were packed",
    "history/kept_replay.py": "events unpacked as they were packed",
    "firings.py": "events unpacked as they were packed",
}
# Where files are opened, and why no output of the running command is read there.
OPENS = {
    "bounded_files.py": "asks",
    "definitions/files.py": "asks",
    "events/sources.py": "logs, for which `read/log.py` asks",
    "events/shards.py": "logs, for which `read/log.py` asks",
    "processes.py": "pipes between copies of a process",
    "cluster/storage.py": "logs, for which `read/log.py` asks",
    "live/following.py": "the log of `watch`, which has no outputs",
    "cli/watch_sources.py": "the log of `watch`, which has no outputs",
    "cli/debug.py": "the terminal",
    "cli/streams.py": "devices",
    "cli/output.py": "outputs",
    "cli/new_files.py": "new files, and those of the package",
    "server/journal.py": "an output, which is continued",
    "whole_files.py": "outputs",
    "lint/runner/rewriting.py": "a definition, read again before it is replaced",
    "lint/knowledge/catalog.py": "a file of the package",
    "render/replay/html/page.py": "a file of the package",
    "semantics.py": "a file of the package",
}
OF_NAMED_TUPLES = {"_replace", "_make", "_asdict", "_fields"}

Node = TypeVar("Node", bound=ast.AST)


class Module:
    """A module of the product, parsed when it is first asked: not by each process that collects."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")

    def __str__(self) -> str:
        return self.path.relative_to(PACKAGE).as_posix()

    @cached_property
    def _nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.path.read_text("utf-8"))))

    def find(self, kind: type[Node]) -> Iterator[Node]:
        """All nodes of a kind."""
        return (node for node in self._nodes if isinstance(node, kind))

    @cached_property
    def imports(self) -> set[str]:
        """The modules that it imports, wherever it does so."""
        found = {alias.name for node in self.find(ast.Import) for alias in node.names}
        for node in self.find(ast.ImportFrom):
            assert node.level == 0, f"{self}: imports are absolute here"
            assert node.module is not None
            if node.module == "trigger_cli":
                found.update(f"trigger_cli.{alias.name}" for alias in node.names)
            else:
                found.add(node.module)
        return found


MODULES = [Module(path) for path in sorted(PACKAGE.rglob("*.py"))]


def called_name(call: ast.Call) -> str:
    """The last word of what is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def private_names_of(found: ast.AST) -> set[str]:
    """The private methods and attributes that a class, or all classes of a module, define."""
    names = set()
    for node in ast.walk(found):
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(one.id for one in targets if isinstance(one, ast.Name))
    return {name for name in names if is_private(name)}


def private_names(part: str) -> set[str]:
    """What the classes of a part keep for themselves."""
    classes = [
        one for module in MODULES if module.part == part for one in module.find(ast.ClassDef)
    ]
    return set().union(*map(private_names_of, classes))


def bases_elsewhere(module: Module, found: ast.ClassDef) -> Iterator[ast.ClassDef]:
    """The classes of other parts from which a class inherits, itself or by its bases."""
    wanted = {ast.unparse(base).partition("[")[0] for base in found.bases}
    for node in module.find(ast.ImportFrom):
        package, _, rest = (node.module or "").partition(".")
        names = {alias.name for alias in node.names if (alias.asname or alias.name) in wanted}
        for other in MODULES if package == "trigger_cli" and names else ():
            for base in other.find(ast.ClassDef) if other.part == rest.partition(".")[0] else ():
                if base.name in names:
                    if other.part != module.part:
                        yield base
                    yield from bases_elsewhere(other, base)


def test_every_part_has_its_row():
    """A new part must say what it may import."""
    assert set(MAY_IMPORT) == {module.part for module in MODULES}


def test_imports_go_one_way():
    """No part imports what its row does not name."""
    assert not [
        f"{module}: {module.part} must not import {name}"
        for module in MODULES
        for name in module.imports
        if name.partition(".")[0] == "trigger_cli"
        and not MAY_IMPORT[module.part] & {"*", name.split(".")[1]}
        and name.split(".")[1] not in {module.part, "__version__"}
    ]


def test_libraries_stay_where_they_belong():
    """The core uses the standard library, and records."""
    assert not [
        f"{module}: {module.part} must not import {name}"
        for module in MODULES
        for name in module.imports - RECORDS
        if name.partition(".")[0]
        not in {"trigger_cli", *sys.stdlib_module_names, *LIBRARIES.get(module.part, ())}
    ]
    assert not [
        f"{module}:{node.lineno}: {module.part} must use only the records of msgspec"
        for module in MODULES
        if "msgspec" not in LIBRARIES.get(module.part, ())
        for node in (*module.find(ast.Import), *module.find(ast.ImportFrom))
        if "msgspec" in ast.unparse(node)
        and (isinstance(node, ast.Import) or not {one.name for one in node.names} <= OF_RECORDS)
    ]


def test_nothing_outside_the_command_line_prints_or_reads_the_clock():
    """Data in, records out (T2)."""
    core = [module for module in MODULES if module.part not in {"cli", "__main__"}]
    assert not [
        f"{module} imports {name}"
        for module in core
        for name in module.imports
        if name.partition(".")[0] in FORBIDDEN_MODULES
    ]
    assert not [
        f"{module}:{call.lineno} calls {called_name(call)}"
        for module in core
        for call in module.find(ast.Call)
        if called_name(call)
        in (FORBIDDEN_METHODS if isinstance(call.func, ast.Attribute) else FORBIDDEN_CALLS)
    ]


def test_events_are_made_where_logs_are_read():
    """Elsewhere an event that comes in goes on as it is; what lacks labels is a `Heading`."""
    makers = {
        str(module)
        for module in MODULES
        if module.part not in {"events", "testing"}
        for call in module.find(ast.Call)
        if ast.unparse(call.func) in {"Event", "Event._make", "model.Event"}
    }
    new, gone = sorted(makers - set(MAKE_EVENTS)), sorted(set(MAKE_EVENTS) - makers)
    assert not new, f"take the event that was read, or a Heading: {new}"
    assert not gone, f"no longer so, take it out of MAKE_EVENTS: {gone}"


def test_files_are_opened_where_outputs_are_refused():
    """A new place that opens an input calls `require_no_output`, and gets a line above."""
    opening = set()
    for module in MODULES:
        for call in module.find(ast.Call):
            name, first = called_name(call), call.args[0] if call.args else None
            on_object = isinstance(call.func, ast.Attribute)
            is_mode = isinstance(first, ast.Constant) and isinstance(first.value, str)
            of_os = ast.unparse(call.func) in {"os.open", "os.fdopen", "io.open"}
            if (
                of_os
                or (name == "open" and (is_mode or not on_object))
                or (name in {"read_bytes", "read_text"} and on_object)
            ):
                opening.add(str(module))
    assert set(OPENS) == opening
    asking = {name for name, why in OPENS.items() if why == "asks"}
    found = {
        str(module)
        for module in MODULES
        for call in module.find(ast.Call)
        if called_name(call) == "require_no_output"
    }
    assert asking | {"read/log.py", "cli/output.py", "server/settings.py"} == found


def test_no_room_uses_the_private_names_of_another():
    """`one._x` and `from … import _x` stay in the room (the part) that defines `_x`."""
    own = {part: private_names(part) | OF_NAMED_TUPLES for part in MAY_IMPORT}
    assert not [
        f"{module}:{node.lineno} uses {ast.unparse(node)}"
        for module in MODULES
        for node in module.find(ast.Attribute)
        if is_private(node.attr)
        and node.attr not in own[module.part]
        and ast.unparse(node.value) not in {"self", "cls", "super()", "os"}
    ]
    assert not [
        f"{module}:{node.lineno} imports {alias.name}"
        for module in MODULES
        for node in module.find(ast.ImportFrom)
        for alias in node.names
        if is_private(alias.name) and (node.module or "").split(".")[1:2] != [module.part]
    ]


def test_no_class_uses_or_overrides_what_is_private_to_another_room():
    """What its base in another room keeps for itself."""
    found = defaultdict(set)
    for module in MODULES:
        for one in module.find(ast.ClassDef):
            used = {node.name for node in one.body if isinstance(node, ast.FunctionDef)}
            used |= {node.attr for node in ast.walk(one) if isinstance(node, ast.Attribute)}
            for base in bases_elsewhere(module, one):
                found[one.name] |= used & private_names_of(base)
    used_there = {name: sorted(names) for name, names in found.items() if names}
    assert not used_there, f"make it public in the base, or hand a function in: {used_there}"


def test_every_class_has_a_name_of_its_own():
    """Over the whole product: a name that is met means one thing."""
    places = defaultdict(list)
    for module in MODULES:
        for one in module.find(ast.ClassDef):
            places[one.name].append(f"{module}:{one.lineno}")
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert not twice, f"rename one of each: {twice}"


def test_no_module_of_the_product_is_named_like_a_test():
    """Pytest would collect it, and a reader would take it for one."""
    found = sorted(str(one) for one in MODULES if one.path.name.startswith("test_"))
    assert not found, f"name it after what it does: {found}"


def test_the_types_are_shipped():
    """`py.typed` lies in the package, of which the wheel takes all."""
    wheel = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"][
        "build"
    ]["targets"]["wheel"]
    assert (PACKAGE / "py.typed").exists()
    assert ["trigger_cli"] == wheel["packages"]
    assert not wheel.keys() & {"exclude", "include", "only-include"}
