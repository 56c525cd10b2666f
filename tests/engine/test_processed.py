"""What is remembered of processed events (O2, O4), beside a list that forgets nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.engine import processed
from trigger_cli.engine.processed import PROCESSED_LOOK_BACK, ProcessedEvents
from trigger_cli.times import MINUTE

_FEW = 4
RUNS = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), min_size=1, max_size=6), max_size=12
)


@pytest.fixture(autouse=True, scope="module")
def short_memory():
    """Four events are many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processed, "_FEWEST", _FEW)
        yield


@given(RUNS, st.booleans(), st.integers(0, 40))
def test_answers_are_those_of_a_list_that_forgets_nothing(runs, one_by_one, later):
    """O2, O4: however the events were added, and whatever has been dropped since."""
    memory = ProcessedEvents()
    history: list[tuple[str, int]] = []
    clock = 0
    for run in runs:
        added = []
        for number, minutes in dict(run).items():
            clock += minutes * MINUTE
            added.append((str(number), clock))
        history += added
        if one_by_one or memory.knows_any([ident for ident, _ in added]):
            for ident, at in added:
                memory.add(ident, at)
        else:
            memory.add_all([ident for ident, _ in added], [at for _, at in added])
    now = clock + later * MINUTE
    for number in range(10):
        ident = str(number)
        at = next((at for one, at in reversed(history) if one == ident), None)
        young = at is not None and now - at < PROCESSED_LOOK_BACK
        assert young == memory.is_recent(ident, now)
        if young:
            assert memory.knows_any(["other", ident])


def test_what_is_remembered_is_bounded():
    """Old events do not stay for ever."""
    memory = ProcessedEvents()
    for number in range(1_000):
        memory.add(str(number), number * MINUTE)
    assert len(memory._clocks) <= 2 * (30 + _FEW)
