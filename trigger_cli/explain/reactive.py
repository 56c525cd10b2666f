"""Why a reactive event trigger did not fire although events passed its filters (B, E, S)."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from trigger_cli.explain.alternatives import row_matters
from trigger_cli.explain.case import Case
from trigger_cli.explain.misses import ShortWindow, short_windows
from trigger_cli.explain.records import Diagnosis, NearestMiss
from trigger_cli.explain.sentence import At, Name, Sentence, event_named, ordinal, times
from trigger_cli.explain.sentence import Key as BucketKey
from trigger_cli.explain.tally import Passing
from trigger_cli.model import Closed, Event, Ignored, Key, key_labels
from trigger_cli.times import format_duration


def no_reactive_firing(case: Case) -> Diagnosis:
    """The decisive cause, some events having passed in every role there is."""
    dropped = [one for one in case.records if one.kind == "dropped" and one.rule == "S2"]
    if dropped and case.event_trigger.within == 0 and row_matters(case, "D9"):
        return _forgotten(dropped[0])
    lost = [one for one in case.records if one.kind == "ignored" and one.rule == "S2"]
    if lost and row_matters(case, "D8"):
        return _lost(lost[0])
    return _after(case) if case.event_trigger.after else _without_after(case)


# --- The server's own ways (S2) ------------------------------------------------------------


def _forgotten(dropped: Closed) -> Diagnosis:
    since = dropped.at - dropped.before.end
    said: Sentence = (
        "The server forgets a window with within 0 about 60 s after it opened: the one of ",
        At(dropped.before.end),
        f" was gone when the next event came, {format_duration(since)} later (D9).",
    )
    return Diagnosis("forgotten", said)


def _lost(lost: Ignored) -> Diagnosis:
    assert lost.before is not None
    since = lost.event.occurred - lost.before.end
    said: Sentence = (
        "The after event ",
        *event_named(lost.event),
        f" came {format_duration(since)} after a window's end; ",
        "on the server the expired window lingers for 60 s and swallows it (D8).",
    )
    return Diagnosis("lost-to-lingering-window", said)


# --- Windows that expected events open (B6) --------------------------------------------------


def _without_after(case: Case) -> Diagnosis:
    threshold = case.event_trigger.threshold
    expected = case.tally.roles["expect"]
    passed = expected.related
    if passed < threshold:
        said: Sentence = (
            f"Only {passed:,} of the {threshold:,} events it takes passed in the whole log.",
        )
        return Diagnosis("below-threshold", said)
    key, most = expected.keys.most_common(1)[0]
    if most < threshold and expected.knows_all_keys:
        said = (
            f"{times(passed, 'event')} passed, but for_each spread them over ",
            f"{times(len(expected.keys), 'bucket')}: none has more than {most} of {threshold} (",
            BucketKey(key_labels(case.trigger, key)),
            ").",
        )
        return Diagnosis("split-over-keys", said)
    return _late(case) or _too_short(case) or _below(case)


def _below(case: Case) -> Diagnosis:
    counted = (one.after.count for one in case.records if one.kind == "counted")
    said = (
        f"At most {max(counted, default=0):,} of the {case.event_trigger.threshold:,} events it ",
        "takes came while a window was open.",
    )
    return Diagnosis("below-threshold", said)


def _late(case: Case) -> Diagnosis | None:
    """Whether a window lacked just the events that came too late for it."""
    late = [one for one in case.records if one.kind == "ignored" and one.rule == "E1"]
    first = next((one for one in late if _would_do(case, one, late)), None)
    if first is None:
        return None
    assert first.before is not None
    early = first.before.start - first.event.occurred
    said: Sentence = (
        *event_named(first.event),
        f" came late: it occurred {format_duration(early)} before the start of the window that ",
        "was open when it arrived, so it did not count.",
    )
    return Diagnosis("arrived-late", said)


def _would_do(case: Case, one: Ignored, late: list[Ignored]) -> bool:
    same = [
        other
        for other in late
        if other.before is not None
        and one.before is not None
        and other.key == one.key
        and other.before.end == one.before.end
    ]
    count = max((other.before.count for other in same if other.before), default=0)
    later = [
        story.bucket.count
        for story in case.windows
        if one.before is not None and story.key == one.key and story.bucket.end == one.before.end
    ]
    return max([count, *later]) + len(same) >= case.event_trigger.threshold


def _too_short(case: Case) -> Diagnosis | None:
    short = short_windows(case)
    return Diagnosis("window-too-short", _short_said(case, short[0])) if short else None


def _short_said(case: Case, short: ShortWindow) -> Sentence:
    trigger = case.event_trigger
    bucket, event = short.story.bucket, short.missing.event
    labels = key_labels(trigger, short.story.key)
    who: Sentence = ("Bucket ", BucketKey(labels)) if labels else ("A window",)
    within = format_duration(trigger.within)
    came = "at the very end of" if short.missed_by == 0 else "after"
    by = "" if short.missed_by == 0 else f"{format_duration(short.missed_by)} "
    which = f"the {ordinal(trigger.threshold)} " if trigger.threshold > 1 else ""
    opened: Sentence = (" opened at ", At(bucket.end - trigger.within)) if not labels else ()
    return (
        *who,
        *opened,
        f" reached {short.count} of {trigger.threshold}: {which}",
        Name(event.name),
        f" (line {event.line}) came {by}{came} its {within} window",
        " (which is half-open)." if short.missed_by == 0 else " closed.",
    )


# --- Windows that `after` opens (B5) -----------------------------------------------------------


def _after(case: Case) -> Diagnosis:
    starts_too = _start_does_not_count(case)
    if starts_too is not None:
        return starts_too
    counted = [one for one in case.records if one.kind == "counted" and one.after.count > 0]
    ignored = [one for one in case.records if one.kind == "ignored" and one.rule == "B7"]
    if not counted and case.event_trigger.for_each and case.tally.keys_never_meet:
        return _keys_never_meet(case)
    late = _late(case) or _too_short(case)
    if late is not None:
        return late
    return _below(case) if counted or not ignored else _before_after(case)


def _start_does_not_count(case: Case) -> Diagnosis | None:
    """Whether only the event that opened a window was missing in it."""
    threshold = case.event_trigger.threshold
    for story in case.windows:
        opening, opener = story.opening, story.opener
        if opening is None or opener is None or opening.after.count != -1:
            continue
        if story.bucket.count == threshold - 1:
            said: Sentence = (
                *event_named(opener),
                " matches after and expect: it opened the window and does not count in it, and ",
                f"{max(story.bucket.count, 0)} of {threshold} others came.",
            )
            return Diagnosis("start-does-not-count", said)
    return None


def _keys_never_meet(case: Case) -> Diagnosis:
    starts, expected = _starting(case)[0], _expected(case)[0]
    said: Sentence = (
        "for_each keeps them apart: the after event has ",
        BucketKey(key_labels(case.trigger, starts.key)),
        ", the expected one ",
        BucketKey(key_labels(case.trigger, expected.key)),
        "; no bucket saw both.",
    )
    return Diagnosis("split-over-keys", said)


def _before_after(case: Case) -> Diagnosis:
    expected, start = _nearest_wrong_pair(case)
    gap = start.occurred - expected.occurred
    said: Sentence = (
        "No expected event came after an after event of its bucket: ",
        *event_named(expected),
        f" came {format_duration(gap)} before " if gap > 0 else " came no later than ",
        *event_named(start),
        ".",
    )
    return Diagnosis("expect-before-after", said)


def _nearest_wrong_pair(case: Case) -> tuple[Event, Event]:
    """An expected event and the ``after`` event of its key that it came before by least."""
    by_key: dict[Key, list[Event]] = defaultdict(list)
    for one in _starting(case):
        by_key[one.key].append(one.event)
    for of_key in by_key.values():
        of_key.sort(key=lambda start: start.occurred)
    best: tuple[int, Event, Event] | None = None
    for one in _expected(case):
        later = by_key[one.key]
        place = bisect_left(later, one.event.occurred, key=lambda start: start.occurred)
        if place < len(later):
            gap = later[place].occurred - one.event.occurred
            if best is None or gap < best[0]:
                best = (gap, one.event, later[place])
    if best is not None:
        return best[1:]
    # No bucket has both; whichever came last and first will do.
    return _expected(case)[-1].event, _starting(case)[0].event


# --- Nearest miss --------------------------------------------------------------------------


def reactive_miss(case: Case) -> NearestMiss | None:
    """The bucket that came closest to firing."""
    trigger = case.event_trigger
    short = short_windows(case)
    if short:
        nearest = short[0]
        bucket = nearest.story.bucket
        return NearestMiss(
            trigger.path,
            key_labels(trigger, nearest.story.key),
            _short_said(case, nearest),
            nearest.count,
            trigger.threshold,
            bucket.start,
            bucket.end,
            nearest.missed_by,
            nearest.missing.event,
        )
    if case.firings:
        return None
    stories = [one for one in case.windows if one.bucket.count > 0]
    best = max(stories, key=lambda one: one.bucket.count, default=None)
    if best is None:
        return None
    labels = key_labels(trigger, best.key)
    said: Sentence = (
        *(("Bucket ", BucketKey(labels)) if labels else ("A window",)),
        f" reached {best.bucket.count} of {trigger.threshold}; no further event came.",
    )
    return NearestMiss(
        trigger.path,
        labels,
        said,
        best.bucket.count,
        trigger.threshold,
        best.bucket.start,
        best.bucket.end,
        None,
        None,
    )


def _expected(case: Case) -> list[Passing]:
    return [one for one in case.tally.passing if one.roles.expected]


def _starting(case: Case) -> list[Passing]:
    return [one for one in case.tally.passing if one.roles.starts]
