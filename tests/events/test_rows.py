"""`Rows`: a part of a batch, as columns and matches or as events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events.test_store import batch_of
from trigger_cli.events.batch import Batch, Place, Rows
from trigger_cli.model import Match, Unmatched

PLACE = Place(5, "log", 2)


def matched_batch(times: list[int]) -> Batch:
    """As `batch_of`; each third event has a taking."""
    batch = batch_of(times)
    batch.wanted = [(own, related, ((0, 1, ()),)) for own, related, _ in batch.wanted]
    return batch


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_columns_and_matches_are_the_events(times, one, other):
    """All of a packed batch, and a part of a complete one."""
    complete = matched_batch(times)
    complete.complete(PLACE)
    start, stop = sorted((min(one, len(times)), min(other, len(times))))
    for rows in (
        Rows(matched_batch(times).pack(), PLACE),
        Rows(complete, None, start, stop),
    ):
        run, matches = rows.headings(), dict(rows.matches())
        assert list(rows.occurred()) == list(run.occurred)
        expected = [matches.get(row, run.heading(row)) for row in range(len(run.ids))]
        found: list[object] = []
        for event in rows.events():
            found += [event] if isinstance(event, Match) else _each(event)
        assert expected == found


def _each(run: object) -> list[object]:
    assert isinstance(run, Unmatched)
    return [run.heading(row) for row in range(len(run.ids))]


def test_labels_that_were_not_matched_are_no_matches():
    """They cannot be taken for events that no trigger takes."""
    with pytest.raises(TypeError, match="without matching"):
        Rows(batch_of([1, 2, 3]), PLACE).matches()
