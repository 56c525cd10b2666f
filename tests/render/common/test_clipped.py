import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from trigger_cli.render.common.clipped import all_clipped_apart, clipped_apart

NAMES = ["Cute and radical resources", "Cute and radical runs", "Anything about the flow", "Short"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (NAMES[0], "Cute…resources"),
        (NAMES[1], "Cute…runs"),
        (NAMES[2], "Anything abou…"),
        (NAMES[3], "Short"),
    ],
)
def test_names_that_begin_alike_show_where_they_differ(name, shown):
    """Others show their beginning."""
    assert shown == clipped_apart(name, NAMES, 14)


def test_a_name_that_continues_another_shows_its_end():
    """The shorter of the two shows its beginning, or all of itself."""
    first, second = "production loads", "production loads, nightly"
    assert "production loads" == clipped_apart(first, [first, second], 16)
    assert "produ…, nightly" == clipped_apart(second, [first, second], 15)


def test_the_end_of_a_name_fills_its_room():
    """A letter alone hardly tells one from another."""
    first, second = "resource=0197a3b2-1111-8000-000a", "resource=0197a3b2-1111-8000-000b"
    names = [second, first, "short", first]
    shown = ["resou…1-8000-000b", "resou…1-8000-000a", "short", "resou…1-8000-000a"]
    assert shown == all_clipped_apart(names, 17)


def test_a_wide_character_is_not_cut_in_two():
    """Its two cells are shown or left out."""
    assert "夜…" == clipped_apart("夜間夜間", [], 4)


def test_an_escape_is_not_cut_in_two():
    """Half of one would read as another character."""
    assert "a…" == clipped_apart(r"a\u200db and more", [], 6)
    assert r"a\u200d…" == clipped_apart(r"a\u200db and more", [], 8)
    first, second = r"one and the same\u200d", r"one and the same\u200c"
    assert r"one…\u200d" == clipped_apart(first, [first, second], 10)


@given(
    st.lists(st.text("ab 夜é.", max_size=30), min_size=1, max_size=5, unique=True),
    st.integers(2, 40),
)
def test_no_name_takes_more_than_its_room(names, width):
    """Whatever stands beside it; and what has room is shown whole."""
    for name in names:
        shown = clipped_apart(name, names, width)
        assert cell_len(shown) <= width
        assert shown == name or cell_len(name) > width


@given(st.text("abc", min_size=1, max_size=8), st.text("abc", min_size=1, max_size=8))
def test_two_names_never_look_the_same_where_a_few_letters_tell_them_apart(first, second):
    """With their first letters equal, however many these are."""
    names = ["the same beginning " + one for one in (first, second)]
    shown = {clipped_apart(one, names, 20) for one in names}
    assert len(set(names)) == len(shown)
