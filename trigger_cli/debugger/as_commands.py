"""The view as a command line: the same question to ``explain`` or ``replay``, for a colleague."""

from __future__ import annotations

import shlex
from bisect import bisect_left, bisect_right

from trigger_cli.debugger.selection import Selection
from trigger_cli.debugger.session import Session
from trigger_cli.times import SECOND, format_instant

_GLOBS = "*?["


def explain_command(session: Session) -> str:
    """Explain the firing, the event or the instant under the cursor."""
    recording, selection = session.recording, session.selection
    words = _words("explain", session)
    fired = _root_firing(session)
    event = recording.stop_event(session.position.stop)
    if fired is not None:
        lane = recording.lane_of(fired)
        assert lane is not None
        automation = recording.lanes[lane].automation
        if selection.automation is None:
            words += ["--automation", as_glob(automation.name)]
        # Counted in its automation or, where one is selected, its bucket.
        of_automation = session.index.firings(Selection(automation.index))
        firings = recording.fired[lane] if selection.key else of_automation
        words += ["--firing", str(bisect_right(firings, fired))]
    elif event is not None:
        words += ["--event", str(recording.events[event].line)]
    else:
        words += ["--at", format_instant(session.now)]
    return shlex.join(words)


def replay_command(session: Session, span: tuple[int, int]) -> str:
    """Replay up to the end of the stretch of time that is shown."""
    words = _words("replay", session)
    if span[1] < session.recording.end:
        # To the second, upwards: so that what is at the edge is there.
        until = -(-span[1] // SECOND) * SECOND
        words += ["--until", format_instant(until).replace(".000000", "")]
    return shlex.join(words)


def as_glob(name: str) -> str:
    """A glob that only fits the name; what no terminal should be fed is any character."""
    return "".join(
        f"[{one}]" if one in _GLOBS else one if one.isprintable() else "?" for one in name
    )


def _words(command: str, session: Session) -> list[str]:
    given, recording, selection = session.given, session.recording, session.selection
    words = ["trigger-cli", command, *given.triggers]
    for log in given.logs:
        words += ["--log", log]
    if recording.dialect.name != "docs":
        words += ["--dialect", recording.dialect.name]
    words += given.options
    if selection.automation is not None:
        words += ["--automation", as_glob(session.index.automation(selection.automation).name)]
    if selection.key:
        for lane in session.index.lanes(selection):
            for label, value in recording.lanes[lane].labels:
                words += ["--bucket", f"{label}={value}"]
    return words


def _root_firing(session: Session) -> int | None:
    """The selection's firing that the cursor is on, if any."""
    recording, selection = session.recording, session.selection
    firings = recording.root_firings
    first = bisect_left(firings, recording.stop_records(session.position.stop).start)
    last = bisect_left(firings, session.position.applied)
    for seq in reversed(firings[first:last]):
        lane = recording.lanes[recording.lane_of(seq) or 0]
        if selection.contains(lane.automation, lane.trigger, selection.key or lane.key):
            return seq
    return None
