"""A debugging session without a screen: recordings, the cursor, the selection, breakpoints.

Every key of the app is a method here; each returns what there is to tell the user, or nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from trigger_cli.debugger.as_commands import Given
from trigger_cli.debugger.breakpoints import Breakpoint, hits, nearest
from trigger_cli.debugger.divergence import Divergence, divergence
from trigger_cli.debugger.edits import Definition, TriggerEdit
from trigger_cli.debugger.position import Position, at_stop, carried_over
from trigger_cli.debugger.recorder import record
from trigger_cli.debugger.recording import Recording
from trigger_cli.debugger.selection import EVERYTHING, Index, Selection
from trigger_cli.dialects import DIALECTS, counterpart
from trigger_cli.model import Automation
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.times import TimePoint


def fixed(options: ReplayOptions, log_start: int) -> ReplayOptions:
    """The options with fixed instants, for a replay of what an earlier one took."""

    def fix(moment: TimePoint | None) -> TimePoint | None:
        return None if moment is None else TimePoint(moment.resolve(log_start))

    return replace(
        options,
        start=fix(options.start),
        until=fix(options.until),
        taken_from=None,
        taken_to=None,
    )


@dataclass(frozen=True, slots=True)
class Edited:
    """A replay of one automation as it was edited."""

    edits: tuple[TriggerEdit, ...]
    index: Index
    difference: Divergence


class Session:
    """What the debugger knows.

    Args:
        recording: The replay.
        options: How it was replayed; its instants `fixed`.
        definitions: What can be edited, by `Automation.index`.
        given: How the debugger was called.
        zone: The zone in which times are shown and read.
    """

    def __init__(
        self,
        recording: Recording,
        options: ReplayOptions,
        definitions: dict[int, Definition],
        given: Given,
        zone: tzinfo = UTC,
    ) -> None:
        self._options = options
        self._original = dict(definitions)
        self.definitions = definitions
        self.given = given
        self.zone = zone
        self.automations: tuple[Automation, ...] = recording.automations
        self._recordings = {recording.dialect.name: recording}
        self._dialects = (recording.dialect, counterpart(recording.dialect))
        self._divergence: Divergence | None = None
        self.recording = recording
        self.index = Index(recording)
        self.position = at_stop(recording, 0)
        self.selection = EVERYTHING
        self.breakpoints: list[Breakpoint] = []
        self._hits: dict[Breakpoint, array[int]] = {}
        self.edited: dict[int, Edited] = {}
        """By `Automation.index`, the automations that were edited."""
        self.searched = ""
        self.clock = ClockFormat(recording.start, recording.end, zone, fraction=True, precise=True)

    # --- The cursor --------------------------------------------------------------------------

    def go(self, position: Position | None) -> bool:
        """Move the cursor; tells whether there was somewhere to go."""
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
        """Set a breakpoint, or remove it if it is set; tells whether it is set now."""
        if breakpoint_ in self.breakpoints:
            self.breakpoints.remove(breakpoint_)
            return False
        self.breakpoints.append(breakpoint_)
        return True

    def hits(self, breakpoint_: Breakpoint) -> array[int]:
        """Where a breakpoint stops."""
        found = self._hits.get(breakpoint_)
        if found is None:
            diverging: Sequence[int] = ()
            if breakpoint_.kind == "divergence":
                assert self._divergence is not None
                diverging = self._divergence.instants
            found = self._hits[breakpoint_] = hits(breakpoint_, self.index, diverging)
        return found

    def next_hit(self, *, forward: bool) -> Position | None:
        """Where running on (or back) stops."""
        found: Iterable[array[int]] = map(self.hits, self.breakpoints)
        return nearest(found, self.position, forward=forward)

    # --- Dialects ------------------------------------------------------------------------------

    @property
    def other_dialect(self) -> str:
        """The dialect that is not shown."""
        first, second = self._dialects
        return second.name if self.recording.dialect is first else first.name

    def has(self, dialect: str) -> bool:
        """Whether the log was replayed in a dialect already."""
        return dialect in self._recordings

    def replay_other(self, progress: Callable[[int], None] | None = None) -> None:
        """Replay the log in the other dialect, unless that was done. May run in a thread."""
        name = self.other_dialect
        if name not in self._recordings:
            options = replace(self._options, dialect=DIALECTS[name])
            events = self.recording.events
            self._recordings[name] = record(
                self.automations, events, options, store=events, progress=progress
            ).recording
        if self._divergence is None:
            docs, server = sorted(self._recordings.values(), key=lambda one: one.dialect.is_server)
            self._divergence = divergence(docs, server)

    @property
    def dialect_difference(self) -> Divergence | None:
        """How the dialects differ, if both were replayed: `gained` by the server."""
        return self._divergence

    def switch_dialect(self) -> None:
        """Show the other dialect, at the same instant; it must have been replayed."""
        old, new = self.recording, self._recordings[self.other_dialect]
        self.position = carried_over(old, new, self.position)
        self.recording = new
        self._options = replace(self._options, dialect=new.dialect)
        self.index = Index(new)
        self._hits.clear()
        self.edited.clear()
        self.definitions = dict(self._original)

    # --- Edits -----------------------------------------------------------------------------------

    def edit(
        self, automation: int, path: str, text: str, progress: Callable[[int], None] | None = None
    ) -> Callable[[], Edited]:
        """Replay one automation with ``field = value`` changed. May run in a thread.

        Returns:
            What puts the result in place.

        Raises:
            ValueError: The change is wrong; nothing is replayed.
        """
        definition, edit = self.definitions[automation].edited(path, text)
        events = self.recording.events
        recording = record(
            [edit.automation], events, self._options, store=events, progress=progress
        ).recording
        earlier = self.edited[automation].edits if automation in self.edited else ()
        edited = Edited(
            (*earlier, edit),
            Index(recording),
            _of_automation(self.recording, recording, automation),
        )

        def put() -> Edited:
            self.definitions[automation] = definition
            self.edited[automation] = edited
            return edited

        return put

    def forget_edits(self) -> None:
        """Back to the definitions as they were read."""
        self.edited.clear()
        self.definitions = dict(self._original)

    def select(self, selection: Selection) -> None:
        """Look at another part."""
        self.selection = selection


def _of_automation(whole: Recording, one: Recording, automation: int) -> Divergence:
    """How an edited automation differs from itself."""
    found = divergence(whole, one)
    lost = tuple(firing for firing in found.lost if firing[1] == automation)
    return Divergence(found.gained, lost, found.common)
