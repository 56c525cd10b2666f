"""What many tests need: events, automations and replays in a line each.

Times are seconds after 12:00, which makes a test's numbers easy to check with a pencil.
"""

import gc
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trigger_cli.definitions import load_text
from trigger_cli.dialects import DOCS, Dialect
from trigger_cli.engine.replay import Replay
from trigger_cli.match.matcher import plan_of
from trigger_cli.model import Automation, BadLine, DeliveryOrder, Event, Transition
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.read.log import Log
from trigger_cli.read.log_range import with_labels
from trigger_cli.read.reading import AllLabels, Reading
from trigger_cli.times import MINUTE, SECOND, TimePoint, format_instant, parse_instant
from trigger_cli.views.windows import bucket_of

NOON = parse_instant("2026-03-01T12:00:00Z")
REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
SAMPLES = REPOSITORY / "sample_events"


def at(seconds: float) -> int:
    """The instant so many seconds after noon, µs."""
    return NOON + round(seconds * SECOND)


def event(
    name: str,
    seconds: float,
    resource: str | Mapping[str, str] = "thing.1",
    related: Sequence[Mapping[str, str]] = (),
    *,
    id: str | None = None,  # noqa: A002  # the log's own word
    follows: str | None = None,
    line: int = 0,
) -> Event:
    """An event `seconds` after noon; a `resource` given as text is its id."""
    labels = {"prefect.resource.id": resource} if isinstance(resource, str) else dict(resource)
    return Event(
        line=line,
        id=id or f"{name}@{seconds}",
        name=name,
        occurred=at(seconds),
        received=None,
        follows=follows,
        resource=labels,
        related=tuple(related),
    )


def flow_run(state: str, seconds: float, run: str = "a", **more: Any) -> Event:
    """A flow run's change to `state`."""
    return event(f"prefect.flow-run.{state}", seconds, f"prefect.flow-run.{run}", **more)


def log_event(name: str, seconds: float = 0, **keys: Any) -> dict[str, Any]:
    """An event as a log has it, `seconds` after noon; `keys` take the place of its own."""
    return {
        "id": f"{name}@{seconds}",
        "event": name,
        "occurred": format_instant(at(seconds)),
        "resource": {"prefect.resource.id": "thing.1"},
    } | keys


def written_log(path: Path, events: Iterable[Mapping[str, Any]]) -> Path:
    """A file with one event a line."""
    path.write_text("".join(json.dumps(one) + "\n" for one in events), "utf-8")
    return path


def reactive(*expect: str, **more: Any) -> dict[str, Any]:
    """A reactive trigger as a definition has it."""
    return {"posture": "Reactive", "expect": list(expect), **more}


def proactive(*expect: str, within: float = 60, **more: Any) -> dict[str, Any]:
    """A proactive trigger as a definition has it."""
    return {"posture": "Proactive", "expect": list(expect), "within": within, **more}


def written_trigger(path: Path, trigger: Mapping[str, Any]) -> Path:
    """A file with an automation that is named as the file is."""
    path.write_text(json.dumps({"name": path.stem, "trigger": trigger}), "utf-8")
    return path


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python a call runs: how its work grows, which no busy machine changes."""
    count = 0

    def traced(_frame: object, kind: str, _argument: object) -> Any:
        nonlocal count
        count += kind == "line"
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def check_golden(path: Path, actual: str) -> None:
    """Compare with a file, which ``REGENERATE_GOLDEN=1`` writes anew."""
    if os.environ.get("REGENERATE_GOLDEN"):
        path.write_text(actual, "utf-8")
    assert path.read_text("utf-8") == actual


def related(role: str, identity: str, **labels: str) -> dict[str, str]:
    """A related resource."""
    return {"prefect.resource.id": identity, "prefect.resource.role": role, **labels}


def automations(*triggers: Mapping[str, Any] | str) -> tuple[Automation, ...]:
    """The automations of triggers written as a definition file has them."""
    text = "[" + ",".join(t if isinstance(t, str) else json.dumps(t) for t in triggers) + "]"
    definitions = load_text(text, file="test.json")
    errors = [finding.message for finding in definitions.findings if finding.severity == "error"]
    assert not errors, errors
    return definitions.automations


def replay(
    automations: Sequence[Automation],
    events: Iterable[Event],
    dialect: Dialect = DOCS,
    *,
    start: int | None = None,
    until: int | None = None,
    until_quiet: bool = False,
    expired_bucket_buffer: int = MINUTE,
) -> Iterator[Transition]:
    """Everything that the product's own replay makes of events, in the order given."""
    options = ReplayOptions(
        dialect=dialect,
        order="log",
        start=None if start is None else TimePoint(start),
        until=None if until is None else TimePoint(until),
        until_quiet=until_quiet,
        expired_bucket_buffer=expired_bucket_buffer,
        may_be_empty=True,
    )
    return iter(ReplayRun(automations, events, options, with_buckets=False, compare_dialects=False))


class Running:
    """The product's `Replay` of some automations, which is given whole events.

    Its attributes are the replay's.
    """

    def __init__(
        self, automations: Sequence[Automation], dialect: Dialect = DOCS, **options: Any
    ) -> None:
        self.matcher, plan = plan_of(automations, dialect)
        self.replay = Replay(plan, **options)

    def take(self, event: Event) -> Iterator[Transition]:
        """Match the event, and take it."""
        return self.replay.take(self.matcher.match(event))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.replay, name)


@contextmanager
def collected() -> Iterator[None]:
    """Collect the garbage that is made inside; the million older objects are passed over."""
    gc.freeze()
    try:
        yield
        gc.collect()
    finally:
        gc.unfreeze()


def read_log(
    *paths: Path | str, order: DeliveryOrder = "occurred", stdin: bytes = b""
) -> list[Event | BadLine]:
    """Everything in some logs, in that order, as the product reads it."""
    log = Log([str(path) for path in paths], Reading(AllLabels(), order), stdin=io.BytesIO(stdin))
    return list(with_labels(log))


def transitions(
    trigger: Mapping[str, Any] | str,
    events: Iterable[Event],
    dialect: Dialect = DOCS,
    *,
    start: float | None = None,
    until: float | None = None,
    until_quiet: bool = False,
) -> list[Transition]:
    """Everything that happens to one trigger, the events taken in the order given."""
    return list(
        replay(
            automations(trigger),
            events,
            dialect,
            start=None if start is None else at(start),
            until=None if until is None else at(until),
            until_quiet=until_quiet,
        )
    )


def seconds_of(instant: int) -> float:
    """Seconds after noon."""
    return (instant - NOON) / SECOND


def firing_times(
    trigger: Mapping[str, Any] | str,
    events: Iterable[Event],
    dialect: Dialect = DOCS,
    **options: Any,
) -> list[float]:
    """When the trigger itself fired, in seconds after noon."""
    return [
        seconds_of(one.at)
        for one in transitions(trigger, events, dialect, **options)
        if one.kind == "fired" and one.trigger.path == "$"
    ]


def history(
    trigger: Mapping[str, Any] | str,
    events: Iterable[Event],
    dialect: Dialect = DOCS,
    **options: Any,
) -> list[str]:
    """What happened, a line each: ``12.5 counted E2 [0,60) 1``."""
    return [_line(one) for one in transitions(trigger, events, dialect, **options)]


def _line(one: Transition) -> str:
    words = [f"{seconds_of(one.at):g}", one.kind, one.rule]
    bucket = bucket_of(one)
    if bucket is not None:
        window = f"[{seconds_of(bucket.start):g},{seconds_of(bucket.end):g})"
        words += [window, str(bucket.count)]
    return " ".join(words)
