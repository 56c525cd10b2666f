"""`history/sweep.py`: a grid of variants over one log, read once."""

from tests.support import NOON, at, event
from trigger_cli.history.grid import Axis, cells_of, variants
from trigger_cli.history.sweep import sweep
from trigger_cli.model import DeliveryOrder
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.times import TimePoint


def test_options_of_time_are_heeded():
    """`--from`, `--to`, `--until` and `--start` mean what they mean to `replay`."""
    events = [event("a", n * 10, line=n) for n in range(10)]
    axes = (Axis("/threshold", (1, 2)),)
    cells = cells_of(axes)
    automations = variants({"posture": "Reactive"}, axes, cells)
    options = ReplayOptions(
        start=TimePoint(NOON),
        taken_from=TimePoint(at(20)),
        taken_to=TimePoint(at(70)),
        until=TimePoint(at(50)),
    )
    done = sweep(axes, cells, automations, iter(events), options)
    assert [4, 2] == [one.firings for one in done.results]
    assert (NOON, at(50)) == (done.started, done.ended)


def test_an_empty_log_gives_an_empty_grid():
    """No event: no clock, no firing."""
    axes = (Axis("/threshold", (1, 2)),)
    cells = cells_of(axes)
    order: DeliveryOrder = "occurred"
    automations = variants({"posture": "Proactive", "within": 10}, axes, cells)
    done = sweep(axes, cells, automations, iter([]), ReplayOptions(order=order))
    assert [0, 0] == [one.firings for one in done.results]
    assert (None, None) == (done.started, done.ended)
