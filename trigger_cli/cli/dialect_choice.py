"""Which dialect a command uses: the one that ``--dialect`` names, or the server's that was fetched."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from trigger_cli.cli.shared_options import DialectName
from trigger_cli.dialects import DIALECTS, DOCS, Dialect, dialect_of_version

if TYPE_CHECKING:
    from trigger_cli.model import Automation


def chosen_dialect(
    choice: DialectName, automations: Iterable[Automation], *, otherwise: Dialect = DOCS
) -> Dialect:
    """The dialect of a replay of the automations.

    Args:
        choice: As given; ``auto`` is the dialect of the server that they were fetched from.
        automations: As loaded; `fetch` records a server's version beside the file.
        otherwise: For ``auto`` where no version is known, or the files are of several.
    """
    if choice != "auto":
        return DIALECTS[choice]
    from trigger_cli.server.companion import read_companion

    found = set()
    for source in {one.source for one in automations}:
        companion = read_companion(Path(source)) or {}
        version = companion.get("version")
        found.add(dialect_of_version(version) if isinstance(version, str) else None)
    only = found.pop() if len(found) == 1 else None
    return only or otherwise
