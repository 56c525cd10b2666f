"""The data of the page: a replay's report as compact, bounded numbers.

Instants are µs after ``base``. Texts, events and transitions are in tables and are referred to by
index. ``left_out`` counts the data beyond the limits.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from trigger_cli.dialects import DIALECTS, counterpart
from trigger_cli.model import (
    CompositeTrigger,
    Event,
    EventTrigger,
    Firing,
    Heading,
    HeldTransition,
    MetricTrigger,
    Trigger,
    subject_of,
    value_of,
)
from trigger_cli.render.common.inert import ELLIPSIS, inert
from trigger_cli.render.common.names import bucket_captions, child_path, trigger_place, whole_key
from trigger_cli.render.common.words import as_heading, conditions, kind_of, sentence
from trigger_cli.render.replay.view import Shows
from trigger_cli.report import (
    AutomationSummary,
    BucketHistory,
    Kept,
    ReplayReport,
    firings_otherwise,
)
from trigger_cli.views.windows import STATES, Window, WindowFold, bucket_of
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME

FORMAT = "trigger-cli/timeline@1"
KEPT = Kept(transitions=100_000, first=1_000, last=4_000)
"""The most transitions of a page."""
MOST_LANES = 10_000
MOST_FIRINGS = 20_000
MOST_CHILDREN = 50
"""The most children of one firing, over all levels."""
MOST_AUTOMATIONS = 2_000
LONGEST_TEXT = 200
MOST_TEXT = 8_000_000
"""The most characters of all texts; later texts are cut to `SHORT_TEXT`."""
SHORT_TEXT = 16

MARK_FIELDS = 7
EVENT_FIELDS = 5

_STATES = list(STATES)
_EMOJI = r"[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
_JOINER = re.compile(rf"(?:(?<={_EMOJI})|(?<={_EMOJI}\ufe0f))\u200d(?={_EMOJI})")
"""Makes one picture of two, such as a family: harmless in a browser, which draws it as one."""


class _Texts:
    """Each text once, without control characters, cut if it is long or if there are too many."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.cut = 0
        self._size = 0

    def place(self, text: str) -> int:
        limit = LONGEST_TEXT if self._size < MOST_TEXT else SHORT_TEXT
        if len(text) > limit:
            self.cut += 1
        parts = _JOINER.split(text[: limit + 1])
        text = "\u200d".join(inert(one, limit) for one in parts)
        if len(text) > limit:
            text = text[: limit - len(ELLIPSIS)] + ELLIPSIS
        if text not in self.places:
            self.places[text] = len(self.places)
            self._size += len(text)
        return self.places[text]


class _Events:
    """Each event once: line, name, id, resource and time."""

    def __init__(self, texts: _Texts, base: int) -> None:
        self.rows: list[int] = []
        self._texts = texts
        self._base = base
        self._places: dict[tuple[int, str], int] = {}

    def place(self, event: Event | Heading | None) -> int:
        """The event's number; -1 without an event."""
        if event is None:
            return -1
        identity = (event.line, event.id)
        place = self._places.get(identity)
        if place is None:
            place = self._places[identity] = len(self.rows) // EVENT_FIELDS
            labels = event.resource if isinstance(event, Event) else {}
            resource, name = labels.get(RESOURCE_ID, ""), labels.get(RESOURCE_NAME, "")
            told = f"{name} · {resource}" if name and resource else name or resource
            text = self._texts.place
            occurred = event.occurred - self._base
            self.rows += [event.line, text(event.name), text(event.id), text(told), occurred]
        return place


class PageData:
    """The data for the page's script, for JSON."""

    def __init__(self, report: ReplayReport, shows: Shows) -> None:
        self._report = report
        self._shows = shows
        self._base = report.start or 0
        self._end = report.end if report.end is not None else self._base
        self._texts = _Texts()
        self._events = _Events(self._texts, self._base)
        # Repeated words, numbered in order of first use.
        self._kinds: dict[str, int] = {}
        self._rules: dict[str, int] = {}
        self._lanes: list[dict[str, Any]] = []
        self._lane_of: dict[tuple[int, str, tuple[str, ...]], int] = {}
        self._mark_of: dict[int, int] = {}
        """The mark of each kept firing, by its `Transition.seq`."""
        self._hidden_transitions = 0
        self._hidden_lanes = 0

    def data(self) -> dict[str, Any]:
        """The data, computed once."""
        report, text = self._report, self._texts.place
        summaries = [one for one in report.automations if self._shows.automation(one.automation)]
        shown = sorted(summaries, key=lambda one: (not one.firings, one.automation.index))
        shown = shown[:MOST_AUTOMATIONS]
        buckets = self._kept_buckets(shown)
        automations = [
            self._automation(place, one, buckets[place]) for place, one in enumerate(shown)
        ]
        numbers = {one.automation.index: place for place, one in enumerate(shown)}
        firings = (
            one
            for one in report.firings
            if one.automation.index in numbers and self._shows.firing(one)
        )
        told = [
            self._firing(one, numbers[one.automation.index], [MOST_CHILDREN])
            for one in islice(firings, MOST_FIRINGS)
        ]
        left_out = sum(1 for _ in firings)
        log = report.log
        return {
            "format": FORMAT,
            "dialect": report.dialect,
            "other": _otherwise(report, summaries),
            "order": report.order,
            "base": self._base,
            "end": self._end - self._base,
            "empty": report.start is None,
            "log": {
                "events": log.offered,
                "matched": log.matched,
                "malformed": log.malformed,
                "duplicates": log.duplicates,
                "waiting": log.waiting,
                "sources": [text(one) for one in log.sources[:10]],
            },
            "automations": automations,
            "lanes": self._lanes,
            "firings": told,
            "pending": sum(one.automation.index in numbers for one in report.pending),
            "left_out": {
                "automations": len(summaries) - len(shown),
                "buckets": self._hidden_lanes,
                "transitions": self._hidden_transitions,
                "firings": left_out,
                "texts": self._texts.cut,
            },
            "states": [[one, STATES[one]] for one in _STATES],
            "kinds": list(self._kinds),
            "rules": list(self._rules),
            "events": self._events.rows,
            "texts": list(self._texts.places),
        }

    # --- Automations and lanes ----------------------------------------------------------------

    def _kept_buckets(self, shown: Sequence[AutomationSummary]) -> list[list[BucketHistory]]:
        """The buckets of each automation, the longest first, at most `MOST_LANES` in total."""
        by_automation = self._report.buckets_by_automation()
        buckets = []
        for summary in shown:
            own = by_automation.get(summary.automation.index, [])
            mine = [one for one in own if self._shows.bucket(one)]
            # A history that was not kept cannot be drawn.
            buckets.append([one for one in mine if one.kept])
            self._leave_out(one for one in mine if not one.kept)
        room = MOST_LANES
        fewest_first = sorted(range(len(buckets)), key=lambda place: len(buckets[place]))
        for done, place in enumerate(fewest_first):
            share = room // (len(buckets) - done)
            self._leave_out(buckets[place][share:])
            del buckets[place][share:]
            room -= len(buckets[place])
        return buckets

    def _leave_out(self, buckets: Iterable[BucketHistory]) -> None:
        for one in buckets:
            self._hidden_lanes += 1
            self._hidden_transitions += one.total

    def _automation(
        self, place: int, summary: AutomationSummary, buckets: list[BucketHistory]
    ) -> dict[str, Any]:
        automation = summary.automation
        text, dialect = self._texts.place, DIALECTS[self._report.dialect]
        depths = dict(_tree(automation.trigger, 0))
        order = {path: number for number, path in enumerate(depths)}
        # The composite's own lane, then those of its children, most transitions first.
        first = len(self._lanes)
        names = bucket_captions(buckets)
        for bucket in sorted(buckets, key=lambda one: order[one.trigger.path]):
            caption = _caption(bucket, names[bucket])
            self._lane(place, bucket, caption, depths[bucket.trigger.path])
        return {
            "name": text(automation.name),
            "source": text(automation.source),
            "kind": text(kind_of(automation.trigger)),
            "says": as_heading(sentence(automation.trigger, dialect)),
            "where": conditions(automation.trigger, dialect),
            "enabled": automation.enabled,
            "firings": summary.firings,
            "lanes": [first, len(self._lanes)],
            "buckets": len(buckets),
        }

    def _lane(self, place: int, bucket: BucketHistory, caption: str, depth: int) -> None:
        text, trigger = self._texts.place, bucket.trigger
        number = len(self._lanes)
        self._lane_of[bucket.automation.index, trigger.path, bucket.key] = number
        marks, marked = self._marks(bucket)
        fold = WindowFold(trigger)
        bars = [bar for one in bucket.transitions for bar in fold.take(one)]
        bars += fold.finish(self._end)
        told = (
            self._window(bar, marked)
            for bar in bars
            if not bar.is_instantaneous and not (bucket.hidden and _is_partial(bar, bucket, marked))
        )
        self._hidden_transitions += bucket.hidden
        lane: dict[str, Any] = {
            "a": place,
            "depth": depth,
            "path": text(trigger.path),
            "caption": text(caption),
            "labels": [[text(label), text(value)] for label, value in bucket.labels],
            "total": bucket.total,
            "hidden": bucket.hidden,
            "kept": bucket.hidden_after,
            "fired": bucket.fired,
            "need": trigger.require if isinstance(trigger, CompositeTrigger) else trigger.threshold,
            "kind": text(kind_of(trigger)),
            "w": list(chain.from_iterable(told)),
            "m": marks,
        }
        if isinstance(trigger, MetricTrigger):
            lane["metric"] = [text(trigger.metric), text(trigger.operator), trigger.threshold]
        if isinstance(trigger, EventTrigger):
            lane["proactive"] = trigger.posture == "Proactive"
        self._lanes.append(lane)

    def _marks(self, bucket: BucketHistory) -> tuple[list[float | None], dict[int, int]]:
        text = self._texts.place
        marks: list[float | None] = []
        places: dict[int, int] = {}
        for one in bucket.transitions:
            place = places[one.seq] = len(marks) // MARK_FIELDS
            if one.kind == "fired":
                self._mark_of[one.seq] = place
            window = bucket_of(one)
            counted = value_of(one) if window is None else window.count
            marks += [
                one.at - self._base,
                self._kinds.setdefault(one.kind, len(self._kinds)),
                self._rules.setdefault(one.rule, len(self._rules)),
                self._events.place(subject_of(one)),
                counted,
                # For a composite, the child that fired.
                text(child_path(one.firing.trigger.path))
                if isinstance(one, HeldTransition)
                else -1,
                one.seq,
            ]
        return marks, places

    def _window(self, window: Window, marked: dict[int, int]) -> list[int]:
        return [
            window.start - self._base,
            window.end - self._base,
            _STATES.index(window.state),
            -1 if window.count is None else max(window.count, 0),
            self._rules.setdefault(window.rule, len(self._rules)),
            marked.get(window.opened, -1),
            marked.get(window.ended, -1),
        ]

    # --- Firings ------------------------------------------------------------------------------

    def _firing(self, firing: Firing, place: int, room: list[int]) -> list[Any]:
        """Automation, lane, mark, time, event and children, in the same form; -1 means none.

        `room`: how many more children are allowed.
        """
        key = tuple(value for _, value in firing.labels)
        lane = self._lane_of.get((firing.automation.index, firing.trigger.path, key), -1)
        children = []
        for child in firing.children:
            room[0] -= 1
            if room[0] < 0:
                break
            children.append(self._firing(child, place, room))
        return [
            place,
            lane,
            self._mark_of.get(firing.seq, -1),
            firing.at - self._base,
            self._events.place(firing.event),
            self._texts.place(firing.trigger.path),
            children,
        ]


def _otherwise(
    report: ReplayReport, summaries: Sequence[AutomationSummary]
) -> tuple[str, int] | None:
    """The other dialect and its number of firings, if that differs for an automation."""
    firings = firings_otherwise(summaries)
    return None if firings is None else (counterpart(DIALECTS[report.dialect]).name, firings)


def _is_partial(bar: Window, bucket: BucketHistory, marked: dict[int, int]) -> bool:
    """Whether the beginning or the ending of a bar is among the transitions that are not kept."""
    if bar.state == "expired":
        return marked.get(bar.ended) == bucket.hidden_after - 1
    return bar.opened == bar.ended and bar.state != "cooling"


def _tree(trigger: Trigger, depth: int) -> Iterator[tuple[str, int]]:
    """Each trigger's path with its depth, parents first."""
    yield trigger.path, depth
    if isinstance(trigger, CompositeTrigger):
        for child in trigger.triggers:
            yield from _tree(child, depth + 1)


def _caption(bucket: BucketHistory, what: str) -> str:
    trigger = bucket.trigger
    place = trigger_place(trigger)
    if isinstance(trigger, EventTrigger):
        if place and not bucket.labels and trigger.expect:
            what = trigger.expect[0].removeprefix("prefect.")
        elif len(bucket.labels) > 1:
            what = whole_key(bucket.labels)
    return f"{place} {what}".strip()
