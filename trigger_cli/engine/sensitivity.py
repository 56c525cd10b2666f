"""The rows of section D that a definition is sensitive to, found from the definition alone."""

import re

from trigger_cli.dialects import DIFFERENCES, Dialect
from trigger_cli.engine.held import RETENTION
from trigger_cli.match.patterns import GLOB_CHARACTERS, STAR, is_negated
from trigger_cli.match.plan import walk
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    EventTrigger,
    LabelPatterns,
    MetricTrigger,
    Trigger,
)

# A name that looks incomplete without its star: `.Failed`, `a..b`, `a.`.
_HOLE_IN_NAME = re.compile(r"^$|^[.:/_-]|[.:/_-]$|[.:/_-]{2}")


def sensitivities(automation: Automation, dialect: Dialect, other: Dialect) -> tuple[str, ...]:
    """The ids (``D1`` …) of the differences that can make the two dialects disagree about it.

    These are all if every event is processed when it occurs. If some are late, in another order
    than that of occurrence or because they waited (O4), `late_sensitivities` are possible too.
    """
    found = set(automation.server_refusals)
    for trigger in walk(automation.trigger):
        found.update(_of_trigger(trigger))
    return _rows(found, dialect, other)


def late_sensitivities(automation: Automation, dialect: Dialect, other: Dialect) -> tuple[str, ...]:
    """The differences that can make the two dialects disagree about it over a late event only."""
    found = {"D22"}
    for trigger in walk(automation.trigger):
        if not isinstance(trigger, EventTrigger):
            continue
        if trigger.posture == "Proactive":
            found.add("D15")
        elif trigger.within or trigger.threshold > 1:
            found.add("D9")  # the event may belong to a window that ended long ago (S2)
    return _rows(found - set(sensitivities(automation, dialect, other)), dialect, other)


def possible_reasons(automation: Automation, dialect: Dialect, other: Dialect) -> tuple[str, ...]:
    """The differences that are likely why two dialects disagree about it, when they do.

    Those over late events are told only if there is no other.
    """
    about = (automation, dialect, other)
    return sensitivities(*about) or late_sensitivities(*about)


def _rows(found: set[str], dialect: Dialect, other: Dialect) -> tuple[str, ...]:
    return tuple(one.id for one in DIFFERENCES if one.id in found and one.parts(dialect, other))


def _of_trigger(trigger: Trigger) -> set[str]:
    match trigger:
        case EventTrigger():
            return _of_matching(trigger) | _of_names(trigger) | _of_window(trigger)
        case MetricTrigger():
            return _of_matching(trigger) | {"D11"}
        case CompositeTrigger():
            return set()


def _of_matching(trigger: EventTrigger | MetricTrigger) -> set[str]:
    found = set()
    if any(len(p) > 1 and any(map(is_negated, p)) for _, p in trigger.match):
        found.add("D1")
    if any(map(is_negated, _patterns(trigger.match_related))):
        found.add("D2")
    if _has_glob((*_patterns((trigger.match,)), *_patterns(trigger.match_related))):
        found.add("D5")
    if _has_inner_star((*_patterns((trigger.match,)), *_patterns(trigger.match_related))):
        found.add("D18")
    return found


def _of_names(trigger: EventTrigger) -> set[str]:
    found = set()
    names = trigger.expect + trigger.after
    if any(map(is_negated, names)):
        found.add("D3")
    # `prefect.flow-run.*` has a star as well, but no event is called `prefect.flow-run.`.
    if any(STAR in p and not _HOLE_IN_NAME.search(p.replace(STAR, "")) for p in names):
        found.add("D4")
    if _has_glob(names):
        found.add("D5")
    if _has_inner_star(names):
        found.add("D18")
    if any(map(is_negated, names)) and len(names) > 1:
        found.add("D23")
    return found


def _of_window(trigger: EventTrigger) -> set[str]:
    if trigger.posture == "Proactive":
        found = {"D6"}
        if trigger.after:
            found |= {"D13", "D14", "D15", "D19"}
            if not trigger.for_each:
                found.add("D7")
            if trigger.within > RETENTION:
                found.add("D16")
        return found
    if trigger.within == 0:
        return {"D9"} if trigger.after or trigger.threshold > 1 else set()
    found = {"D8"} if trigger.after else set()
    if trigger.threshold <= 0:
        found.add("D9")  # a window that ended fires at the next event, if it is there still
    return found


def _patterns(objects: tuple[LabelPatterns, ...]) -> tuple[str, ...]:
    return tuple(p for labels in objects for _, patterns in labels for p in patterns)


def _has_inner_star(patterns: tuple[str, ...]) -> bool:
    return any(STAR in p[:-1] for p in patterns)


def _has_glob(patterns: tuple[str, ...]) -> bool:
    return any(GLOB_CHARACTERS.intersection(p) for p in patterns)
