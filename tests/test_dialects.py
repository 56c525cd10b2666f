"""Section D: `trigger_cli.dialects`."""

import pytest

from trigger_cli.dialects import (
    ALL_DIALECTS,
    DIFFERENCE_BY_ID,
    DIFFERENCES,
    DOCS,
    DOCS_2026_08,
    SERVER,
    SERVER_3_4,
    SERVER_3_6,
    SERVER_3_8,
    SERVER_3_9,
    advice_for,
    counterpart,
    dialect_of_version,
    dialects_in,
    is_newer_than_known,
    refused_by,
    with_difference,
)

ABOUT = {"name", "is_server"}
"""What a dialect is, beside its choices."""


def rows(one, other):
    """The rows in which two dialects differ."""
    return [row.id for row in DIFFERENCES if row.parts(one, other)]


def test_each_row_of_section_d_is_one_choice():
    """A row a field, and some two dialects differ in each. (D21 no dialect has.)"""
    chosen = [name for name in DOCS.__struct_fields__ if name not in ABOUT]
    rows = [f"D{n}" for n in range(1, len(DIFFERENCES) + 2) if n != 21]
    assert rows == [one.id for one in DIFFERENCES]
    assert chosen == [one.field for one in DIFFERENCES]
    assert all(len({getattr(one, name) for one in ALL_DIALECTS}) == 2 for name in chosen)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (DOCS, DOCS_2026_08, "D1 D2"),
        (DOCS, SERVER_3_8, "D1 D2 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12 D17"),
        (SERVER_3_8, SERVER_3_9, "D13 D14 D15 D16 D17"),
        (SERVER_3_6, SERVER_3_8, "D5 D18 D23"),
        (SERVER_3_4, SERVER_3_6, "D19 D20 D22"),
    ],
)
def test_what_two_dialects_differ_in(one, other, expected):
    """As the page has it, release after release."""
    assert expected.split() == rows(one, other)


def test_one_choice_can_be_taken_from_the_other_dialect():
    """All rows taken over make `docs` the server, but for its name."""
    changed = DOCS
    for difference in DIFFERENCES:
        changed = with_difference(changed, difference, SERVER)
    assert [] == rows(changed, SERVER)


@pytest.mark.parametrize(
    ("version", "dialect"),
    [
        ("3.10.2", SERVER_3_9),
        ("3.9.1", SERVER_3_9),
        ("3.9.0rc1", SERVER_3_9),
        ("3.8.8", SERVER_3_8),
        ("3.6.23", SERVER_3_8),
        ("3.6.22", SERVER_3_6),
        ("3.4.16", SERVER_3_6),
        ("3.4.15+3.g1234567", SERVER_3_4),
        ("3.0.2", SERVER_3_4),
        ("3.0.1", None),
        ("2.20.0", None),
        ("", None),
        ("none", None),
    ],
)
def test_the_dialect_of_a_version(version, dialect):
    """What is newer than all that are known has the newest."""
    assert dialect is dialect_of_version(version)
    assert is_newer_than_known(version) == (version == "3.10.2")


def test_what_a_dialect_is_compared_with():
    """The newest server for the documentation, the documentation for a server."""
    assert [SERVER, SERVER, DOCS, DOCS, DOCS, DOCS] == [counterpart(one) for one in ALL_DIALECTS]


def test_a_list_of_dialects():
    """With commas; `both` is what most people run."""
    assert (SERVER_3_6, DOCS) == dialects_in("server-3.6, docs")
    assert (DOCS, SERVER_3_9, SERVER_3_8) == dialects_in("both")
    with pytest.raises(ValueError, match=r"expected docs, docs-2026-08, .*, or both"):
        dialects_in("docs,server-3.7")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("server-3.7", "for a server 3.7, use server-3.8"),
        ("docs,3.4.2", "for a server 3.4.2, use server-3.4"),
        ("server-3.12", "for a server 3.12, use server-3.9"),
        ("server-2.1", None),
        ("docs, server", None),
        ("odd", None),
    ],
)
def test_a_version_in_place_of_a_dialect_has_its_dialect(given, meant):
    """That of the servers which behave as it does."""
    assert meant == advice_for(given)


def test_a_refusal_is_of_some_servers():
    """An array of objects and a text are read by the newer ones."""
    given = ("D10", "D11", "D12", "D17", "D20")
    assert [(), (), given[:3], given[:4], given[:4], given] == [
        refused_by(one, given) for one in ALL_DIALECTS
    ]


def test_a_row_is_told_as_a_sentence():
    """What each of the two does, by its name."""
    told = DIFFERENCE_BY_ID["D4"].told(DOCS, SERVER)
    assert "foo* on the event name foo: matches (docs); does not match (server-3.9)" == told
