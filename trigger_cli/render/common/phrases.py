"""Transitions in plain words: a phrase for every kind and rule in the engine's records."""

from collections.abc import Sequence

from trigger_cli.model import (
    Bucket,
    Closed,
    CompositeTrigger,
    Counted,
    DeliveryTransition,
    EventTrigger,
    FiredTransition,
    Firing,
    HeldTransition,
    Ignored,
    MetricTrigger,
    Opened,
    Renewed,
    Transition,
    TriggerTransition,
    value_of,
)
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.render.common.words import seconds_text
from trigger_cli.times import format_duration

_JOINED = {("opened", "counted"), ("counted", "fired"), ("counted", "renewed")}


def phrase(transitions: Sequence[Transition], clock: ClockFormat, held: set[str] | None) -> str:
    """Describe what happened at one instant to one bucket, composite or metric.

    Args:
        transitions: All transitions of one trigger and, if any, one event; in order.
        clock: The format of instants.
        held: The children whose firings a composite currently stores; it is updated. ``None`` if
            unknown, because earlier transitions are missing.
    """
    told = [one for one in transitions if not isinstance(one, DeliveryTransition)]
    match told[0].trigger if told else None:
        case EventTrigger() as trigger:
            parts = _bucket_parts(trigger, told, clock)
        case MetricTrigger() as trigger:
            parts = _metric_parts(trigger, told)
        case CompositeTrigger() as trigger:
            parts = _composite_parts(trigger, told, clock, held)
        case None:
            parts = [one.kind for one in transitions]
    return "; ".join(part for part in parts if part)


# --- Event triggers --------------------------------------------------------------------


def _bucket_parts(
    trigger: EventTrigger, transitions: Sequence[TriggerTransition], clock: ClockFormat
) -> list[str]:
    parts: list[str] = []
    previous: TriggerTransition | None = None
    for place, one in enumerate(transitions):
        part = _bucket_part(trigger, one, previous, clock)
        later = transitions[place + 1 :]
        opened = one.kind == "opened" and trigger.posture == "Reactive"
        if opened and any(following.kind == "fired" for following in later):
            # The window closes with the firing, so its end does not matter.
            part = ""
        # If one event opened, counted and fired, that is one step, not three.
        joins = previous is not None and (previous.kind, one.kind) in _JOINED
        if joins and part and parts:
            parts[-1] = f"{parts[-1]}, {part}" if parts[-1] else part
        else:
            parts.append(part)
        previous = one
    return parts


def _bucket_part(
    trigger: EventTrigger,
    one: TriggerTransition,
    previous: TriggerTransition | None,
    clock: ClockFormat,
) -> str:
    match one.kind:
        case "opened":
            return _opened(trigger, one, previous, clock)
        case "counted":
            return _counted(trigger, one, previous, clock)
        case "ignored":
            return _ignored(one, clock)
        case "fired":
            if trigger.posture == "Reactive":
                return "fired"
            return f"fired: {_so_far(trigger, one.before)} by the deadline"
        case "closed":
            return _closed(trigger, one)
        case "renewed":
            return f"renewed, window until {clock.at(one.after.end)}{_held_before(trigger, one)}"
        case "dropped" if one.rule == "P5":
            return f"satisfied ({_so_far(trigger, one.before)}): no firing, no next window"
        case "dropped":
            ended = clock.at(one.before.end)
            return f"forgotten at {_so_far(trigger, one.before)}: its window ended {ended}"
        case _:
            return one.kind


def _opened(
    trigger: EventTrigger, one: Opened, previous: TriggerTransition | None, clock: ClockFormat
) -> str:
    after = one.after
    end = clock.at(after.end)
    if one.rule == "P6":
        when = "at start-up" if one.at == clock.start else "again"
        return f"armed {when} without its after event, window until {end}"
    if trigger.posture == "Proactive":
        next_ = "next " if previous is not None and one.rule in {"E6", "E7"} else ""
        count = f", {_so_far(trigger, after)}" if one.rule == "E7" else _held_before(trigger, one)
        return f"{next_}window until {end}{count}"
    if trigger.within == 0:
        return "opened" if trigger.after or trigger.threshold > 1 else ""
    if after.start > one.at:
        return f"cooling down until {clock.at(after.start)}"
    return f"opened until {end}"


def _counted(
    trigger: EventTrigger, one: Counted, previous: TriggerTransition | None, clock: ClockFormat
) -> str:
    before, after = one.before, one.after
    if after.count <= 0:
        # The event that starts a watch is not counted in it (B5).
        return ""
    # A window after a cool-down has not been shown yet.
    untold = before.count == 0 and previous is None and not trigger.after
    reactive = trigger.posture == "Reactive" and trigger.within > 0
    until = f" until {clock.at(after.end)}" if untold and reactive else ""
    return f"counted {_so_far(trigger, after)}{_lateness(one)}{until}"


def _held_before(trigger: EventTrigger, one: Opened | Renewed) -> str:
    """How many events it opened with (H4)."""
    return f", {_so_far(trigger, one.after)} from held events" if one.rule == "H4" else ""


def _lateness(one: Counted | Ignored) -> str:
    late = one.at - one.event.occurred
    return f", {format_duration(late)} late" if late > 0 else ""


def _ignored(one: Ignored, clock: ClockFormat) -> str:
    before = one.before
    if one.rule == "H3":
        return "ignored: a copy of it is held"
    if one.rule == "H2":
        return "held: awaits an after event"
    if one.rule == "B7" or before is None:
        return "ignored: awaits an after event"
    if one.rule == "B5":
        if before.end <= before.start:
            return "ignored: already open"
        return f"ignored: a window is open until {clock.at(before.end)}"
    if one.rule == "S2":
        return f"lost to the window that ended {clock.at(before.end)}: the server still has it"
    if one.at < before.start:
        return f"ignored: cooling down until {clock.at(before.start)}"
    return f"ignored{_lateness(one)}: occurred before the window's start"


def _closed(trigger: EventTrigger, one: Closed) -> str:
    if trigger.posture == "Proactive":
        return f"satisfied ({_so_far(trigger, one.before)}): no firing"
    if trigger.within == 0:
        return f"over at once, at {_so_far(trigger, one.before)}"
    if one.before.count <= 0:
        return "window over, empty"
    return f"window over, unsatisfied at {_so_far(trigger, one.before)}"


def _so_far(trigger: EventTrigger, bucket: Bucket | None) -> str:
    count = 0 if bucket is None else max(bucket.count, 0)
    return f"{count}/{trigger.threshold}"


# --- The other triggers ------------------------------------------------------------------


def _metric_parts(trigger: MetricTrigger, transitions: Sequence[TriggerTransition]) -> list[str]:
    # A step that fired or resolved contains the value and the bound.
    decisive = [one for one in transitions if one.kind in {"fired", "resolved"}]
    return [_metric_part(trigger, one) for one in decisive or transitions]


def _metric_part(trigger: MetricTrigger, one: TriggerTransition) -> str:
    value = metric_value(trigger, value_of(one))
    bound = f"{trigger.operator} {metric_value(trigger, trigger.threshold)}"
    held = f" for {format_duration(trigger.firing_for)}" if trigger.firing_for else ""
    match one.kind:
        case "measured":
            return f"now {value}"
        case "breached":
            return f"breached: {bound}"
        case "recovered":
            return f"no longer {bound}"
        case "fired":
            return f"fired: {value} {bound}{held}"
        case "resolved":
            return f"resolved: {value}, not {bound}{held}"
        case _:
            return one.kind


def metric_value(trigger: MetricTrigger, value: float | None) -> str:
    """A metric's value, or its threshold: a fraction, or a duration."""
    if value is None:
        return "undefined"
    return f"{value:.4g}" if trigger.metric == "successes" else seconds_text(round(value, 3))


def _composite_parts(
    trigger: CompositeTrigger,
    transitions: Sequence[TriggerTransition],
    clock: ClockFormat,
    held: set[str] | None,
) -> list[str]:
    parts: list[str] = []
    fired = any(one.kind == "fired" for one in transitions)
    superseded: Firing | None = None
    for one in transitions:
        if not isinstance(one, HeldTransition | FiredTransition):
            continue
        child = one.firing.trigger.path
        if held is not None:
            (held.add if one.kind == "stored" else held.discard)(child)
        match one.kind:
            case "stored":
                again = f" (replaces {clock.at(superseded.at)})" if superseded else ""
                now = _held(trigger, held, fired=fired)
                parts.append(f"holds {_child(trigger, child)}{now}{again}")
            case "superseded":
                superseded = one.firing
            case "expired":
                parts.append(f"{_child(trigger, child)} of {clock.at(one.firing.at)} expired")
            case "fired" if parts:
                parts[-1] += ", fired"
            case "fired" if one.rule == "C2":
                parts.append(f"fired with {_child(trigger, one.firing.children[0].trigger.path)}")
            case "fired":
                parts.append("fired")
            # `cleared` needs no phrase: after a firing everything starts again.
    return parts


def _child(trigger: CompositeTrigger, path: str) -> str:
    return f"child {path.removeprefix(trigger.path + '.triggers')}"


def _held(trigger: CompositeTrigger, held: set[str] | None, *, fired: bool) -> str:
    if held is None:
        return ""
    whole = len(held) == len(trigger.triggers)
    wrong_order = trigger.kind == "sequence" and whole and not fired
    return f": {len(held)}/{trigger.require}{', out of order' if wrong_order else ''}"
