"""The report of a replay, collected from its records; every view of a replay is made from it.

A replay may yield any number of transitions, so the report keeps what a view can show: all firings,
and for each bucket its first and last transitions. If there are too many buckets, the least
interesting lose their transitions first. Counts are always complete.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from operator import itemgetter

from msgspec import Struct, field
from msgspec.structs import replace

from trigger_cli.firings import FiringBlock, FiringStore, slim, slim_firing
from trigger_cli.model import (
    Automation,
    BadLine,
    Bucket,
    Counted,
    DeliveryTransition,
    Event,
    EventTrigger,
    FiredTransition,
    Firing,
    Heading,
    HeldTransition,
    MetricTransition,
    MetricTrigger,
    Pending,
    Transition,
    Trigger,
    TriggerTransition,
    key_labels,
    value_of,
)
from trigger_cli.views.breaches import Breach, note_breach
from trigger_cli.views.lost_leaders import LostLeaders


class Kept(Struct, frozen=True):
    """How much of a history to keep; by default as much as tables can show."""

    transitions: int = 20_000
    """The most transitions over all buckets."""
    first: int = 200
    last: int = 800
    """The most transitions of one bucket, from its beginning and from its end."""


KEPT = Kept()
KEPT_PROBLEMS = 10_000
"""The most bad lines to keep; the others are only counted."""

KEPT_POINTS = 4_096
"""The most points of a metric's value to keep."""
KEPT_FIRED = 100
"""The most firings of a metric to keep with their measurements."""
KEPT_RUNS = 100
"""The most measurements to keep for a metric's firing."""


class BucketHistory(Struct, eq=False):
    """The history of one bucketing key of one trigger (for a composite: of its firings).

    There may be one per key, so a short history takes little memory.
    """

    automation: Automation
    trigger: Trigger
    key: tuple[str, ...]
    _bounds: Kept = KEPT
    total: int = 0
    """The number of transitions."""
    fired: int = 0
    """The number of firings among them."""
    nearest: float = 0.0
    """How close an unfired bucket came to firing, from 0 to 1."""
    _forgot: bool = False
    _first: list[TriggerTransition] = field(default_factory=list)
    _last: deque[TriggerTransition] | None = None

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """Each ``for_each`` label with its value (B3)."""
        return key_labels(self.trigger, self.key)

    @property
    def transitions(self) -> list[TriggerTransition]:
        """The kept transitions, in order, without the `hidden` ones."""
        return [*self._first, *(self._last or ())]

    @property
    def hidden(self) -> int:
        """The number of transitions that are not kept."""
        return self.total - self.kept

    @property
    def hidden_after(self) -> int:
        """The number of kept `transitions` before the hidden ones."""
        return len(self._first)

    @property
    def kept(self) -> int:
        return len(self._first) + len(self._last or ())

    @property
    def interest(self) -> tuple[int, float, int]:
        """The sort key, ascending: firings, then near misses, then activity."""
        return (self.fired, self.nearest, self.total)

    def add(self, transition: TriggerTransition) -> int:
        """Add a transition; return how many more are kept than before."""
        kept = self.kept
        self.total += 1
        if transition.kind == "fired":
            self.fired += 1
        elif transition.kind == "counted":
            self.nearest = max(self.nearest, _nearness(transition.trigger, transition))
        if len(self._first) < self._bounds.first and not self._last and not self._forgot:
            self._first.append(transition)
        else:
            if self._last is None:
                self._last = deque(maxlen=self._bounds.last)
            self._last.append(transition)
        return self.kept - kept

    def forget(self) -> int:
        """Drop the kept transitions; return their number."""
        kept = self.kept
        # Later transitions follow a gap, so they are kept as the end, not the beginning.
        self._forgot = True
        self._first = []
        self._last = None
        return kept


def _nearness(trigger: EventTrigger, counted: Counted) -> float:
    """How close a reactive bucket came to its threshold, or a proactive one to its deadline."""
    bucket, event = counted.after, counted.event
    if trigger.threshold <= 0:
        return 0.0
    if trigger.posture == "Reactive":
        return min(max(bucket.count / trigger.threshold, 0.0), 1.0)
    if bucket.count != trigger.threshold or trigger.within <= 0:
        return 0.0
    left = (bucket.end - event.occurred) / trigger.within
    return min(max(1.0 - left, 0.0), 1.0)


class LogSummary(Struct):
    """The counts of what was read from the logs."""

    lines: int = 0
    events: int = 0
    malformed: int = 0
    sources: tuple[str, ...] = ()
    offered: int = 0
    """Events that triggers were offered: those of the range that was replayed."""
    matched: int = 0
    """Events that at least one trigger took."""
    duplicates: int = 0
    waiting: int = 0
    """Events that still wait for their leader at the end (O4)."""
    leaderless: int = 0
    """Events whose leader did not come within their wait of 15 minutes (O4)."""


class AutomationSummary(Struct):
    """The result for one automation."""

    automation: Automation
    dialect_sensitive: tuple[str, ...]
    """The rows of section D that its definition is sensitive to."""
    firings: int = 0
    other_dialect_firings: int | None = None
    """How often it would have fired in the other dialect, if that was replayed too."""
    differences: tuple[str, ...] = ()
    """The rows of section D that can be why that is not how often it fired."""

    @property
    def differs(self) -> bool:
        """Whether it fires more or less often in the other dialect."""
        return self.other_dialect_firings not in {None, self.firings}


def firings_otherwise(summaries: Sequence[AutomationSummary]) -> int | None:
    """The number of firings in the other dialect; ``None`` if no automation fires more or less often."""
    if not any(one.differs for one in summaries):
        return None
    return sum(one.other_dialect_firings or 0 for one in summaries)


class MetricState(Struct):
    """A metric trigger that became Triggered or Resolved (K7)."""

    automation: Automation
    trigger: MetricTrigger
    at: int
    state: str
    value: float | None


class MetricSeries(Struct, eq=False):
    """The values of one metric trigger over time, in bounded memory."""

    automation: Automation
    trigger: MetricTrigger
    points: list[tuple[int, float | None]] = field(default_factory=list)
    """The times and values of changes; if there are too many, the extremes of each period."""
    breaches: list[Breach] = field(default_factory=list)
    fired: list[FiredTransition] = field(default_factory=list)
    """The first firings, with their measurements."""

    def add(self, transition: TriggerTransition) -> None:
        """Add a transition of the trigger."""
        if transition.kind == "fired":
            if len(self.fired) < KEPT_FIRED:
                self.fired.append(transition)
        elif transition.kind == "measured":
            self.points.append((transition.at, transition.value))
            if len(self.points) > KEPT_POINTS:
                self.points = _extremes(self.points)
        else:
            note_breach(self.breaches, transition, most=KEPT_POINTS)


def _extremes(points: Sequence[tuple[int, float | None]]) -> list[tuple[int, float | None]]:
    """The lowest and the highest of every four points, and every undefined one, in order."""
    kept = []
    for place in range(0, len(points), 4):
        four = points[place : place + 4]
        defined = [one for one in four if one[1] is not None]
        if defined:
            ends = {min(defined, key=itemgetter(1)), max(defined, key=itemgetter(1))}
            kept += [one for one in four if one in ends or one[1] is None]
        else:
            kept.append(four[0])
    return kept


class ReplayReport(Struct):
    """The data for every view of a finished replay."""

    dialect: str
    order: str
    automations: list[AutomationSummary]
    start: int | None = None
    end: int | None = None
    log_start: int | None = None
    """The start of the log, µs, from which offsets count; ``None``: `start`."""
    log: LogSummary = field(default_factory=LogSummary)
    firings: FiringStore = field(default_factory=lambda: FiringStore(()))
    """The automations' own firings, by time, then definition order."""
    pending: list[Pending] = field(default_factory=list)
    waiting: list[tuple[Event | Heading, int]] = field(default_factory=list)
    """Events that still wait, each with the end of its wait, µs."""
    metrics: list[MetricState] = field(default_factory=list)
    series: list[MetricSeries] = field(default_factory=list)
    """The metric triggers' values, in the order of their first measurement."""
    problems: list[BadLine] = field(default_factory=list)
    buckets: list[BucketHistory] = field(default_factory=list)
    """In the order of their first transition."""

    def pending_by_automation(self) -> dict[int, list[Pending]]:
        """The open deadlines of each automation's triggers, by `Automation.index`."""
        found: dict[int, list[Pending]] = {one.automation.index: [] for one in self.automations}
        for pending in self.pending:
            found[pending.automation.index].append(pending)
        return found

    def buckets_by_automation(self) -> dict[int, list[BucketHistory]]:
        """Each automation's buckets by `Automation.index`, the most interesting first."""
        buckets: dict[int, list[BucketHistory]] = {}
        for one in sorted(self.buckets, key=lambda one: one.interest, reverse=True):
            buckets.setdefault(one.automation.index, []).append(one)
        return buckets


class Reporter:
    """Collects a `ReplayReport` from the records of a replay, one by one.

    It counts in `summaries`, one for each automation in definition order. Formats that show only
    firings need no buckets; for the others, `bounds` limits what is kept.
    """

    def __init__(
        self,
        summaries: Sequence[AutomationSummary],
        *,
        dialect: str,
        order: str,
        with_buckets: bool,
        bounds: Kept = KEPT,
    ) -> None:
        self._report = ReplayReport(dialect, order, list(summaries))
        self._by_index = {summary.automation.index: summary for summary in summaries}
        self._histories: dict[tuple[int, str, tuple[str, ...]], BucketHistory] = {}
        self._series: dict[tuple[int, str], MetricSeries] = {}
        self._firings = FiringStore(one.automation for one in summaries)
        self._with_buckets = with_buckets
        self._bounds = bounds
        self._kept = 0
        self._slim = _Slim()
        self._lost_leaders = LostLeaders()

    def add(self, transition: Transition) -> None:
        """Add the next record."""
        report = self._report
        if isinstance(transition, DeliveryTransition):
            self._add_delivery(transition)
            return
        automation, trigger = transition.automation, transition.trigger
        if isinstance(trigger, MetricTrigger) and transition.kind in {"fired", "resolved"}:
            state = "Triggered" if transition.kind == "fired" else "Resolved"
            report.metrics.append(
                MetricState(automation, trigger, transition.at, state, value_of(transition))
            )
        if transition.kind == "fired" and transition.is_own:
            self._by_index[automation.index].firings += 1
            self._firings.add(transition.firing)
        if self._with_buckets:
            self._keep(transition)

    def add_block(self, block: FiringBlock) -> None:
        """Add firings of automations that are not among the records."""
        for index, count in block.firings_by_automation.items():
            self._by_index[index].firings += count
        self._firings.add_block(block)

    def _add_delivery(self, one: DeliveryTransition) -> None:
        log = self._report.log
        log.duplicates += one.kind == "duplicate"
        self._lost_leaders.note(one)
        log.leaderless = self._lost_leaders.count

    def add_problem(self, problem: BadLine) -> None:
        """Add a line of the log that is no event, or has no place in the requested order."""
        self._report.log.malformed += 1
        if len(self._report.problems) < KEPT_PROBLEMS:
            self._report.problems.append(problem)

    def finish(
        self,
        *,
        start: int | None,
        end: int | None,
        offered: int,
        matched: int,
        pending: Iterable[Pending],
        waiting: Iterable[tuple[Event | Heading, int]],
    ) -> ReplayReport:
        """Return the report; `start` and `end` of the clock are ``None`` if it never started."""
        report = self._report
        report.start, report.end = start, end
        report.pending = list(pending)
        report.waiting = [(self._slim.any_event(event), due) for event, due in waiting]
        report.log.offered = offered
        report.log.matched = matched
        report.log.waiting = len(report.waiting)
        self._firings.sort()
        report.firings = self._firings
        report.buckets = list(self._histories.values())
        report.series = list(self._series.values())
        return report

    def _keep(self, transition: TriggerTransition) -> None:
        automation, trigger = transition.automation, transition.trigger
        slim = self._slim.transition(transition)
        if isinstance(trigger, MetricTrigger):
            series = self._series.get((automation.index, trigger.path))
            if series is None:
                series = MetricSeries(automation, trigger)
                self._series[automation.index, trigger.path] = series
            series.add(slim)
        identity = (automation.index, trigger.path, transition.key)
        history = self._histories.get(identity)
        if history is None:
            history = BucketHistory(automation, trigger, transition.key, self._bounds)
            self._histories[identity] = history
        self._kept += history.add(slim)
        if self._kept > self._bounds.transitions:
            self._forget_the_least_interesting()

    def _forget_the_least_interesting(self) -> None:
        # Down to half, so that this happens rarely.
        for history in sorted(self._histories.values(), key=lambda one: one.interest):
            if self._kept <= self._bounds.transitions // 2:
                break
            self._kept -= history.forget()


class _Slim:
    """Records without data that no view shows: an event's other labels and related resources.

    Consecutive records are often about the same event, so the last one is cached.
    """

    def __init__(self) -> None:
        self._last: tuple[Event, Event] | None = None

    def event(self, event: Event) -> Event:
        if self._last is not None and self._last[0] is event:
            return self._last[1]
        found = slim(event)
        self._last = (event, found)
        return found

    def any_event(self, event: Event | Heading) -> Event | Heading:
        return self.event(event) if isinstance(event, Event) else event

    def bucket(self, bucket: Bucket | None) -> Bucket | None:
        if bucket is None or bucket.last_event is None:
            return bucket
        return Bucket(bucket.start, bucket.end, bucket.count, None)

    def firing(self, firing: Firing) -> Firing:
        return slim_firing(firing, self.event)

    def transition(self, one: TriggerTransition) -> TriggerTransition:
        event = None if one.event is None else self.event(one.event)
        match one:
            case MetricTransition():
                return replace(one, event=event)
            case HeldTransition():
                return replace(one, event=event, firing=self.firing(one.firing))
            case FiredTransition():
                firing, before = self.firing(one.firing), self.bucket(one.before)
                runs = one.runs[-KEPT_RUNS:]
                return replace(one, event=event, firing=firing, before=before, runs=runs)
            case _:
                before, after = self.bucket(one.before), self.bucket(one.after)
                return replace(one, event=event, before=before, after=after)
