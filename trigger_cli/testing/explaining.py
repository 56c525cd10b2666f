"""Why an automation of a test fired or did not: `explain` on the test's own events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from trigger_cli.explain.evidence import Evidence, NearNames, gather
from trigger_cli.explain.explain import Question, explain
from trigger_cli.explain.records import Explanation
from trigger_cli.model import Automation, Event
from trigger_cli.pipeline import ReplayOptions


@dataclass(slots=True)
class Explainer:
    """Explains the automations of one run; the evidence is collected once, on first use."""

    automations: Sequence[Automation]
    events: Sequence[Event]
    options: ReplayOptions
    """How they were replayed."""
    _known: dict[tuple[int, tuple[tuple[str, str], ...]], Explanation] = field(
        default_factory=dict, repr=False
    )
    _evidence: Evidence | None = field(default=None, repr=False)

    def explain(
        self, automation: Automation, labels: tuple[tuple[str, str], ...] = ()
    ) -> Explanation:
        """Why it fired or did not, with the changes that would make a difference."""
        key = (automation.index, labels)
        if key not in self._known:
            self._known[key] = explain(self._gathered(), automation, Question(labels=labels))
        return self._known[key]

    def cause_of(self, automation: Automation) -> str:
        """The code of the decisive cause."""
        asked = Question(changes=False)
        return explain(self._gathered(), automation, asked).diagnosis.cause

    def _gathered(self) -> Evidence:
        if self._evidence is None:
            needs = NearNames(self.automations).needs()
            self._evidence = gather(self.automations, self.events, self.options, needs=needs)
        return self._evidence
