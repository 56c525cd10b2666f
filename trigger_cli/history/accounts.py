"""How a server's behaviour may have differed from a replay, as changes to the replay's input.

An `Account` is one hypothesis about what the server did. An `AccountChange` modifies it: an event
processed twice, a clock that starts later. Only a replay decides whether a change is the cause of a
difference: with the change, the difference must disappear.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.engine.delivered import Delivered
from trigger_cli.explain.sentence import At, Name, Sentence
from trigger_cli.history.polling import PollTimes
from trigger_cli.history.reasons import Proof, Reason, ReasonCode
from trigger_cli.model import Event, Match
from trigger_cli.times import MILLISECOND, SECOND, format_duration

TYPICAL_GAP = SECOND // 5
"""The assumed time between the first and second processing of an event, µs, if it is not seen."""
_A_MOMENT = 1


class Account(Struct, frozen=True):
    """The input of one automation, and when its deadlines were polled."""

    events: tuple[Delivered, ...]
    started: int | None = None
    """When the clock starts, µs; ``None``: at the log's start."""
    polls: PollTimes | None = None
    """When deadlines are polled; ``None``: when they are due."""


class Twice(Struct, frozen=True):
    """An event that the server processed more than once."""

    event: Event
    gaps: tuple[int, ...]
    """The time of each repetition after the first processing, µs."""
    seen_by: str
    """The name of the automation that fired each time; ``""``: none, it is inferred."""


class AccountChange(Struct, frozen=True):
    """One difference in the server's behaviour, and how it changes the account."""

    code: ReasonCode
    said: Sentence
    apply: Callable[[Account], Account]
    line: int | None = None
    """The line of the event concerned."""
    proof: Proof = "replayed"

    def reason(self, line: int | None) -> Reason:
        """The reason for a firing by the event on `line` (or by none) that is on one side only."""
        if self.code == "processed-twice" and line != self.line:
            said: Sentence = ("since ", *self.said)
            return Reason("after-processed-twice", said, self.proof, self.line)
        return Reason(self.code, self.said, self.proof, self.line)


def since_creation(created: int, grace: int = 0) -> AccountChange:
    """The automation exists only since its creation, and takes only later events."""
    began = created + grace
    late = f", and first took an event {format_duration(grace)} later" if grace else ""

    def apply(account: Account) -> Account:
        events = tuple(one for one in account.events if one.arrived >= began)
        return replace(account, events=events, started=created)

    said: Sentence = ("created at ", At(created), late)
    return AccountChange("created-later", said, apply)


def polled(polls: PollTimes) -> AccountChange:
    """Deadlines are polled every few seconds, which also shifts the windows after them."""
    every = format_duration(polls.interval // (10 * MILLISECOND) * (10 * MILLISECOND))
    said: Sentence = (f"the server polls its deadlines every {every}",)
    return AccountChange("polling", said, lambda account: replace(account, polls=polls))


def stood_still(polls: PollTimes) -> AccountChange:
    """During a standstill the server polls no deadline, so events overtake deadlines."""
    longest = max(polls.standstills, key=lambda one: one.end - one.start)
    many = f", and {len(polls.standstills) - 1} more times" if len(polls.standstills) > 1 else ""
    said: Sentence = (
        f"it received nothing for {format_duration((longest.end - longest.start) // SECOND * SECOND)} until ",
        At(longest.end),
        f", then {longest.events:,} events at once{many}",
    )
    return AccountChange("stood-still", said, lambda account: replace(account, polls=polls))


def doubled(twice: Twice) -> AccountChange:
    """An event is processed again a little later."""
    event = twice.event
    times = {1: "twice", 2: "three times"}.get(len(twice.gaps), f"{len(twice.gaps) + 1} times")
    gap = format_duration(max(twice.gaps) // MILLISECOND * MILLISECOND)
    shown = f", {gap} apart" if twice.seen_by else " (inferred)"
    said: Sentence = (f"#{event.line} {times}{shown}",)
    return AccountChange(
        "processed-twice", said, lambda account: _again(account, (twice,)), event.line
    )


def all_doubled(many: Sequence[Twice]) -> AccountChange:
    """Many events are processed again; too many to test each of them."""
    said: Sentence = (f"{len(many):,} events twice",)
    return AccountChange("processed-twice", said, lambda account: _again(account, many))


def moved(event: Event, other: Event) -> AccountChange:
    """An event is processed just before another that precedes it in the log."""

    def apply(account: Account) -> Account:
        rest = [one for one in account.events if one.event is not event]
        own = [one for one in account.events if one.event is event]
        place = next((i for i, one in enumerate(rest) if one.event is other), len(rest))
        return replace(account, events=(*rest[:place], *own, *rest[place:]))

    said: Sentence = (f"#{event.line} was processed before #{other.line}",)
    return AccountChange("other-order", said, apply, event.line)


def begun_before(template: Match, count: int, log_start: int) -> AccountChange:
    """Before the log begins, `count` events like one of its events came."""

    def apply(account: Account) -> Account:
        at = log_start - _A_MOMENT
        event = template.event._replace(occurred=at, follows=None)
        copies = (event._replace(id=f"before the log {number}") for number in range(count))
        earlier = tuple(Delivered(at, at, at, replace(template, event=one)) for one in copies)
        return replace(account, events=earlier + account.events, started=account.started or at)

    many = "an event like it" if count == 1 else f"{count} events like it"
    said: Sentence = (
        f"with {many} (",
        Name(template.event.name),
        ") before the log's start, the replay fires too",
    )
    return AccountChange("log-begins-later", said, apply)


def late_arrivals() -> AccountChange:
    """Events are processed in the order in which they were received, not by `occurred`."""

    def apply(account: Account) -> Account:
        events = sorted(account.events, key=lambda one: (one.arrived, one.event.line))
        return replace(account, events=tuple(events))

    return AccountChange("arrived-late", ("events came to the server in another order",), apply)


def _again(account: Account, many: Iterable[Twice]) -> Account:
    """The account with a copy of each event for each time that it was processed again."""
    events = list(account.events)
    first = 0
    for twice in many:
        # The next event to double is likely to come after the last one.
        places = chain(range(first, len(events)), range(first))
        place = next((one for one in places if events[one].event.line == twice.event.line), None)
        if place is None:
            continue
        first = place
        for number, gap in enumerate(twice.gaps, 2):
            events.insert(*_copy(events, first, gap, number))
    return replace(account, events=tuple(events))


def _copy(events: Sequence[Delivered], first: int, gap: int, number: int) -> tuple[int, Delivered]:
    """A copy of the event at a place, `gap` µs after it arrived, and the place of the copy."""
    original = events[first]
    arrived = original.arrived + gap
    later = (n for n in range(first + 1, len(events)) if events[n].arrived > arrived)
    # The engine drops a second event with the same id (O2); the server's own check had a race.
    event = original.event._replace(id=f"{original.event.id} ({number})")
    again = original._replace(arrived=arrived, match=replace(original.match, event=event))
    return next(later, len(events)), again
