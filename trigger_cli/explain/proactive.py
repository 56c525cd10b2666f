"""Why a proactive event trigger did not fire: what satisfied each of its windows (P, E3, E4)."""

from bisect import bisect_left, insort
from collections import defaultdict
from functools import lru_cache

from msgspec.structs import replace

from trigger_cli.explain.alternatives import row_matters
from trigger_cli.explain.case import Case
from trigger_cli.explain.changes import with_trigger
from trigger_cli.explain.other_events import events_of_resource, last_state, resource_of, states_of
from trigger_cli.explain.records import Diagnosis, NearestMiss, Watch, WatchState, because
from trigger_cli.explain.sentence import (
    At,
    Name,
    Sentence,
    event_named,
    listed,
    of_key,
    say,
    times,
)
from trigger_cli.explain.tally import Role
from trigger_cli.explain.unmatched import refused, unmatched, unnamed
from trigger_cli.model import (
    Closed,
    Counted,
    Event,
    EventTrigger,
    FiredTransition,
    Key,
    Renewed,
    key_labels,
)
from trigger_cli.times import format_duration
from trigger_cli.views.windows import WindowStory
from trigger_cli.vocabulary import (
    RESOURCE_ID,
    RUN_PREFIXES,
    TERMINAL_STATES,
    are_live_states,
    is_live_state,
    is_sign_of_life,
    state_of,
    tells_no_state,
)

_RESOURCES_AT_HAND = 1_000
"""Of how many resources the states are kept, of those whose windows are looked at in turn."""


def no_proactive_firing(case: Case) -> Diagnosis:
    """The decisive cause."""
    trigger = case.event_trigger
    if not case.evidence.delivered and not case.records:
        diagnosis = unmatched(case)
        assert diagnosis is not None
        return diagnosis
    if trigger.threshold <= 0:
        return because(
            "threshold-zero",
            "It fires when fewer than {} events come: there are never fewer than 0, so it can "
            "never fire.",
            str(trigger.threshold),
        )
    role: Role = "after" if trigger.after else "expect"
    opening = case.tally.roles[role]
    if not case.windows and not opening.related:
        # No window was opened, so no event that opens one passed.
        return refused(case, role) if opening.named else unnamed(case, role)
    moved_on = _after_also_expected(case)
    if moved_on is not None:
        return moved_on
    if case.verdict == "pending" and case.pending:
        return _pending(case)
    if not case.dialect.satisfied_windows_tile and row_matters(case, "D6"):
        return because(
            "unwatched",
            "On the server a satisfied window is not followed by the next at once: the silence "
            "that would have fired fell into a time without a window (D6).",
        )
    return _run_went_on(case) or satisfied_by_other(case) or _lost_start(case) or _satisfied(case)


def _pending(case: Case) -> Diagnosis:
    first = min(case.pending, key=lambda one: one.due)
    trigger = case.event_trigger
    rest = len(case.pending) - 1
    return because(
        "pending-deadline",
        "{} has {} of {} and fires at {} if nothing that satisfies it comes before{}.",
        of_key("The window of ", key_labels(trigger, first.key), "The window"),
        str(max(first.count, 0)),
        str(trigger.threshold),
        At(first.due),
        f"; {times(rest, 'other window is', 'other windows are')} open" if rest else "",
    )


def _after_also_expected(case: Case) -> Diagnosis | None:
    """Check whether a second ``after`` event satisfied the window that another opened (E4)."""
    last_opener: dict[tuple[str, ...], WindowStory] = {}
    answered = _answered_at(case)
    for story in case.windows:
        ending = story.ending
        if ending is None or ending.kind != "renewed":
            continue
        opener = story.opener
        if opener is None or opener.name == ending.event.name:
            continue
        first = last_opener.setdefault(story.key, story)
        began = (first.opener or opener).occurred
        # Only if the states lasted as long as `within` when added up.
        if answered[id(story)] - began < case.event_trigger.within:
            continue
        return because(
            "after-also-expected",
            "{} is in after and covered by expect: it satisfied the window that {} began, and began "
            "a new one until {}.",
            event_named(ending.event),
            event_named(opener),
            At(ending.after.end),
        )
    return None


def _answered_at(case: Case) -> dict[int, int]:
    """By `id` of each window: when the last of those that renew it was satisfied, else the end, µs."""
    found: dict[int, int] = {}
    latest: dict[Key, int] = {}
    for story in reversed(case.windows):
        if not isinstance(story.ending, Renewed) or story.key not in latest:
            by, end = satisfying_event(case, story), case.evidence.report.end
            latest[story.key] = (end or story.bucket.end) if by is None else by.occurred
        found[id(story)] = latest[story.key]
    return found


def _lost_start(case: Case) -> Diagnosis | None:
    """Check whether an ``after`` event came in a window that was satisfied already, and not over.

    It opens no window (B5), so that its own answer is not waited for.
    """
    within, end = case.event_trigger.within, case.evidence.report.end
    satisfied: dict[tuple[Key, int], Counted] = {}
    for story in case.windows:
        by = _satisfying(case, story)
        if by is not None:
            satisfied[story.key, story.bucket.end] = by
    if not satisfied or end is None:
        return None
    answers: dict[Key, list[int]] = defaultdict(list)
    for passing in case.passing:
        if passing.roles.expected:
            insort(answers[passing.key], passing.event.occurred)
    for one in case.records:
        if one.kind != "ignored" or one.rule != "B5" or one.before is None:
            continue
        by = satisfied.get((one.key, one.before.end))
        began = one.event.occurred
        if by is None or one.seq < by.seq or end - began < within:
            continue
        own = answers[one.key]
        if bisect_left(own, began) < bisect_left(own, began + within):
            continue
        return because(
            "lost-to-satisfied-window",
            "{} came while the window until {} was still open, which {} had satisfied: it opened no "
            "window of its own (B5), and nothing answered it within {}.",
            event_named(one.event),
            At(one.before.end),
            event_named(by.event),
            format_duration(within),
        )
    return None


def _run_went_on(case: Case) -> Diagnosis | None:
    """Check whether the last watch of a run was answered by a sign that the run goes on.

    Such an answer ends the watch, and only the next ``after`` event opens another. A live state is
    what a watch waits for that expects no state which ends a run: it watches that the run starts.
    """
    trigger, end = case.event_trigger, case.evidence.report.end
    if not trigger.after or end is None:
        return None
    last_of_key = {story.key: story for story in case.windows}
    ends = (case.roles_of(prefix + state) for prefix in RUN_PREFIXES for state in TERMINAL_STATES)
    waits_for_end = any(roles is not None and roles.expected for roles in ends)
    found = [
        by
        for story in last_of_key.values()
        if (by := satisfying_event(case, story)) is not None
        and not isinstance(story.ending, FiredTransition)
        and end - by.occurred >= trigger.within
        and (waits_for_end or not is_live_state(by.name))
        and _is_last_sign_of_life(case, by)
    ]
    if not found:
        return _answered_by_no_state(case) if waits_for_end else None
    by = max(found, key=lambda one: one.occurred)
    return because(
        "ended-by-live-state",
        "The last window of {} ended with {} at {}: the run was alive then, and no after event opened "
        "another window.",
        resource_of(by),
        event_named(by),
        At(by.occurred),
    )


def _answered_by_no_state(case: Case) -> Diagnosis | None:
    """Check whether a heartbeat satisfied a window over which the run stayed in one state.

    ``prefect.flow-run.*`` takes heartbeats, and the steps that pull a flow's code, with the states.
    """
    end = case.evidence.report.end or 0

    @lru_cache(_RESOURCES_AT_HAND)
    def states_of_resource(ident: str) -> list[Event]:
        return states_of(case.evidence.kept.of_resource(ident))

    for story in case.windows:
        by, deadline = satisfying_event(case, story), story.bucket.end
        if by is None or deadline > end or isinstance(story.ending, Renewed):
            continue
        if not tells_no_state(by.name):
            continue
        states = states_of_resource(by.resource.get(RESOURCE_ID, ""))
        before = bisect_left(states, deadline, key=lambda one: one.occurred)
        last = states[before - 1] if before else None
        if last is not None and is_live_state(last.name) and last.occurred <= by.occurred:
            return because(
                "ended-by-live-state",
                "{} satisfied the window of {} until {}, but is no state: the run was still in {} then.",
                event_named(by),
                resource_of(by),
                At(deadline),
                state_of(last.name) or "",
            )
    return None


def _is_last_sign_of_life(case: Case, event: Event) -> bool:
    """Whether a run was alive at the event, which opens no window, and no other of it follows."""
    roles = case.roles_of(event.name)
    if not is_sign_of_life(event.name) or roles is None or roles.starts:
        return False
    own = events_of_resource(case, event)
    last = last_state(own)
    latest = max(own, key=lambda one: one.occurred, default=event)
    return last is not None and latest.line == event.line and is_sign_of_life(last.name)


def satisfied_by_other(case: Case) -> Diagnosis | None:
    """Check whether another resource's event satisfied an unkeyed watch (B2)."""
    trigger = case.event_trigger
    if RESOURCE_ID in trigger.for_each or not trigger.after or not case.evidence.can_repeat:
        return None
    keyed = replace(trigger, for_each=(RESOURCE_ID,))
    outcome = case.again(with_trigger(case.automation, keyed), told="firings of all triggers")
    fired = (one for one in outcome.fired if one.trigger.path == trigger.path)
    asked = None if case.scope is None else {one.line for one in case.scope.events}
    alone = next(
        (one for one in fired if asked is None or (one.event and one.event.line in asked)), None
    )
    began = None if alone is None else alone.event
    if alone is None or began is None:
        return None
    for story in case.windows:
        by = satisfying_event(case, story)
        start = story.bucket.end - trigger.within
        if by is None or not start <= began.occurred < story.bucket.end:
            continue
        if by.resource.get(RESOURCE_ID) != began.resource.get(RESOURCE_ID):
            same_name = resource_of(by) == resource_of(began)
            return because(
                "satisfied-by-other-run",
                "{} satisfied the window that {} shared with it until {}: {} one. Alone it would have "
                "fired at {}.",
                _event_and_resource(by, by_id=same_name),
                _event_and_resource(began, by_id=same_name),
                At(story.bucket.end),
                _sharing(trigger, story.key, began),
                At(alone.at),
            )
    return None


def _sharing(trigger: EventTrigger, key: Key, began: Event) -> Sentence:
    if not trigger.for_each:
        return ("without for_each all resources share",)
    of = "runs" if began.resource.get(RESOURCE_ID, "").startswith(RUN_PREFIXES) else "resources"
    if not any(key):
        return (f"{of} without ", *listed(trigger.for_each), " share")
    return (f"{of} with the same ", *listed(trigger.for_each, last="and"), " share")


def _event_and_resource(event: Event, *, by_id: bool) -> Sentence:
    """An event with its resource, which matters here."""
    whose = (Name(event.resource.get(RESOURCE_ID, "")),) if by_id else resource_of(event)
    return (Name(event.name), " of ", *whose, f" (line {event.line})")


def _satisfied(case: Case) -> Diagnosis:
    stories = [one for one in case.windows if _is_satisfied(case, one)]
    count, windows = len(stories), len(case.windows)
    open_now = sum(1 for one in stories if one.ending is None)
    if not stories:
        return _dropped_unseen(case) or because(
            "satisfied", "No window came to its end without enough expected events."
        )
    tail = ""
    # It is unknown when the answers came that were held (H4).
    is_known = all(satisfying_event(case, one) for one in stories)
    miss = proactive_miss(case) if is_known else None
    if miss is not None and miss.missed_by is not None and miss.event is not None:
        before = format_duration(miss.missed_by)
        tail = f"; the closest answer, line {miss.event.line}, came {before} before its deadline"
    unwatched = longest_unwatched_state(case)
    if unwatched is not None:
        state, stayed = unwatched
        name = state_of(state.name)
        tail = f"; none watched {name} (line {state.line}), in which the run stayed for {format_duration(stayed)}"
    still = f" ({open_now} of them not over yet)" if 0 < open_now < count else ""
    got = f"All {count:,} windows got what they expected in time{still}"
    if count < windows:
        got = f"{count:,} of {times(windows, 'window')} got what they expected in time{still}"
    elif count == 1:
        got = "The only window got what it expected in time"
    return because("satisfied", f"{got}{tail}.")


def longest_unwatched_state(case: Case) -> tuple[Event, int] | None:
    """The state that opens no window in which the run asked about stayed longest, and how long, µs.

    ``None`` if that was less than a window's length.
    """
    trigger, end = case.event_trigger, case.evidence.report.end
    if case.scope is None or end is None or not are_live_states(trigger.after):
        return None
    states = states_of(case.scope.events)
    if len({one.resource.get(RESOURCE_ID) for one in states}) != 1:
        return None
    ends = [*(one.occurred for one in states[1:]), end]
    stays = [
        (until - one.occurred, one)
        for one, until in zip(states, ends, strict=True)
        if is_live_state(one.name)
        and not ((roles := case.roles_of(one.name)) is not None and roles.starts)
    ]
    longest, state = max(stays, key=lambda pair: pair[0], default=(0, None))
    return None if state is None or longest < trigger.within else (state, longest)


def _dropped_unseen(case: Case) -> Diagnosis | None:
    """Check whether a server dropped a window that was over before the next evaluation (S2)."""
    over = (one for one in case.windows if isinstance(one.ending, Closed))
    story = next((one for one in over if one.opener is not None), None)
    if story is None:
        return None
    assert story.opening is not None
    assert story.opener is not None
    return because(
        "arrived-late",
        "The window until {} had {} of {} and was dropped before the server evaluated it (S2): {} was "
        "processed {} late.",
        At(story.bucket.end),
        str(max(story.bucket.count, 0)),
        str(case.event_trigger.threshold),
        event_named(story.opener),
        format_duration(max(story.opening.at - story.opener.occurred, 0)),
    )


def satisfying_event(case: Case, story: WindowStory) -> Event | None:
    """The event with which a window had enough events; ``None`` if it never had."""
    found = _satisfying(case, story)
    return None if found is None else found.event


def _is_satisfied(case: Case, story: WindowStory) -> bool:
    """Whether a window had enough events, also where it opened with those that were held (H4)."""
    return story.bucket.count >= case.event_trigger.threshold or bool(_satisfying(case, story))


def _satisfying(case: Case, story: WindowStory) -> Counted | None:
    threshold = case.event_trigger.threshold
    return next((one for one in story.counted if one.after.count >= threshold), None)


# --- Windows -------------------------------------------------------------------------------


def watches_of(case: Case) -> list[Watch]:
    """Each window of a proactive trigger, with what satisfied it, its firing, or its deadline."""
    trigger = case.trigger
    is_watch = isinstance(trigger, EventTrigger) and trigger.posture == "Proactive"
    return [_watch(case, story) for story in case.windows] if is_watch else []


def _watch(case: Case, story: WindowStory) -> Watch:
    by = satisfying_event(case, story)
    trigger, bucket, ending = case.event_trigger, story.bucket, story.ending
    due = case.due_of.get(story.key) if ending is None else None
    state: WatchState = "open" if due is None else "pending"
    if isinstance(ending, FiredTransition | Renewed):
        state = ending.kind
    elif _is_satisfied(case, story):
        state = "satisfied"
    start = max(bucket.end - trigger.within, bucket.start)
    labels = key_labels(trigger, story.key)
    end = bucket.end if due is None else due
    return Watch(trigger.path, labels, start, end, state, max(bucket.count, 0), by)


# --- Nearest miss --------------------------------------------------------------------------


def proactive_miss(case: Case) -> NearestMiss | None:
    """The window whose answer came closest to its deadline.

    A late answer that a window's look-back counts (B6) occurred before the window: it is not near.
    With a threshold of 0, no window needs an answer (E3).
    """
    trigger = case.event_trigger
    if trigger.threshold <= 0:
        return None
    answered = [
        (story.bucket.end - by.occurred, story, by)
        for story in case.windows
        if (by := satisfying_event(case, story)) is not None
        and 0 <= story.bucket.end - by.occurred <= trigger.within
    ]
    if not answered:
        return None
    left, story, by = min(answered, key=lambda one: one[0])
    labels, end = key_labels(trigger, story.key), story.bucket.end
    said = say(
        "{} until {} was satisfied by {}, {} before its deadline.",
        of_key("The window of ", labels, "A window"),
        At(end),
        event_named(by),
        format_duration(left),
    )
    count, start = max(story.bucket.count, 0), end - trigger.within
    return NearestMiss(trigger.path, labels, said, count, trigger.threshold, start, end, left, by)


def opening_of(case: Case, firing: FiredTransition) -> WindowStory | None:
    """The window that a firing ended."""
    return case.ended_windows.get(firing.seq)
