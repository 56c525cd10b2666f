"""Plain English: counts, when a trigger fires, and which events it accepts."""

from collections.abc import Sequence

from trigger_cli.dialects import Dialect
from trigger_cli.model import (
    CompositeTrigger,
    EventTrigger,
    LabelPatterns,
    MetricTrigger,
    Patterns,
    Trigger,
)
from trigger_cli.render.common.inert import inert
from trigger_cli.times import duration_from_seconds, format_duration
from trigger_cli.vocabulary import FLOW_RUN, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, TASK_RUN

_NOT = "!"
_NAMED_ALTERNATIVES = 4
_LONGEST_PATTERN = 60
_LONGEST_NAME = 120
_LONGEST_SENTENCE = 600

_MEASURES = {
    "successes": "the fraction of successful runs",
    "duration": "the mean duration of runs",
    "lateness": "the mean lateness of runs",
}


VERDICTS = {
    "fired": "fired",
    "did-not-fire": "did not fire",
    "pending": "has not fired yet",
    "never-evaluated": "was never evaluated",
}
"""The words for an explanation's verdict."""


def joined(*parts: str) -> str:
    """Short facts on one line: ``12 firings · 3 buckets``."""
    return " · ".join(part for part in parts if part)


def counted(number: int, one: str) -> str:
    """``1 firing``, ``1,907 events``."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def often(number: int) -> str:
    """``once``, ``1,907 times``."""
    return "once" if number == 1 else f"{number:,} times"


def quoted(name: str) -> str:
    """A name from a user within a sentence: ``"nightly loads"``."""
    return f'"{inert(name, _LONGEST_NAME)}"'


def listed(texts: Sequence[str], most: int) -> str:
    """The first `most` of the texts, and how many more there are: ``a, b and 2 more``."""
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def as_heading(text: str) -> str:
    """Words as a sentence, with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def kind_of(trigger: Trigger) -> str:
    """The kind of a trigger: ``reactive event trigger``, ``sequence of 3``."""
    match trigger:
        case EventTrigger():
            return f"{trigger.posture.lower()} event trigger"
        case MetricTrigger():
            return f"metric trigger on {trigger.metric}"
        case CompositeTrigger():
            return f"{trigger.kind} trigger of {len(trigger.triggers)}"


def fires_on_every_event(trigger: Trigger) -> bool:
    """Whether each event that it matches fires it (E2, E3)."""
    return (
        isinstance(trigger, EventTrigger)
        and trigger.immediate
        and trigger.threshold <= 1
        and not trigger.after
    )


def sentence(trigger: Trigger, dialect: Dialect) -> str:
    """When the trigger fires: ``fires when 3 of x occur within 1 min, for each flow``."""
    match trigger:
        case EventTrigger():
            tell = _proactive if trigger.posture == "Proactive" else _reactive
            when = f"{tell(trigger, dialect)}{_for_each(trigger)}"
        case MetricTrigger():
            when = _metric(trigger)
        case CompositeTrigger():
            when = _composite(trigger)
    return inert(f"fires {when}", _LONGEST_SENTENCE)


def conditions(trigger: Trigger, dialect: Dialect) -> str:
    """The conditions on the resources of events; ``""`` if there are none."""
    if isinstance(trigger, CompositeTrigger):
        return ""
    parts = [_resource(trigger.match, dialect)]
    parts += [_related(one, dialect) for one in trigger.match_related]
    return inert("; ".join(part for part in parts if part), _LONGEST_SENTENCE)


def _with_exceptions(patterns: Patterns) -> str:
    """``a, b or c``; ``a-* except a-b``; ``anything except x``."""
    wanted = [one for one in patterns if not one.startswith(_NOT)]
    refused = [one.removeprefix(_NOT) for one in patterns if one.startswith(_NOT)]
    if not refused:
        return _either(wanted)
    return f"{_either(wanted) if wanted else 'anything'} except {_either(refused)}"


# --- Event triggers --------------------------------------------------------------------


def _reactive(trigger: EventTrigger, dialect: Dialect) -> str:
    expected = _names(trigger.expect, dialect, empty="any event")
    within = format_duration(trigger.within)
    many = trigger.threshold > 1
    what = f"{_several(trigger, dialect)} occur" if many else f"{expected} occurs"
    if trigger.after:
        start = _names(trigger.after, dialect, empty="")
        span = f"within {within} after" if trigger.within else "any time after"
        return f"when {what} {span} {start}"
    if many:
        return f"when {what} within {within}" if trigger.within else f"each time {what}"
    if trigger.within:
        return f"on {expected}, once in a window of {within}"
    return f"on {expected}" if expected.startswith("any") else f"on every {expected}"


def _proactive(trigger: EventTrigger, dialect: Dialect) -> str:
    within = format_duration(trigger.within)
    many = trigger.threshold > 1
    if trigger.after:
        expected = _names(trigger.expect, dialect, empty="event at all")
        fewer = f"fewer than {_several(trigger, dialect)} arrive"
        what = fewer if many else f"no {expected} arrives"
        return f"when {what} within {within} after {_names(trigger.after, dialect, empty='')}"
    expected = _names(trigger.expect, dialect, empty="any event")
    # A key is watched only after its first event.
    since = "once seen, " if trigger.for_each else ""
    without = f"with fewer than {_several(trigger, dialect)}" if many else f"without {expected}"
    return f"when, {since}a window of {within} passes {without}".replace("when, a", "when a")


def _several(trigger: EventTrigger, dialect: Dialect) -> str:
    expected = _names(trigger.expect, dialect, empty="")
    return f"{trigger.threshold} of {expected}" if expected else f"{trigger.threshold} events"


def _names(patterns: Patterns, dialect: Dialect, *, empty: str) -> str:
    if not patterns:
        return empty
    return _with_exceptions(patterns) if dialect.name_negation_excludes else _either(patterns)


def _for_each(trigger: EventTrigger) -> str:
    if not trigger.for_each or fires_on_every_event(trigger):
        # The key does not matter.
        return ""
    return f", for each {' and '.join(_kind_of_key(label, trigger) for label in trigger.for_each)}"


def _kind_of_key(label: str, trigger: EventTrigger) -> str:
    directive, _, rest = label.partition(":")
    if directive == "related" and rest:
        role, _, related_label = rest.partition(":")
        role = inert(role.replace("-", " "), 40)
        return role if related_label == RESOURCE_ID else f"{role} {_label(related_label)}"
    if label == RESOURCE_ID:
        return _kind_of_resource(trigger)
    return f"resource {_label(label)}"


def _kind_of_resource(trigger: EventTrigger) -> str:
    named = trigger.expect + trigger.after
    ids = dict(trigger.match).get(RESOURCE_ID, ())
    for prefix, kind in ((FLOW_RUN, "flow run"), (TASK_RUN, "task run")):
        if any(texts and all(one.startswith(prefix) for one in texts) for texts in (named, ids)):
            return kind
    return "resource"


# --- The other triggers ------------------------------------------------------------------


def _metric(trigger: MetricTrigger) -> str:
    bound = f"{trigger.threshold:g}"
    if trigger.metric != "successes":
        bound = seconds_text(trigger.threshold)
    what = f"{_MEASURES[trigger.metric]} over the last {format_duration(trigger.range)}"
    if trigger.firing_for:
        held = format_duration(trigger.firing_for)
        return f"when {what} stays {trigger.operator} {bound} for {held}"
    return f"as soon as {what} is {trigger.operator} {bound}"


def seconds_text(seconds: float) -> str:
    """A duration in seconds, as text; one too long for a calendar stays in seconds."""
    try:
        return format_duration(duration_from_seconds(seconds))
    except ValueError:
        return f"{seconds:g} s"


def _composite(trigger: CompositeTrigger) -> str:
    total = len(trigger.triggers)
    if trigger.require == 1:
        whose = "its child" if total == 1 else f"any of {total} children"
        return f"whenever {whose} fires"
    count = f"{trigger.require} of {total} children"
    if trigger.require == total:
        count = "both children" if total == 2 else f"all {total} children"
    order = " in this order" if trigger.kind == "sequence" else ""
    if trigger.within is None:
        return f"when {count} have fired{order}, however far apart"
    return f"when {count} have fired{order} within {format_duration(trigger.within)}"


# --- Resources -------------------------------------------------------------------------


def _resource(labels: LabelPatterns, dialect: Dialect) -> str:
    if not labels:
        return ""
    excludes = dialect.label_lists_exclude
    wanted = (f"its {_label(label)} is {_is(p, excludes=excludes)}" for label, p in labels)
    return " and ".join(wanted)


def _related(labels: LabelPatterns, dialect: Dialect) -> str:
    if not labels:
        return ""
    role = dict(labels).get(RESOURCE_ROLE, ())
    of_one_role = len(role) == 1 and not role[0].startswith(_NOT) and len(labels) > 1
    what = f"related {inert(role[0], 40)}" if of_one_role else "related resource"
    tested = [(label, p) for label, p in labels if not (of_one_role and label == RESOURCE_ROLE)]
    excludes = dialect.related_negation_is_absence
    if excludes and all(p and all(one.startswith(_NOT) for one in p) for _, p in tested):
        refused = [(label, tuple(one[1:] for one in p)) for label, p in tested]
        either = " or ".join(f"{_label(label)} {_either(p)}" for label, p in refused)
        return f"no {what} has the {either}"
    wanted = (f"the {_label(label)} {_is(p, excludes=excludes)}" for label, p in tested)
    return f"a {what} has {' and '.join(wanted)}"


def _is(patterns: Patterns, *, excludes: bool) -> str:
    if not patterns:
        return "one of nothing (never)"
    if excludes:
        return _with_exceptions(patterns)
    return _either([f"not {p[1:]}" if p.startswith(_NOT) else p for p in patterns])


def _label(label: str) -> str:
    short = {RESOURCE_ID: "id", RESOURCE_NAME: "name", RESOURCE_ROLE: "role"}
    return short.get(label) or inert(label, 40)


def _either(texts: Sequence[str]) -> str:
    shown = [inert(one, _LONGEST_PATTERN) or '""' for one in texts[:_NAMED_ALTERNATIVES]]
    if len(texts) > _NAMED_ALTERNATIVES:
        shown[-1:] = [f"{len(texts) - _NAMED_ALTERNATIVES + 1} others"]
    if len(shown) == 1:
        return shown[0]
    return f"{', '.join(shown[:-1])} or {shown[-1]}"
