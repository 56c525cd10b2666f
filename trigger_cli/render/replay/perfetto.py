"""``replay --format perfetto``: a trace for ui.perfetto.dev, in Chrome's JSON trace event format.

An automation is a process and a bucket one of its tracks. A window is a slice on the track
(``ph`` X) and a firing an instant (i). Triggers of composites have a track for their firings; an
arrow (s, f) leads from each child's firing to the parent's.

Times are µs since midnight UTC of the day on which the replay begins; ``otherData.epoch`` contains
this midnight, and the arguments contain the instants themselves. So times are exact in viewers that
read numbers as doubles, and the ruler shows the time of day.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    DeliveryTransition,
    EventTrigger,
    FiredTransition,
    Firing,
    Transition,
    Trigger,
    TriggerTransition,
    key_labels,
)
from trigger_cli.render.common.names import child_path, labels_text, trigger_place, whole_key
from trigger_cli.render.common.plain_json import bounded, dump_json, event_place, labels_object
from trigger_cli.times import DAY, format_instant
from trigger_cli.views.windows import Window, WindowFold

FORMAT = "trigger-cli/perfetto@1"
MOST_TRACKS = 10_000
"""The most buckets with their own tracks; others share a track for firings and have no slices."""

_OPENING = '{"traceEvents":[\n'
LATEST = 2**53 - 1
"""The greatest integer that every JSON reader reads exactly."""


class _Track(Struct, frozen=True):
    """A bucket's track."""

    number: int
    automation: Automation
    trigger: Trigger
    fold: WindowFold


class PerfettoTrace:
    """Writes a trace during the replay; its memory is bounded by `MOST_TRACKS`.

    `write` gets the next piece of text. Only firings that are shown have arrows.
    """

    def __init__(
        self, write: Callable[[str], object], *, shows_firing: Callable[[Firing], bool]
    ) -> None:
        self._write = write
        self._shows_firing = shows_firing
        self._epoch: int | None = None
        self._before = _OPENING
        self._processes: set[int] = set()
        self._tracks: dict[tuple[int, str, tuple[str, ...]], _Track] = {}
        self._names: set[tuple[int, str]] = set()
        self._shared: dict[tuple[int, str, str], int] = {}
        self._threads = 0
        self._arrows = 0
        self._without_track = 0
        """Transitions of buckets without a track of their own."""

    def add(self, one: Transition) -> None:
        """Add the next record of the replay."""
        if isinstance(one, DeliveryTransition):
            return
        automation, trigger = one.automation, one.trigger
        if self._epoch is None:
            self._epoch = one.at - one.at % DAY
        track = self._track(one)
        if track is None:
            self._without_track += 1
            number = self._shared_track("other buckets", automation, trigger)
        else:
            number = track.number
            for window in track.fold.take(one):
                self._slice(track, window)
        if one.kind == "fired":
            self._firing(one, number)
        if one.kind == "measured":
            self._event(
                ph="C",
                name=f"{trigger_place(one.trigger)} {one.trigger.metric}".strip(),
                pid=_pid(automation),
                ts=self._ts(one.at),
                args={"value": one.value or 0.0},
            )

    def finish(self, summary: dict[str, Any], end: int | None) -> None:
        """End the trace at `end`, µs; `summary`, as in other formats, becomes ``otherData``."""
        for track in self._tracks.values():
            for window in track.fold.finish(end if end is not None else 0):
                self._slice(track, window)
        epoch = None if self._epoch is None else format_instant(self._epoch)
        other = {
            **summary,
            "format": FORMAT,
            "epoch": epoch,
            "transitions_without_track": self._without_track,
        }
        self._write(_OPENING if self._before == _OPENING else "")
        self._write(f'\n],"displayTimeUnit":"ms","otherData":{dump_json(other)}}}\n')

    # --- Slices, instants, arrows ----------------------------------------------------------

    def _slice(self, track: _Track, one: Window) -> None:
        if one.is_instantaneous:
            return
        trigger = track.trigger
        args: dict[str, Any] = {"state": one.state, "rule": one.rule}
        if one.count is not None:
            args["count"] = one.count
            if isinstance(trigger, EventTrigger):
                args["threshold"] = trigger.threshold
            elif isinstance(trigger, CompositeTrigger):
                args["require"] = trigger.require
        if one.bucket is not None:
            args["start"] = format_instant(one.bucket.start)
            args["end"] = format_instant(one.bucket.end)
        start = self._ts(one.start)
        self._event(
            ph="X",
            name=_name(trigger, one),
            cat="window",
            pid=_pid(track.automation),
            tid=track.number,
            ts=start,
            dur=self._ts(one.end) - start,
            args=args,
        )

    def _firing(self, one: FiredTransition, track: int) -> None:
        firing, automation, trigger = one.firing, one.automation, one.trigger
        event = firing.event
        args: dict[str, Any] = {
            "trigger": trigger.path,
            "at": format_instant(firing.at),
            "rule": one.rule,
            "labels": labels_object(firing.labels),
            "event": None if event is None else bounded(event.name),
            **event_place(event),
        }
        if one.value is not None:
            args["value"] = one.value
        is_own = one.is_own
        self._event(
            ph="i",
            s="t",
            name="fired" if is_own else f"{child_path(trigger.path)} fired",
            cat="firing" if is_own else "child firing",
            pid=_pid(automation),
            tid=track,
            ts=self._ts(firing.at),
            args=args,
        )
        if not isinstance(automation.trigger, CompositeTrigger):
            return
        # An arrow needs a slice at both ends.
        self._event(
            ph="X",
            name="fired",
            cat="arrows",
            pid=_pid(automation),
            tid=self._shared_track("firings", automation, trigger),
            ts=self._ts(firing.at),
            dur=1,
        )
        for child in firing.children:
            if self._shows_firing(child):
                self._arrow(automation, child, firing)

    def _arrow(self, automation: Automation, child: Firing, parent: Firing) -> None:
        self._arrows += 1
        for firing, phase, more in ((child, "s", {}), (parent, "f", {"bp": "e"})):
            self._event(
                ph=phase,
                id=self._arrows,
                name="led to",
                cat="arrows",
                pid=_pid(automation),
                tid=self._shared_track("firings", automation, firing.trigger),
                ts=self._ts(firing.at),
                **more,
            )

    # --- Tracks ----------------------------------------------------------------------------

    def _track(self, one: TriggerTransition) -> _Track | None:
        automation, trigger = one.automation, one.trigger
        identity = (automation.index, trigger.path, one.key)
        track = self._tracks.get(identity)
        if track is None and len(self._tracks) < MOST_TRACKS:
            key = key_labels(trigger, one.key)
            name = _track_name(trigger, labels_text(key))
            if (automation.index, name) in self._names:  # shortened, it is that of another bucket
                name = _track_name(trigger, whole_key(key))
            self._names.add((automation.index, name))
            number = self._new_track(automation, name)
            track = _Track(number, automation, trigger, WindowFold(trigger))
            self._tracks[identity] = track
        return track

    def _shared_track(self, what: str, automation: Automation, trigger: Trigger) -> int:
        place = (automation.index, trigger.path, what)
        if place not in self._shared:
            self._shared[place] = self._new_track(automation, f"{_place(trigger)} {what}".strip())
        return self._shared[place]

    def _new_track(self, automation: Automation, name: str) -> int:
        pid = _pid(automation)
        if pid not in self._processes:
            self._processes.add(pid)
            self._named("process_name", {"name": bounded(automation.name)}, pid)
            self._named("process_sort_index", {"sort_index": automation.index}, pid)
        self._threads += 1
        self._named("thread_name", {"name": bounded(name)}, pid, tid=self._threads)
        self._named("thread_sort_index", {"sort_index": self._threads}, pid, tid=self._threads)
        return self._threads

    def _named(self, name: str, args: dict[str, Any], pid: int, **more: int) -> None:
        self._event(ph="M", name=name, pid=pid, **more, args=args)

    # --- Writing ---------------------------------------------------------------------------

    def _event(self, **fields: Any) -> None:
        self._write(self._before + dump_json(fields))
        self._before = ",\n"

    def _ts(self, instant: int) -> int:
        assert self._epoch is not None
        return min(max(instant - self._epoch, 0), LATEST)


def _pid(automation: Automation) -> int:
    return automation.index + 1


def _track_name(trigger: Trigger, key: str) -> str:
    return " ".join(part for part in (_place(trigger), key) if part) or "all events"


def _place(trigger: Trigger) -> str:
    kind = trigger.kind if isinstance(trigger, CompositeTrigger) else ""
    return f"{trigger_place(trigger)} {kind}".strip()


def _name(trigger: Trigger, one: Window) -> str:
    if isinstance(trigger, EventTrigger) and one.count is not None and one.state != "cooling":
        return f"{one.state} {max(one.count, 0)}/{trigger.threshold}"
    if isinstance(trigger, CompositeTrigger):
        return f"{one.state} {one.count}/{trigger.require}"
    return one.state
