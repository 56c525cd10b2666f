"""The delivered events of each automation of an audit, stored as bytes."""

from array import array
from collections.abc import Container, Iterable, Iterator

from trigger_cli.engine.delivered import Delivered
from trigger_cli.model import Automation, Event, Heading, Labels, Match, Taking
from trigger_cli.spill import PackedRows, PlainStore
from trigger_cli.vocabulary import shown_labels

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
        self._rows = PackedRows(PlainStore(_HELD_BYTES))
        self._numbers = {one.index: array("q") for one in automations}
        """The row of each event, by automation."""

    @property
    def count(self) -> int:
        """How many events all automations take."""
        return sum(map(len, self._numbers.values()))

    def count_of(self, automation: Automation) -> int:
        """How many events an automation takes."""
        return len(self._numbers[automation.index])

    def add(self, one: Delivered, indices: Iterable[int]) -> None:
        """Keep an event, with the labels that views show, for the automations that take it.

        Raises:
            LogTooLongError: One of them takes more than `MOST_EVENTS` events.
        """
        event = one.event
        shown = (*shown_labels(event.resource).items(),)
        number = self._rows.add((one[:3], event[:6], shown, one.match.takings))
        for index in indices:
            numbers = self._numbers[index]
            if len(numbers) == MOST_EVENTS:
                raise LogTooLongError(
                    f"more than {MOST_EVENTS:,} events concern one automation, which is more than"
                    " can be replayed again and again"
                )
            numbers.append(number)

    def of(
        self, automation: Automation, ids: Container[str | None] | None = None
    ) -> Iterator[Delivered]:
        """An automation's events in processing order, made anew; if there are `ids`, only these."""
        resources: dict[object, Labels] = {}
        known: dict[object, tuple[Taking, ...]] = {}
        for number in self._numbers[automation.index]:
            (until, clock, arrived), columns, shown, takings = self._rows[number]
            heading = Heading(*columns)
            if ids is not None and heading.id not in ids:
                continue
            event = Event(*heading, resources.setdefault(shown, dict(shown)), ())
            match = Match(event, known.setdefault(takings, takings))
            yield Delivered(until, clock, arrived, match)
