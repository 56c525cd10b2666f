"""Bytes in a temporary file, read back by their place."""

import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.spill import PackedRows, PlainStore, SpillFile


def test_pieces_are_found_again_and_the_file_goes_with_its_owner():
    """Empty ones too, in any order."""
    spill = SpillFile()
    pieces = [b"one", b"", b"x" * 100_000, b"four"]
    places = [spill.append(piece) for piece in pieces]
    assert sum(map(len, pieces)) == spill.size
    for place, piece in reversed(list(zip(places, pieces, strict=True))):
        assert piece == spill.read(place, len(piece))
    assert b"four" == spill.read(places[-1], 1_000)
    file = spill._file
    del spill
    assert file is not None
    assert file.closed


def test_what_was_written_in_part_does_not_count(monkeypatch):
    """A full disk takes some of a piece; the next one lies where that should have been."""

    class Slow:
        """Takes few bytes at a time, and one time nothing."""

        def __init__(self, file):
            self._file, self.full = file, False

        def write(self, piece):
            if self.full and len(piece) < 4:
                raise OSError(28, "No space left on device")
            return self._file.write(bytes(piece[:2]))

        def __getattr__(self, name):
            return getattr(self._file, name)

    real = tempfile.TemporaryFile
    made = []

    def slow(**options):
        made.append(Slow(real(**options)))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", slow)
    spill = SpillFile()
    assert 0 == spill.append(b"abcde")
    made[0].full = True
    with pytest.raises(OSError, match="No space"):
        spill.append(b"fghij")
    made[0].full = False
    assert 5 == spill.append(b"klm")
    assert b"abcdeklm" == spill.read(0, 8)


def test_a_file_cut_short_is_an_error():
    """And no endless search for the rest."""
    store = PlainStore(0)
    position = store.add(("x" * 10_000,))
    assert ("x" * 10_000,) == store[position]
    store._file._file.truncate(5_000)
    with pytest.raises(OSError, match="cut short"):
        store[position]


@given(st.integers(0, 200), st.lists(st.integers(0, 199), max_size=20))
def test_packed_rows_are_found_by_their_number(count, wanted):
    """While they are added, and in any order."""
    rows = PackedRows()
    for number in range(count):
        assert number == rows.add((number, ("x",)))
        for one in wanted:
            if one <= number:
                assert (one, ("x",)) == rows[one]
