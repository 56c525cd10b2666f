"""The view as a command line of ``explain`` or ``replay``, to share with others."""

import shlex
from bisect import bisect_left, bisect_right

from trigger_cli.debugger.selection import Selection
from trigger_cli.debugger.session import Session
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import as_glob
from trigger_cli.render.common.words import quoted
from trigger_cli.times import SECOND, format_instant


def explain_command(session: Session) -> str:
    """The command that explains the firing, the event or the instant at the cursor."""
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
        # The number counts firings of the automation or, if one is selected, of the bucket.
        of_automation = session.index.firings(Selection(automation.index))
        firings = recording.fired[lane] if selection.key else of_automation
        words += ["--firing", str(bisect_right(firings, fired))]
    elif event is not None:
        words += ["--event", str(recording.events[event].line)]
    else:
        words += ["--at", format_instant(session.now)]
    return shlex.join(words)


def replay_command(session: Session, span: tuple[int, int]) -> str:
    """The command that replays up to the end of the time range on the screen."""
    words = _words("replay", session)
    if span[1] < session.recording.end:
        # Rounded up to the second, to include events at the edge.
        until = -(-span[1] // SECOND) * SECOND
        words += ["--until", format_instant(until).replace(".000000", "")]
    return shlex.join(words)


def without_edits(session: Session) -> str:
    """A sentence on the edits of the selection, which no command has; ``""`` if there are none."""
    chosen = session.selection.automation
    found = [
        (session.index.automation(index), ", ".join(edited.changes))
        for index, edited in session.edited.items()
        if chosen in {None, index}
    ]
    if not found:
        return ""
    edits = "; ".join(f"{inert(changes, 200)} of {quoted(one.name)}" for one, changes in found)
    files = ", ".join(dict.fromkeys(inert(one.source, 400) for one, _ in found))
    return (
        f"the command shows what was before the edit ({edits});"
        f" to reproduce the edit, write it into {files}"
    )


def _words(command: str, session: Session) -> list[str]:
    given, recording, selection = session.given, session.recording, session.selection
    words = ["trigger-cli", command, *given.triggers]
    for log in given.logs:
        words += ["--log", log]
    words += ["--dialect", recording.dialect.name, *given.options]
    if selection.automation is not None:
        words += ["--automation", as_glob(session.index.automation(selection.automation).name)]
    if selection.key:
        for lane in session.index.lanes(selection):
            for label, value in recording.lanes[lane].labels:
                words += ["--bucket", f"{label}={value}"]
    return words


def _root_firing(session: Session) -> int | None:
    """The selection's firing at the cursor, if there is one."""
    recording, selection = session.recording, session.selection
    firings = recording.root_firings
    first = bisect_left(firings, recording.stop_records(session.position.stop).start)
    last = bisect_left(firings, session.position.applied)
    for seq in reversed(firings[first:last]):
        lane = recording.lanes[recording.lane_of(seq) or 0]
        if selection.contains(lane.automation, lane.trigger, lane.key):
            return seq
    return None
