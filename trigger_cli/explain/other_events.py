"""The other events of a watched resource, whether or not the trigger wants them."""

from collections.abc import Iterable

from msgspec.structs import replace

from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Diagnosis, because
from trigger_cli.explain.sentence import At, Name, Sentence, came_ahead, event_named
from trigger_cli.explain.undelivered import undelivered
from trigger_cli.model import Event
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
    """Check whether the run had ended before its watch opened, so that nothing could answer."""
    if state_of(opener.name) is not None:
        return None
    own = events_of_resource(case, opener)
    last = last_state(one for one in own if one.occurred <= opener.occurred)
    if last is None or state_of(last.name) not in TERMINAL_STATES:
        return None
    return because(
        "already-ended",
        "The run had already ended: {} came {} {}, which opened this window until {}.",
        event_named(last),
        came_ahead(last, opener),
        event_named(opener),
        At(story.bucket.end),
    )


def came_before(case: Case, story: WindowStory, opener: Event) -> Diagnosis | None:
    """Check whether the answer was processed before the watch opened, and found no window (B7)."""
    assert story.opening is not None
    start, within = opener.occurred, case.event_trigger.within
    unused = [
        one.event
        for one in case.records
        if one.key == story.key
        and one.event is not None
        and one.seq < story.opening.seq
        # What was held and lies in the window was counted (H4).
        and (one.rule == "B7" or (one.rule == "H2" and one.event.occurred < start))
        # A run may have had the state in an earlier attempt.
        and (state_of(one.event.name) is None or one.event.occurred >= start)
        and start - within <= one.event.occurred < start + within
    ]
    threshold, count = case.event_trigger.threshold, max(story.bucket.count, 0)
    if len(unused) < threshold - count:
        return None
    answer = max(unused, key=lambda one: one.occurred)
    counted = f"only {count} of {threshold}" if count else "nothing"
    return because(
        "answer-before-watch",
        f"{{}} had come {{}} {{}}, which opened the window; {counted} was counted in it.",
        event_named(answer),
        came_ahead(answer, opener),
        event_named(opener),
    )


def misspelt(case: Case, story: WindowStory, opener: Event) -> Diagnosis | None:
    """Check whether an event came whose name is nearly an expected one."""
    trigger = case.event_trigger
    # A known state of Prefect is never a misspelling of another.
    wrong = {one for one in trigger.expect if state_of(one) not in ALL_STATES}
    for event in _meanwhile(case, opener, story.bucket.end):
        roles = case.roles_of(event.name)
        if roles is not None and roles.expected:
            continue
        near = near_names(trigger.expect, {event.name: 1})
        if near and (near[0].pattern in wrong or near[0].likeness == SAME_BUT_FOR_CASE):
            code = "name-case" if near[0].likeness == SAME_BUT_FOR_CASE else "name-nearly"
            words = "{} came in time, but expect lists {}."
            found = because(code, words, event_named(event), Name(near[0].pattern))
            return replace(found, event=event)
    return None


def went_otherwise(case: Case, story: WindowStory, opener: Event) -> Diagnosis | None:
    """Check whether the run ended or continued in a state that is not expected."""
    last = last_state(_meanwhile(case, opener, story.bucket.end))
    if last is None or undelivered(case.evidence, last) is not None:
        return None
    roles = case.roles_of(last.name)
    # A state in which the run is watched as well is no end of the wait.
    if roles is not None and (roles.expected or (roles.starts and is_live_state(last.name))):
        return None
    at = (event_named(last), At(last.occurred))
    if state_of(last.name) in TERMINAL_STATES:
        words = "The run had ended: {} came at {}, and expect does not list it."
        return replace(because("ended-otherwise", words, *at), event=last)
    words = "The run went on to {} at {}, which expect does not list."
    return replace(because("went-on-otherwise", words, *at), event=last)


def resource_of(event: Event) -> Sentence:
    """The event's resource: its name, else its id."""
    return (Name(event.resource.get(RESOURCE_NAME) or event.resource.get(RESOURCE_ID, "")),)


# --- The resource's events ---------------------------------------------------------------------


def events_of_resource(case: Case, event: Event) -> list[Event]:
    """The stored events of the event's resource, in the order of delivery."""
    return case.evidence.kept.of_resource(event.resource.get(RESOURCE_ID, ""))


def _meanwhile(case: Case, opener: Event, end: int) -> list[Event]:
    """The events of the opener's resource after it, up to `end`, µs."""
    own = events_of_resource(case, opener)
    began = opener.occurred, opener.line
    return [one for one in own if began < (one.occurred, one.line) and one.occurred < end]


def last_state(events: Iterable[Event]) -> Event | None:
    """The last event by `occurred` that reports a state of a run; on a tie, the last delivered."""
    return next(reversed(states_of(events)), None)


def states_of(events: Iterable[Event]) -> list[Event]:
    """The events that report a state of a run, by `occurred`; on a tie, as delivered."""
    states = (one for one in events if state_of(one.name) is not None)
    return sorted(states, key=lambda one: one.occurred)
