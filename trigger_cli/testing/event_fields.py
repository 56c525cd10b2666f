"""Reads ``events`` of a test file: shorthands, full events and logs."""

from pathlib import Path

from trigger_cli.definitions.nodes import Node
from trigger_cli.definitions.wording import describe
from trigger_cli.model import Labels, Span
from trigger_cli.testing.codes import NOT_A_TIME, NOT_AN_EVENT, OUT_OF_RANGE
from trigger_cli.testing.fields import Fields, read_occurred
from trigger_cli.testing.records import EventSource, EventSpec, LogFiles
from trigger_cli.testing.shorthand import MOST_TIMES, ShorthandError, read_shorthand
from trigger_cli.testing.trigger_fields import relative
from trigger_cli.times import TimePoint

_KEYS = (
    *("event", "at", "occurred", "received", "resource", "related"),
    *("id", "follows", "payload", "times", "every"),
)
_ALIASES = {
    "name": "event",
    "time": "at",
    "when": "at",
    "related_resources": "related",
    "x": "times",
}
_EXPECTED = "expected an event in shorthand, an event as a mapping, or `log: FILE`"


def read_events(fields: Fields, key: str, folder: Path) -> tuple[EventSource, ...]:
    """Read the value of `key`, in order; paths are relative to `folder`."""
    node = fields.get(key)
    if node is None or node.value is None:
        return ()
    items = node.items if node.is_list else (node,)
    found = [_event(fields, item, folder) for item in items]
    return tuple(source for source in found if source is not None)


def _event(fields: Fields, item: Node, folder: Path) -> EventSource | None:
    if item.is_object:
        if "log" in item.members:
            return _log(fields, item, folder)
        return _full(fields, item)
    if isinstance(item.value, str) and item.tag is None:
        try:
            return read_shorthand(item.value, item.span)
        except ShorthandError as error:
            span = _part(fields, item, error.start, error.end)
            fields.report.add(NOT_AN_EVENT, error.message, span, fields.pointer, error.advice)
            return None
    fields.wrong(item, f"found {describe(item.value)}, {_EXPECTED}", code=NOT_AN_EVENT)
    return None


def _part(fields: Fields, item: Node, start: int, end: int) -> Span:
    """The span of a part of a string, if the string is on one line and has no escapes."""
    span = item.span
    line = fields.report.source.lines[span.line - 1]
    written = line[span.column - 1 : span.end_column - 1]
    lead = len(written) - len(written.lstrip("\"'"))
    if span.line != span.end_line or written[lead : len(written) - lead] != item.value:
        return span
    first = span.column + lead
    return Span(span.line, first + start, span.line, first + max(end, start + 1))


def _log(fields: Fields, item: Node, folder: Path) -> LogFiles | None:
    paths = Fields(item, fields.pointer, fields.report, "a log", ("log",)).texts("log")
    if paths == ():
        fields.wrong(item, "`log` is empty, expected a path or a list of paths")
    if not paths:
        return None
    return LogFiles(item.span, tuple(relative(path, folder) for path in paths))


def _full(fields: Fields, item: Node) -> EventSpec | None:
    event = Fields(item, fields.pointer, fields.report, "an event", _KEYS, _ALIASES)
    mark = len(fields.report.findings)
    name = event.text("event")
    if name is None and not event.has("event"):
        event.missing("event", "an event", "write `event: prefect.flow-run.Completed`")
    if name == "":
        event.wrong(event.value("event"), "`event` is empty, expected a name")
    if event.has("at") and event.has("occurred"):
        message = "found both `at` and `occurred`, expected one of them"
        event.wrong_key("at", message, "remove one of them", NOT_A_TIME)
    at = event.time_point("occurred", read_occurred) or event.time_point("at", read_occurred)
    if not event.has("resource"):
        event.missing("resource", "an event", "write `resource: prefect.flow-run.1`")
    spec = EventSpec(
        span=item.span,
        name=name or "",
        at=at or TimePoint(0, after_start=True),
        resource=dict(event.resource("resource")),
        related=_related(event),
        id=None if _is_null(event, "id") else event.text("id") or None,
        follows=None if _is_null(event, "follows") else event.text("follows") or None,
        received=None
        if _is_null(event, "received")
        else event.time_point("received", read_occurred),
        times=event.whole("times", least=1) or 1,
        every=event.duration("every") or 0,
    )
    if spec.times > MOST_TIMES:
        message = f"`times`: expected at most {MOST_TIMES:,}"
        event.wrong(event.value("times"), message, code=OUT_OF_RANGE)
    return None if fields.report.has_errors_since(mark) else spec


def _related(event: Fields) -> tuple[Labels, ...]:
    node = event.get("related")
    if node is None or node.value is None:
        return ()
    if not node.is_list:
        advice = "enclose it in [ ]" if node.is_object else None
        event.unexpected(node, "related", "a list of resources", advice)
        return ()
    place, what = (event.pointer, event.report), "a related resource"
    resources = (Fields(item, *place, what, tuple(item.members)) for item in node.items)
    return tuple(dict(resource.as_labels(resource.node)) for resource in resources)


def _is_null(event: Fields, key: str) -> bool:
    node = event.get(key)
    return node is not None and node.value is None
