"""A firing on one line of the list."""

from __future__ import annotations

from rich.text import Text

from trigger_cli.debugger.session import Session
from trigger_cli.debugger.views.parts import BAD, FAINT, LONGEST_NAME, instant, line
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import labels_text


def firing_text(session: Session, seq: int, *, current: bool) -> Text:
    """``★ 12:00:00 Two runs flow=…``; `current`: the last before the cursor."""
    recording = session.recording
    number = recording.lane_of(seq)
    assert number is not None
    lane = recording.lanes[number]
    name = (
        ""
        if session.selection.automation is not None
        else inert(lane.automation.name, LONGEST_NAME)
    )
    labels = labels_text(lane.labels) if lane.labels else ""
    return line(
        ("▸" if current else " "),
        ("★ ", BAD),
        (instant(session.clock, recording.at(seq)), "bold" if current else ""),
        f" {name}" if name else "",
        (f" {labels}" if labels else "", FAINT),
    )
