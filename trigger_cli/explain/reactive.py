"""Why a reactive event trigger did not fire although events passed its filters (B, E, S)."""

from bisect import bisect_left
from collections import defaultdict

from msgspec import Struct

from trigger_cli.explain import changes
from trigger_cli.explain.alternatives import row_matters
from trigger_cli.explain.case import Case
from trigger_cli.explain.changes import DefinitionChange
from trigger_cli.explain.records import Diagnosis, EventsOf, NearestMiss, because
from trigger_cli.explain.sentence import (
    At,
    Sentence,
    came_ahead,
    event_named,
    listed,
    of_key,
    ordinal,
    say,
    times,
)
from trigger_cli.explain.sentence import Key as BucketKey
from trigger_cli.explain.tally import Passing, by_key
from trigger_cli.explain.undelivered import dropped_copies, waited_past
from trigger_cli.match.filters import compile_key
from trigger_cli.model import Closed, Event, EventTrigger, Ignored, Key, key_labels
from trigger_cli.times import format_duration
from trigger_cli.views.windows import WindowStory

TRIED = 6
"""How many longer windows are tried, from the shortest on."""
_COMPARED = 20
_NEAR_THE_END = 10
"""An event is near the end of a cooldown if it came in this part of it, the last tenth."""
_AMONG: dict[EventsOf, str] = {
    "log": "in the whole log",
    "part": "in the part of the log that was replayed",
    "scope": "among the events in question",
}


class ShortWindow(Struct, frozen=True):
    """A window that ended before enough events came."""

    story: WindowStory
    count: int
    missing: Passing
    """The event with which the window would have had enough."""
    missed_by: int
    """How long after the window's end it came, µs; 0: exactly at its end."""


def no_reactive_firing(case: Case) -> Diagnosis:
    """The decisive cause, for a trigger with passing events in every role."""
    dropped = [one for one in case.records if one.kind == "dropped" and one.rule == "S2"]
    if dropped and case.event_trigger.within == 0 and row_matters(case, "D9"):
        return _forgotten(dropped[0])
    lost = [one for one in case.records if one.kind == "ignored" and one.rule == "S2"]
    if lost and row_matters(case, "D8"):
        return _lost(lost[0])
    return _after(case) if case.event_trigger.after else _without_after(case)


# --- Server behaviour (S2) -----------------------------------------------------------------


def _forgotten(dropped: Closed) -> Diagnosis:
    return because(
        "forgotten",
        "The server forgets a window with within 0 about 60 s after it opened: the one of {} was "
        "gone when the next event came, {} later (D9).",
        At(dropped.before.end),
        format_duration(dropped.at - dropped.before.end),
    )


def _lost(lost: Ignored) -> Diagnosis:
    assert lost.before is not None
    return because(
        "lost-to-lingering-window",
        "The after event {} came {} after a window's end; on the server the expired window lingers "
        "for 60 s and swallows it (D8).",
        event_named(lost.event),
        format_duration(lost.event.occurred - lost.before.end),
    )


# --- Windows that expected events open (B6) --------------------------------------------------


def _without_after(case: Case) -> Diagnosis:
    threshold = case.event_trigger.threshold
    expected = case.tally.roles["expect"]
    passed = expected.related
    key, most = expected.keys.most_common(1)[0]
    if passed < threshold:
        words = (
            f"Only {passed:,} of the {threshold:,} events that it needs passed {_AMONG[case.of]}"
        )
        copies = dropped_copies(case)
        if copies and _would_suffice(case, copies):
            lines = listed([f"line {one.line}" for one in copies], last="and", limit=4)
            return because(
                "duplicate",
                f"{words}; dropped as duplicates (O2): {{}}.",
                lines,
            )
        if len(expected.keys) == 1:
            return because("below-threshold", f"{words}.")
        return because(
            "below-threshold",
            f"{words}, and for_each counts each {{}} by itself: the most for one is {most:,}.",
            listed(case.event_trigger.for_each, last="and"),
        )
    if most < threshold and expected.knows_all_keys:
        return because(
            "split-over-keys",
            f"{times(passed, 'event')} passed, but for_each spread them over "
            f"{times(len(expected.keys), 'bucket')}: none has more than {most} of {threshold} "
            "({}).",
            BucketKey(key_labels(case.trigger, key)),
        )
    return _late(case) or _too_short(case) or _below(case)


def _would_suffice(case: Case, copies: list[Event]) -> bool:
    """Whether a window would have had enough events with these."""
    trigger = case.event_trigger
    key_of = compile_key(trigger.for_each)
    came: dict[Key, list[int]] = defaultdict(list)
    for passing in _expected(case):
        came[passing.key].append(passing.event.occurred)
    for one in copies:
        came[key_of(one.resource, one.related)].append(one.occurred)
    apart = trigger.threshold - 1
    return any(
        not trigger.within or last - first < trigger.within
        for own in map(sorted, came.values())
        for first, last in zip(own, own[apart:], strict=False)
    )


def _below(case: Case) -> Diagnosis:
    counted = (one.after.count for one in case.records if one.kind == "counted")
    most, threshold = max(counted, default=0), case.event_trigger.threshold
    words = (
        f"At most {most:,} of the {threshold:,} events that it needs came while a window was open."
    )
    return because("below-threshold", words)


def _late(case: Case) -> Diagnosis | None:
    """Check whether a window lacked exactly the events that came too late for it."""
    late = [one for one in case.records if one.kind == "ignored" and one.rule == "E1"]
    first = next((one for one in late if _would_do(case, one, late)), None)
    if first is None:
        return None
    assert first.before is not None
    return because(
        "arrived-late",
        "{} came late: it occurred {} before the start of the window that was open when it "
        "arrived, so it did not count.",
        event_named(first.event),
        format_duration(first.before.start - first.event.occurred),
    )


def _would_do(case: Case, one: Ignored, late: list[Ignored]) -> bool:
    assert one.before is not None
    end = one.before.end
    same = [
        other.before.count
        for other in late
        if other.before is not None and other.key == one.key and other.before.end == end
    ]
    later = [
        story.bucket.count
        for story in case.windows
        if story.key == one.key and story.bucket.end == end
    ]
    return max(same + later) + len(same) >= case.event_trigger.threshold


def short_windows(case: Case) -> list[ShortWindow]:
    """The windows that a longer ``within`` alone would have made fire, nearest first."""
    trigger = case.event_trigger
    if trigger.within == 0:
        # Such a window has no end: it counts every event while it exists (E2).
        return []
    expected = by_key(sorted(_expected(case), key=_occurred))
    found = []
    for story in case.windows:
        if story.ending is not None and story.ending.kind == "fired":
            continue
        bucket, of_its_key = story.bucket, expected[story.key]
        later = bisect_left(of_its_key, bucket.end, key=_occurred)
        last = later + trigger.threshold - bucket.count - 1
        if later <= last < len(of_its_key):
            missing = of_its_key[last]
            missed_by = missing.event.occurred - bucket.end
            found.append(ShortWindow(story, max(bucket.count, 0), missing, missed_by))
    return sorted(found, key=lambda one: (one.missed_by, -one.count))


def longer(trigger: EventTrigger, short: ShortWindow) -> DefinitionChange:
    """The change of ``within`` with which the window would have had enough."""
    within = changes.just_above(trigger.within + short.missed_by)
    return changes.change_duration(trigger, "within", within)


def _nearest_short(case: Case) -> tuple[ShortWindow, bool] | None:
    """The window that missed by the least, and whether it fires if ``within`` is so much longer.

    Earlier windows would be longer, too, and may take its events. So only the first window of a
    bucket is known to fire; of others, a replay shows it. It also shows whether one fires besides
    those that fired: a longer first window may take the place of the next.
    """
    short = short_windows(case)[:TRIED]
    if not short:
        return None
    if not case.firings and _is_first(case, short[0].story):
        return short[0], True
    fire = case.fires_more(tuple(longer(case.event_trigger, one).changed for one in short))
    return next(
        ((one, True) for one, fires in zip(short, fire, strict=True) if fires), (short[0], False)
    )


def _is_first(case: Case, story: WindowStory) -> bool:
    """Whether no earlier window of its bucket, and no late event, can matter to it."""
    if case.evidence.may_have_late_events or story.opener is None:
        return False
    own = (one for one in case.passing_of(story.key) if _opens(case.event_trigger, one))
    first = next(own, None)
    return first is not None and first.event.line == story.opener.line


def _opens(trigger: EventTrigger, passing: Passing) -> bool:
    return passing.roles.starts if trigger.after else passing.roles.expected


def _too_short(case: Case) -> Diagnosis | None:
    short = _nearest_short(case)
    return None if short is None else Diagnosis("window-too-short", _short_said(case, *short))


def _short_said(case: Case, short: ShortWindow, fires: bool) -> Sentence:
    trigger = case.event_trigger
    bucket, event = short.story.bucket, short.missing.event
    labels = key_labels(trigger, short.story.key)
    within = format_duration(trigger.within)
    came = f"{format_duration(short.missed_by)} after its {within} window closed"
    if not fires:
        came = f"after its {within} window closed"
    elif short.missed_by == 0:
        came = f"at the very end of its {within} window (which is half-open)"
    return say(
        "{}{} reached {}: {}{} came {}.",
        of_key("Bucket ", labels, "A window"),
        () if labels else (" opened at ", At(bucket.end - trigger.within)),
        f"{short.count} of {trigger.threshold}",
        f"the {ordinal(trigger.threshold)} " if trigger.threshold > 1 else "",
        event_named(event),
        came,
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
    are_enough = case.tally.roles["expect"].related >= case.event_trigger.threshold
    if ignored and not counted and are_enough and _none_after_start(case):
        return _before_after(case)
    return _below(case)


def _none_after_start(case: Case) -> bool:
    """Whether every expected event was processed before the first ``after`` event of its bucket."""
    first: dict[Key, int] = {}
    for one in case.records:
        if one.event is None:
            continue
        if one.kind == "opened":
            first.setdefault(one.key, one.event.line)
        roles = case.roles_of(one.event.name)
        is_expected = roles is not None and roles.expected
        if is_expected and first.get(one.key, one.event.line) != one.event.line:
            return False
    return True


def _start_does_not_count(case: Case) -> Diagnosis | None:
    """Check whether a window lacked only the event that opened it."""
    threshold = case.event_trigger.threshold
    for story in case.windows:
        opening, opener = story.opening, story.opener
        if opening is None or opener is None or opening.after.count != -1:
            continue
        if story.bucket.count == threshold - 1:
            return because(
                "start-does-not-count",
                "{} matches after and expect: it opened the window and does not count in it, and "
                "{} of {} others came.",
                event_named(opener),
                str(max(story.bucket.count, 0)),
                str(threshold),
            )
    return None


def _keys_never_meet(case: Case) -> Diagnosis:
    return because(
        "split-over-keys",
        "for_each keeps them apart: the after event has {}, the expected one {}; no bucket saw "
        "both.",
        BucketKey(key_labels(case.trigger, _starting(case)[0].key)),
        BucketKey(key_labels(case.trigger, _expected(case)[0].key)),
    )


def _before_after(case: Case) -> Diagnosis:
    expected, start = _nearest_wrong_pair(case)
    if (waiting := waited_past(case, start, expected)) is not None:
        return waiting
    return because(
        "expect-before-after",
        "No expected event was processed after an after event of its bucket: {} came {} {}.",
        event_named(expected),
        came_ahead(expected, start),
        event_named(start),
    )


def _nearest_wrong_pair(case: Case) -> tuple[Event, Event]:
    """An expected event and the ``after`` event of its key that it preceded by the least."""
    starts = by_key(sorted(_starting(case), key=_occurred))
    best: tuple[int, Event, Event] | None = None
    for one in _expected(case):
        later = starts[one.key]
        place = bisect_left(later, one.event.occurred, key=_occurred)
        while place < len(later) and later[place].event.line == one.event.line:  # of both kinds
            place += 1
        if place < len(later):
            gap = _occurred(later[place]) - one.event.occurred
            if best is None or gap < best[0]:
                best = (gap, one.event, later[place].event)
    if best is not None:
        return best[1:]
    # None preceded; of an event that waited for its leader (O4), take the nearest after it.
    return min(
        (
            (expected.event, start.event)
            for expected in _expected(case)
            for start in starts[expected.key][:_COMPARED]
        ),
        key=lambda pair: pair[0].occurred - pair[1].occurred,
        default=(_expected(case)[-1].event, _starting(case)[0].event),
    )


# --- Nearest miss --------------------------------------------------------------------------


def reactive_miss(case: Case) -> NearestMiss | None:
    """The bucket that came closest to firing."""
    trigger = case.event_trigger
    if case.firings and trigger.threshold <= 1:
        return _cooldown_miss(case)
    nearest = _nearest_short(case)
    if nearest is not None:
        short, fires = nearest
        if case.firings and not fires:
            return None
        said = _short_said(case, short, fires)
        missed_by = short.missed_by if fires else None
        return _miss(trigger, short.story, said, short.count, missed_by, short.missing.event)
    stories = [one for one in case.windows if one.bucket.count > 0]
    if case.firings or not stories:
        return None
    best = max(stories, key=lambda one: one.bucket.count)
    count = best.bucket.count
    bucket = of_key("Bucket ", key_labels(trigger, best.key), "A window")
    reached = f"{count} of {trigger.threshold}"
    return _miss(trigger, best, say("{} reached {} before it ended.", bucket, reached), count)


def nearly_cooled_down(case: Case) -> list[tuple[int, Ignored]]:
    """The events near the end of a cooldown (E1), each with how long before it, µs; the least first."""
    near = case.event_trigger.within // _NEAR_THE_END
    found = [
        (one.before.start - one.event.occurred, one)
        for one in case.records
        if isinstance(one, Ignored) and one.rule == "E1" and one.before is not None
        # Else the event came late.
        if one.at < one.before.start and one.before.start - one.event.occurred <= near
    ]
    return sorted(found, key=lambda pair: pair[0])


def shorter(trigger: EventTrigger, early: int) -> DefinitionChange:
    """The change of ``within`` with which an event that came so early, µs, would have fired."""
    return changes.change_duration(trigger, "within", changes.at_most(trigger.within - early))


def _cooldown_miss(case: Case) -> NearestMiss | None:
    """The event that came closest to the end of a cooldown, and fires in no other's place."""
    trigger = case.event_trigger
    tried = nearly_cooled_down(case)[:TRIED]
    fire = case.fires_more(tuple(shorter(trigger, early).changed for early, _ in tried))
    early, one = next((one for one, more in zip(tried, fire, strict=True) if more), (0, None))
    if one is None or one.before is None:
        return None
    labels, start = key_labels(trigger, one.key), one.before.start
    said = say(
        "{}{} came {} before it had cooled down, at {} (E1).",
        event_named(one.event),
        of_key(" for ", labels),
        format_duration(early),
        At(start),
    )
    count, end = trigger.threshold - 1, one.before.end
    return NearestMiss(
        trigger.path, labels, said, max(count, 0), trigger.threshold, start, end, early, one.event
    )


def _miss(
    trigger: EventTrigger,
    story: WindowStory,
    said: Sentence,
    count: int,
    missed_by: int | None = None,
    event: Event | None = None,
) -> NearestMiss:
    labels, bucket = key_labels(trigger, story.key), story.bucket
    return NearestMiss(
        trigger.path,
        labels,
        said,
        count,
        trigger.threshold,
        bucket.start,
        bucket.end,
        missed_by,
        event,
    )


def _occurred(passing: Passing) -> int:
    return passing.event.occurred


def _expected(case: Case) -> list[Passing]:
    return [one for one in case.passing if one.roles.expected]


def _starting(case: Case) -> list[Passing]:
    return [one for one in case.passing if one.roles.starts]
