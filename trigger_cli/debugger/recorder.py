"""Records a running replay as a `Recording`."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from trigger_cli.debugger.event_store import EventStore
from trigger_cli.debugger.recording import NONE, Columns, Lane, Recording
from trigger_cli.dialects import Dialect
from trigger_cli.model import (
    Automation,
    BadLine,
    Bucket,
    BucketTransition,
    DeliveryTransition,
    Event,
    FiredTransition,
    Heading,
    HeldTransition,
    Transition,
    TransitionKind,
    Unmatched,
    value_of,
)
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.report import KEPT_RUNS, ReplayReport

_EVERY = 2_000


class Recorder:
    """Receives the events and records of one replay as they occur.

    Args:
        store: The store of events; a full store, from an earlier replay of the same log, is only
            read.
    """

    def __init__(self, store: EventStore | None = None) -> None:
        self._columns = Columns()
        self.events = EventStore() if store is None else store
        self._fills = store is None
        self._kinds: dict[tuple[TransitionKind, str], int] = {}
        self._lane_numbers: dict[tuple[int, str, tuple[str, ...]], int] = {}
        self._lanes: list[Lane] = []
        self._postings: list[array[int]] = []
        # The last bucket of each lane and its number: usually the `before` of the next record.
        self._last: list[tuple[Bucket | None, int]] = []
        self._event: Event | None = None
        self._position = NONE
        self._began = False
        self._deadline = False
        self.log_start: int | None = None
        """The time of the log's first event, µs; the replay may not have taken that event."""

    def take(self, event: Event | Heading | Unmatched) -> None:
        """Begin an event; its records follow, after the records of earlier deadlines."""
        assert isinstance(event, Event)  # the debugger's reader reads all labels
        self._position = self.events.append(event) if self._fills else self._position_of(event)
        assert self._position != NONE
        self._event = event
        self._began = False
        self._deadline = False

    def close(self) -> None:
        """End the current event."""
        if self._event is not None and not self._began:
            self._stop(self._event.occurred, self._position)
        self._event = None
        self._deadline = False

    def note(self, one: Transition) -> None:
        """Add a record of the replay."""
        columns = self._columns
        seq = len(columns.at)
        if not self._began or self._event is None:
            self._place(one)
        columns.at.append(one.at)
        what = (one.kind, one.rule)
        columns.kind.append(self._kinds.setdefault(what, len(self._kinds)))
        columns.event.append(self._position_of(one.event))
        columns.because.append(one.because[0] if one.because else NONE)
        if len(one.because) > 1:
            columns.more_because[seq] = one.because
        firing = one.firing.seq if isinstance(one, HeldTransition | FiredTransition) else NONE
        columns.firing.append(firing)
        self._note_bucket(one, seq)
        if isinstance(one, DeliveryTransition) and one.due is not None:
            columns.due[seq] = one.due
        value = value_of(one)
        if value is not None:
            columns.value[seq] = value
        if isinstance(one, FiredTransition) and one.runs:
            columns.runs[seq] = one.runs[-KEPT_RUNS:]
        columns.stop_end[-1] = seq + 1

    def finish(
        self, automations: Sequence[Automation], dialect: Dialect, report: ReplayReport
    ) -> Recording:
        """The recording; the recorder cannot be used afterwards."""
        self._last.clear()
        self._columns.kinds = list(self._kinds)
        start = report.start or 0
        return Recording(
            dialect,
            tuple(automations),
            self.events,
            self._columns,
            self._lanes,
            self._postings,
            start,
            start if report.end is None else report.end,
            self.log_start,
        )

    def _place(self, one: Transition) -> None:
        """Begin a new stop if the record is the first of one."""
        event = self._event
        released = one.event if one.kind == "released" else None
        if event is not None and (
            one.event is event or (released is not None and released.follows == event.id)
        ):
            self._began = True
            self._stop(max(event.occurred, one.at), self._position)
        elif not self._deadline or self._columns.stop_at[-1] != one.at:
            self._deadline = True
            self._stop(one.at, NONE)

    def _stop(self, instant: int, position: int) -> None:
        columns = self._columns
        # An event that occurred before the clock's time is taken at the clock's time (T3).
        columns.stop_at.append(max(instant, columns.stop_at[-1]) if columns.stop_at else instant)
        columns.stop_event.append(position)
        columns.stop_end.append(len(columns.at))

    def _position_of(self, event: Event | Heading | None) -> int:
        if event is None:
            return NONE
        if event is self._event:
            return self._position
        found = self.events.at_line(event.line)
        return NONE if found is None else found

    def _note_bucket(self, one: Transition, seq: int) -> None:
        columns = self._columns
        if isinstance(one, DeliveryTransition):
            for column in (columns.lane, columns.before, columns.after):
                column.append(NONE)
            return
        automation, trigger = one.automation, one.trigger
        identity = (automation.index, trigger.path, one.key)
        lane = self._lane_numbers.get(identity)
        if lane is None:
            lane = self._lane_numbers[identity] = len(self._lanes)
            self._lanes.append(Lane(automation, trigger, one.key))
            self._postings.append(array("i"))
            self._last.append((None, NONE))
        self._postings[lane].append(seq)
        columns.lane.append(lane)
        was = one.before if isinstance(one, BucketTransition | FiredTransition) else None
        now = one.after if isinstance(one, BucketTransition) else None
        last, last_number = self._last[lane]
        before = last_number if _same(was, last) else self._bucket(was)
        after = before if _same(now, was) else self._bucket(now)
        columns.before.append(before)
        columns.after.append(after)
        self._last[lane] = (now, after)

    def _bucket(self, bucket: Bucket | None) -> int:
        if bucket is None:
            return NONE
        columns = self._columns
        columns.bucket_start.append(bucket.start)
        columns.bucket_end.append(bucket.end)
        columns.bucket_count.append(bucket.count)
        columns.bucket_event.append(self._position_of(bucket.last_event))
        return len(columns.bucket_start) - 1


def _same(one: Bucket | None, other: Bucket | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or (
        (one.start, one.end, one.count) == (other.start, other.end, other.count)
        and (one.last_event is other.last_event or _line(one) == _line(other))
    )


def _line(bucket: Bucket) -> int | None:
    return None if bucket.last_event is None else bucket.last_event.line


def record(
    automations: Sequence[Automation],
    records: Iterable[Event | BadLine],
    options: ReplayOptions,
    *,
    store: EventStore | None = None,
    progress: Callable[[int], None] | None = None,
) -> Recording:
    """Replay once and keep all records.

    Args:
        automations: In definition order.
        records: Events and bad lines in the order of delivery (O1).
        options: The options of the replay.
        store: The events of an earlier recording of the same log, if there is one.
        progress: Called at intervals with the number of events; may raise to stop.
    """
    recorder = Recorder(store)
    read = 0

    def watched() -> Iterator[Event | BadLine]:
        nonlocal read
        for count, one in enumerate(records):
            if isinstance(one, Event):
                if not read:
                    recorder.log_start = one.occurred
                read += 1
            if progress is not None and count % _EVERY == 0:
                progress(count)
            yield one
            # The replay asks for the next event, so this one is done.
            recorder.close()

    run = ReplayRun(
        automations,
        watched(),
        options,
        with_buckets=False,
        compare_dialects=False,
        watch=recorder.take,
    )
    note = recorder.note
    for transition in run:
        note(transition)
    recorder.close()
    if store is None:
        recorder.events.left_out = read - len(recorder.events)
    return recorder.finish(automations, options.dialect, run.report())
