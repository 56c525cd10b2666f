"""The delivered events of each automation of an audit, stored as bytes."""

from collections.abc import Container, Iterable, Iterator

from trigger_cli.engine.delivered import Delivered
from trigger_cli.firings import slim
from trigger_cli.model import Automation, Event, Labels, Match, Taking
from trigger_cli.spill import PackedRows, PlainStore

MOST_EVENTS = 300_000
"""The most events of one automation; all of them are in memory while it is replayed."""
_HELD_BYTES = 1_000_000
"""How many bytes of events are in memory; the rest goes to a temporary file."""


class LogTooLongError(Exception):
    """An automation takes more events than can be replayed again and again."""


class KeptDeliveries:
    """The delivered events of each automation, as bytes: only one automation is replayed at a time.

    Args:
        automations: The automations.
    """

    def __init__(self, automations: Iterable[Automation]) -> None:
        store = PlainStore(_HELD_BYTES)
        self._rows = {one.index: PackedRows(store) for one in automations}

    @property
    def count(self) -> int:
        """How many events all automations take."""
        return sum(map(len, self._rows.values()))

    def count_of(self, automation: Automation) -> int:
        """How many events an automation takes."""
        return len(self._rows[automation.index])

    def add(self, one: Delivered, indices: Iterable[int]) -> None:
        """Keep an event, with the labels that views show, for the automations that take it.

        Raises:
            LogTooLongError: One of them takes more than `MOST_EVENTS` events.
        """
        *heading, resource, _ = slim(one.event)
        row = one[:3], heading, (*resource.items(),), one.match.takings
        for index in indices:
            rows = self._rows[index]
            if len(rows) == MOST_EVENTS:
                raise LogTooLongError(
                    f"more than {MOST_EVENTS:,} events concern one automation, which is more than"
                    " can be replayed again and again"
                )
            rows.add(row)

    def of(self, automation: Automation, ids: Container[str] | None = None) -> Iterator[Delivered]:
        """An automation's events in processing order, made anew; if there are `ids`, only these."""
        resources: dict[object, Labels] = {}
        known: dict[object, tuple[Taking, ...]] = {}
        for (until, clock, arrived), heading, shown, takings in self._rows[automation.index]:
            if ids is not None and heading[1] not in ids:
                continue
            resource = resources.get(shown)
            if resource is None:
                resource = resources[shown] = dict(shown)
            event = Event._make((*heading, resource, ()))
            match = Match(event, known.setdefault(takings, takings))
            yield Delivered(until, clock, arrived, match)
