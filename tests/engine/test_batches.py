"""Many events at a time are the same events one by one, whichever way they were cut up."""

from collections.abc import Iterator
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import ours
from tests.oracle.cases import cases
from tests.parallel.inline import batch_of
from tests.support import automations, event
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.engine import endless
from trigger_cli.engine import replay as engine_replay
from trigger_cli.engine.errors import EndlessError
from trigger_cli.engine.replay import Replay
from trigger_cli.events.batch import Rows
from trigger_cli.match.matcher import plan_of
from trigger_cli.model import Match, Transition, heading_of
from trigger_cli.times import parse_instant


@given(
    cases(most_events=20),
    st.sampled_from([DOCS, SERVER]),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.sampled_from([0, 1, 3, 10**6]),
    st.booleans(),
)
def test_together_is_one_by_one(case, dialect, sizes, most_windows, until_quiet):
    """T4, O2-O4, E6: the same records, with the same numbers and reasons, and the same end."""
    matcher, plan = plan_of(ours.automations(case), dialect)
    taken = [matcher.match(event) for event in ours.events(case)]
    until = parse_instant(case["until"])

    def records(together: bool) -> list[object]:
        replay = Replay(plan)
        if case.get("start"):
            replay.start(parse_instant(case["start"]))
        found: list[object] = []
        try:
            found.extend(_together(replay, taken, sizes) if together else _alone(replay, taken))
            found.extend(replay.finish(until, until_quiet=until_quiet))
        except EndlessError as error:
            found.append(error.args)
        return [*found, replay.clock, replay.matched, replay.pending(), replay.waiting()]

    with pytest.MonkeyPatch.context() as patch:
        for module in (endless, engine_replay):
            patch.setattr(module, "SHORT_GAP", 0)
        patch.setattr(endless, "MOST_WINDOWS", most_windows)
        patch.setattr(endless, "MOST_OF_A_TRIGGER", 2 * most_windows)
        assert records(together=False) == records(together=True)


def test_windows_that_open_among_the_events_count(monkeypatch):
    """E6: three buckets of one window each are too many here, as they are one by one."""
    watch = {"posture": "Proactive", "expect": ["a"], "for_each": ["prefect.resource.id"]}
    watched = automations({**watch, "threshold": 2, "within": 10})
    for module in (endless, engine_replay):
        monkeypatch.setattr(module, "SHORT_GAP", 0)
    monkeypatch.setattr(endless, "MOST_WINDOWS", 1)
    monkeypatch.setattr(endless, "MOST_OF_A_TRIGGER", 2)
    matcher, plan = plan_of(watched, SERVER)
    log = [event("a", at, f"run.{at}") for at in range(3)] + [event("b", 13)]
    taken = [matcher.match(one) for one in log]
    for records in (_alone(Replay(plan), taken), _together(Replay(plan), taken, [4])):
        with pytest.raises(EndlessError, match="3 windows of 10 s"):
            list(records)


def _alone(replay: Replay, taken: list[Match]) -> Iterator[Transition]:
    for match in taken:
        yield from replay.take(match if match.takings else heading_of(match.event))


def _together(replay: Replay, taken: list[Match], sizes: list[int]) -> Iterator[Transition]:
    begin = 0
    for size in cycle(sizes):
        some = taken[begin : begin + size]
        if not some:
            return
        begin += size
        rows = Rows(batch_of(some), None)
        yield from replay.take_batch(rows.headings(), rows.matches())
