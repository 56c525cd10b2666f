"""The view as a command line: the same question to ``explain`` or ``replay``, for a colleague."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from trigger_cli.debugger.position import Position, current_record
from trigger_cli.debugger.recording import Recording
from trigger_cli.debugger.selection import Selection
from trigger_cli.model import Automation
from trigger_cli.times import SECOND, format_instant

_GLOBS = "*?["


@dataclass(frozen=True, slots=True)
class Given:
    """How the debugger was called."""

    triggers: Sequence[str]
    logs: Sequence[str]
    options: Sequence[str] = ()
    """Options that other commands take as well, as they were given."""


def explain_command(
    given: Given, recording: Recording, position: Position, selection: Selection
) -> str:
    """Explain the firing, the event or the instant under the cursor."""
    words = _words("explain", given, recording, selection)
    fired = _root_firing(recording, position, selection)
    event = recording.stop_event(position.stop)
    if fired is not None:
        lane = recording.lanes[recording.lane_of(fired) or 0]
        if selection.automation is None:
            words += ["--automation", as_glob(lane.automation.name)]
        words += ["--firing", str(_firing_number(recording, fired, selection))]
    elif event is not None:
        words += ["--event", str(recording.events[event].line)]
    else:
        words += ["--at", format_instant(recording.stop_at(position.stop))]
    return _joined(words)


def replay_command(
    given: Given, recording: Recording, span: tuple[int, int], selection: Selection
) -> str:
    """Replay up to the end of the stretch of time that is shown."""
    words = _words("replay", given, recording, selection)
    if span[1] < recording.end:
        # To the second, upwards: so that what is at the edge is there.
        until = -(-span[1] // SECOND) * SECOND
        words += ["--until", format_instant(until).replace(".000000", "")]
    return _joined(words)


def as_glob(name: str) -> str:
    """A glob that only fits the name; what no terminal should be fed is any character."""
    return "".join(
        f"[{one}]" if one in _GLOBS else one if one.isprintable() else "?" for one in name
    )


def _words(command: str, given: Given, recording: Recording, selection: Selection) -> list[str]:
    words = ["trigger-cli", command, *given.triggers]
    for log in given.logs:
        words += ["--log", log]
    if recording.dialect.name != "docs":
        words += ["--dialect", recording.dialect.name]
    words += given.options
    if selection.automation is not None:
        words += ["--automation", as_glob(_name(recording.automations, selection.automation))]
    if selection.key and selection.path is not None:
        lane = next(
            (
                one
                for one in recording.lanes
                if selection.contains(one.automation, one.trigger, one.key)
            ),
            None,
        )
        for label, value in () if lane is None else lane.labels:
            words += ["--bucket", f"{label}={value}"]
    return words


def _joined(words: Sequence[str]) -> str:
    return " ".join(shlex.quote(one) for one in words)


def _name(automations: Sequence[Automation], index: int) -> str:
    return next(one.name for one in automations if one.index == index)


def _root_firing(recording: Recording, position: Position, selection: Selection) -> int | None:
    """The selection's firing that the cursor is on, if any."""
    last = current_record(recording, position)
    for seq in reversed(recording.stop_records(position.stop)):
        lane = recording.lane_of(seq)
        if last is None or seq > last or lane is None or recording.kind_of(seq) != "fired":
            continue
        one = recording.lanes[lane]
        if one.trigger is one.automation.trigger and selection.contains(
            one.automation, one.trigger, selection.key or one.key
        ):
            return seq
    return None


def _firing_number(recording: Recording, fired: int, selection: Selection) -> int:
    """Which of its automation's (or, where one is selected, its bucket's) firings it is, from 1."""
    lane = recording.lane_of(fired)
    assert lane is not None
    if selection.key:
        return recording.root_firing_number(fired)
    automation = recording.lanes[lane].automation
    return sum(
        recording.lanes[recording.lane_of(seq) or 0].automation is automation
        for seq in recording.root_firings
        if seq <= fired
    )
