"""Small elements that several panes show."""

from rich.text import Text

from trigger_cli.debugger.recording import Lane
from trigger_cli.debugger.session import LONGEST_NAME, Session
from trigger_cli.model import (
    Automation,
    Bucket,
    CompositeTrigger,
    EventTrigger,
    MetricTrigger,
    Trigger,
)
from trigger_cli.render.common.clipped import clipped_apart
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import child_path, event_name, labels_text
from trigger_cli.times import SECOND

BAD, FAINT, HERE = "red", "dim", "reverse"


def line(*parts: str | tuple[str, str] | Text) -> Text:
    """One line, cut at the edge of the pane."""
    text = Text.assemble(*parts)
    text.no_wrap = True
    text.overflow = "ellipsis"
    return text


def heading(title: str) -> Text:
    """The title of a part of a pane."""
    return line((title, "bold"))


def instant(clock: ClockFormat, at: int) -> str:
    """A time of day; a fraction is shown only if it is not zero."""
    text = clock.at(at)
    return text.removesuffix(".000") if at % SECOND == 0 else text


def shown_name(session: Session, automation: Automation, room: int) -> str:
    """The automation's name in `room` cells, distinct from the names of the others."""
    return clipped_apart(inert(automation.name, LONGEST_NAME), session.names, room)


def trigger_name(trigger: Trigger) -> str:
    """A trigger in two or three words: ``[0] flow-run.Failed``, ``compound 2 of 3``."""
    place = "" if trigger.path == "$" else child_path(trigger.path)
    match trigger:
        case CompositeTrigger():
            what = f"{trigger.kind} {trigger.require} of {len(trigger.triggers)}"
        case MetricTrigger():
            what = f"{trigger.metric} {trigger.operator} {trigger.threshold:g}"
        case EventTrigger():
            name = event_name(trigger.expect[0], wide=False) if trigger.expect else "any event"
            what = f"{'no ' if trigger.posture == 'Proactive' else ''}{name}"
    return f"{place} {what}".strip()


def key_name(lane: Lane) -> str:
    """The name of a bucket."""
    if lane.labels:
        return labels_text(lane.labels)
    return "all events" if isinstance(lane.trigger, EventTrigger) else trigger_name(lane.trigger)


def lane_name(lane: Lane) -> str:
    """A bucket with its trigger, if the trigger is not obvious."""
    parts = [inert(lane.automation.name, LONGEST_NAME)]
    if lane.trigger.path != "$":
        parts.append(trigger_name(lane.trigger))
    if lane.labels:
        parts.append(labels_text(lane.labels))
    return " · ".join(parts)


def bucket_text(bucket: Bucket | None, trigger: EventTrigger, clock: ClockFormat) -> str:
    """``1 of 3, 12:00:00–12:01:00, last #12``."""
    if bucket is None:
        return "no bucket"
    window = f"{instant(clock, bucket.start)}–{instant(clock, bucket.end)}"
    if trigger.immediate:
        window = f"since {instant(clock, bucket.start)}"
    last = "" if bucket.last_event is None else f", last #{bucket.last_event.line}"
    return f"{bucket.count} of {trigger.threshold}, {window}{last}"


def firing_text(session: Session, seq: int, width: int, *, current: bool) -> Text:
    """``★ 12:00:00 Two runs flow=…`` in `width` cells; `current`: the last before the cursor."""
    recording = session.recording
    number = recording.lane_of(seq)
    assert number is not None
    lane = recording.lanes[number]
    text = line(
        ("▸" if current else " "),
        ("★ ", BAD),
        (instant(session.clock, recording.at(seq)), "bold" if current else ""),
    )
    if session.selection.automation is None:
        room = width - text.cell_len - 1
        text.append(f" {shown_name(session, lane.automation, room)}")
    text.append(f" {labels_text(lane.labels)}" if lane.labels else "", FAINT)
    text.truncate(width, overflow="ellipsis", pad=True)
    return text
