"""What the resource of a watch did meanwhile: its events, whether or not the trigger wants them."""

from __future__ import annotations

from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Diagnosis, because
from trigger_cli.explain.sentence import At, Name, Sentence, event_named
from trigger_cli.explain.undelivered import undelivered
from trigger_cli.match.patterns import compile_names
from trigger_cli.model import Event, FiredTransition, NameRoles
from trigger_cli.times import format_duration
from trigger_cli.views.windows import WindowStory
from trigger_cli.vocabulary import (
    ALL_STATES,
    RESOURCE_ID,
    RESOURCE_NAME,
    SAME_BUT_FOR_CASE,
    TERMINAL_STATES,
    is_live_state,
    near_names,
    state_of,
)


def ended_before(case: Case, story: WindowStory, opener: Event) -> Diagnosis | None:
    """Whether the run was over when its watch was opened, so that nothing could answer."""
    if state_of(opener.name) is not None:
        return None
    last = _last_state(case, opener, before=opener.occurred + 1)
    if last is None or state_of(last.name) not in TERMINAL_STATES:
        return None
    gap = opener.occurred - last.occurred
    return because(
        "already-ended",
        "The run had already ended: {} came {} {}, which opened this watch until {}; nothing can "
        "answer it.",
        event_named(last),
        f"{format_duration(gap)} before" if gap else "at the time of",
        event_named(opener),
        At(story.bucket.end),
    )


def came_before(case: Case, story: WindowStory, opener: Event) -> Diagnosis | None:
    """Whether the answer had come before the watch opened, and found none open (B7)."""
    assert story.opening is not None
    unused = [
        one.event
        for one in case.records
        if one.rule in {"B7", "H2"}
        and one.key == story.key
        and one.event is not None
        and state_of(one.event.name) is None  # a run may have had it in an earlier round
        and one.seq < story.opening.seq
        and 0 <= opener.occurred - one.event.occurred <= case.event_trigger.within
    ]
    if not unused:
        return None
    answer = max(unused, key=lambda one: one.occurred)
    gap = opener.occurred - answer.occurred
    return because(
        "answer-before-watch",
        "{} had come {} {}, which opened the watch; nothing came after that.",
        event_named(answer),
        f"{format_duration(gap)} before" if gap else "at the time of",
        event_named(opener),
    )


def misspelt(case: Case, story: WindowStory, opener: Event) -> Diagnosis | None:
    """Whether an event came whose name is nearly one that is expected."""
    trigger = case.event_trigger
    # Of two states of Prefect's neither is a misspelling of the other.
    wrong = {one for one in trigger.expect if state_of(one) not in ALL_STATES}
    for event in _meanwhile(case, opener, story.bucket.end):
        if _roles(case, event) is not None:
            continue
        near = near_names(trigger.expect, {event.name: 1})
        if near and (near[0].pattern in wrong or near[0].likeness == SAME_BUT_FOR_CASE):
            code = "name-case" if near[0].likeness == SAME_BUT_FOR_CASE else "name-nearly"
            words = "{} came in time, but expect lists {}."
            found = because(code, words, event_named(event), Name(near[0].pattern))
            return found._replace(event=event)
    return None


def went_otherwise(case: Case, story: WindowStory, opener: Event) -> Diagnosis | None:
    """Whether the run ended or went on in a state that is not expected."""
    last = _last_state(case, opener, before=story.bucket.end, after=opener)
    if last is None or _expected(_roles(case, last)) or undelivered(case, last) is not None:
        return None
    at = (event_named(last), At(last.occurred))
    if state_of(last.name) in TERMINAL_STATES:
        words = "The run had ended: {} came at {}, and expect does not list it."
        return because("ended-otherwise", words, *at)._replace(event=last)
    words = "The run went on to {} at {}, which expect does not list."
    return because("went-on-otherwise", words, *at)._replace(event=last)


def left_alive(case: Case) -> Diagnosis | None:
    """Whether the last watch of a run was answered by a state in which it was still alive.

    That ends the watch, and only the next ``after`` event opens another.
    """
    trigger, end = case.event_trigger, case.evidence.report.end
    if not trigger.after or end is None:
        return None
    last_of_key = {story.key: story for story in case.windows}
    found: list[tuple[int, Event]] = []
    for story in last_of_key.values():
        by = next(
            (one.event for one in story.counted if one.after.count >= trigger.threshold), None
        )
        if (
            by is None
            or isinstance(story.ending, FiredTransition)
            or end - by.occurred < trigger.within
        ):
            continue
        roles = _roles(case, by)
        if not is_live_state(by.name) or roles is None or roles.starts:
            continue
        if _last_state(case, by, before=end + 1) == by:
            found.append((by.occurred, by))
    if not found:
        return None
    _, by = max(found, key=lambda one: one[0])
    return because(
        "ended-by-live-state",
        "The last watch of {} ended with {} at {}: the run was still alive in that state, and no "
        "after event opened another watch.",
        resource_of(by),
        event_named(by),
        At(by.occurred),
    )


def resource_of(event: Event) -> Sentence:
    """What an event is about: its resource's name, else its id."""
    return (Name(event.resource.get(RESOURCE_NAME) or event.resource.get(RESOURCE_ID, "")),)


# --- The resource's events ---------------------------------------------------------------------


def _meanwhile(case: Case, opener: Event, end: int) -> list[Event]:
    """The events of the opener's resource after it, up to `end`, µs."""
    own = case.evidence.of_resource(opener.resource.get(RESOURCE_ID, ""))
    return [one for one in own if opener.occurred <= one.occurred < end and one.line != opener.line]


def _last_state(
    case: Case, about: Event, *, before: int, after: Event | None = None
) -> Event | None:
    """The last event that reports a state of the resource, within limits, µs."""
    found = None
    for one in case.evidence.of_resource(about.resource.get(RESOURCE_ID, "")):
        if one.occurred >= before or state_of(one.name) is None:
            continue
        if after is not None and (one.occurred < after.occurred or one.line == after.line):
            continue
        if found is None or one.occurred >= found.occurred:
            found = one
    return found


def _roles(case: Case, event: Event) -> NameRoles | None:
    return compile_names(case.event_trigger, case.dialect)(event.name)


def _expected(roles: NameRoles | None) -> bool:
    return roles is not None and roles.expected
