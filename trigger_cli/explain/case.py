"""One trigger of one automation, with all data of its replay."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property, lru_cache

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.dialects import Dialect
from trigger_cli.explain.changes import with_trigger
from trigger_cli.explain.evidence import (
    MOST_WORK,
    Evidence,
    Occasion,
    Outcome,
    Told,
    Trial,
    Variant,
    by_line,
)
from trigger_cli.explain.kept_events import EventsByOccurrence
from trigger_cli.explain.records import EventsOf, Verdict
from trigger_cli.explain.replayed import lost_to
from trigger_cli.explain.scope import Scope, Share
from trigger_cli.explain.tally import JointTally, LeafTally, Passing, by_key
from trigger_cli.match.patterns import compile_names
from trigger_cli.match.plan import is_evaluated, walk
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    Event,
    EventTrigger,
    FiredTransition,
    Firing,
    Key,
    MetricTrigger,
    NameRoles,
    Pending,
    Trigger,
    TriggerTransition,
)
from trigger_cli.views.deadlines import would_fire, would_fire_by
from trigger_cli.views.firing_identity import Identity, time_and_key_of
from trigger_cli.views.windows import WindowStory, windows_of

MOST_NARROWED = 5_000
"""The most firings of a changed trigger of which all records are kept, to find those asked about."""
_REMEMBERED_NAMES = 10_000


class Case(Struct, frozen=True, dict=True):
    """A trigger to explain: an automation's own trigger, or a child of it.

    Data that several explanations use is computed once, on first access.
    """

    evidence: Evidence
    automation: Automation
    trigger: Trigger
    scope: Scope | None = None
    """The scope of the question; ``None``: all buckets."""

    @property
    def dialect(self) -> Dialect:
        return self.evidence.dialect

    @property
    def is_root(self) -> bool:
        return self.trigger is self.automation.trigger

    @cached_property
    def tally(self) -> LeafTally:
        """The counts of how far events passed; only event and metric triggers have one."""
        if self.scope is None or isinstance(self.trigger, MetricTrigger):
            return self.evidence.tallies[self.automation.index, self.trigger.path]
        return self.evidence.tally_over(self.event_trigger, self.scope.events)

    @cached_property
    def names(self) -> Counter[str]:
        """The number of events in question, by name: those taken, or those of the scope."""
        if self.scope is None:
            return self.evidence.names
        delivered = (one for one in self.scope.events if lost_to(self.evidence, one) is None)
        return Counter(one.name for one in delivered)

    @property
    def passed(self) -> LeafTally | JointTally:
        """How far events passed; an event that several children want counts once."""
        if not isinstance(self.trigger, CompositeTrigger):
            return self.tally
        if self.scope is None:
            return self.evidence.joint_tallies[self.automation.index, self.trigger.path]
        return self.evidence.joint_tally_over(self.trigger, self.scope.events)

    @property
    def of(self) -> EventsOf:
        """Whose events are in question."""
        if self.scope is not None:
            return "scope"
        return "log" if self.evidence.options.takes_all else "part"

    @property
    def log(self) -> str:
        """What was replayed, as words, where no scope is asked about."""
        return "the log" if self.of == "log" else "the part of the log that was replayed"

    @property
    def delivered(self) -> int:
        """The number of events in question that reached the triggers."""
        return self.evidence.delivered if self.scope is None else self.names.total()

    @property
    def undelivered(self) -> int:
        """How many other events of the log delivery kept from the triggers; 0 for a scope."""
        if self.scope is not None:
            return 0
        return self.evidence.report.log.offered - self.evidence.delivered

    @cached_property
    def passing(self) -> Sequence[Passing]:
        """The events that passed all filters, of all resources that share its buckets."""
        if not self.is_shared:
            return self.tally.passing
        return self.evidence.tallies[self.automation.index, self.trigger.path].passing

    @cached_property
    def is_shared(self) -> bool:
        """Whether the scope is one resource, and the buckets also take events of others."""
        return self.scope is not None and self.scope.shares(self.trigger)

    def passing_of(self, key: Key) -> list[Passing]:
        """The events of a bucket that passed all filters, as in `LeafTally.passing`."""
        return self._passing_by_key.get(key, [])

    @cached_property
    def _passing_by_key(self) -> dict[Key, list[Passing]]:
        return by_key(self.passing)

    @cached_property
    def roles_of(self) -> Callable[[str], NameRoles | None]:
        """Maps a name to its roles for an event trigger (N1)."""
        return compile_names(self.event_trigger, self.dialect)

    @property
    def event_trigger(self) -> EventTrigger:
        assert isinstance(self.trigger, EventTrigger)
        return self.trigger

    @property
    def metric_trigger(self) -> MetricTrigger:
        assert isinstance(self.trigger, MetricTrigger)
        return self.trigger

    @property
    def composite(self) -> CompositeTrigger:
        assert isinstance(self.trigger, CompositeTrigger)
        return self.trigger

    @cached_property
    def records(self) -> list[TriggerTransition]:
        """The trigger's own transitions, in order."""
        records = self.evidence.records[self.automation.index].of(self.trigger.path)
        return [one for one in records if self._is_asked_about(one)]

    def _is_asked_about(self, record: TriggerTransition) -> bool:
        return self._share is None or self._share.has_record(record)

    @cached_property
    def _share(self) -> Share | None:
        """The part of the replay in scope; ``None``: all of it."""
        if self.scope is None:
            return None
        return Share(self.scope, self.evidence.records[self.automation.index])

    @cached_property
    def firings(self) -> list[FiredTransition]:
        """The records of its firings."""
        return [one for one in self.records if one.kind == "fired"]

    def record_of(self, firing: Firing) -> FiredTransition | None:
        """The record of one of its firings; ``None`` if it is not kept."""
        place = bisect_left(self.firings, firing.seq, key=lambda one: one.seq)
        found = self.firings[place] if place < len(self.firings) else None
        return found if found is not None and found.seq == firing.seq else None

    @cached_property
    def windows(self) -> list[WindowStory]:
        """An event trigger's windows."""
        return list(windows_of(self.records))

    @cached_property
    def ended_windows(self) -> dict[int, WindowStory]:
        """The windows that ended, by the number of the transition that ended each."""
        return {one.ending.seq: one for one in self.windows if one.ending is not None}

    @cached_property
    def pending(self) -> list[Pending]:
        """Its deadlines after the end that fire if no further event comes."""
        path = self.trigger.path
        return [one for one in self.pending_of_all if one.trigger.path == path and would_fire(one)]

    @cached_property
    def due_of(self) -> dict[Key, int]:
        """When each open window of the trigger is evaluated, by key, µs."""
        path = self.trigger.path
        return {one.key: one.due for one in self.pending_of_all if one.trigger.path == path}

    @cached_property
    def pending_of_all(self) -> list[Pending]:
        """The open deadlines of all triggers of the automation."""
        pending = self.evidence.pending[self.automation.index]
        return [one for one in pending if self._share is None or self._share.has_pending(one)]

    @cached_property
    def verdict(self) -> Verdict:
        """The outcome for the trigger."""
        return _verdict(
            self.automation, self.trigger, self.dialect, self.firings, self.pending_of_all
        )

    @cached_property
    def own_firings(self) -> Sequence[Firing]:
        """The automation's own firings that are asked about, in order."""
        firings, share = self.evidence.report.firings.of(self.automation), self._share
        return firings if share is None else list(filter(share.has_firing, firings))

    @cached_property
    def fired(self) -> int:
        """The number of the trigger's firings, including those whose records are not kept."""
        if self.is_root:
            return len(self.own_firings)
        if self._share is not None:
            return len(self.firings)
        return self.evidence.records[self.automation.index].fired(self.trigger.path)

    def again(
        self,
        automation: Automation | None = None,
        *,
        dialect: Dialect | None = None,
        order: str | None = None,
        told: Told = "firings",
    ) -> Outcome:
        """As `each_again`, for one automation; by default this one, in the replay's own dialect."""
        variant = automation or self.automation, dialect or self.dialect
        (outcome,) = self.each_again([variant], order, told=told)
        return outcome

    def each_again(
        self,
        variants: Sequence[Variant],
        order: str | None = None,
        *,
        until: int | None = None,
        told: Told = "firings",
    ) -> list[Outcome]:
        """As `Evidence.each_again`, narrowed to what is asked about."""
        shares = any(self._shares(automation) for automation, _ in variants)
        needed: Told = "records" if shares else told
        found = self.evidence.each_again(variants, order, until=until, told=needed)
        return list(map(self._narrowed_outcome, found))

    @cached_property
    def fires_more(self) -> Callable[[tuple[Trigger, ...]], list[bool]]:
        """Whether the trigger, each time changed to one of these, fires more often in a replay.

        False for those that are not tried, as the log is long or the replay cannot be repeated.
        """
        return cache(self._fires_more)

    def _fires_more(self, changed: tuple[Trigger, ...]) -> list[bool]:
        evidence, path = self.evidence, self.trigger.path
        named = max(sum(one.named for one in evidence.tallies_of(self.automation)), 1)
        is_tried = evidence.can_repeat and not evidence.is_long
        tried = changed[: MOST_WORK // named] if is_tried else ()
        variants = [(with_trigger(self.automation, one), self.dialect) for one in tried]
        found = [
            sum(one.trigger.path == path for one in outcome.fired) > self.fired
            for outcome in self.each_again(variants, told="firings of all triggers")
        ]
        return found + [False] * (len(changed) - len(found))

    def each_trial(
        self, variants: Sequence[Variant], wanted: Occasion | None
    ) -> list[Trial | None]:
        """As `Evidence.each_trial`, narrowed to what is asked about.

        ``None`` too for a variant that fires more than `MOST_NARROWED` times, of anything, if
        narrowing needs its records.
        """
        share = None if self.scope is None else Share(self.scope, ())
        shared = [self._shares(automation) for automation, _ in variants]
        own = [one for one, is_shared in zip(variants, shared, strict=True) if not is_shared]
        others = [one for one, is_shared in zip(variants, shared, strict=True) if is_shared]
        trials = iter(self.evidence.each_trial(own, wanted, share))
        wholes = iter(zip(others, self.evidence.each_trial(others, wanted), strict=True))

        def narrowed(variant: Variant, whole: Trial | None) -> Trial | None:
            if whole is None or whole.firings > MOST_NARROWED:
                return None
            (one,) = self.each_again([variant])
            return Trial(len(one.firings), whole.has_wanted, one.pending)

        # One at a time, because the records of each are kept.
        return [narrowed(*next(wholes)) if is_shared else next(trials) for is_shared in shared]

    def _shares(self, automation: Automation) -> bool:
        """Whether a replay is narrowed to windows, which are derived from all of its records."""
        scope = self.scope
        return scope is not None and any(map(scope.shares, walk(automation.trigger)))

    def _narrowed_outcome(self, found: Outcome) -> Outcome:
        if self.scope is None:
            return found
        share = Share(self.scope, found.records)
        return replace(
            found,
            firings=tuple(filter(share.has_firing, found.firings)),
            pending=tuple(filter(share.has_pending, found.pending)),
            fired=tuple(filter(share.has_firing, found.fired)),
            records=tuple(filter(share.has_record, found.records)),
        )

    @cached_property
    def in_other_order(self) -> tuple[str, Outcome] | None:
        """The other order of delivery and its outcome; ``None`` if it is not tried."""
        evidence = self.evidence
        if not evidence.has_received or not evidence.can_repeat or evidence.is_long:
            return None
        order = "received" if evidence.options.order == "occurred" else "occurred"
        return order, self.again(order=order, told="firings of all triggers")

    @cached_property
    def firings_in_other_order(self) -> frozenset[Identity] | None:
        """`time_and_key_of` each firing in the other order; ``None`` if that is not tried."""
        if self.in_other_order is None:
            return None
        _, outcome = self.in_other_order
        return frozenset(map(time_and_key_of, outcome.fired))

    def ignored_until(self, key: Key, end: int) -> Sequence[int]:
        """The numbers of the records of a bucket's events that came before a cooldown ended (E1).

        Args:
            key: The bucket's key.
            end: When the cooldown ended and the next window began, µs.
        """
        return self._ignored.get((key, end), ())

    @cached_property
    def _ignored(self) -> dict[tuple[Key, int], list[int]]:
        found: dict[tuple[Key, int], list[int]] = defaultdict(list)
        for one in self.records:
            if one.kind == "ignored" and one.rule == "E1" and one.before is not None:
                start = one.before.start
                if one.at < start:
                    found[one.key, start].append(one.seq)
        return found

    def records_of(self, event: Event) -> list[TriggerTransition]:
        """The trigger's own transitions by this event, in order."""
        return self._by_line.get(event.line, [])

    @cached_property
    def _by_line(self) -> dict[int, list[TriggerTransition]]:
        return by_line(self.records)

    def expected_in(self, start: int, end: int) -> list[Event]:
        """The events with an expected name and ``start <= occurred < end``, both in µs."""
        return self._expected.between(start, end)

    @cached_property
    def _expected(self) -> EventsByOccurrence:
        """The stored events with an expected name."""

        @lru_cache(_REMEMBERED_NAMES)
        def is_expected(name: str) -> bool:
            roles = self.roles_of(name)
            return roles is not None and roles.expected

        return self.evidence.kept.by_occurrence(is_expected)

    def child(self, trigger: Trigger) -> Case:
        """The case of one of a composite's children."""
        return next(one for one in self.children if one.trigger.path == trigger.path)

    @cached_property
    def children(self) -> list[Case]:
        """The cases of a composite's children."""
        own = self.evidence, self.automation
        return [Case(*own, trigger, self.scope) for trigger in self.composite.triggers]


def outcome_verdict(automation: Automation, outcome: Outcome, dialect: Dialect) -> Verdict:
    """The verdict on an automation's own trigger in another replay."""
    return _verdict(automation, automation.trigger, dialect, outcome.firings, outcome.pending)


def _verdict(
    automation: Automation,
    trigger: Trigger,
    dialect: Dialect,
    firings: Sequence[object],
    pending: Iterable[Pending],
) -> Verdict:
    if not is_evaluated(automation, dialect):
        return "never-evaluated"
    if firings:
        return "fired"
    return "pending" if would_fire_by(trigger, pending) else "did-not-fire"
