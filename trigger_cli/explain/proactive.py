"""Why a proactive event trigger did not fire: what satisfied each of its windows (P, E3, E4)."""

from __future__ import annotations

from dataclasses import replace

from trigger_cli.explain.alternatives import first_firing, row_matters
from trigger_cli.explain.case import Case
from trigger_cli.explain.records import Diagnosis, NearestMiss, Watch
from trigger_cli.explain.sentence import At, Key, Name, Sentence, times
from trigger_cli.explain.tally import Role
from trigger_cli.explain.trees import with_trigger
from trigger_cli.explain.unmatched import refused, unmatched, unnamed
from trigger_cli.model import Event, FiredTransition, key_labels
from trigger_cli.times import format_duration
from trigger_cli.views.windows import WindowStory
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME


def no_proactive_firing(case: Case) -> Diagnosis:
    """The decisive cause."""
    trigger = case.event_trigger
    if not case.evidence.delivered and not case.records:
        diagnosis = unmatched(case)
        assert diagnosis is not None
        return diagnosis
    if trigger.threshold <= 0:
        said = (
            f"It fires when fewer than {trigger.threshold} events come: there are never fewer ",
            "than 0, so it can never fire.",
        )
        return Diagnosis("threshold-zero", said)
    if not case.records:
        return _never_watched(case)
    moved_on = _after_also_expected(case)
    if moved_on is not None:
        return moved_on
    if case.verdict == "pending" and case.pending:
        return _pending(case)
    if not case.dialect.satisfied_windows_tile and row_matters(case, "D6"):
        said = (
            "On the server a satisfied window is not followed by the next at once: the silence ",
            "that would have fired fell into time that nothing watched (D6).",
        )
        return Diagnosis("unwatched", said)
    return _satisfied_by_other(case) or _satisfied(case)


def _never_watched(case: Case) -> Diagnosis:
    """No window was ever opened: nothing that opens one came."""
    trigger, tally = case.event_trigger, case.tally
    role: Role = "after" if trigger.after else "expect"
    if not tally.roles[role].named:
        return unnamed(case, role)
    return refused(case, role)


def _pending(case: Case) -> Diagnosis:
    first = min(case.pending, key=lambda one: one.due)
    trigger = case.event_trigger
    labels = key_labels(trigger, first.key)
    rest = len(case.pending) - 1
    said: Sentence = (
        *(("The watch on ", Key(labels)) if labels else ("The watch",)),
        f" has {max(first.count, 0)} of {trigger.threshold} and fires at ",
        At(first.due),
        " if nothing that satisfies it comes before",
        f"; {times(rest, 'other watch', 'other watches')} are open." if rest else ".",
    )
    return Diagnosis("pending-deadline", said)


def _after_also_expected(case: Case) -> Diagnosis | None:
    """Whether a second ``after`` event satisfied the window that another opened (E4)."""
    last_opener: dict[tuple[str, ...], WindowStory] = {}
    for story in case.windows:
        ending = story.ending
        if ending is None or ending.kind != "renewed":
            continue
        opener = story.opener
        if opener is None or opener.name == ending.event.name:
            continue
        first = last_opener.setdefault(story.key, story)
        began = (first.opener or opener).occurred
        over = case.evidence.report.end or ending.at
        # Only where the states together lasted for as long as the trigger waits.
        if over - began < case.event_trigger.within:
            continue
        said: Sentence = (
            Name(ending.event.name),
            f" (line {ending.event.line}) is in after and covered by expect: it satisfied the watch ",
            "that ",
            Name(opener.name),
            f" (line {opener.line}) began, and began a new one until ",
            At(ending.after.end),
            ".",
        )
        return Diagnosis("after-also-expected", said)
    return None


def _satisfied_by_other(case: Case) -> Diagnosis | None:
    """Whether another resource's event satisfied an unkeyed watch (B2)."""
    trigger = case.event_trigger
    if trigger.for_each or not trigger.after or not case.evidence.can_repeat():
        return None
    keyed = replace(trigger, for_each=(RESOURCE_ID,))
    outcome = case.evidence.again(with_trigger(case.automation, keyed))
    alone = first_firing(outcome, trigger.path)
    began = None if alone is None else alone.firing.event
    if alone is None or began is None:
        return None
    for story in case.windows:
        by = satisfying_event(case, story)
        start = story.bucket.end - trigger.within
        if by is None or not start <= began.occurred < story.bucket.end:
            continue
        if by.resource.get(RESOURCE_ID) != began.resource.get(RESOURCE_ID):
            said: Sentence = (
                "Without for_each all resources share one watch: ",
                *_whose(began),
                " alone would have fired at ",
                At(alone.at),
                ", but the watch it shared until ",
                At(story.bucket.end),
                " was satisfied by ",
                *_whose(by),
                ".",
            )
            return Diagnosis("satisfied-by-other-run", said)
    return None


def _whose(event: Event) -> Sentence:
    """An event with its resource: what it is about is what matters here."""
    resource = event.resource.get(RESOURCE_NAME) or event.resource.get(RESOURCE_ID, "")
    return (Name(event.name), " of ", Name(resource), f" (line {event.line})")


def _satisfied(case: Case) -> Diagnosis:
    stories = [one for one in case.windows if satisfying_event(case, one) is not None]
    open_now = sum(1 for one in stories if one.ending is None)
    over = len(stories) - open_now
    if not stories:
        said: Sentence = ("No window came to its end without enough expected events.",)
        return Diagnosis("satisfied", said)
    count = len(stories)
    tail: Sentence = (".",)
    miss = proactive_miss(case)
    if miss is not None and miss.missed_by is not None and miss.event is not None:
        tail = (
            f"; the closest answer, line {miss.event.line}, came ",
            f"{format_duration(miss.missed_by)} before its deadline.",
        )
    still = f" ({open_now} of them not over yet)" if open_now and over else ""
    which = "The only watch" if count == 1 else f"All {count:,} watches"
    said = (
        f"{which} got what they expected in time{still}"
        if count > 1
        else f"{which} got what it expected in time",
        *tail,
    )
    return Diagnosis("satisfied", said)


def satisfying_event(case: Case, story: WindowStory) -> Event | None:
    """The event with which a window had enough; ``None``: it never had."""
    threshold = case.event_trigger.threshold
    for one in story.counted:
        if one.after.count >= threshold:
            return one.event
    return None


# --- Windows -------------------------------------------------------------------------------


def watches_of(case: Case) -> list[Watch]:
    """Each window with what satisfied it, or that it fired, or when it will."""
    return [_watch(case, story) for story in case.windows]


def _watch(case: Case, story: WindowStory) -> Watch:
    by = satisfying_event(case, story)
    labels = key_labels(case.trigger, story.key)
    bucket = story.bucket
    threshold = case.event_trigger.threshold
    ending = story.ending
    if ending is not None and ending.kind == "fired":
        state = "fired"
    elif ending is not None and ending.kind == "renewed":
        state = "renewed"
    elif by is not None or bucket.count >= threshold:
        state = "satisfied"
    else:
        state = "pending" if ending is None else "open"
    start = bucket.end - case.event_trigger.within
    return Watch(
        case.trigger.path,
        labels,
        max(start, bucket.start),
        bucket.end,
        state,  # type: ignore[arg-type]  # one of the five words
        max(bucket.count, 0),
        by,
    )


# --- Nearest miss --------------------------------------------------------------------------


def proactive_miss(case: Case) -> NearestMiss | None:
    """The window whose answer came last before its deadline."""
    trigger = case.event_trigger
    best: tuple[int, WindowStory, Event] | None = None
    for story in case.windows:
        by = satisfying_event(case, story)
        if by is None:
            continue
        left = story.bucket.end - by.occurred
        if left >= 0 and (best is None or left < best[0]):
            best = (left, story, by)
    if best is None:
        return None
    left, story, by = best
    labels = key_labels(trigger, story.key)
    said: Sentence = (
        *(("The watch on ", Key(labels)) if labels else ("A watch",)),
        " until ",
        At(story.bucket.end),
        " was satisfied by ",
        Name(by.name),
        f" (line {by.line}), {format_duration(left)} before its deadline.",
    )
    return NearestMiss(
        trigger.path,
        labels,
        said,
        max(story.bucket.count, 0),
        trigger.threshold,
        story.bucket.end - trigger.within,
        story.bucket.end,
        left,
        by,
    )


def opening_of(case: Case, firing: FiredTransition) -> WindowStory | None:
    """The window that a firing ended."""
    for story in case.windows:
        if story.ending is not None and story.ending.seq == firing.seq:
            return story
    return None
