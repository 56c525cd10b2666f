"""A log is opened while the screen says how far it is; one can leave at any time."""

from threading import Event

import pytest

from tests.debugger.sessions import drive, press, sample_session, screen
from tests.limits import LONGEST
from trigger_cli.debugger.loading import Loading
from trigger_cli.read.log import LogStats


def waiting(opened, stats=None):
    """A loading that waits until it is told to go on, and what tells it."""
    go_on = Event()
    loading = Loading(["night.jsonl"], stats or LogStats())

    def wait():
        while not go_on.wait(0.01):
            loading.note(0)
        return opened()

    loading.start(wait)
    return loading, go_on


async def until_open(app, pilot):
    """Wait until the panes are there."""
    for _ in range(int(LONGEST / 0.05)):
        if app.query("#tree"):
            break
        await pilot.pause(0.05)
    await press(app, pilot)


def test_progress_first_then_the_panes():
    """The bytes and events read, then the replay; no key but those that leave does anything."""
    stats = LogStats(events=1_200, bytes_read=3_000_000, bytes_total=12_000_000)
    loading, go_on = waiting(lambda: sample_session("09-threshold-within.json"), stats)
    shown = []

    async def test(app, pilot):
        shown.append(screen(app))
        await press(app, pilot, "f", "slash", "e", "question_mark")
        assert 1 == len(app.screen_stack)
        go_on.set()
        await until_open(app, pilot)
        await pilot.pause()
        shown.append(screen(app))

    app = drive(loading, test)
    assert "night.jsonl" in shown[0]
    assert "reading 3.0 of 12.0 MB, 1,200 events" in shown[0]
    bar = shown[0].count("━")
    assert 0 < bar <= 76
    assert "Two runs" in shown[1]
    assert "reading" not in shown[1]
    assert not app.is_interrupted


def test_the_replay_is_counted():
    """Once events are replayed, that is what the screen says."""
    loading, go_on = waiting(lambda: None, LogStats(events=5_000))
    shown = []

    async def test(app, pilot):
        loading.replayed = 4_000
        loading.note = lambda _: None
        await pilot.pause(0.3)
        shown.append(screen(app))
        go_on.set()

    drive(loading, test)
    assert "replaying 4,000 of 5,000 events" in shown[0]


@pytest.mark.parametrize(("key", "interrupted"), [("q", False), ("ctrl+c", True)])
def test_one_can_leave_while_it_opens(key, interrupted):
    """The thread is asked to stop; there is no session and no error."""
    loading, _ = waiting(lambda: None)

    async def test(app, pilot):
        await press(app, pilot, key)

    app = drive(loading, test)
    assert interrupted == app.is_interrupted
    assert loading.stop()
    assert loading.session is None


def test_a_failure_ends_the_app_and_is_raised_by_who_asks():
    """So that the command tells it as it tells every failure."""

    def fail():
        raise ValueError("no")

    loading, go_on = waiting(fail)

    async def test(app, pilot):
        go_on.set()
        for _ in range(int(LONGEST / 0.05)):
            if not app.is_running or loading.is_over:
                break
            await pilot.pause(0.05)

    drive(loading, test)
    with pytest.raises(ValueError, match="no"):
        _ = loading.session
