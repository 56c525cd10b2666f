"""A debugging session without a screen: recordings, the cursor, the selection, breakpoints.

Every key of the app calls a method here; each returns a note for the user, or nothing.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.debugger.breakpoints import Breakpoint, hits, nearest
from trigger_cli.debugger.edits import Definition
from trigger_cli.debugger.event_question import RecordedEvents
from trigger_cli.debugger.position import Position, at_stop, carried_over
from trigger_cli.debugger.recorder import record
from trigger_cli.debugger.recording import Recording
from trigger_cli.debugger.selection import EVERYTHING, Index, Selection
from trigger_cli.dialects import DIALECTS, counterpart
from trigger_cli.model import Automation
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.render.common.clock import ClockFormat, clock_over
from trigger_cli.render.common.inert import inert

LONGEST_NAME = 60
_Firing: TypeAlias = tuple[int, int, tuple[tuple[str, str], ...]]


class Given(Struct, frozen=True):
    """The command line of the debugger."""

    triggers: Sequence[str]
    logs: Sequence[str]
    options: Sequence[str] = ()
    """Options that other commands accept too, as they were given."""


class Divergence(Struct, frozen=True):
    """The firings of the automations themselves that only one recording has."""

    gained: tuple[tuple[int, int], ...]
    """Time, µs, and automation index of firings that only the second recording has."""
    lost: tuple[tuple[int, int], ...]
    """Time, µs, and automation index of firings that only the first recording has."""

    @property
    def instants(self) -> list[int]:
        """The times of the differences, µs, without duplicates, in order."""
        return sorted({at for at, _ in (*self.gained, *self.lost)})


class Edited(Struct, frozen=True):
    """A replay of one edited automation."""

    changes: tuple[str, ...]
    """The changes, such as ``threshold=3``, in order."""
    index: Index
    difference: Divergence


@dataclass(eq=False)
class Session:
    """The state of the debugger."""

    recording: Recording
    """The current replay."""
    options: ReplayOptions
    """The options of the replay."""
    definitions: dict[int, Definition]
    """The editable definitions, by `Automation.index`."""
    given: Given
    zone: tzinfo = UTC
    """The zone for showing and reading times."""
    incomplete: str = ""
    """A sentence on lines that were not taken; ``""`` if all were."""
    selection: Selection = EVERYTHING
    breakpoints: list[Breakpoint] = field(default_factory=list)
    searched: str = ""
    edited: dict[int, Edited] = field(default_factory=dict)
    """The edited automations, by `Automation.index`."""
    dialect_difference: Divergence | None = None
    """The difference of the dialects, if both were replayed: `gained` by the server."""
    _hits: dict[Breakpoint, array[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        recording = self.recording
        fixed = self.options.fixed(recording.log_start)
        self.options = replace(fixed, taken_from=None, taken_to=None)
        self.automations = recording.automations
        self.names = [inert(one.name, LONGEST_NAME) for one in self.automations]
        """The automations' full names, without control characters."""
        if len(self.automations) == 1 and self.selection == EVERYTHING:
            self.selection = Selection(self.automations[0].index)
        self.index = Index(recording)
        self.position = at_stop(recording, self._first_stop())
        self.clock = ClockFormat(
            recording.start,
            recording.end,
            self.zone,
            fraction=True,
            precise=True,
            log_start=recording.log_start,
        )
        fired = map(recording.at, recording.root_firings)
        self.told_clock = clock_over(recording.start, recording.end, fired, self.zone)
        """Formats instants as `explain` does."""
        self._recordings = {recording.dialect.name: recording}
        self._dialects = (recording.dialect, counterpart(recording.dialect))
        self._original = dict(self.definitions)

    def _first_stop(self) -> int:
        """The stop where the selected automation first takes an event, or else first fires.

        0 if no automation is selected, or it does neither.
        """
        if self.selection == EVERYTHING:
            return 0
        recording = self.recording
        own = self.index.records(self.selection)
        taken = next((seq for seq in own if recording.event_of(seq) is not None), None)
        first = next(iter(self.index.firings(self.selection)), None) if taken is None else taken
        return 0 if first is None else recording.stop_of_record(first)

    def definition_of(self, automation: Automation) -> Automation:
        """The automation, with its edits if it has any."""
        index = automation.index
        return self.definitions[index].automation if index in self.edited else automation

    @property
    def shows_edited(self) -> bool:
        """Whether an edited automation is selected; the recording has it as it was read."""
        chosen = self.selection.automation
        return bool(self.edited) if chosen is None else chosen in self.edited

    def replayed(self, automation: int) -> RecordedEvents:
        """The replay of an automation, with its edits if it has any."""
        edited = self.edited.get(automation)
        return (self.index if edited is None else edited.index).asked

    # --- The cursor --------------------------------------------------------------------------

    def go(self, position: Position | None) -> bool:
        """Move the cursor; returns whether there was a position to go to."""
        if position is None or position == self.position:
            return False
        self.position = position
        return True

    @property
    def now(self) -> int:
        """The clock at the cursor, µs."""
        return self.recording.stop_at(self.position.stop)

    # --- Breakpoints -------------------------------------------------------------------------

    def toggle(self, breakpoint_: Breakpoint) -> bool:
        """Set a breakpoint, or remove it if it is set; returns whether it is set now."""
        if breakpoint_ in self.breakpoints:
            self.breakpoints.remove(breakpoint_)
            return False
        self.breakpoints.append(breakpoint_)
        return True

    def hits(self, breakpoint_: Breakpoint) -> array[int]:
        """The positions of a breakpoint."""
        found = self._hits.get(breakpoint_)
        if found is None:
            diverging: Sequence[int] = ()
            if breakpoint_.kind == "divergence":
                assert self.dialect_difference is not None
                diverging = self.dialect_difference.instants
            found = self._hits[breakpoint_] = hits(breakpoint_, self.index, diverging)
        return found

    def next_hit(self, *, forward: bool) -> Position | None:
        """The position of the next stop of a run, forwards or backwards."""
        return nearest(map(self.hits, self.breakpoints), self.position, forward=forward)

    # --- Dialects ------------------------------------------------------------------------------

    @property
    def other_dialect(self) -> str:
        """The dialect that is not shown."""
        first, second = self._dialects
        return second.name if self.recording.dialect is first else first.name

    def replay_other(self, progress: Callable[[int], None] | None = None) -> None:
        """Replay the log in the other dialect, if necessary. May run in a thread."""
        name = self.other_dialect
        if name not in self._recordings:
            options = replace(self.options, dialect=DIALECTS[name])
            events = self.recording.events
            self._recordings[name] = record(
                self.automations, events, options, store=events, progress=progress
            )
        if self.dialect_difference is None:
            docs, server = sorted(self._recordings.values(), key=lambda one: one.dialect.is_server)
            self.dialect_difference = divergence(docs, server)

    def switch_dialect(self, progress: Callable[[int], None] | None = None) -> Callable[[], None]:
        """Replay the log and the edits in the other dialect. May run in a thread.

        Returns:
            A function that shows the other dialect, at the same instant.
        """
        self.replay_other(progress)
        old, new = self.recording, self._recordings[self.other_dialect]
        options = replace(self.options, dialect=new.dialect)
        edited = {
            index: _edited(self.definitions[index].automation, one.changes, new, options, progress)
            for index, one in self.edited.items()
        }

        def show() -> None:
            self.position = carried_over(old, new, self.position)
            self.recording = new
            self.options = options
            self.index = Index(new)
            self._hits.clear()
            # Without those that were forgotten meanwhile.
            self.edited = {index: one for index, one in edited.items() if index in self.edited}

        return show

    # --- Edits -----------------------------------------------------------------------------------

    def edit(
        self, automation: int, path: str, text: str, progress: Callable[[int], None] | None = None
    ) -> Callable[[], Edited]:
        """Replay one automation with ``field = value`` changed. May run in a thread.

        Returns:
            A function that applies the result.

        Raises:
            ValueError: The change is wrong; nothing is replayed.
        """
        definition, change = self.definitions[automation].edited(path, text)
        earlier = self.edited[automation].changes if automation in self.edited else ()
        changes = (*earlier, change)
        edited = _edited(definition.automation, changes, self.recording, self.options, progress)

        def put() -> Edited:
            self.definitions[automation] = definition
            self.edited[automation] = edited
            return edited

        return put

    def forget_edits(self) -> None:
        """Restore the definitions as they were read."""
        self.edited.clear()
        self.definitions = dict(self._original)


def _edited(
    automation: Automation,
    changes: tuple[str, ...],
    original: Recording,
    options: ReplayOptions,
    progress: Callable[[int], None] | None,
) -> Edited:
    """Replay an edited automation on the events of the `original` recording."""
    events = original.events
    recording = record([automation], events, options, store=events, progress=progress)
    difference = divergence(original, recording)
    lost = tuple(firing for firing in difference.lost if firing[1] == automation.index)
    return Edited(changes, Index(recording), Divergence(difference.gained, lost))


def divergence(first: Recording, second: Recording) -> Divergence:
    """The firings that only the second recording has, and those that only the first has."""
    ours, theirs = Counter(_firings(first)), Counter(_firings(second))
    return Divergence(_places(theirs - ours), _places(ours - theirs))


def _firings(recording: Recording) -> Iterable[_Firing]:
    for lane, fired in zip(recording.lanes, recording.fired, strict=True):
        if lane.is_root:
            for seq in fired:
                yield recording.at(seq), lane.automation.index, lane.labels


def _places(firings: Counter[_Firing]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((at, automation) for at, automation, _labels in firings.elements()))
