"""`shrinking.py`: delta debugging."""

from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.testing.shrinking import Budget, shrink

PLENTY = 10**9


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60), max_size=8))
def test_what_is_needed_is_what_is_left(elements, needed):
    """For a property that some elements make true together, exactly those are left."""
    needed &= elements
    done = shrink(sorted(elements), lambda part: needed <= set(part), budget=Budget(PLENTY))
    assert sorted(needed) == done.kept
    assert done.minimal


@given(st.lists(st.integers(-20, 20), max_size=30))
def test_the_result_is_one_minimal(numbers):
    """It does it, and without any single element it does not: also where parts interact."""

    def does_it(part):
        return sum(part) >= min(sum(numbers), 15)

    done = shrink(numbers, does_it, budget=Budget(PLENTY))
    assert does_it(done.kept)
    for place in range(len(done.kept)):
        assert not does_it(done.kept[:place] + done.kept[place + 1 :])


def test_pinned_elements_are_never_left_out():
    """They are known to be needed, so no try is spent on them."""
    seen = []
    done = shrink(
        [1, 2, 3],
        lambda part: seen.append(part) or True,
        pinned=lambda one: one == 2,
        budget=Budget(99),
    )
    assert [2] == done.kept
    assert all(2 in part for part in seen)


def test_a_spent_budget_is_told():
    """What is left does it, but may not be the smallest."""
    done = shrink(list(range(100)), lambda part: 99 in part and 0 in part, budget=Budget(5))
    assert not done.minimal
    assert {0, 99} <= set(done.kept)
