"""Does the suite notice? Small deliberate faults in the engine, each of which must fail a test.

    python tests/mutation_check.py [--only TEXT] [--jobs N]

Each fault is a source edit on a copy of the package in a temporary folder; the tests of the rules
and those of the command line run against it and stop at the first failure. The table is printed; the exit code is 1 if a
fault survives. What the oracle alone could notice does not count: its live tests are left out.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
FAST = (
    "tests/read",
    "tests/match",
    "tests/engine/test_bucket.py",
    "tests/engine/test_composite.py",
    "tests/engine/test_delivery.py",
    "tests/engine/test_endless.py",
    "tests/engine/test_held.py",
    "tests/engine/test_proactive.py",
    "tests/engine/test_processed.py",
    "tests/engine/test_replay.py",
    "tests/engine/test_runs.py",
    "tests/engine/test_batches.py",
    "tests/history/test_delivered.py",
)
THOROUGH = (
    "tests/events/test_scan_consistency.py",
    "tests/events/test_store.py",
    "tests/conformance",
    "tests/faults",
    "tests/front_door",
    "tests/docs_model",
)


OPTIONS = (
    *("-x", "-q", "--no-header", "--no-oracle", "-p", "no:cacheprovider"),
    *("--hypothesis-profile", "unshrunk"),
    *("--front-door-cases", "120", "--front-door-seed", "1"),
)
LONGEST = 900
"""Seconds. A faulty engine may never end; the tests without a fault take a minute or two."""


class Fault(NamedTuple):
    """One source edit; `before` stands exactly once in the file."""

    rule: str
    what: str
    file: str
    before: str
    after: str


BUCKET, REPLAY, PROACTIVE = "engine/bucket.py", "engine/replay.py", "engine/proactive.py"
HELD, RUNS = "engine/held.py", "engine/runs.py"
DELIVERY, COMPOSITE = "engine/delivery.py", "engine/composite.py"
DELIVERED = "engine/delivered.py"
PLAN, FILTERS, INDEX, MATCHER = (
    "match/plan.py",
    "match/filters.py",
    "match/index.py",
    "match/matcher.py",
)
PATTERNS, PROCESSED = "match/patterns.py", "engine/processed.py"
RANGE, SCAN, BATCH, STORE = (
    "read/log_range.py",
    "events/scan.py",
    "events/batch.py",
    "events/store.py",
)
DECODING, QUICK, INTERPRET = "events/decoding.py", "events/quick.py", "events/interpret.py"
LINES, SHARDS, LOG = "events/lines.py", "events/shards.py", "read/log.py"

# fmt: off
FAULTS = (
    Fault("S2", "swept a moment later", BUCKET, "bucket.end <= clock - buffer", "bucket.end < clock - buffer"),
    Fault("S1", "no new window exactly at the end", BUCKET, "        and bucket.end <= now\n", "        and bucket.end < now\n"),
    Fault("S1", "also where the window has no length", BUCKET, "        and trigger.within > 0\n", ""),
    Fault("B5", "what starts also satisfies", BUCKET, "len(counted) - (1 if roles.expected else 0)", "len(counted)"),
    Fault("B5", "repeated after events extend the window", BUCKET, "kept = _with_last_event(bucket, event, dialect)", "kept = Bucket(bucket.start, now + trigger.within, bucket.count, event)"),
    Fault("B5", "repeated after events are not noted", BUCKET, "kept = _with_last_event(bucket, event, dialect)", "kept = bucket"),
    Fault("B6", "look back 14 minutes", BUCKET, "LOOK_BACK = 15 * MINUTE", "LOOK_BACK = 14 * MINUTE"),
    Fault("B6", "a trigger with after opens without it", BUCKET, "elif roles.expected and not trigger.after:", "elif roles.expected:"),
    Fault("B6", "later events are not noted", BUCKET, "            bucket = _with_last_event(bucket, event, dialect)\n", "            pass\n"),
    Fault("E1", "the window's first instant is too early", BUCKET, "if now < bucket.start:\n", "if now <= bucket.start:\n"),
    Fault("E1", "no cooling down", BUCKET, "if now < bucket.start:\n", "if False:\n"),
    Fault("E2", "an event at the end counts", BUCKET, "(trigger.immediate or now < bucket.end)", "(trigger.immediate or now <= bucket.end)"),
    Fault("E2", "immediate triggers count within windows only", BUCKET, "(trigger.immediate or now < bucket.end)", "now < bucket.end"),
    Fault("E3", "one event too many", BUCKET, "met = bucket.count >= trigger.threshold", "met = bucket.count > trigger.threshold"),
    Fault("E3", "proactive: ready a moment later", BUCKET, "ready = bucket.end <= now", "ready = bucket.end < now"),
    Fault("E3", "proactive: met at the threshold", BUCKET, "met = bucket.count < trigger.threshold", "met = bucket.count <= trigger.threshold"),
    Fault("E4", "open at its end", BUCKET, "elif now < bucket.end:\n        # E4", "elif now <= bucket.end:\n        # E4"),
    Fault("E4", "no renewal", BUCKET, "            and event_starts\n            and not met\n", "            and False\n"),
    Fault("E4", "renewed before the threshold", BUCKET, "            and event_starts\n            and not met\n", "            and event_starts\n"),
    Fault("E4", "renewed with a count of 1", BUCKET, "                len(counted_again),", "                1 + len(counted_again),"),
    Fault("E4", "renewed for the old window's time", BUCKET, "                now + trigger.within,\n                len(counted_again),", "                bucket.end,\n                len(counted_again),"),
    Fault("E5", "windows follow each other in spite of after", BUCKET, "    if trigger.after:\n        if not fired:", "    if False:\n        if not fired:"),
    Fault("E6", "the next window starts now", BUCKET, "start = max(bucket.end, now)", "start = now"),
    Fault("E6", "the next window starts at the old one's end", BUCKET, "start = max(bucket.end, now)", "start = bucket.end"),
    Fault("E6", "an unfired immediate bucket goes", BUCKET, "return None if fired else bucket", "return None"),
    Fault("E6", "a fired immediate bucket stays", BUCKET, "return None if fired else bucket", "return bucket"),
    Fault("E7", "proactive: the event is lost", BUCKET, "following = Bucket(start, end, 1, None)", "following = Bucket(start, end, 0, None)"),
    Fault("E7", "reactive: the event is lost", BUCKET, "return evaluate(trigger, dialect, following, now, event, event_starts, changes)", "return following"),
    Fault("H1", "triggers without after hold as well", REPLAY, "if plan.dialect.holds and planned.definition.after:", "if plan.dialect.holds:"),
    Fault("E6", "firings in a row are passed while an event waits", REPLAY, "if not state.fires_alone or self._delivery.waiting or self._evaluated_at:", "if not state.fires_alone or self._evaluated_at:"),
    Fault("C2", "firings in a row of a child that is stored are passed", RUNS, "if above.definition.require != 1:", "if above.definition.require < 0:"),
    Fault("E3", "one firing in a row is lost", RUNS, "    run = FiringRun(planned.automation, trigger, key, bucket.end, within, number)", "    run = FiringRun(planned.automation, trigger, key, bucket.end, within, number - 1)"),
    Fault("H2", "heartbeats are held as well", REPLAY, "expected_only = roles.expected and not roles.starts", "expected_only = roles.expected"),
    Fault("H2", "an event is held only where there is a bucket", REPLAY, "            held.hold(event, self.clock, self._seq)", "            if bucket:\n                held.hold(event, self.clock, self._seq)"),
    Fault("H3", "a held copy is taken again", REPLAY, "if held.holds(event) and self._dialect.held_copies_are_ignored:", "if False:"),
    Fault("H4", "what is held at the start does not count", HELD, "held = self._by_occurred[self._first_from(start) :", "held = self._by_occurred[self._first_from(start + 1) :"),
    Fault("H4", "what is held at the end counts", HELD, ": self._first_from(end)]", ": self._first_from(end + 1)]"),
    Fault("H4", "openings count nothing held", BUCKET, "held.within(now, now + trigger.within) if dialect.openings_count_held else ()", "()"),
    Fault("H4", "renewals count nothing held", BUCKET, "counted_again = held.within(now, now + trigger.within)", "counted_again = ()"),
    Fault("H5", "an open bucket takes the event", BUCKET, "    if dialect.open_buckets_keep_last_event:\n        return bucket\n", ""),
    Fault("H6", "the heartbeat is always the last event", BUCKET, "last_event if keeps_last else event,  # H6", "event,"),
    Fault("H6", "an earlier event is kept as well", BUCKET, "and last_event.occurred >= now", "and True"),
    Fault("H6", "a heartbeat is kept as well", HELD, "return event is self._last_counted", "return True"),
    Fault("H7", "30 minutes exactly are too long", HELD, "lambda one: one.clock < clock", "lambda one: one.clock <= clock"),
    Fault("H7", "an open bucket protects nothing", HELD, "if end is None or end <= clock:", "if True:"),
    Fault("H7", "a lingering bucket protects", HELD, "if end is None or end <= clock:", "if end is None:"),
    Fault("H7", "nothing is too old", HELD, "            found.let_go_before(clock - RETENTION)", "            pass"),
    Fault("H8", "the horizon is half an hour", HELD, "max(RETENTION, within)", "RETENTION"),
    Fault("H8", "the horizon is exclusive", HELD, "self._drop(0, self._first_from(newest - max(RETENTION, within)))", "self._drop(0, self._first_from(newest - max(RETENTION, within) + 1))"),
    Fault("H8", "a slot keeps one too few", HELD, "kept_last = self._first_from(slot + within) - threshold", "kept_last = self._first_from(slot + within)"),
    Fault("H8", "a slot keeps the latest held", HELD, "return held.occurred, held.id.lower()", "return held.occurred, str(held.seq)"),
    Fault("P2", "after a long silence evaluations have other times", REPLAY, "latest += max(until - now, 0) // trigger.within * trigger.within", "latest = max(latest, until)"),
    Fault("P5", "satisfied buckets of the server count as followed by others", REPLAY, "        return len(state.buckets) - len(state.satisfied)", "        return len(state.buckets)"),
    Fault("T4", "at equal times the event comes first", REPLAY, "self._timers[0].due <= until", "self._timers[0].due < until"),
    Fault("T3", "the clock goes back", REPLAY, "    def _move_clock(self, instant: int) -> None:\n        self.clock = max(self.clock, instant)", "    def _move_clock(self, instant: int) -> None:\n        self.clock = min(self.clock, instant)"),
    Fault("T4", "proactive deadlines before releases", REPLAY, "_RELEASE, _PROACTIVE, _METRIC = range(3)", "_PROACTIVE, _RELEASE, _METRIC = range(3)"),
    Fault("O3", "log writes are delivered", "vocabulary.py", "frozenset({LOG_WRITE})", "frozenset()"),
    Fault("O4", "one follower too deep", REPLAY, "if depth == DEEPEST_FOLLOWER:", "if depth > DEEPEST_FOLLOWER:"),
    Fault("O2", "remembered for a moment longer", PROCESSED, "clock - at < PROCESSED_LOOK_BACK", "clock - at <= PROCESSED_LOOK_BACK"),
    Fault("O2", "remembered for 20 minutes", PROCESSED, "PROCESSED_LOOK_BACK = 30 * MINUTE", "PROCESSED_LOOK_BACK = 20 * MINUTE"),
    Fault("O2", "what is young is dropped too", PROCESSED, "takewhile(oldest.__ge__, clocks.values())", "clocks.values()"),
    Fault("O2", "second copies are processed", REPLAY, "elif delivery.is_duplicate(event, self.clock):", "elif False:"),
    Fault("O4", "a run's leader is known however old it is", DELIVERY, "is_long = clocks[-1] - clocks[0] >= PROCESSED_LOOK_BACK", "is_long = False"),
    Fault("O4", "a run's leader may come later", DELIVERY, "elif leader in rows or not", "elif leader not in rows and not"),
    Fault("O4", "a run passes whoever waits for it", DELIVERY, "if not self._followers.keys().isdisjoint(ids):", "if False:"),
    Fault("O2", "a run's own copies are not seen", DELIVERY, "if len(rows) < len(ids):", "if False:"),
    Fault("O2", "a run's copies of earlier events are not seen", DELIVERY, "if processed.knows_any(ids):", "if False:"),
    Fault("O3", "log writes in a run are delivered", REPLAY, "if UNDELIVERED_NAMES.isdisjoint(run.names):", "if True:"),
    Fault("O3", "log writes among others are offered", REPLAY, "if match.event.name not in UNDELIVERED_NAMES", "if True"),
    Fault("T4", "timers run after all that was delivered together", REPLAY, "if self._timers and self._timers[0].due <= timers_until:", "if False:"),
    Fault("O3", "log writes among others are shared", DELIVERED, "            if event.name not in UNDELIVERED_NAMES:\n", "            if True:\n"),
    Fault("T4", "shared events come at the first one's clock", DELIVERED, "_now(match, clocks[row])", "_now(match, clocks[0])"),
    Fault("T4", "events delivered together come at the last one's clock", REPLAY, "(clocks[row + 1], clocks[row + 1], match)", "(clocks[-1], clocks[-1], match)"),
    Fault("E6", "only the first step between events is measured", REPLAY, "step = longest_step(clocks)", "step = longest_step(clocks[:2])"),
    Fault("E6", "what may be taken opens no window", REPLAY, "max(len(state.buckets), 1) + matches + self._delivery.waiting,", "max(len(state.buckets), 1),"),
    Fault("O4", "followers in the order of arrival", DELIVERY, "sorted(followers.values(), key=lambda waiting: waiting.rank)", "list(followers.values())"),
    Fault("O4", "waits for a minute longer", DELIVERY, "LONGEST_WAIT = 15 * MINUTE", "LONGEST_WAIT = 16 * MINUTE"),
    Fault("O4", "waits for itself", DELIVERY, "event.follows != event.id or self._self_followers_wait", "True"),
    Fault("O5", "disabled automations run", PLAN, "        if is_evaluated(automation, dialect):\n", "        if True:\n"),
    Fault("P2", "looks half as often where nothing is open", REPLAY, "latest = now + trigger.within", "latest = now + 2 * trigger.within"),
    Fault("P2", "looks only once a window's length", REPLAY, "due = latest if next_end is None else min(next_end, latest)", "due = latest"),
    Fault("P2", "a bucket is due a moment after its end", PROACTIVE, "and self._heap[0][0] <= now:", "and self._heap[0][0] < now:"),
    Fault("P2", "buckets are evaluated the latest first", PROACTIVE, "        return [key for _end", "        ended.reverse()\n        return [key for _end"),
    Fault("P3", "keyed triggers arm themselves too", REPLAY, "return not trigger.for_each and (not trigger.after or self._dialect.after_arms_at_start)", "return not trigger.after or self._dialect.after_arms_at_start"),
    Fault("P3", "no watch from the start", REPLAY, "return not trigger.for_each and (not trigger.after or self._dialect.after_arms_at_start)", "return False"),
    Fault("P4", "docs drops satisfied windows too", REPLAY, "if not self._dialect.satisfied_windows_tile:", "if True:"),
    Fault("P5", "server keeps satisfied windows", REPLAY, "if not self._dialect.satisfied_windows_tile:", "if False:"),
    Fault("P5", "satisfied only above the threshold", REPLAY, "if bucket.count >= self.planned.definition.threshold:", "if bucket.count > self.planned.definition.threshold:"),
    Fault("P6", "server waits for after", REPLAY, "return not trigger.for_each and (not trigger.after or self._dialect.after_arms_at_start)", "return not trigger.for_each and not trigger.after"),
    Fault("P6", "docs arms itself in spite of after", REPLAY, "return not trigger.for_each and (not trigger.after or self._dialect.after_arms_at_start)", "return not trigger.for_each"),
    Fault("S2", "no sweep", REPLAY, "return self._dialect.expired_buckets_are_swept and is_swept(", "return False and is_swept("),
    Fault("S2", "docs sweeps too", REPLAY, "return self._dialect.expired_buckets_are_swept and is_swept(", "return is_swept("),
    Fault("E3", "a deadline's firing has no event", REPLAY, "last = before.last_event if", "last = None if"),
    Fault("C2", "one firing is stored first", REPLAY, "if definition.require == 1:", "if definition.require == 0:"),
    Fault("C3", "nothing expires", REPLAY, "for expired in state.stored.expire(firing.at):", "for expired in ():"),
    Fault("C3", "a firing exactly within ago expires", COMPOSITE, "firing.at < now - trigger.within", "firing.at <= now - trigger.within"),
    Fault("C3", "the first firing of a child is kept", COMPOSITE, "self._by_child[child] = firing", "self._by_child[child] = superseded or firing"),
    Fault("C4", "compound: one child more", COMPOSITE, "return len(self._by_child) >= self._trigger.require", "return len(self._by_child) > self._trigger.require"),
    Fault("C4", "sequence: in any order", COMPOSITE, " and all(map(eq, self._by_child, range(children)))", ""),
    Fault("C4", "sequence: a child keeps its place", COMPOSITE, "self._by_child.pop(child, None)", "self._by_child.get(child)"),
    Fault("C5", "nothing is cleared", REPLAY, "held = state.stored.clear()", "held = state.stored.held()"),
    Fault("C5", "carries the event of the first child", REPLAY, "planned.automation, planned.definition, last.event", "planned.automation, planned.definition, children[0].event"),
    Fault("C5", "is not passed up", REPLAY, "        self._pass_up(planned.parent, firing)\n\n    def _firing", "\n    def _firing"),
    Fault("B2", "the key's order", FILTERS, "tuple(read(resource, related) for read in readers)", "tuple(read(resource, related) for read in reversed(readers))"),
    Fault("B2", "the last resource in the role", FILTERS, "        for one in related:\n", "        for one in reversed(related):\n"),
    Fault("B2", "an absent role is no key", FILTERS, '                return one.get(related_label) or ""\n        return ""', '                return one.get(related_label) or ""\n        return "-"'),
    Fault("N1", "an empty expect takes nothing", PATTERNS, "_alternatives(expect, dialect) if expect else _always", "_alternatives(expect, dialect) if expect else _never"),
    Fault("N2", "a star takes one character or more", PATTERNS, "return lambda text: text.startswith(first)\n", "return lambda text: text.startswith(first) and text != first\n"),
    Fault("N3", "a negation excludes nothing", PATTERNS, "return lambda text: included(text) and not excluded(text)", "return included"),
    Fault("N4", "no second test", PATTERNS, "begins = None if dialect.name_star_takes_nothing else", "begins = None if True else"),
    Fault("N4", "a star takes nothing", PATTERNS, '.replace("\\\\*", ".+")', '.replace("\\\\*", ".*")'),
    Fault("N4", "globs are literal", PATTERNS, "if dialect.glob_characters and GLOB_CHARACTERS.intersection(pattern):\n        expression", "if False:\n        expression"),
    Fault("N4", "the second test takes the whole name", PATTERNS, "expression.match(name) is not None", "expression.fullmatch(name) is not None"),
    Fault("M1", "an absent label matches", PATTERNS, "return value is not None and fits(value)", "return value is None or fits(value)"),
    Fault("M1", "an empty list matches", PATTERNS, "    if not patterns:\n        return _never", "    if not patterns:\n        return _always"),
    Fault("M2", "objects are ORed", PATTERNS, "all(one(others) for one in related)", "any(one(others) for one in related)"),
    Fault("M2", "all related resources must match", PATTERNS, "return lambda related: any(satisfied(resource) for resource in related)", "return lambda related: all(satisfied(resource) for resource in related)"),
    Fault("M5", "any resource is forbidden", PATTERNS, "return described(resource) and any(", "return any("),
    Fault("M5", "a mixed list needs nobody", PATTERNS, "return not needs_one or any", "return True or any"),
    Fault("M6", "negations are ANDed", PATTERNS, "any(not predicate(text) for predicate in excluded)", "all(not predicate(text) for predicate in excluded)"),
    Fault("M5", "what matches by absence is looked up", INDEX, " if not asserts_absence(one, dialect)]", "]"),
    Fault("M2", "the index looks at the first related resource only", INDEX, "            for one in related:\n                if label in one:", "            for one in related[:1]:\n                if label in one:"),
    Fault("M1", "the index keeps one value of several", INDEX, "for value in necessary.values:", "for value in sorted(necessary.values)[:1]:"),
    Fault("M1", "a glob is looked up as if it were literal", INDEX, "    return not is_negated(pattern) and STAR not in pattern", "    return not is_negated(pattern)"),
    Fault("B2", "the role is not asked for a related key", FILTERS, "if one.get(RESOURCE_ROLE) == role:", "if True:"),
    Fault("B2", "triggers that differ in for_each share a filter", FILTERS, "names = trigger.expect, trigger.after, trigger.for_each", "names = trigger.expect, trigger.after"),
    Fault("N1", "triggers that differ in after share a filter", FILTERS, "names = trigger.expect, trigger.after, trigger.for_each", "names = trigger.expect, trigger.for_each"),
    Fault("M2", "triggers that differ in match_related share a filter", FILTERS, "identity = dialect, trigger.match, trigger.match_related, names", "identity = dialect, trigger.match, names"),
    Fault("M6", "dialects share a filter", FILTERS, "identity = dialect, trigger.match,", "identity = trigger.match,"),
    Fault("N1", "a role is another", MATCHER, "(one.number, role, one.key_of(resource, related))", "(one.number, 3 - role, one.key_of(resource, related))"),
    Fault("M1", "the labels of a name's first event decide for the next", MATCHER, "if one.matches is None or one.matches(resource, related)", "if True"),
    Fault("C6", "takers come in the order of their filters", REPLAY, "            found.sort(key=itemgetter(0))\n", "            pass\n"),
    Fault("N1", "names are asked of the first filter alone", MATCHER, "for one in asked if", "for one in asked[:1] if"),
    Fault("N1", "a name is asked of the filters of names alone", MATCHER, "self._of_name.get(name, []) + self._of_any_name", "self._of_name.get(name, [])"),
    Fault("N1", "a negated name is taken for a name", PATTERNS, "any(is_negated(p) or not is_literal(p) for", "any(not is_literal(p) for"),
    Fault("N1", "without expect, only the names of after are taken", PATTERNS, "if not trigger.expect or any(is_negated", "if any(is_negated"),
    Fault("T5", "--until is exclusive", RANGE, "if until is not None and event.occurred > until and", "if until is not None and event.occurred >= until and"),
    Fault("T5", "a run past --until is taken whole", RANGE, "return max(record.occurred) if isinstance", "return min(record.occurred) if isinstance"),
    Fault("T5", "an end before the log is no error", RANGE, '            (begun, "the log begins at {},", self.until, "--until"),\n', ""),
    Fault("T5", "an end at the log's first event is an error", RANGE, "and low > high:", "and low >= high:"),
    Fault("T5", "--until does not end the replay", REPLAY, "            yield from self._run_timers(until)\n", "            yield from self._run_timers(self.clock)\n"),
    Fault("T7", "a range that begins after --until is searched", RANGE, '            (self._first, "--from {} is", self.until, "--until"),\n', ""),
    Fault("T7", "the log ends at --until", RANGE, "chain((record,), records)", "()"),
    Fault("T5", "a window opened late is due at its end", REPLAY, "max(bucket.end, planned.get(id(state), bucket.end))", "bucket.end"),
    Fault("T7", "an event after --to ends the replay", RANGE, " and not is_after:", ":"),
    Fault("T7", "an end before an event after --to is an error", RANGE, "origin > self._last", "False"),
    Fault("T7", "--from is exclusive", RANGE, "occurred < self._first", "occurred <= self._first"),
    Fault("T7", "--to is exclusive", RANGE, "occurred > self._last", "occurred >= self._last"),
    Fault("T7", "events before --from are offered", RANGE, "yield Seen(heading_of(event))\n                    continue", "pass"),
    Fault("T7", "events before --from are not seen", RANGE, "yield Seen(heading_of(event))\n", "pass\n"),
    Fault("T7", "an event that is only seen starts the clock", REPLAY, "        if self.started is None and not self._has_seen:\n            self.clock = heading.occurred\n", "        if self.started is None:\n            self.start(heading.occurred)\n"),
    Fault("T3", "--start is not heeded", RANGE, "        if self._start is not None:\n            self._begin(self._start)", "        if self._start is None:\n            self._begin(origin or 0)"),
    Fault("T3", "a start after the log is no error", RANGE, "latest < self._start:", "False:"),
    Fault("T3", "a start at the last event is an error", RANGE, "latest < self._start:", "latest <= self._start:"),
    Fault("T3", "a start after the end is no error", RANGE, '            (self._start, "--start {} is", self.until, "--until"),\n', ""),
    Fault("T3", "a run begins at its last event", REPLAY, "self.start(run.occurred[0])", "self.start(run.occurred[-1])"),
    Fault("O1", "rows are not sorted", BATCH, "if sorted(keys) == keys:", "if True:"),
    Fault("O1", "a batch sorted by received keeps the order of occurrence", SCAN, "batch.keys += receipts", "batch.keys += occurred"),
    Fault("O1", "batches that overlap are chained", STORE, "if chain[-1].last < stored.first:", "if True:"),
    Fault("O1", "a merge goes a row too far", STORE, "stop = bisect_left(range(stop), heap[0][0], row + 1, key=batch.key)", "stop = min(bisect_left(range(stop), heap[0][0], row + 1, key=batch.key) + 1, stop)"),
    Fault("O1", "follows stays where it was", BATCH, "self.follows = [self.follows[row] for row in order]", "self.follows = list(self.follows)"),
    Fault("O6", "a label that is no string makes a line malformed", DECODING, "return {label: text for label, text in labels.items() if type(text) is str}", "raise TypeError"),
    Fault("O6", "no label stays beside one that is no string", DECODING, "return {label: text for label, text in labels.items() if type(text) is str}", "return {}"),
    Fault("O6", "what orjson refuses is malformed where it is read", INTERPRET, "odd = self._leniently(text)", "odd = None"),
    Fault("O4", "an empty follows is waited for", SCAN, "[known(one, one) if (one := head.follows) else None for head in heads]", "[head.follows for head in heads]"),
    Fault("O2", "an event without an id has an empty one", BATCH, "        if not all(self.ids):", "        if False:"),
    Fault("O1", "lines count from their stretch", BATCH, "before = place.before", "before = 0"),
    Fault("", "the line that a chunk cuts is lost", LINES, "            begun = [lines.pop()]\n            size = len(begun[0])", "            lines.pop()"),
    Fault("", "a shard begins a byte late", SHARDS, "return offset + found + 1", "return offset + found + 2"),
    Fault("", "a bad line hides the next one", LOG, "yield from self._rows(batch, row, stop)\n            row = stop", "yield from self._rows(batch, row, stop)\n            row = stop + 1"),
)
# fmt: on


def copy_to(folder: Path) -> None:
    """The package and the tests, for faults to be put into."""
    for part in ("trigger_cli", "tests", "sample_events"):
        ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
        shutil.copytree(REPOSITORY / part, folder / part, ignore=ignored)
    shutil.copy(REPOSITORY / "pyproject.toml", folder)


@contextmanager
def fault_in(folder: Path, fault: Fault) -> Iterator[None]:
    """The copy in `folder` with the fault, and without it again."""
    path = folder / "trigger_cli" / fault.file
    source = path.read_text("utf-8")
    found = source.count(fault.before)
    if found != 1:
        raise SystemExit(f"{fault.file}: {fault.before!r} stands there {found} times, not once")
    cached = path.parent / "__pycache__"
    path.write_text(source.replace(fault.before, fault.after), "utf-8")
    try:
        yield
    finally:
        path.write_text(source, "utf-8")
        # What was compiled of it is told by time and size, which may be the same.
        for one in cached.glob(f"{path.stem}.*"):
            one.unlink()


def caught_by(fault: Fault, folders: Queue[Path]) -> str | None:
    """The test that fails with the fault; ``None``: it survives."""
    folder = folders.get()
    try:
        with fault_in(folder, fault):
            return _failing(fault, folder, FAST) or _failing(fault, folder, THOROUGH)
    finally:
        folders.put(folder)


def _failing(fault: Fault, folder: Path, tests: tuple[str, ...]) -> str | None:
    """The first of some tests that fails in `folder`; ``None``: they pass."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *OPTIONS, *tests],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return f"no end within {LONGEST} s"
    if done.returncode == 0:
        return None
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    if done.returncode != 1 or not failed:
        raise SystemExit(f"{fault}: pytest itself failed\n{done.stdout[-2000:]}{done.stderr}")
    return failed[0].removeprefix("FAILED tests/").split(" - ")[0]


def main() -> int:
    """Try all faults, and print the table."""
    arguments = argparse.ArgumentParser(description="Deliberate faults that the suite must catch.")
    arguments.add_argument("--only", default="", help="only faults whose line holds this text")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = arguments.parse_args()
    faults = [one for one in FAULTS if options.only in f"{one.rule} {one.what} {one.file}"]
    began = time.monotonic()
    folders: Queue[Path] = Queue()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(options.jobs) as pool:
        for number in range(options.jobs):
            copy_to(Path(name) / str(number))
            folders.put(Path(name) / str(number))
        results = []
        found = pool.map(lambda one: caught_by(one, folders), faults)
        for fault, test in zip(faults, found, strict=True):
            results.append(test)
            print(f"{fault.rule} {fault.what}: {test or 'SURVIVED'}", file=sys.stderr, flush=True)
    print("| rule | fault | |\n|---|---|---|")
    for fault, test in zip(faults, results, strict=True):
        verdict = "**survived**" if test is None else f"caught: `{test}`"
        print(f"| {fault.rule} | {fault.what} | {verdict} |")
    survived = results.count(None)
    print(
        f"\n{len(faults)} faults, {len(faults) - survived} caught, {survived} survived"
        f" ({time.monotonic() - began:.0f} s)"
    )
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
