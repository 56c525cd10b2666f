"""The whole output of little replays, as it stands in ``golden/``.

After a change that is meant, ``REGENERATE_GOLDEN=1 pytest tests/render`` writes the files anew;
read the difference before it is committed.
"""

from pathlib import Path

import pytest

from tests.render.replay.scenes import SCENES, nested, threshold
from tests.render.replaying import drawn, firings_drawn
from tests.support import check_golden

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("scene", SCENES)
def test_a_replay_is_drawn_as_agreed(scene: str, width: int) -> None:
    """Every scene is drawn as its file shows it."""
    check_golden(GOLDEN / f"{scene}-{width}.txt", drawn(SCENES[scene](), width=width))


def test_a_narrow_terminal() -> None:
    """At 40 columns, events stand below what they did."""
    check_golden(GOLDEN / "threshold-40.txt", drawn(threshold(), width=40))


def test_verbose() -> None:
    """Verbose output leaves out no rule and shows keys as --bucket takes them."""
    check_golden(GOLDEN / "threshold-verbose.txt", drawn(threshold(), verbose=True))


def test_ascii() -> None:
    """Where the terminal knows only ASCII, every mark has a twin."""
    check_golden(GOLDEN / "threshold-ascii.txt", drawn(threshold(), encoding="ascii"))


def test_firings_alone() -> None:
    """With -q, each firing is one line that is never wrapped."""
    check_golden(GOLDEN / "firings.txt", firings_drawn(threshold()) + firings_drawn(nested()))
