"""Pure functions on one bucket at one instant, with one branch per rule.

Rules: ``semantics.md`` B5–B8, E, S1, S2, H4–H6. Each function returns the new state of the bucket
(``None``: no bucket) and appends each change to `changes`, in order, with the rule that caused it.
"""

from typing import Final, Literal, Protocol

from msgspec import Struct

from trigger_cli.dialects import Dialect
from trigger_cli.model import Bucket, BucketKind, Event, EventTrigger, NameRoles
from trigger_cli.times import MINUTE

LOOK_BACK = 15 * MINUTE
"""How far before its first event a bucket without ``after`` begins (B6)."""


class Change(Struct, frozen=True):
    """One thing that happened to a bucket."""

    kind: BucketKind | Literal["fired"]
    rule: str
    before: Bucket | None
    after: Bucket | None
    held: tuple[int, ...] = ()
    """`HeldEvent.seq` of each held event that the bucket counted when it opened (H4)."""


class HeldOfKey(Protocol):
    """The events that a trigger holds for one key (H)."""

    def within(self, start: int, end: int, /) -> tuple[int, ...]:
        """`HeldEvent.seq` of each held event with ``start <= occurred < end``, both in µs."""

    def is_expected_only(self, event: Event, /) -> bool:
        """Whether the bucket's last event matches ``expect`` and not ``after``."""


class _HoldsNothing:
    def within(self, _start: int, _end: int) -> tuple[int, ...]:
        return ()

    def is_expected_only(self, _event: Event) -> bool:
        return False


HOLDS_NOTHING: Final[HeldOfKey] = _HoldsNothing()
"""For a trigger that holds no events (H1)."""


def is_swept(bucket: Bucket, clock: int, buffer: int) -> bool:
    """Whether the server has dropped `bucket` by `clock`: `buffer` µs after its end (S2)."""
    return bucket.end <= clock - buffer


def take_event(
    trigger: EventTrigger,
    dialect: Dialect,
    bucket: Bucket | None,
    event: Event,
    roles: NameRoles,
    changes: list[Change],
    held: HeldOfKey = HOLDS_NOTHING,
) -> Bucket | None:
    """Take an event that has passed N and M; `bucket` is the key's open bucket, if any (B5–B8)."""
    now = event.occurred
    if roles.starts:
        bucket = _ensure_started(trigger, dialect, bucket, event, roles, changes, held)
    elif roles.expected and not trigger.after:
        # The window looks back so that late events count (B6).
        if bucket is None:
            bucket = Bucket(now - LOOK_BACK, now + trigger.within, 0, event)
            changes.append(Change("opened", "B6", None, bucket))
        else:
            bucket = _with_last_event(bucket, event, dialect)
    if not roles.expected:
        return bucket
    if bucket is None:
        # The trigger still waits for an `after` event (B7).
        rule = "B7" if held is HOLDS_NOTHING else "H2"
        changes.append(Change("ignored", rule, None, None))
        return None
    return evaluate(trigger, dialect, bucket, now, event, roles.starts, changes, held)


def _with_last_event(bucket: Bucket, event: Event, dialect: Dialect) -> Bucket:
    """Return the open bucket after an event that does not open it (B5, B6, H5)."""
    if dialect.open_buckets_keep_last_event:
        return bucket
    return Bucket(bucket.start, bucket.end, bucket.count, event)


def take_quietly(
    trigger: EventTrigger,
    dialect: Dialect,
    bucket: Bucket | None,
    event: Event,
    roles: NameRoles,
) -> Bucket | None:
    """Return what `take_event` returns if no bucket ends or fires; ``None`` if one might.

    This is the fast path for most events that count: it takes a third of the time
    (``benchmarks/run.py``, lane "everything matches"). It makes one change, or two if there was no
    bucket.
    """
    if roles.starts or not roles.expected or trigger.after or trigger.posture != "Reactive":
        return None
    now = event.occurred
    if bucket is None:
        if trigger.threshold <= 1 or trigger.immediate:
            return None
        return Bucket(now - LOOK_BACK, now + trigger.within, 1, event)  # B6, E2
    if now < bucket.start:  # E1
        return _with_last_event(bucket, event, dialect)
    if now < bucket.end and bucket.count + 1 < trigger.threshold:  # E2
        return Bucket(bucket.start, bucket.end, bucket.count + 1, event)
    return None


def _ensure_started(
    trigger: EventTrigger,
    dialect: Dialect,
    bucket: Bucket | None,
    event: Event,
    roles: NameRoles,
    changes: list[Change],
    held: HeldOfKey,
) -> Bucket:
    """Open the bucket that an ``after`` event starts, or keep the open one (B5, H4)."""
    now = event.occurred
    if (
        bucket is not None
        and dialect.after_reopens_at_end
        and trigger.posture == "Reactive"
        and trigger.within > 0
        and bucket.end <= now
    ):
        changes.append(Change("closed", "S1", bucket, None))
        bucket = None
    if bucket is None:
        # An event that also matches `expect` must not satisfy the watch that it starts.
        counted = held.within(now, now + trigger.within) if dialect.openings_count_held else ()
        count = len(counted) - (1 if roles.expected else 0)
        opened = Bucket(now, now + trigger.within, count, event)
        changes.append(Change("opened", "H4" if counted else "B5", None, opened, counted))
        return opened
    kept = _with_last_event(bucket, event, dialect)
    if not roles.expected:
        lingers = dialect.expired_buckets_are_swept and bucket.end <= now
        changes.append(Change("ignored", "S2" if lingers else "B5", bucket, kept))
    return kept


def evaluate(
    trigger: EventTrigger,
    dialect: Dialect,
    bucket: Bucket,
    now: int,
    event: Event | None,
    event_starts: bool,
    changes: list[Change],
    held: HeldOfKey = HOLDS_NOTHING,
) -> Bucket | None:
    """Evaluate `bucket` at `now`, with an expected event or, at a deadline, without one (E1–E7).

    `event_starts`: whether the event also matches ``after``. `held`: the held events that a renewed
    watch counts (H4).
    """
    last_event = bucket.last_event
    # E1: the event is too late, or the trigger is cooling down.
    if now < bucket.start:
        changes.append(Change("ignored", "E1", bucket, bucket))
        return bucket

    # E2
    counted = event is not None and (trigger.immediate or now < bucket.end)
    if counted:
        before = bucket
        bucket = Bucket(bucket.start, bucket.end, bucket.count + 1, event)
        changes.append(Change("counted", "E2", before, bucket))

    # E3
    if trigger.posture == "Reactive":
        ready = True
        met = bucket.count >= trigger.threshold
    else:
        ready = bucket.end <= now
        met = bucket.count < trigger.threshold
    fired = ready and met
    if fired:
        changes.append(Change("fired", "E3", bucket, None))
    elif now < bucket.end:
        # E4: a heartbeat renews the watch.
        if (
            trigger.posture == "Proactive"
            and dialect.heartbeats_renew
            and event is not None
            and event_starts
            and not met
        ):
            counted_again: tuple[int, ...] = ()
            if dialect.renewals_count_held:
                counted_again = held.within(now, now + trigger.within)
            keeps_last = (
                dialect.renewals_count_held
                and last_event is not None
                and last_event.occurred >= now
                and held.is_expected_only(last_event)
            )
            renewed = Bucket(
                now,
                now + trigger.within,
                len(counted_again),
                last_event if keeps_last else event,  # H6
            )
            rule = "H4" if counted_again else "H6" if keeps_last else "E4"
            changes.append(Change("renewed", rule, bucket, renewed, counted_again))
            return renewed
        return bucket

    # E5: the next `after` event opens the next bucket.
    if trigger.after:
        if not fired:
            changes.append(Change("closed", "E5", bucket, None))
        return None

    # E6
    if trigger.within == 0:
        return None if fired else bucket
    if not fired:
        changes.append(Change("closed", "E6", bucket, None))
    start = max(bucket.end, now)
    end = start + trigger.within
    if event is None or counted:
        following = Bucket(start, end, 0, None)
        changes.append(Change("opened", "E6", None, following))
        return following

    # E7: the event is past the old window and counts in the new one.
    if trigger.posture == "Proactive":
        following = Bucket(start, end, 1, None)
        changes.append(Change("opened", "E7", None, following))
        return following
    following = Bucket(start, end, 0, None)
    changes.append(Change("opened", "E7", None, following))
    return evaluate(trigger, dialect, following, now, event, event_starts, changes)
