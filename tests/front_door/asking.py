"""A session's random cases: how many, from which seed, and what is said of them at the end."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.front_door.door import to_repeat

CASES_OF_A_SHARE = 25


def ask_random_cases(
    config: pytest.Config,
    say: Callable[[str], None],
    what: str,
    share: int,
    strategy: st.SearchStrategy[Any],
    check: Callable[..., int],
    *,
    cases: int = CASES_OF_A_SHARE,
) -> None:
    """Check many random cases, the same for the same ``--front-door-seed``.

    Args:
        config: The session's options.
        say: Told at the end how it went.
        what: What the cases are held against.
        share: Which of the tests this is: each has cases of its own.
        strategy: Draws a case, a dialect, a mode, and what else there is to a question.
        check: Raises if there is a disagreement; gives the number of firings.
        cases: How many.
    """
    first = config.option.front_door_seed
    counts: Counter[str] = Counter()

    @seed(random.Random(f"{first} {what} {share}").getrandbits(64))
    @settings(
        max_examples=cases,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[one for one in (Phase.generate, Phase.shrink) if one in settings.default.phases],
        print_blob=False,
    )
    @given(strategy)
    def agree(question: Any) -> None:
        try:
            counts["firings"] += check(*question)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{to_repeat(*question[:3])}") from None
        counts["cases"] += 1

    verdict = "DISAGREEMENT"
    try:
        agree()
        verdict = "no disagreement"
    finally:
        say(
            f"front door: {counts['cases']} random cases against {what}"
            f" ({counts['firings']} firings), {verdict}; --front-door-seed {first}"
        )
