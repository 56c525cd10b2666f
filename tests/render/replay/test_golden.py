"""The whole output of little replays, as it stands in ``golden/``.

After a change that is meant, ``REGENERATE_GOLDEN=1 pytest tests/render`` writes the files anew;
read the difference before it is committed.
"""

import os
from pathlib import Path

import pytest

from tests.render.replay.scenes import SCENES, nested, threshold
from tests.render.replaying import drawn, firings_drawn

GOLDEN = Path(__file__).parent / "golden"


def check(name: str, actual: str) -> None:
    """Compare with the file of that name."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("REGENERATE_GOLDEN"):
        path.write_text(actual, "utf-8")
    assert path.read_text("utf-8") == actual


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("scene", SCENES)
def test_a_replay_is_drawn_as_agreed(scene: str, width: int) -> None:
    """Every scene is drawn as its file shows it."""
    check(f"{scene}-{width}", drawn(SCENES[scene](), width=width))


def test_a_narrow_terminal() -> None:
    """At 40 columns, events stand below what they did."""
    check("threshold-40", drawn(threshold(), width=40))


def test_verbose() -> None:
    """Verbose output leaves out no rule and shows keys as --bucket takes them."""
    check("threshold-verbose", drawn(threshold(), verbose=True))


def test_ascii() -> None:
    """Where the terminal knows only ASCII, every mark has a twin."""
    check("threshold-ascii", drawn(threshold(), encoding="ascii"))


def test_firings_alone() -> None:
    """With -q, each firing is one line that is never wrapped."""
    check("firings", firings_drawn(threshold()) + firings_drawn(nested()))
