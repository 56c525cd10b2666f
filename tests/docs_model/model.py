"""The ``docs`` dialect once more, deliberately naive: whole-log scans, nothing kept.

The engine goes through the log event by event and changes one bucket at a time. This model goes
window by window: where a window begins, it looks through all that comes after for the first thing
that ends it, and what a window has counted is counted anew for each question. When proactive
triggers are looked at follows from all windows that are open, which are all found again from the
beginning of the log for every single evaluation. Nothing here is fast, and nothing is shared
with the engine but the data types.

Delivery (O2–O4) has a model of its own in ``delivery.py``, and metric triggers (K) in
``tests/engine/metric_oracle.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from trigger_cli.model import CompositeTrigger, Event, EventTrigger, Trigger
from trigger_cli.times import MINUTE

Labels = dict[str, str]


# --- N and M, read word for word -------------------------------------------------------


def glob(pattern: str, text: str) -> bool:
    """N2: `*` is any run of characters, all else is itself."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def in_list(patterns: Sequence[str], text: str) -> bool:
    """N3, M4: some positive pattern, or there is none; and no negated one."""
    positive = [one for one in patterns if not one.startswith("!")]
    negated = [one[1:] for one in patterns if one.startswith("!")]
    return (not positive or any(glob(one, text) for one in positive)) and not any(
        glob(one, text) for one in negated
    )


def starts(trigger: EventTrigger, event: Event) -> bool:
    """N1: an empty `after` matches no name."""
    return bool(trigger.after) and in_list(trigger.after, event.name)


def expects(trigger: EventTrigger, event: Event) -> bool:
    """N1: an empty `expect` matches every name."""
    return not trigger.expect or in_list(trigger.expect, event.name)


def satisfies(labels: Any, resource: Any) -> bool:
    """M1: each label is there, with one of its patterns."""
    return all(
        label in resource and patterns and in_list(patterns, resource[label])
        for label, patterns in labels
    )


def satisfied_by(labels: Any, related: Sequence[Any]) -> bool:
    """M2 and M5, for one object of `match_related`."""
    if not labels:
        return True
    with_negation = {label for label, patterns in labels if any(p[:1] == "!" for p in patterns)}
    if not with_negation:
        return any(satisfies(labels, one) for one in related)
    others = [(label, patterns) for label, patterns in labels if label not in with_negation]
    for one in related:
        named = any(
            label in one and any(p[:1] == "!" and glob(p[1:], one[label]) for p in patterns)
            for label, patterns in labels
        )
        if named and satisfies(others, one):
            return False
    mixed = any(
        label in with_negation and any(p[:1] != "!" for p in patterns) for label, patterns in labels
    )
    return not mixed or any(satisfies(labels, one) for one in related)


def covers(trigger: EventTrigger, event: Event) -> bool:
    """N1 and M together: the trigger takes the event."""
    return (
        event.name != "prefect.log.write"
        and (starts(trigger, event) or expects(trigger, event))
        and satisfies(trigger.match, event.resource)
        and all(satisfied_by(one, event.related) for one in trigger.match_related)
    )


def key_of(trigger: EventTrigger, event: Event) -> tuple[str, ...]:
    """B2."""
    values = []
    for label in sorted(trigger.for_each):
        parts = label.split(":", 2)
        if parts[0] == "related":
            in_role = [r for r in event.related if r.get("prefect.resource.role") == parts[1]]
            values.append(in_role[0].get(parts[2], "") if in_role else "")
        else:
            values.append(event.resource.get(label, ""))
    return tuple(values)


# --- What an event trigger goes through --------------------------------------------------


class Step(NamedTuple):
    """Something at which a trigger is looked at: an event arrives, or a deadline is due."""

    clock: int
    phase: int
    """At one instant events that have waited (0) come before deadlines (1), and these before
    events that arrive (2), T4."""
    order: int
    event: Event | None

    @property
    def place(self) -> tuple[int, int, int]:
        return self[:3]


class Window(NamedTuple):
    """A bucket from its opening to its end (B1)."""

    start: int
    end: int
    at_first: int
    """The count it begins with."""
    opener: Event | None
    """Its first `last_event`."""
    opened: int
    """The step that opened it."""
    counts_from: int
    """The first step whose event may count."""


class Fired(NamedTuple):
    """A firing, and all that orders firings of one instant."""

    place: tuple[Any, ...]
    path: str
    at: int
    labels: tuple[tuple[str, str], ...]
    event: Event | None
    children: tuple[Fired, ...] = ()


class Life(NamedTuple):
    """What became of a window."""

    fired: bool
    ended: int | None
    """The step that ended it; ``None``: it is still open."""
    following: Window | None
    """The window that takes its place at once (E4, E6, E7)."""


class KeyScan:
    """One event trigger and one bucketing key, against a list of steps."""

    def __init__(self, trigger: EventTrigger, key: tuple[str, ...], steps: list[Step]) -> None:
        self.trigger = trigger
        self.key = key
        # Only the trigger's own events and deadlines are of any interest.
        self.steps = [
            step
            for step in steps
            if step.event is None
            or (covers(trigger, step.event) and key_of(trigger, step.event) == key)
        ]

    def windows(self) -> Iterator[tuple[Window, Life]]:
        """All windows of the key, in order."""
        window = self._first_from(0)
        while window is not None:
            life = self._life(window)
            yield window, life
            if life.ended is None:
                return
            window = life.following or self._first_from(life.ended + 1)

    def _first_from(self, first: int) -> Window | None:
        """The window that is opened where there is none (B5, B6, P3)."""
        trigger = self.trigger
        for number in range(first, len(self.steps)):
            step = self.steps[number]
            if step.event is None:
                if not trigger.for_each and not trigger.after:  # P3
                    end = step.clock + trigger.within
                    return Window(step.clock, end, 0, None, number, number + 1)
                continue
            now = step.event.occurred
            if starts(trigger, step.event):  # B5
                at_first = -1 if expects(trigger, step.event) else 0
                return Window(now, now + trigger.within, at_first, step.event, number, number)
            if not trigger.after:  # B6
                start = now - 15 * MINUTE
                return Window(start, now + trigger.within, 0, step.event, number, number)
        return None

    def _counted(self, window: Window, upto: int) -> int:
        """What the window has counted up to and with a step (E2)."""
        return window.at_first + sum(
            self._counts(window, number) for number in range(window.counts_from, upto + 1)
        )

    def _counts(self, window: Window, number: int) -> bool:
        event = self.steps[number].event
        if event is None or not expects(self.trigger, event):
            return False
        past = event.occurred >= window.end and not self._immediate
        return event.occurred >= window.start and not past

    @property
    def _immediate(self) -> bool:
        return self.trigger.posture == "Reactive" and self.trigger.within == 0

    def last_event(self, window: Window, upto: int) -> Event | None:
        """The last event that the window has taken note of (B5, B6, E2)."""
        last = window.opener
        for number in range(window.counts_from, upto + 1):
            event = self.steps[number].event
            noted = event is not None and (
                starts(self.trigger, event)
                or not self.trigger.after
                or self._counts(window, number)
            )
            last = event if noted else last
        return last

    def _life(self, window: Window) -> Life:
        """The first step after the window's opening that ends it."""
        trigger = self.trigger
        proactive = trigger.posture == "Proactive"
        for number in range(window.counts_from, len(self.steps)):
            step = self.steps[number]
            event = step.event
            if event is None:
                now = step.clock
                if not proactive or now < window.end or now < window.start:
                    continue
                fired = self._counted(window, number) < trigger.threshold
                return Life(fired, number, self._next(window, now, number, None))
            now = event.occurred
            if (
                starts(trigger, event)
                and number > window.opened
                and not proactive
                and trigger.within > 0
                and now >= window.end
            ):  # S1
                return Life(False, number, self._first_from(number))
            if not expects(trigger, event) or now < window.start:  # B7, E1
                continue
            count = self._counted(window, number)
            over = now >= window.end
            if proactive:
                met = count < trigger.threshold
                if not over and not met and starts(trigger, event):  # E4
                    renewed = Window(now, now + trigger.within, 0, event, number, number + 1)
                    return Life(False, number, renewed)
                fired = over and met
            else:
                fired = count >= trigger.threshold
            if fired or (over and (trigger.after or not self._immediate)):
                return Life(fired, number, self._next(window, now, number, event))
        return Life(False, None, None)

    def _next(self, window: Window, now: int, number: int, event: Event | None) -> Window | None:
        """E5, E6 and E7."""
        trigger = self.trigger
        if trigger.after or trigger.within == 0:
            return None
        start = max(window.end, now)
        following = Window(start, start + trigger.within, 0, None, number, number + 1)
        if event is None or self._counts(window, number):
            return following
        if trigger.posture == "Proactive":
            return following._replace(at_first=1)
        return following._replace(counts_from=number)


class Leaf:
    """One event trigger against a whole log."""

    def __init__(self, trigger: EventTrigger, order: int, arrivals: list[Step]) -> None:
        self.trigger = trigger
        self.order = order
        self.arrivals = arrivals

    def _keys(self, steps: list[Step]) -> list[tuple[str, ...]]:
        keys = {
            key_of(self.trigger, step.event)
            for step in steps
            if step.event is not None and covers(self.trigger, step.event)
        }
        return sorted(keys | ({()} if not self.trigger.for_each else set()))

    def steps(self, start: int, until: int) -> list[Step]:
        """The log with the trigger's evaluations in it (P2), each found from the beginning."""
        if self.trigger.posture == "Reactive":
            return self.arrivals
        evaluations: list[Step] = []
        due = start
        while due <= until:
            evaluations.append(Step(due, 1, self.order, None))
            before = [step for step in self.arrivals if step.place < evaluations[-1].place]
            steps = sorted([*before, *evaluations], key=lambda step: step.place)
            ends = [
                window.end
                for key in self._keys(steps)
                for window, life in KeyScan(self.trigger, key, steps).windows()
                if life.ended is None and window.end > due
            ]
            due = min([*ends, due + self.trigger.within])
        return sorted([*self.arrivals, *evaluations], key=lambda step: step.place)

    def firings(self, start: int, until: int) -> list[Fired]:
        """All its firings."""
        steps = self.steps(start, until)
        found = []
        for key in self._keys(steps):
            scan = KeyScan(self.trigger, key, steps)
            labels = tuple(zip(sorted(self.trigger.for_each), key, strict=True))
            for window, life in scan.windows():
                if not life.fired:
                    continue
                step = scan.steps[life.ended]
                event = step.event or scan.last_event(window, life.ended)
                place = (step.place, self.order, window.start, key)
                found.append(Fired(place, self.trigger.path, step.clock, labels, event))
        return sorted(found, key=lambda one: one.place)


# --- Composites and the whole --------------------------------------------------------------


def composite_firings(trigger: CompositeTrigger, children: list[list[Fired]]) -> list[Fired]:
    """C2–C5, from all firings of all children."""
    numbered = sorted(
        ((number, one) for number, firings in enumerate(children) for one in firings),
        key=lambda pair: pair[1].place,
    )
    fired: list[Fired] = []
    cleared = 0
    for place, (_, last) in enumerate(numbered):
        held = {}
        for number, one in numbered[cleared : place + 1]:
            if trigger.within is None or one.at >= last.at - trigger.within:
                held.pop(number, None)
                held[number] = one
        if trigger.require == 1:
            parts: tuple[Fired, ...] = (last,)
        elif (trigger.kind == "compound" and len(held) >= trigger.require) or (
            trigger.kind == "sequence" and list(held) == list(range(len(trigger.triggers)))
        ):
            parts = tuple(held.values())
        else:
            continue
        cleared = place + 1
        fired.append(Fired(last.place, trigger.path, last.at, (), last.event, parts))
    return fired


def firings(
    trigger: Trigger, arrivals: list[Step], start: int, until: int, first: int = 0
) -> list[Fired]:
    """All firings of a trigger, given the events as they reach it (``delivery.py``)."""
    leaves = iter(range(first, 1_000_000))

    def below(one: Trigger) -> list[Fired]:
        if isinstance(one, CompositeTrigger):
            return composite_firings(one, [below(child) for child in one.triggers])
        assert isinstance(one, EventTrigger)
        return Leaf(one, next(leaves), arrivals).firings(start, until)

    return below(trigger)
