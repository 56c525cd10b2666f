"""Why a proactive trigger fired: what was missing in the window, or came but did not count."""

from msgspec.structs import replace

from trigger_cli.explain.alternatives import only_in_this_order
from trigger_cli.explain.case import Case
from trigger_cli.explain.changes import SHORTEST_PROACTIVE
from trigger_cli.explain.other_events import came_before, ended_before, misspelt, went_otherwise
from trigger_cli.explain.proactive import opening_of
from trigger_cli.explain.records import Diagnosis, because
from trigger_cli.explain.sentence import (
    At,
    Key,
    Name,
    event_named,
    listed,
    of_key,
    say,
    wanted_and_found,
)
from trigger_cli.explain.undelivered import too_late, undelivered, waited_past
from trigger_cli.match.filters import compile_key
from trigger_cli.match.patterns import compile_resources
from trigger_cli.match.why_not import why_not
from trigger_cli.model import Event, FiredTransition, key_labels
from trigger_cli.times import format_duration
from trigger_cli.views.windows import WindowStory
from trigger_cli.vocabulary import RESOURCE_ID


def why_watch_fired(case: Case, fired: FiredTransition) -> Diagnosis:
    """The cause of one firing of a proactive trigger: which event should have come and did not."""
    story = opening_of(case, fired)
    if story is None:
        return _nothing_came(case, fired)
    if story.opening is not None and story.opening.rule == "P6":
        return because(
            "armed-at-start",
            "On the server this window opened by itself at {}, without any after event, and nothing "
            "satisfied it (D7).",
            At(story.opening.at),
        )
    opener = story.opener
    if opener is None:
        found = _answer_not_taken(case, fired, story)
    else:
        found = (
            _missing_watch_key(case, fired, opener)
            or _answer_before(case, fired, story, opener)
            or _answer_not_taken(case, fired, story)
            or _answer_not_matched(case, story, opener)
            or ended_before(case, story, opener)
            or misspelt(case, story, opener)
            or went_otherwise(case, story, opener)
            or _answer_late(case, story)
            or came_before(case, story, opener)
        )
    return found or _nothing_came(case, fired, story)


def _nothing_came(
    case: Case, fired: FiredTransition, story: WindowStory | None = None
) -> Diagnosis:
    trigger = case.event_trigger
    opener = None if story is None else story.opener
    later = None if story is None or not story.key else _answer_after(case, story)
    assert fired.before is not None
    bucket = fired.before
    count = max(bucket.count, 0)
    is_none = count == 0 and trigger.threshold == 1
    of_any_name = "event at all" if is_none else "events"
    is_default = trigger.within == SHORTEST_PROACTIVE
    fired_often = sum(one.key == fired.key for one in case.firings) > 1
    return because(
        "nothing-came",
        "In the {}{} from {} to {} {} {} {}{}{}{}{}.",
        format_duration(trigger.within),
        " (the default for within)" if is_default else "",
        At(bucket.end - trigger.within),
        At(bucket.end),
        "no" if is_none else f"{count} of {trigger.threshold}",
        listed(trigger.expect) if trigger.expect else of_any_name,
        # One of several may have come before the window was opened (B7).
        "came" if trigger.threshold == 1 else "were counted",
        of_key(" for ", key_labels(trigger, fired.key)),
        () if opener is None or not trigger.after else say(", after {}", event_named(opener)),
        ()
        if later is None
        else say(
            "; {} came {} later", event_named(later), format_duration(later.occurred - bucket.end)
        ),
        f"; it fires again every {format_duration(trigger.within)} for as long as that lasts"
        if fired_often and not trigger.after
        else "",
    )


def _missing_watch_key(case: Case, fired: FiredTransition, opener: Event) -> Diagnosis | None:
    if "" not in fired.key or not case.event_trigger.for_each:
        return None
    sharing = {one.event.resource.get(RESOURCE_ID) for one in case.passing_of(fired.key)}
    if len(sharing) < 2:
        return None
    return because(
        "key-missing",
        "{} lacks {}, so for_each counts it together with all others that lack it.",
        event_named(opener),
        Name(case.event_trigger.for_each[fired.key.index("")]),
    )


def _answer_before(
    case: Case, fired: FiredTransition, story: WindowStory, opener: Event
) -> Diagnosis | None:
    """Check whether enough of what occurred in the window was processed before it opened (B7)."""
    assert story.opening is not None
    opened = story.opening.seq
    answers = [
        one.event
        for one in case.passing_of(story.key)
        if one.roles.expected
        and opener.occurred <= one.event.occurred < story.bucket.end
        and any(
            record.rule == "B7" and record.seq < opened for record in case.records_of(one.event)
        )
    ]
    lacking = case.event_trigger.threshold - max(story.bucket.count, 0)
    if len(answers) < lacking:
        return None
    answer = min(answers, key=lambda one: one.occurred)
    if (waiting := waited_past(case, opener, answer)) is not None:
        return waiting
    if not only_in_this_order(case, fired.firing):
        return None
    by_received = case.evidence.options.order != "occurred"
    here, there = (
        (opener.received, answer.received) if by_received else (opener.occurred, answer.occurred)
    )
    gap = abs((here or 0) - (there or 0))
    return because(
        "answer-before-after",
        "In this order the expected event {} came {} {}, which it should have answered: "
        "emit it with `follows`.",
        event_named(answer),
        f"{format_duration(gap)} before" if gap else "at the same instant as, but before,",
        event_named(opener),
    )


def _answer_not_taken(case: Case, fired: FiredTransition, story: WindowStory) -> Diagnosis | None:
    """Check whether enough events would have answered if delivery had not stopped them (O)."""
    trigger, bucket = case.event_trigger, story.bucket
    passes = compile_resources(trigger, case.dialect)
    key_of = compile_key(trigger.for_each)
    counted = {one.event.line for one in story.counted}
    found: list[tuple[Event, Diagnosis]] = []
    for event in case.expected_in(bucket.start, bucket.end):
        if event.line in counted or key_of(event.resource, event.related) != story.key:
            continue
        if passes is not None and not passes(event.resource, event.related):
            continue
        why = undelivered(case.evidence, event) or too_late(case, event, fired)
        if why is not None:
            found.append((event, why))
    lacking = trigger.threshold - max(bucket.count, 0)
    if len(found) < lacking:
        return None
    event, why = found[lacking - 1]
    return because(why.cause, "{} came in time, but {}.", event_named(event), why.said)


def _answer_not_matched(case: Case, story: WindowStory, opener: Event) -> Diagnosis | None:
    """Check whether an event of the same resource would have answered but for the filters.

    An event that is related to the resource, or of a part of it, belongs to another bucket.
    """
    trigger = case.event_trigger
    key_of = compile_key(trigger.for_each)
    identity = opener.resource.get(RESOURCE_ID)
    for event in case.expected_in(opener.occurred, story.bucket.end):
        if not _is_of(event, identity or "") or undelivered(case.evidence, event) is not None:
            continue
        if event.line == opener.line:
            continue
        checks = why_not(trigger, event, case.dialect)
        failed = next((check for check in checks if not check.passed), None)
        if failed is not None and event.resource.get(RESOURCE_ID) != identity:
            continue
        if failed is not None:
            words = "{} came in time and did not count: {}."
            found = wanted_and_found(failed)
            not_matched = because("answer-not-matched", words, event_named(event), found)
            return replace(not_matched, event=event)
        key = key_of(event.resource, event.related)
        if key != story.key:
            return because(
                "answer-not-matched",
                "{} came in time and belongs to another bucket: its key is {}, the window's is {}.",
                event_named(event),
                Key(key_labels(trigger, key)),
                Key(key_labels(trigger, story.key)),
            )
    return None


def _is_of(event: Event, identity: str) -> bool:
    """Whether an event is of a resource, of a part of it (``ID.part``), or related to it."""
    own = event.resource.get(RESOURCE_ID, "")
    related = (one.get(RESOURCE_ID) for one in event.related)
    return own == identity or own.startswith(f"{identity}.") or identity in related


def _answer_after(case: Case, story: WindowStory) -> Event | None:
    """The event that would have satisfied a window that ended before it came."""
    trigger = case.event_trigger
    end = story.bucket.end
    lacking = trigger.threshold - max(story.bucket.count, 0)
    late = sorted(
        (
            one.event
            for one in case.passing_of(story.key)
            if one.roles.expected and end <= one.event.occurred
        ),
        key=lambda event: event.occurred,
    )
    return None if len(late) < lacking else late[lacking - 1]


def _answer_late(case: Case, story: WindowStory) -> Diagnosis | None:
    answer, end = _answer_after(case, story), story.bucket.end
    if answer is None or answer.occurred - end > case.event_trigger.within:
        return None
    by = format_duration(answer.occurred - end)
    when = f"{by} after the deadline at" if answer.occurred > end else "exactly at the deadline,"
    return because("answer-late", "{} came {} {}.", event_named(answer), when, At(end))
