"""Times of the command line without a date are of the first day on which they lie within the log."""

from collections.abc import Mapping
from typing import Any

from trigger_cli.times import TimePoint


def dated(params: Mapping[str, Any]) -> dict[str, TimePoint]:
    """Those parameters of a command that are times on a later day than the log's first.

    A log that can be read only once (stdin, a pipe) is not read for this: a time without a date is
    then of its first day. So is one that lies within the log on no day.

    Args:
        params: The parameters; of these, the log is ``log``, or the last of ``paths``.
    """
    given = {
        name: value
        for name, value in params.items()
        if isinstance(value, TimePoint) and value.lacks in {"year", "date"}
    }
    paths = params.get("log") or [*(params.get("paths") or ())][-1:]
    if not given or not paths:
        return {}
    span = _span(paths)
    if span is None:
        return {}
    found = {name: instant.within(*span) for name, instant in given.items()}
    return {name: instant for name, instant in found.items() if instant != given[name]}


def _span(paths: list[str]) -> tuple[int, int] | None:
    """When the first and the last event of the logs occurred, µs; ``None`` if unknown."""
    from trigger_cli.events.batch import Rows
    from trigger_cli.read.log import Log
    from trigger_cli.read.reading import NoLabels, Reading

    log = Log(paths, Reading(NoLabels(), "log", with_received=False))
    if not log.is_files:
        return None
    ends: list[int] = []
    with log.workers(None) as workers:
        for rows in log.in_rows(workers):
            if isinstance(rows, Rows):
                ends += (min(rows.occurred()), max(rows.occurred()))
    return (min(ends), max(ends)) if ends else None
