"""Why a proactive trigger fired: what was missing in the window, or came and did not count."""

from __future__ import annotations

from collections.abc import Iterator

from trigger_cli.explain.alternatives import swapped_away
from trigger_cli.explain.case import Case
from trigger_cli.explain.proactive import opening_of
from trigger_cli.explain.records import Diagnosis
from trigger_cli.explain.sentence import At, Key, Name, Sentence, event_named, listed
from trigger_cli.explain.undelivered import Undelivered, too_late, undelivered
from trigger_cli.match.filters import compile_key
from trigger_cli.match.patterns import compile_names, compile_resources
from trigger_cli.match.why_not import why_not
from trigger_cli.model import Event, FiredTransition, Firing, key_labels
from trigger_cli.times import format_duration
from trigger_cli.views.windows import WindowStory
from trigger_cli.vocabulary import RESOURCE_ID


def why_watch_fired(case: Case, fired: FiredTransition, firing: Firing) -> Diagnosis:
    """The cause of one firing of a proactive trigger: what should have come, and did not."""
    story = opening_of(case, fired)
    if story is None:
        return _nothing_came(case, fired, None)
    if story.opening is not None and story.opening.rule == "P6":
        said: Sentence = (
            "On the server this watch armed itself at ",
            At(story.opening.at),
            ", without any after event, and nothing satisfied it (D7).",
        )
        return Diagnosis("armed-at-start", said)
    opener = story.opener
    found = None
    if opener is not None:
        found = _missing_watch_key(case, fired, story) or _answer_before(
            case, firing, story, opener
        )
    found = found or _answer_not_taken(case, fired, story)
    if opener is not None:
        found = found or _answer_not_matched(case, story, opener) or _answer_late(case, story)
    return found or _nothing_came(case, fired, story)


def _nothing_came(case: Case, fired: FiredTransition, story: WindowStory | None) -> Diagnosis:
    trigger = case.event_trigger
    assert fired.before is not None
    bucket = fired.before
    labels = key_labels(trigger, fired.key)
    count = max(bucket.count, 0)
    what = "no" if count == 0 and trigger.threshold == 1 else f"{count} of {trigger.threshold}"
    since: Sentence = ("from ", At(bucket.end - trigger.within), " to ", At(bucket.end))
    of_key: Sentence = (" for ", Key(labels)) if labels else ()
    opener = None if story is None else story.opener
    after: Sentence = (
        (", after ", *event_named(opener)) if opener is not None and trigger.after else ()
    )
    said: Sentence = (
        *("In the ", format_duration(trigger.within), " "),
        *since,
        f" {what} ",
        *(listed(trigger.expect) if trigger.expect else ("event at all",)),
        " came",
        *of_key,
        *after,
        ".",
    )
    return Diagnosis("nothing-came", said)


def _missing_watch_key(case: Case, fired: FiredTransition, story: WindowStory) -> Diagnosis | None:
    if "" not in fired.key or not case.event_trigger.for_each:
        return None
    sharing = {
        one.event.resource.get(RESOURCE_ID) for one in case.tally.passing if one.key == fired.key
    }
    if len(sharing) < 2:
        return None
    label = case.event_trigger.for_each[fired.key.index("")]
    opener = story.opener
    assert opener is not None
    said: Sentence = (
        *event_named(opener),
        " lacks ",
        Name(label),
        ", so for_each watches it together with all others that lack it.",
    )
    return Diagnosis("key-missing", said)


def _answer_before(
    case: Case, firing: Firing, story: WindowStory, opener: Event
) -> Diagnosis | None:
    """Whether in the other order of delivery the answer came in time."""
    passing = [one for one in case.tally.passing if one.key == story.key and one.roles.expected]
    assert story.opening is not None
    ignored = {
        one.event.line
        for one in case.records
        if one.rule == "B7" and one.event is not None and one.seq < story.opening.seq
    }
    answers = [one.event for one in passing if one.event.line in ignored]
    if not answers or not swapped_away(case, firing):
        return None
    answer = min(answers, key=lambda one: abs(one.occurred - opener.occurred))
    by_received = case.evidence.options.order != "occurred"
    here, there = (
        (opener.received, answer.received) if by_received else (opener.occurred, answer.occurred)
    )
    gap = abs((here or 0) - (there or 0))
    said: Sentence = (
        "In this order the expected event ",
        *event_named(answer),
        f" came {format_duration(gap)} before ",
        *event_named(opener),
        ", which it should have answered: emit it with `follows`.",
    )
    return Diagnosis("answer-before-after", said)


def _answer_not_taken(case: Case, fired: FiredTransition, story: WindowStory) -> Diagnosis | None:
    """Whether enough events would have answered, had they reached the trigger, and in time (O)."""
    trigger, bucket = case.event_trigger, story.bucket
    passes = compile_resources(trigger, case.dialect)
    key_of = compile_key(trigger.for_each)
    counted = {one.event.line for one in story.counted}
    found: list[tuple[Event, Undelivered]] = []
    for event in _expected_in(case, bucket.start, bucket.end):
        if event.line in counted or key_of(event.resource, event.related) != story.key:
            continue
        if passes is not None and not passes(event.resource, event.related):
            continue
        why = undelivered(case, event) or too_late(case, event, fired)
        if why is not None:
            found.append((event, why))
    lacking = trigger.threshold - max(bucket.count, 0)
    if len(found) < lacking:
        return None
    event, why = found[lacking - 1]
    return Diagnosis(why.cause, (*event_named(event), " came in time, but ", *why.said, "."))


def _answer_not_matched(case: Case, story: WindowStory, opener: Event) -> Diagnosis | None:
    """Whether an event of the same resource would have answered, had the filters let it pass."""
    trigger = case.event_trigger
    key_of = compile_key(trigger.for_each)
    identity = opener.resource.get(RESOURCE_ID)
    for event in _expected_in(case, opener.occurred, story.bucket.end):
        if event.resource.get(RESOURCE_ID) != identity or undelivered(case, event) is not None:
            continue
        if event.line == opener.line:
            continue
        checks = why_not(trigger, event, case.dialect)
        failed = next((check for check in checks if not check.passed), None)
        if failed is not None:
            said: Sentence = (
                *event_named(event),
                " came in time and did not count: ",
                Name(failed.clause),
                " wants ",
                *listed(failed.expected),
                "; it has ",
                Name(failed.actual) if failed.actual is not None else "none",
                ".",
            )
            return Diagnosis("answer-not-matched", said)
        if key_of(event.resource, event.related) != story.key:
            said = (
                *event_named(event),
                " came in time and was counted elsewhere: its key is ",
                Key(key_labels(trigger, key_of(event.resource, event.related))),
                ", the watch's is ",
                Key(key_labels(trigger, story.key)),
                ".",
            )
            return Diagnosis("answer-not-matched", said)
    return None


def _expected_in(case: Case, start: int, end: int) -> Iterator[Event]:
    """The events of an expected name that occurred from `start` up to `end`, µs."""
    roles_of = compile_names(case.event_trigger, case.dialect)
    for event in case.evidence.kept.matchable():
        if start <= event.occurred < end:
            roles = roles_of(event.name)
            if roles is not None and roles.expected:
                yield event


def _answer_late(case: Case, story: WindowStory) -> Diagnosis | None:
    trigger = case.event_trigger
    end = story.bucket.end
    lacking = trigger.threshold - max(story.bucket.count, 0)
    late = sorted(
        (
            one.event
            for one in case.tally.passing
            if one.key == story.key
            and one.roles.expected
            and not one.roles.starts
            and end <= one.event.occurred
        ),
        key=lambda event: event.occurred,
    )
    if len(late) < lacking or late[lacking - 1].occurred - end > trigger.within:
        return None
    answer = late[lacking - 1]
    by = format_duration(answer.occurred - end)
    when = f"{by} after the deadline at " if answer.occurred > end else "exactly at the deadline, "
    said: Sentence = (*event_named(answer), f" came {when}", At(end), ".")
    return Diagnosis("answer-late", said)
