"""The dialect of a command: that of ``--dialect``, or of the server that was fetched from."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

from trigger_cli.cli.shared_options import DialectName
from trigger_cli.dialects import DIALECTS, DOCS, Dialect, dialect_of_version
from trigger_cli.model import Automation, Event
from trigger_cli.read.log import Log
from trigger_cli.vocabulary import PREFECT_VERSION

_LOOKED_AT = 20_000
"""How many events at the start of a log are searched for the server's version."""


def dialect_of_log(paths: Sequence[str], *, otherwise: Dialect) -> Dialect:
    """The dialect of the server, by the version that the log's first events state for its runs.

    A pipe or standard input is not searched, because it can be read only once.
    """
    log = Log(paths, one_by_one=True)
    for one in islice(log if log.is_files else (), _LOOKED_AT):
        if isinstance(one, Event) and (version := one.resource.get(PREFECT_VERSION)):
            return dialect_of_version(version) or otherwise
    return otherwise


def chosen_dialect(
    choice: DialectName,
    automations: Iterable[Automation],
    *,
    otherwise: Callable[[], Dialect] = lambda: DOCS,
) -> Dialect:
    """The dialect of a replay of the automations.

    Args:
        choice: The option's value; ``auto`` is the dialect of the server they were fetched from.
        automations: As loaded; `fetch` records a server's version beside the file.
        otherwise: Returns the dialect for ``auto`` if the files do not have one known version.
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
    return only or otherwise()
