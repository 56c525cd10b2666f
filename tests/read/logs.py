"""What the tests of `trigger_cli.read` share: odd logs, and a replay's output as data."""

import io
import json
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support import proactive, reactive
from trigger_cli.definitions import load_text
from trigger_cli.pipeline import ReplayOptions, ReplayRun, replayed
from trigger_cli.read.log import Log
from trigger_cli.read.reading import AllLabels, Reading
from trigger_cli.render.replay.json_report import replay_object, transition_object
from trigger_cli.render.replay.view import ShowsAll

TRIGGERS = [
    {
        "name": "reactive",
        "trigger": reactive(
            "run.Failed",
            match={"id": "run.*"},
            match_related={"role": ["flow"], "name": ["!b"]},
            for_each=["related:flow:name", "id"],
            threshold=2,
            within=60,
        ),
    },
    {
        "name": "proactive",
        "trigger": proactive("run.Failed", after=["run.Running"], for_each=["id"], within=600),
    },
    {
        "name": "metric",
        "trigger": {
            "type": "metric",
            "metric": {"name": "successes", "operator": "<", "threshold": 0.9, "firing_for": 0},
        },
    },
    {
        "name": "both",
        "trigger": {
            "type": "compound",
            "require": "all",
            "within": 3600,
            "triggers": [
                {"posture": "Reactive", "expect": ["run.Failed"]},
                {"posture": "Proactive", "expect": ["run.Running"], "within": 1200},
            ],
        },
    },
]
AUTOMATIONS = load_text(json.dumps(TRIGGERS), file="triggers.json").automations

NAMES = ["run.Failed", "run.Running", "other", "noise", "prefect.log.write"]


def record(
    name: str, step: int, ident: str | None, follows: str | None, who: str
) -> dict[str, Any]:
    """An event; a step is two minutes, so that waits and memories end within a short log."""
    moment = f"2026-03-01T{step // 30:02}:{step * 2 % 60:02}:00Z"
    return {
        "event": name,
        "occurred": moment,
        "received": moment if ident else None,
        "resource": {"prefect.resource.id": f"run.{who}", "id": f"run.{who}", "noise": who},
        "related": [{"role": "flow", "name": who, "x": "y"}, {"x": "z"}],
        "id": ident,
        "follows": follows,
    }


IDS = st.sampled_from([f"e{number}" for number in range(12)])
RECORDS = st.builds(
    record,
    st.sampled_from(NAMES),
    st.integers(0, 59),
    st.none() | IDS,
    st.none() | IDS,
    st.sampled_from("ab"),
)
LINES = st.lists(
    RECORDS.map(json.dumps)
    | RECORDS.map(lambda event: json.dumps({**event, "related": [{"role": 5}]}))
    | RECORDS.map(lambda event: json.dumps({**event, "resource": {"id": None}}))
    | RECORDS.map(lambda event: json.dumps({**event, "related": ["flow"]}))
    | st.sampled_from(["", "{}", "no json", '{"type": "ping"}', '"é"', "\ufeff{}"])
    | st.lists(RECORDS, max_size=3).map(lambda events: json.dumps({"events": events})),
    max_size=25,
)


def shown(run: ReplayRun, reader: Log) -> tuple[list[Any], Any]:
    """All that a replay's views are made from."""
    records = [transition_object(one) for one in run]
    report = run.report()
    report.log.lines = reader.stats.lines
    report.log.events = reader.stats.events
    report.log.sources = reader.sources
    summary = replay_object(report, ShowsAll())
    others = [one.other_dialect_firings for one in report.automations]
    return records, (summary, others, reader.stats.malformed, reader.unreadable)


def plainly(log: bytes, options: ReplayOptions) -> tuple[list[Any], Any]:
    """The replay of a log whose events are read whole, and matched one by one."""
    reader = Log(["-"], Reading(AllLabels(), options.order), stdin=io.BytesIO(log), one_by_one=True)
    run = ReplayRun(AUTOMATIONS, reader, options, with_buckets=False, compare_dialects=True)
    return shown(run, reader)


def matched(log: bytes, options: ReplayOptions, **sizes: int) -> tuple[list[Any], Any]:
    """The replay of a log that was matched first, with many events at a time."""
    sides = replayed(AUTOMATIONS, options.dialect, compare_dialects=True)
    reader = Log(
        ["-"],
        Reading(replace(sides, only_shown=True), options.order),
        stdin=io.BytesIO(log),
        one_by_one=options.order == "log" and options.until is not None,
        **sizes,
    )
    records = reader.in_rows()
    run = ReplayRun(AUTOMATIONS, records, options, with_buckets=False, compare_dialects=True)
    return shown(run, reader)
