"""`views/windows.py`: windows and their bars, read off the records."""

import pytest

from tests.support import at, automations, event, flow_run, replay
from trigger_cli.views.windows import WindowFold, windows_of

COUNT = {"posture": "Reactive", "expect": ["x"], "threshold": 2, "within": 60}
KEYED = {**COUNT, "for_each": ["prefect.resource.id"]}
BOTH = {
    "type": "compound",
    "require": "all",
    "within": 30,
    "triggers": [
        {"posture": "Reactive", "expect": ["x"]},
        {"posture": "Reactive", "expect": ["y"]},
    ],
}
METRIC = {
    "type": "metric",
    "posture": "Metric",
    "metric": {
        "name": "successes",
        "operator": "<",
        "threshold": 0.9,
        "range": 600,
        "firing_for": 0,
    },
}


def records_of(trigger, events, until=300):
    (automation,) = automations(trigger)
    own = list(replay([automation], events, until=at(until)))
    return automation.trigger, [one for one in own if one.trigger is automation.trigger]


def bars(trigger, events, until=300, keep=lambda records: records):
    """Each bar's state, start, end (seconds after noon) and count."""
    found, records = records_of(trigger, events, until)
    fold = WindowFold(found)
    windows = [window for one in keep(records) for window in fold.take(one)]
    windows += fold.finish(at(until))
    return [
        (one.state, (one.start - at(0)) / 1e6, (one.end - at(0)) / 1e6, one.count)
        for one in windows
        if not one.is_instantaneous
    ]


def test_a_bar_leaves_out_the_look_back_and_a_cool_down_has_its_own():
    """E6: after the firing the next window waits for the first one's end."""
    events = [event("x", 10), event("x", 20)]
    cooling = ("cooling", 20, 70, None)
    assert [("fired", 10, 20, 2), cooling, ("expired", 70, 130, 0)] == bars(COUNT, events)


def test_what_is_open_at_the_end_is_open():
    """A window whose end has not come."""
    assert [("open", 10, 70, 1)] == bars(COUNT, [event("x", 10)], until=30)


def test_records_that_are_not_kept_do_not_join_two_windows():
    """The first is known to have run out, and the second from the record that tells of it."""
    events = [event("x", 10), event("x", 100), event("x", 110)]
    kept = bars(COUNT, events, 130, lambda records: [records[0], *records[-2:]])
    assert [("expired", 10, 70), ("fired", 100)] == [kept[0][:3], kept[1][:2]]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([event("x", 0), event("x", 5), event("y", 9)], [("fired", 0, 9, 2)]),
        ([event("x", 0), event("y", 40)], [("expired", 0, 40, 1), ("open", 40, 300, 1)]),
    ],
)
def test_a_composites_bar_is_the_time_in_which_it_holds_firings(events, expected):
    """A child that fires again does not end it (C3)."""
    assert expected == bars(BOTH, events)


def test_a_metrics_bar_is_its_breach():
    """From the first failed run on, which made it fire."""
    events = [flow_run("Pending", 0), flow_run("Failed", 10)]
    assert [("fired", 10, 300, None)] == [
        ("fired" if one[0] == "open" else one[0], *one[1:]) for one in bars(METRIC, events)
    ]


def test_the_story_of_a_window():
    """What opened it, what counted, and what ended it; those still open come last."""
    events = [event("x", 0, "b"), event("x", 10, "a"), event("x", 20, "a")]
    _, records = records_of(KEYED, events, until=30)
    stories = list(windows_of(records))
    assert [("a",), ("b",), ("a",)] == [one.key for one in stories]
    first, second, _ = stories
    assert first.ending is not None
    assert ("fired", 2, "x@10") == (first.ending.kind, len(first.counted), first.opener.id)
    assert (None, 1) == (second.ending, second.bucket.count)


def test_the_story_of_a_window_whose_opening_is_not_kept():
    """It has no opener."""
    _, records = records_of(COUNT, [event("x", 0), event("x", 10)])
    (story, _) = windows_of(records[2:])
    assert (None, None, 1) == (story.opening, story.opener, len(story.counted))
