"""Reads ``expect`` of a test: a list of expectations."""

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from trigger_cli.definitions.nodes import Node, Pointer
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.wording import describe, quoted
from trigger_cli.dialects import DIALECTS
from trigger_cli.explain.causes import CAUSES
from trigger_cli.match.plan import walk
from trigger_cli.model import Automation, EventTrigger
from trigger_cli.testing.codes import NO_SUCH_AUTOMATION, NOT_A_CHOICE, OUT_OF_RANGE, WRONG_TYPE
from trigger_cli.testing.fields import Fields, did_you_mean, read_time_point
from trigger_cli.testing.records import (
    STATES,
    BucketIs,
    CauseIs,
    Claim,
    EventWanted,
    Expectation,
    Fires,
    Firings,
    FiringWanted,
    NoEvent,
    Scenario,
)
from trigger_cli.times import TimePoint

_WHICH_KEYS = ("automation", "trigger", "labels", "at", "between", "event")
"""The keys that select firings."""
_KEYS = ("fires", "firings", "bucket", "count", "cause", *_WHICH_KEYS, "exact", "dialect")
_ALIASES = {
    "fired": "fires",
    "firing": "firings",
    "state": "bucket",
    **dict.fromkeys(("reason", "code", "why"), "cause"),
    "name": "automation",
    "key": "labels",
    **dict.fromkeys(("time", "when"), "at"),
}
_WORDS = {"never": (0, 0), "once": (1, 1), "twice": (2, 2)}
_NUMBER = re.compile(r"(?:(exactly|at least|at most)\s+)?(\d{1,9})(?:\s+times?)?")


def names_automation(pattern: str | None, name: str) -> bool:
    """Whether an expectation's `pattern` matches an automation's name."""
    return pattern is None or pattern == name or fnmatchcase(name, pattern)


def read_expectations(
    items: Iterable[tuple[Pointer, Node]], report: Report, scenario: Scenario, *, exact: bool
) -> Iterator[Expectation]:
    """Every expectation of the test that can be read.

    Args:
        items: The elements of the list, with their places.
        report: Collects the findings.
        scenario: The test; names are checked against its automations.
        exact: The default of ``exact`` for lists of firings.
    """
    for place, item in items:
        fields = Fields(item, place, report, "an expectation", _KEYS, _ALIASES)
        if item.is_object:
            expectation = _Item(fields, scenario.automations, exact).read(scenario.dialects)
            if expectation is not None:
                yield expectation


class _Item(Struct, frozen=True):
    """One element of ``expect``."""

    fields: Fields
    automations: tuple[Automation, ...]
    exact: bool

    def read(self, dialects: Sequence[str]) -> Expectation | None:
        mark = len(self.fields.report.findings)
        claim = self._claim()
        dialect = self._dialect(dialects)
        if claim is None or self.fields.report.has_errors_since(mark):
            return None
        return Expectation(self.fields.node.span, claim, dialect)

    def _dialect(self, dialects: Sequence[str]) -> str | None:
        dialect = self.fields.choice("dialect", tuple(DIALECTS))
        if dialect is not None:
            # As the test calls it: `server` is another name of the newest.
            as_given = {DIALECTS[one].name: one for one in dialects}
            if (given := as_given.get(DIALECTS[dialect].name)) is not None:
                return given
            message = f"this test does not run in the dialect {dialect}"
            advice = f"write `dialect: [docs, {dialect}]` in the test"
            self.fields.wrong(self.fields.value("dialect"), message, advice)
        return dialect

    def _claim(self) -> Claim | None:
        fields = self.fields
        given = [key for key in ("fires", "firings", "bucket", "cause") if fields.has(key)]
        if fields.has("count") and "bucket" not in given:
            given.append("bucket")
        if len(given) > 1:
            second = given[1] if fields.has(given[1]) else "count"
            message = f"found `{given[0]}` and `{second}`, expected one of them in each item"
            fields.wrong_key(second, message, "write two items")
            return None
        wanted = self._wanted(fields)
        if given and given[0] != "firings" and fields.has("exact"):
            message = "`exact` has an effect on a list of firings only"
            fields.wrong_key("exact", message, "remove it")
        match given:
            case ["fires"]:
                return self._fires(wanted)
            case ["firings"]:
                return self._firings(wanted)
            case ["bucket"]:
                return self._bucket(wanted)
            case ["cause"]:
                return self._cause(wanted)
            case _ if wanted.time_points or wanted.event or wanted.labels:
                # A single `- at: +5m` means that something fired at that time.
                return Fires(wanted, least=1, span=fields.node.span)
            case _:
                fields.missing("fires", "this expectation", "write for example `fires: 1`")
                return None

    # --- Claims --------------------------------------------------------------------------

    def _fires(self, wanted: FiringWanted) -> Fires | None:
        node = self.fields.value("fires")
        value = node.value
        if isinstance(value, str):
            text = " ".join(value.split())
            if text in _WORDS:
                return Fires(wanted, *_WORDS[text], node.span)
            match = _NUMBER.fullmatch(text)
            if match:
                word, number = match[1], int(match[2])
                least = 0 if word == "at most" else number
                most = None if word == "at least" else number
                return Fires(wanted, least, most, node.span)
        elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return Fires(wanted, value, value, node.span)
        advice = did_you_mean(value, (*_WORDS, "exactly 1", "at least 1", "at most 1"))
        expected = "a number, `never`, `at least 1` or `at most 1`"
        self.fields.unexpected(node, "fires", expected, advice)
        return None

    def _firings(self, wanted: FiringWanted) -> Firings | None:
        fields = self.fields
        node = fields.value("firings")
        exact = fields.flag("exact", default=self.exact)
        if not node.is_list:
            advice = "write `- at: +5m`, one item for each firing" if node.is_object else None
            message = f"`firings`: found {describe(node.value)}, expected a list of firings"
            span = fields.key_span("firings") if node.value is None else node.span
            fields.report.add(WRONG_TYPE, message, span, fields.place("firings"), advice)
            return None
        found = []
        for index, item in enumerate(node.items):
            pointer = (*fields.place("firings"), index)
            inner = Fields(item, pointer, fields.report, "a firing", _WHICH_KEYS, _ALIASES)
            if item.is_object:
                found.append(_joined(wanted, self._wanted(inner)))
        if not found and not exact:
            advice = "write `fires: never`, or `exact: true` beside it"
            fields.wrong(node, "an empty list of firings is always true", advice)
        return Firings(wanted, tuple(found), exact, node.span, fields.key_span("firings"))

    def _bucket(self, wanted: FiringWanted) -> BucketIs | None:
        fields = self.fields
        if len(wanted.at) != 1:
            fields.missing("at", "this expectation", "when is the bucket looked at? `at: +5m`")
            return None
        state = fields.choice("bucket", STATES)
        count = fields.whole("count", least=-1)
        chosen = self._chosen(wanted.automation)
        if len(chosen) > 1:
            names = ", ".join(quoted(one.name) for one in chosen[:5])
            fields.missing("automation", "this expectation", f"which one is meant? {names}")
        state_span = fields.value("bucket").span if fields.has("bucket") else None
        claim = BucketIs(wanted, wanted.at[0], state, count, state_span)
        if fields.has("count"):
            value, key = fields.value("count").span, fields.key_span("count")
            claim = replace(claim, count_span=value, count_key_span=key)
        return claim

    def _cause(self, wanted: FiringWanted) -> CauseIs | None:
        fields = self.fields
        node = fields.value("cause")
        if not isinstance(node.value, str) or node.value not in CAUSES:
            advice = did_you_mean(node.value, CAUSES, "`trigger-cli explain --codes` lists them")
            expected = "a code of `trigger-cli explain`"
            fields.unexpected(node, "cause", expected, advice, NOT_A_CHOICE)
            return None
        return CauseIs(wanted, node.value, node.span)

    # --- Selection of firings ------------------------------------------------------------

    def _chosen(self, pattern: str | None) -> list[Automation]:
        return [one for one in self.automations if names_automation(pattern, one.name)]

    def _wanted(self, fields: Fields) -> FiringWanted:
        automation = fields.text("automation")
        chosen = self._chosen(automation)
        if automation is not None and self.automations and not chosen:
            names = [one.name for one in self.automations]
            known = f"there are: {', '.join(map(quoted, names[:8]))}"
            advice = did_you_mean(automation, names, known)
            message = f"no automation is called {quoted(automation)}"
            fields.wrong(fields.value("automation"), message, advice, NO_SUCH_AUTOMATION)
        trigger = fields.text("trigger")
        if trigger is not None:
            self._check_path(fields, trigger, chosen)
        labels = fields.labels("labels")
        if labels is not None:
            self._check_labels(fields, labels, trigger, chosen)
        return FiringWanted(
            fields.node.span,
            automation,
            trigger,
            labels,
            self._at(fields),
            self._between(fields),
            self._event(fields),
        )

    def _check_path(self, fields: Fields, path: str, chosen: Sequence[Automation]) -> None:
        paths = [trigger.path for one in chosen for trigger in walk(one.trigger)]
        if paths and path not in paths:
            advice = did_you_mean(path, paths, f"there are: {', '.join(paths[:8])}")
            message = f"found {quoted(path)}, expected the path of a trigger"
            fields.wrong(fields.value("trigger"), message, advice, NOT_A_CHOICE)

    def _check_labels(
        self,
        fields: Fields,
        labels: Sequence[tuple[str, str]],
        path: str | None,
        chosen: Sequence[Automation],
    ) -> None:
        """Refuse labels that no bucket has: the expectation would be always or never met."""
        triggers = [t for one in chosen for t in walk(one.trigger) if t.path == (path or "$")]
        if not triggers:
            return
        with_key = (one for one in triggers if isinstance(one, EventTrigger))
        known = sorted({label for one in with_key for label in one.for_each})
        there_are = f"there are: {', '.join(known)}" if known else "the trigger has no `for_each`"
        for label, _ in labels:
            if label not in known:
                fields.report.add(
                    NOT_A_CHOICE,
                    f"found the label {quoted(label)}, expected one of `for_each`",
                    fields.value("labels").members[label].key_span,
                    (*fields.place("labels"), label),
                    did_you_mean(label, known, there_are),
                )

    def _at(self, fields: Fields) -> tuple[TimePoint, ...]:
        node = fields.get("at")
        if node is None:
            return ()
        items = node.items if node.is_list else (node,)
        found = [fields.as_time(item, "at", read_time_point) for item in items]
        return tuple(one for one in found if one is not None)

    def _between(self, fields: Fields) -> tuple[TimePoint, TimePoint] | None:
        node = fields.get("between")
        if node is None:
            return None
        if fields.has("at"):
            message = "found `at` and `between`, expected one of them"
            fields.wrong_key("between", message, "remove one of them")
        if not node.is_list or len(node.items) != 2:
            fields.wrong(node, "`between`: expected two times", "write `between: [+1m, +2m]`")
            return None
        first, last = (fields.as_time(item, "between", read_time_point) for item in node.items)
        if first is None or last is None:
            return None
        if first.after_start == last.after_start and first.time > last.time:
            message = "`between`: the first time is later than the second"
            fields.wrong(node, message, "exchange them", OUT_OF_RANGE)
        return (first, last)

    def _event(self, fields: Fields) -> EventWanted | NoEvent | None:
        if not fields.has("event"):
            return None
        node = fields.value("event")
        if node.value is None:
            return NoEvent()
        if isinstance(node.value, str):
            text = fields.text("event")
            return None if text is None else EventWanted(text=text)
        inner = Fields(
            node, fields.place("event"), fields.report, "an event", ("id", "event", "resource")
        )
        labels = inner.resource("resource")
        return EventWanted(id=inner.text("id"), name=inner.text("event"), resource=labels)


def _joined(outer: FiringWanted, inner: FiringWanted) -> FiringWanted:
    """The fields of an item that describe one firing."""
    labels = dict(outer.labels or ()) | dict(inner.labels or ())
    return replace(
        inner,
        automation=inner.automation or outer.automation,
        trigger=inner.trigger or outer.trigger,
        labels=tuple(labels.items()) if outer.labels or inner.labels is not None else None,
        at=inner.at or (() if inner.between else outer.at),
        between=inner.between or (None if inner.at else outer.between),
        event=inner.event if inner.event is not None else outer.event,
    )
