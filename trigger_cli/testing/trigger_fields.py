"""Reads ``triggers`` of a test file: paths of definition files, or inline definitions."""

import os
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.definitions import Definitions
from trigger_cli.definitions.automations import read_candidate
from trigger_cli.definitions.forms import Candidate, find_candidates
from trigger_cli.definitions.nodes import Node, Pointer, list_node
from trigger_cli.definitions.wording import quoted
from trigger_cli.model import Automation
from trigger_cli.testing.codes import NO_TRIGGERS
from trigger_cli.testing.fields import Fields

_EXPECTED = "the path of a definition file, a trigger or an automation"


class TriggerSource(Struct, frozen=True):
    """The folder of a test file, and `load`, which reads a file of triggers."""

    file: str
    load: Callable[[str], Definitions]

    @property
    def folder(self) -> Path:
        """The folder for relative paths."""
        return Path(self.file).parent if self.file != "-" else Path()


def relative(path: str, folder: Path) -> str:
    """A path in the test file, made relative to the working folder."""
    return path if Path(path).is_absolute() else os.path.normpath(folder / path)


def read_triggers(fields: Fields, key: str, source: TriggerSource) -> tuple[Automation, ...]:
    """The automations that `key` names or contains, in order."""
    node = fields.get(key)
    if node is None or node.value is None:
        message = f"`{key}`: found nothing, expected {_EXPECTED}"
        fields.report.add(NO_TRIGGERS, message, fields.key_span(key), fields.place(key))
        return ()
    found: list[Automation] = []
    items = node.items if node.is_list else (node,)
    if node.is_list and not items:
        fields.unexpected(node, key, _EXPECTED, code=NO_TRIGGERS)
    for index, item in enumerate(items):
        place: Pointer = (*fields.place(key), index) if node.is_list else fields.place(key)
        if item.is_object:
            _inline(fields, item, place, found)
        elif isinstance(item.value, str) and item.tag is None:
            _from_file(fields, item, source, found)
        else:
            fields.unexpected(item, key, _EXPECTED)
    return tuple(found)


def _from_file(fields: Fields, item: Node, source: TriggerSource, found: list[Automation]) -> None:
    path = relative(item.value, source.folder)
    definitions = source.load(path)
    errors = [one for one in definitions.findings if one.severity == "error"]
    if errors:
        own = [one for one in errors if one.code == "TRG107"]
        if own:
            fields.wrong(item, f"{quoted(path)}: {own[0].message}", own[0].help, NO_TRIGGERS)
        fields.report.findings.extend(one for one in errors if one.code != "TRG107")
    elif not definitions.automations:
        fields.wrong(item, f"{quoted(path)} holds no triggers", code=NO_TRIGGERS)
    for one in definitions.automations:
        found.append(replace(one, index=len(found)))


def _inline(fields: Fields, item: Node, place: Pointer, found: list[Automation]) -> None:
    candidates = list(find_candidates(list_node([item], item.span), fields.report))
    if not candidates:
        fields.wrong(item, f"found a mapping that is no trigger, expected {_EXPECTED}")
        return
    for candidate in candidates:
        # The candidate was read from a list of its own; `place` is its place in the file.
        placed = Candidate(candidate.kind, candidate.node, (*place, *candidate.pointer[1:]))
        number = len(found)
        name = "trigger" if number == 0 else f"trigger[{number + 1}]"
        automation = read_candidate(placed, number, name, fields.report)
        if automation is not None:
            found.append(automation)
