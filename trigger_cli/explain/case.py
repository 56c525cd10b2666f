"""One trigger of one automation, and everything there is to know about its replay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from trigger_cli.dialects import Dialect
from trigger_cli.explain.evidence import Evidence, Outcome, by_line
from trigger_cli.explain.records import Verdict
from trigger_cli.explain.tally import LeafTally
from trigger_cli.match.plan import is_evaluated
from trigger_cli.model import (
    Automation,
    CompositeTrigger,
    Event,
    EventTrigger,
    FiredTransition,
    MetricTrigger,
    Pending,
    Trigger,
    TriggerTransition,
)
from trigger_cli.views.windows import WindowStory, windows_of


@dataclass(frozen=True)
class Case:
    """A trigger to explain: an automation's own, or a child of it.

    What the explanations share is computed once, when it is first asked for.
    """

    evidence: Evidence
    automation: Automation
    trigger: Trigger

    @property
    def dialect(self) -> Dialect:
        return self.evidence.dialect

    @property
    def is_root(self) -> bool:
        return self.trigger is self.automation.trigger

    @property
    def tally(self) -> LeafTally:
        """How far events came; only event and metric triggers have one."""
        return self.evidence.tallies[self.automation.index, self.trigger.path]

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
        return self.evidence.records[self.automation.index].of(self.trigger.path)

    @cached_property
    def firings(self) -> list[FiredTransition]:
        """The transitions that report its firings."""
        return [one for one in self.records if one.kind == "fired"]

    @cached_property
    def windows(self) -> list[WindowStory]:
        """An event trigger's windows."""
        return list(windows_of(self.records))

    @cached_property
    def pending(self) -> list[Pending]:
        """Its deadlines after the end that would fire if nothing came."""
        path = self.trigger.path
        return [
            one
            for one in self.evidence.report.pending
            if one.automation.index == self.automation.index
            and one.trigger.path == path
            and would_fire(one)
        ]

    @cached_property
    def verdict(self) -> Verdict:
        """What became of it."""
        pending = self.evidence.report.pending
        return _verdict(self.automation, self.trigger, self.dialect, self.firings, pending)

    def records_of(self, event: Event) -> list[TriggerTransition]:
        """The trigger's own transitions by this event, in order."""
        return self._by_line.get(event.line, [])

    @cached_property
    def _by_line(self) -> dict[int, list[TriggerTransition]]:
        return by_line(self.records)

    def child(self, trigger: Trigger) -> Case:
        """The case of one of a composite's children."""
        return Case(self.evidence, self.automation, trigger)

    @cached_property
    def children(self) -> list[Case]:
        """The cases of a composite's children."""
        return list(map(self.child, self.composite.triggers))


def would_fire(pending: Pending) -> bool:
    """Whether the deadline fires if nothing more comes (E3); a satisfied window's does not."""
    return isinstance(pending.trigger, MetricTrigger) or pending.count < pending.threshold


def _fires_by(trigger: Trigger, paths: set[str]) -> bool:
    if isinstance(trigger, CompositeTrigger):
        # Where one firing is enough (C2), a child's deadline is the parent's.
        return trigger.require == 1 and any(_fires_by(one, paths) for one in trigger.triggers)
    return trigger.path in paths


def outcome_verdict(automation: Automation, outcome: Outcome, dialect: Dialect) -> Verdict:
    """The verdict on an automation's own trigger in some other replay."""
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
    due = {
        one.trigger.path
        for one in pending
        if one.automation.index == automation.index and would_fire(one)
    }
    return "pending" if _fires_by(trigger, due) else "did-not-fire"
