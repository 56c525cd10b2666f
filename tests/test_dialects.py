"""Section D: `trigger_cli.dialects`."""

from __future__ import annotations

from dataclasses import fields

from trigger_cli.dialects import DIFFERENCES, DOCS, SERVER, with_difference


def test_each_row_of_section_d_is_one_choice():
    """Twelve rows, twelve fields, and the dialects differ in each."""
    chosen = [field.name for field in fields(DOCS) if field.name != "name"]
    assert [f"D{n}" for n in range(1, 13)] == [one.id for one in DIFFERENCES]
    assert chosen == [one.field for one in DIFFERENCES]
    assert all(getattr(DOCS, name) != getattr(SERVER, name) for name in chosen)


def test_one_choice_can_be_taken_from_the_other_dialect():
    """All rows taken over make `docs` the server, but for its name."""
    changed = DOCS
    for difference in DIFFERENCES:
        changed = with_difference(changed, difference, SERVER)
    assert [getattr(SERVER, one.field) for one in DIFFERENCES] == [
        getattr(changed, one.field) for one in DIFFERENCES
    ]
