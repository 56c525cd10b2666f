"""The small parts of the tables: names, clock, axis, lanes, column widths, ASCII twins."""

from collections.abc import Iterable
from datetime import UTC, tzinfo
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from rich.text import Text

from tests.render.replaying import FAILED, automation, report_of, run_event, run_id
from tests.support import at, event
from trigger_cli.model import Event, EventTrigger
from trigger_cli.render.common.axis import TimeAxis
from trigger_cli.render.common.clock import ClockFormat
from trigger_cli.render.common.fitted import shared
from trigger_cli.render.common.names import (
    bucket_caption,
    bucket_captions,
    child_path,
    event_text,
    key_texts,
    labels_text,
    short_id,
    short_path,
)
from trigger_cli.render.common.view import FactLine
from trigger_cli.render.replay.lane import SIGN_STYLES, TimelineLane
from trigger_cli.times import DAY, HOUR, MINUTE

FLOW = "related:flow:prefect.resource.id"


def clock(
    start: float = 0,
    end: float = 100,
    zone: tzinfo = UTC,
    *,
    fraction: bool = False,
    precise: bool = False,
) -> ClockFormat:
    return ClockFormat(at(start), at(end), zone, fraction=fraction, precise=precise)


def test_a_uuid_is_cut_to_its_first_group() -> None:
    """Eight digits are enough to tell runs apart, and few enough to read."""
    assert "flow-run.00000007…" == short_id(run_id(7))
    assert "my.resource" == short_id("my.resource")


def test_an_event_is_named_by_its_resource() -> None:
    """A resource's name is preferred; its id stands beside it only where there is room."""
    assert "flow-run.Failed wise-owl" == event_text(run_event(1, 0), wide=False).plain
    assert (
        "prefect.flow-run.Failed wise-owl 00000001…" == event_text(run_event(1, 0), wide=True).plain
    )
    assert (
        "flow-run.Failed flow-run.00000001…"
        == event_text(run_event(1, 0, called=""), wide=False).plain
    )


@pytest.mark.parametrize(
    ("labels", "short", "full"),
    [
        ([(FLOW, "prefect.flow.etl")], "flow=etl", f"{FLOW}=prefect.flow.etl"),
        ([("prefect.resource.id", run_id(1))], "resource=00000001…", None),
        ([("env", "prod"), ("zone", "a b")], "env=prod, zone=a b", "env=prod zone=a b"),
        ([(FLOW, "")], "flow=(none)", None),
        ([("related:flow:prefect.resource.name", "etl")], "flow name=etl", None),
    ],
)
def test_bucketing_keys(labels: list[tuple[str, str]], short: str, full: str | None) -> None:
    """A key is short in tables, and in full as --bucket takes it."""
    assert short == labels_text(labels)
    if full is not None:
        assert full == labels_text(labels, full=True)


def test_a_bucket_of_one_resource_has_its_name() -> None:
    """A bucket keyed by the resource's id is called as the resource is."""
    trigger = EventTrigger("$", for_each=("prefect.resource.id",), threshold=2, within=MINUTE)
    report = report_of([automation(trigger)], [run_event(1, 0)])
    assert "wise-owl 00000001…" == bucket_caption(report.buckets[0])


def test_buckets_of_resources_with_one_name_have_their_keys() -> None:
    """Runs of one name look different; task runs of one minute have ids that begin alike."""
    trigger = EventTrigger("$", for_each=("prefect.resource.id",), threshold=2, within=MINUTE)
    runs = [("owl", "run.a"), ("owl", "run.b"), ("wise-owl", run_id(1))]
    runs += [("bear", f"prefect.task-run.{alike(end)}") for end in "12"]
    events = [
        event(FAILED, n, {"prefect.resource.id": run, "prefect.resource.name": name}, line=n)
        for n, (name, run) in enumerate(runs, 1)
    ]
    report = report_of([automation(trigger)], events)
    captions = set(bucket_captions(report.buckets).values())
    assert captions == {
        "resource=run.a",
        "resource=run.b",
        f"resource={alike('1')}",
        f"resource={alike('2')}",
        "wise-owl 00000001…",
    }


def test_keys_that_would_look_the_same_are_whole() -> None:
    """Where short ids tell them apart, they stay short."""
    keys = [((FLOW, f"prefect.flow.{one}"),) for one in (alike("1"), alike("2"), run_id(3)[-36:])]
    shown = [f"flow={alike('1')}", f"flow={alike('2')}", "flow=00000003…"]
    assert shown == list(key_texts(keys).values())


def alike(end: str) -> str:
    """A UUID of version 7: all of one minute begin so."""
    return f"0197a3b2-1111-7000-8000-00000000000{end}"


def test_facts_are_broken_between_two() -> None:
    """A number stays beside its noun; without a fact there is an empty line."""
    console = Console(width=24, file=StringIO())
    console.print(FactLine("1,900 events", "", "23 missed", Text("10 unexplained", "red")))
    assert console.file.getvalue() == "1,900 events · 23 missed\n10 unexplained\n"


def test_paths() -> None:
    """Children and files are called by what tells them apart."""
    assert "[0][1]" == child_path("$.triggers[0].triggers[1]")
    assert "$" == child_path("$")
    assert "…/b/c.json" == short_path("/very/long" * 10 + "/a/b/c.json")


def test_times_have_no_more_than_they_need() -> None:
    """The date and the fraction are written only where they tell something."""
    assert "12:00:01" == clock().at(at(1.5))
    assert "12:00:01.500" == clock(fraction=True, precise=True).at(at(1.5))
    assert "03-02 12:00:00" == clock().at(at(0) + DAY)
    assert "03-01 12:00:00" == clock(end=200_000).at(at(0))
    assert "2027-03-01 12:00:00" == clock().at(at(0) + 365 * DAY)
    assert "13:00:00" == clock(zone=ZoneInfo("Europe/Berlin")).at(at(0))


def test_offsets() -> None:
    """Offsets are from the replay's start."""
    assert "+0:00" == clock().offset(at(0))
    assert "+1:01:01" == clock().offset(at(3661))
    assert "+2d 03:00:00" == clock().offset(at(0) + 2 * DAY + 3 * HOUR)
    assert "-0:05.250" == clock(fraction=True).offset(at(-5.25))


@pytest.mark.parametrize(
    ("seconds", "columns", "expected"),
    [
        (60, 60, "╷12:00:00     ╷12:00:15      ╷12:00:30      ╷12:00:45"),
        (3600, 40, "╷12:00   ╷12:15    ╷12:30    ╷12:45"),
        (0.5, 40, "╷12:00:00.000  ╷12:00:00.200"),
        (0, 20, "╷12:00:00.000"),
        (86_400 * 3, 60, "╷12:00   ╷03-02    ╷12:00    ╷03-03    ╷12:00    ╷03-04"),
        (86_400 * 30, 60, "╷2026-03-08"),
    ],
)
def test_axis_labels_are_round(seconds: float, columns: int, expected: str) -> None:
    """Labels stand at round times, with room between them."""
    axis = TimeAxis(at(0), at(seconds), columns)
    assert expected in axis.labels(clock(end=seconds))


def test_axis_labels_are_round_in_the_zone() -> None:
    """Midnight is midnight where the user is."""
    zone = ZoneInfo("Asia/Kolkata")
    labels = TimeAxis(at(0), at(86_400), 40).labels(clock(end=86_400, zone=zone))
    assert labels.startswith("╷18:00    ╷03-02    ╷06:00")


def test_every_instant_has_a_column() -> None:
    """What lies outside of the axis is at its edge."""
    axis = TimeAxis(at(0), at(100), 11)
    assert [0, 0, 5, 10, 10] == [axis.column(at(t)) for t in (-9, 0, 50, 100, 900)]


def lane(
    trigger: EventTrigger,
    events: Iterable[Event],
    *,
    columns: int = 25,
    end: float = 120,
    **options: Any,
) -> str:
    report = report_of([automation(trigger)], events, **options)
    assert report.end is not None
    drawn = TimelineLane()
    drawn.add(report.buckets[0].transitions, pending_from=report.end)
    cells = drawn.drawn(TimeAxis(at(0), at(end), columns))
    return "".join(SIGN_STYLES[sign].mark for sign in cells).rstrip()


def test_a_lane_shows_what_a_bucket_went_through() -> None:
    """Bars are windows, and in them what was counted, ignored, fired, and the cool-down."""
    trigger = EventTrigger("$", threshold=3, within=MINUTE)
    events = [run_event(n, second) for n, second in enumerate((5, 15, 30, 40, 90), 1)]
    assert " •─•──★┄·┄┄┄┄├────•──────" == lane(trigger, events)


def test_several_events_in_one_column() -> None:
    """What falls on one column is told apart from a single event."""
    trigger = EventTrigger("$", threshold=9, within=MINUTE)
    events = [run_event(1, 0), run_event(2, 30), run_event(3, 31)]
    assert "•─────●─────┤" == lane(trigger, events)


def test_pending_deadlines() -> None:
    """A deadline after the replay's end is hollow, or an arrow if it is past the axis."""
    trigger = EventTrigger("$", "Proactive", within=MINUTE)
    assert "├───────────◇" == lane(trigger, [], start=0, until=30)
    assert "├─────›" == lane(trigger, [], start=0, until=30, columns=7, end=30)


@pytest.mark.parametrize(
    ("room", "wanted", "expected"),
    [
        (100, [10, 20], [10, 20]),
        (30, [10, 50], [10, 20]),
        (30, [50, 40], [15, 15]),
        (1, [5, 5], [1, 1]),
        (10, [], []),
    ],
)
def test_columns_share_the_room(room: int, wanted: list[int], expected: list[int]) -> None:
    """A column that wants little gets it, and the others share the rest."""
    assert expected == shared(room, wanted)
