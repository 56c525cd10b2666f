"""The selection: everything, an automation, one of its triggers, or one bucket."""

from array import array
from collections.abc import Sequence

from msgspec import Struct

from trigger_cli.debugger.event_question import RecordedEvents
from trigger_cli.debugger.recording import Recording
from trigger_cli.match.plan import walk
from trigger_cli.model import Automation, Trigger
from trigger_cli.render.replay.lane import Sign


class Selection(Struct, frozen=True):
    """A node of the tree; fields that are not set select everything below."""

    automation: int | None = None
    """The `Automation.index`."""
    path: str | None = None
    key: tuple[str, ...] | None = None

    def contains(self, automation: Automation, trigger: Trigger, key: tuple[str, ...]) -> bool:
        """Whether a bucket belongs to the selection."""
        return (
            self.automation in {None, automation.index}
            and self.path in {None, trigger.path}
            and self.key in {None, key}
        )


EVERYTHING = Selection()


class Index:
    """The lanes by automation and trigger, for quick steps within a selection."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.asked = RecordedEvents(recording)
        self._lanes: dict[tuple[int, str], list[int]] = {}
        self._number: dict[tuple[int, str, tuple[str, ...]], int] = {}
        for number, lane in enumerate(recording.lanes):
            place = (lane.automation.index, lane.trigger.path)
            self._lanes.setdefault(place, []).append(number)
            self._number[*place, lane.key] = number
        self._merged: dict[tuple[Selection, bool], Sequence[int]] = {}
        self._ranked: dict[Selection, list[int]] = {}
        self.signs: dict[tuple[Selection, int, int, int], list[Sign]] = {}
        """Drawn rows of the timeline: by selection, ends of the axis and number of columns."""

    def automation(self, index: int) -> Automation:
        """The automation with an index."""
        return next(one for one in self.recording.automations if one.index == index)

    def trigger(self, selection: Selection) -> Trigger | None:
        """The selected trigger, by default the automation's own; ``None`` for everything."""
        if selection.automation is None:
            return None
        automation = self.automation(selection.automation)
        return next(
            (one for one in walk(automation.trigger) if one.path == selection.path),
            automation.trigger,
        )

    def lanes(self, selection: Selection) -> list[int]:
        """The lanes of the selection, in the order in which they started."""
        if selection.key is not None and selection.path and selection.automation is not None:
            found = self._number.get((selection.automation, selection.path, selection.key))
            return [] if found is None else [found]
        return sorted(
            number
            for (automation, path), lanes in self._lanes.items()
            if selection.automation in {None, automation} and selection.path in {None, path}
            for number in lanes
        )

    def by_interest(self, selection: Selection) -> list[int]:
        """The lanes of one trigger, sorted by firings, then by records, most first."""
        ranked = self._ranked.get(selection)
        if ranked is None:
            recording = self.recording
            ranked = self._ranked[selection] = sorted(
                self.lanes(selection),
                key=lambda one: (len(recording.fired[one]), len(recording.postings[one])),
                reverse=True,
            )
        return ranked

    def records(self, selection: Selection) -> Sequence[int]:
        """The selection's records, in order."""
        if selection == EVERYTHING:
            return range(self.recording.records)
        return self._merge(selection, fired=False)

    def firings(self, selection: Selection) -> Sequence[int]:
        """The selection's firings: the automations' own, unless a child is selected."""
        if selection == EVERYTHING:
            return self.recording.root_firings
        return self._merge(selection, fired=True)

    def _merge(self, selection: Selection, *, fired: bool) -> Sequence[int]:
        if fired and selection.automation is not None and selection.path is None:
            root = self.automation(selection.automation).trigger.path
            selection = Selection(selection.automation, root)
        merged = self._merged.get((selection, fired))
        if merged is None:
            of_lane = self.recording.fired if fired else self.recording.postings
            lanes = self.lanes(selection)
            if len(lanes) == 1:
                merged = of_lane[lanes[0]]
            else:
                merged = array("i", sorted(seq for one in lanes for seq in of_lane[one]))
            self._merged[selection, fired] = merged
        return merged
