"""Whatever the log and the triggers are, several processes find what one finds."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import ours
from tests.oracle.cases import cases
from tests.parallel.inline import InlineCluster, in_rows, printed
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.engine import endless
from trigger_cli.engine import replay as engine_replay
from trigger_cli.parallel.replay import ParallelReplay
from trigger_cli.pipeline import ReplayOptions, replayed
from trigger_cli.times import SECOND, TimePoint, parse_instant


@given(
    cases(most_events=20),
    st.sampled_from([DOCS, SERVER]),
    st.integers(1, 4),
    st.integers(1, 7),
    st.booleans(),
    st.none() | st.integers(0, 300 * SECOND),
    st.sampled_from([0, 1, 10**6]),
    st.none() | st.integers(1, 9),
)
def test_triggers_elsewhere_fire_as_here(
    case, dialect, workers, page_rows, until_quiet, first, most_windows, together
):
    """O, B, E, P, C, S: the same output, however automations and events are cut up.

    So it is where a replay ends because some trigger would go through too many windows.
    """
    start = case.get("start")
    options = ReplayOptions(
        dialect=dialect,
        start=None if start is None else TimePoint(parse_instant(start)),
        until=TimePoint(parse_instant(case["until"])),
        until_quiet=until_quiet,
        taken_from=None if first is None else TimePoint(first, after_start=True),
    )
    automations, records = ours.automations(case), ours.events(case)
    spread = partial(ParallelReplay, helpers=InlineCluster(workers), page_rows=page_rows)
    with pytest.MonkeyPatch.context() as patch:
        for module in (endless, engine_replay):
            patch.setattr(module, "SHORT_GAP", 0)
        patch.setattr(endless, "MOST_WINDOWS", most_windows)
        patch.setattr(endless, "MOST_OF_A_TRIGGER", 2 * most_windows)
        here = printed(automations, records, options)
        if together is not None:
            records = in_rows(replayed(automations, dialect), records, together)
            assert here == printed(automations, records, options)
        assert here == printed(automations, records, options, spread)
