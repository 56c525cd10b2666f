"""The dialect of a command: that of ``--dialect``, or of the server that was fetched from."""

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from trigger_cli.cli.shared_options import DialectName
from trigger_cli.cli.streams import peeked
from trigger_cli.dialects import DIALECTS, DOCS, Dialect, dialect_of_version
from trigger_cli.events.sources import STDIN
from trigger_cli.model import Automation, Event
from trigger_cli.read.log import Log
from trigger_cli.vocabulary import PREFECT_VERSION

_LOOKED_AT = 20_000
"""How many events at the start of a log are searched for the server's version."""
_LOOKED_AT_BYTES = 4 * 1024 * 1024
"""And how much of standard input, as it comes."""


class LogStart:
    """The beginning of a log, in which the server's version is searched."""

    def __init__(self, paths: Sequence[str], stdin: BinaryIO | None) -> None:
        self._paths = paths
        self.stdin = stdin
        """Standard input, with all that was read of it."""
        self.is_searched = True
        """Whether it can be: any other pipe than standard input can be opened only once."""

    def dialect(self) -> Dialect | None:
        """The dialect of the server, by the version that the first events state for its runs."""
        head = None
        if STDIN in self._paths and self.stdin is not None:
            content, self.stdin = peeked(self.stdin, _LOOKED_AT_BYTES)
            head = BytesIO(content)
        log = Log(self._paths, stdin=head, one_by_one=True)
        files = Log([one for one in self._paths if one != STDIN])
        self.is_searched = files.is_files
        for one in islice(log if self.is_searched else (), _LOOKED_AT):
            if isinstance(one, Event) and (version := one.resource.get(PREFECT_VERSION)):
                return dialect_of_version(version)
        return None


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
