"""What happened at the cursor: each bucket before and after, the rules, and a firing's causes."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from rich.text import Text

from trigger_cli.debugger.recording import Lane, Recording
from trigger_cli.debugger.selection import Selection
from trigger_cli.debugger.session import Session
from trigger_cli.debugger.views.parts import (
    BAD,
    FAINT,
    HERE,
    bucket_text,
    heading,
    instant,
    key_name,
    lane_name,
    line,
    trigger_name,
)
from trigger_cli.model import (
    CompositeTrigger,
    DeliveryTransition,
    EventTrigger,
    Firing,
    MetricTrigger,
    Transition,
    value_of,
)
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import event_text, labels_text
from trigger_cli.render.common.phrases import metric_value, phrase
from trigger_cli.render.common.words import counted, quoted
from trigger_cli.views.trigger_state import Stored, store

_RECORDS = 60
_BUCKETS = 30
_CHAIN = 12
_LOOKED_BACK = 500
"""The most records of a composite that are searched."""
_LONGEST = 100
_DEEPEST = 6


def change_lines(session: Session) -> list[Text]:
    """The pane's lines."""
    recording = session.recording
    stop, applied = session.position
    records = recording.stop_records(stop)
    shown = [seq for seq in records if _is_selected(session, seq)]
    lines: list[Text] = []
    by_lane: dict[int | None, list[int]] = {}
    for seq in shown[:_RECORDS]:
        by_lane.setdefault(recording.lane_of(seq), []).append(seq)
    # The bucket at the cursor comes first; the others follow in order.
    for lane, seqs in sorted(by_lane.items(), key=lambda one: applied - 1 not in one[1]):
        lines += _lane_lines(session, lane, seqs, applied)
    if len(shown) > _RECORDS:
        lines.append(line((f"… {len(shown) - _RECORDS} more records", FAINT)))
    elsewhere = len(records) - len(shown)
    if not shown:
        where = "in what is selected" if session.selection.automation is not None else "here"
        lines.append(line((f"Nothing happened {where}.", FAINT)))
    if elsewhere:
        hidden = f"{counted(elsewhere, 'other change')} hidden: select `everything`"
        lines.append(line((hidden, FAINT)))
    lines += _current_state(session, set(by_lane))
    return lines


def _is_selected(session: Session, seq: int) -> bool:
    lane = session.recording.lane_of(seq)
    # Deliveries belong to every trigger.
    return lane is None or session.selection.contains(*session.recording.lanes[lane])


# --- Records -----------------------------------------------------------------------------------


def _lane_lines(
    session: Session, number: int | None, seqs: Sequence[int], applied: int
) -> Iterator[Text]:
    recording, clock = session.recording, session.clock
    if number is None:
        yield heading("Delivery")
    else:
        lane = recording.lanes[number]
        yield line((lane_name(lane), "bold"))
        if isinstance(lane.trigger, EventTrigger):
            before = recording.bucket(number, seqs[0])
            after = recording.bucket(number, min(applied, seqs[-1] + 1))
            yield line(("before  ", FAINT), bucket_text(before, lane.trigger, clock))
            yield line(("after   ", FAINT), bucket_text(after, lane.trigger, clock))
    is_within = applied < recording.stop_records(session.position.stop).stop
    records = [recording.transition(seq) for seq in seqs]
    for one in records:
        here = is_within and one.seq == applied - 1
        yield _record_line(one, clock, done=one.seq < applied, here=here)
    for one in records:
        if one.kind == "fired" and one.seq < applied:
            yield from _chain(recording, one.firing, clock)


def _record_line(one: Transition, clock: ClockFormat, *, done: bool, here: bool) -> Text:
    said = phrase((one,), clock, None) or one.kind
    mark = "★" if one.kind == "fired" else "▸" if here else "·"
    style = HERE if here else "" if done else FAINT
    text = line(
        (f"{mark} ", BAD if one.kind == "fired" else ""),
        (f"{one.rule:<3}", FAINT),
        (said if said.startswith(one.kind) else f"{one.kind}: {said}", style),
    )
    if isinstance(one, DeliveryTransition) and one.due is not None:
        text.append(f" until {instant(clock, one.due)}", FAINT)
    return text


# --- A firing's chain ----------------------------------------------------------------------------


def _chain(recording: Recording, firing: Firing, clock: ClockFormat) -> Iterator[Text]:
    yield line(("came of", FAINT))
    if firing.children:
        for child in firing.children:
            yield from _child(child, clock, depth=1)
        return
    steps: list[Transition] = []
    seq = firing.seq
    while len(steps) < _CHAIN and (because := recording.because(seq)):
        seq = because[0]
        one = recording.transition(seq)
        steps.append(one)
        if one.kind == "opened":
            break
    for one in reversed(steps):
        said = phrase((one,), clock, None)
        if not said:
            continue
        text = line("  ", (instant(clock, one.at), FAINT), f" {said}")
        if one.event is not None:
            text.append(f" #{one.event.line}", FAINT)
        yield text
    if firing.event is not None:
        yield line("  ", ("by ", FAINT), event_text(firing.event, wide=False))


def _child(firing: Firing, clock: ClockFormat, depth: int) -> Iterator[Text]:
    indent = "  " * depth
    labels = labels_text(firing.labels)
    text = line(
        indent,
        ("★ ", BAD),
        instant(clock, firing.at),
        f" {trigger_name(firing.trigger)}",
        (f" {labels}" if labels else "", FAINT),
    )
    if firing.event is not None:
        text.append(f" #{firing.event.line} ", FAINT)
        text.append_text(event_text(firing.event, wide=False))
    yield text
    if depth < _DEEPEST:
        for child in firing.children:
            yield from _child(child, clock, depth + 1)


# --- The current state ---------------------------------------------------------------------------


def _current_state(session: Session, told: set[int | None]) -> Iterator[Text]:
    """The current state of the selection: open buckets, stored firings, a metric's value."""
    if session.selection.automation is None:
        return
    recording, applied = session.recording, session.position.applied
    trigger = session.index.trigger(session.selection)
    shown = 0
    for number in _newest_first(session):
        lane = recording.lanes[number]
        text = None
        if number not in told:
            text = _state(recording, number, lane, applied, session.clock)
        if text is None:
            continue
        if not shown:
            yield line("")
            yield heading("Now")
        if shown == _BUCKETS:
            yield line(("… and others", FAINT))
            return
        name = key_name(lane) if trigger is lane.trigger else lane_name(lane)
        yield line((f"{name}: ", FAINT), text)
        shown += 1


def _newest_first(session: Session) -> list[int]:
    """The selection's lanes with recent records, the latest first."""
    recording = session.recording
    if session.selection.key is not None:
        return session.index.lanes(session.selection)
    records = session.index.records(session.selection)
    place = bisect_left(records, session.position.applied)
    latest = range(place - 1, max(place - 2_000, -1), -1)
    lanes = dict.fromkeys(recording.lane_of(records[back]) for back in latest)
    return [lane for lane in lanes if lane is not None]


def _state(
    recording: Recording, number: int, lane: Lane, applied: int, clock: ClockFormat
) -> str | None:
    match lane.trigger:
        case EventTrigger():
            bucket = recording.bucket(number, applied)
            return None if bucket is None else bucket_text(bucket, lane.trigger, clock)
        case MetricTrigger():
            seq = recording.last_record(number, applied)
            if seq is None:
                return None
            return metric_value(lane.trigger, value_of(recording.transition(seq)))
        case CompositeTrigger():
            held = _held(recording, number, applied)
            if not held:
                return None
            children = ", ".join(
                f"{trigger_name(one.trigger)} of {instant(clock, one.at)}" for one in held
            )
            return f"holds {len(held)} of {lane.trigger.require}: {inert(children, _LONGEST)}"


def _held(recording: Recording, number: int, applied: int) -> list[Firing]:
    """The firings that a composite stores, rebuilt from its last firing on."""
    posting = recording.postings[number]
    place = bisect_left(posting, applied)
    last = max(place - _LOOKED_BACK, 0)
    fired = (n for n in range(place - 1, last, -1) if recording.kind_of(posting[n]) == "fired")
    stored: Stored = {}
    for seq in posting[next(fired, last) : place]:
        store(stored, recording.transition(seq))
    return sorted(stored.values(), key=lambda one: one.seq)


def selection_name(session: Session, selection: Selection) -> str:
    """The selection, in words."""
    if selection.automation is None:
        return "everything"
    parts = [quoted(session.index.automation(selection.automation).name)]
    trigger = session.index.trigger(selection)
    if trigger is not None and selection.path not in {None, "$"}:
        parts.append(trigger_name(trigger))
    if selection.key:
        lanes = [session.recording.lanes[one] for one in session.index.lanes(selection)]
        parts += [labels_text(lane.labels) for lane in lanes]
    return " · ".join(parts)
