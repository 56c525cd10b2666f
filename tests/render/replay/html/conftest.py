"""The page of the sample, under a hand."""

import pytest

from tests.cli.running import run
from tests.render.replay.html.devtools import hand_on
from tests.support import SAMPLES


@pytest.fixture(scope="module")
def hand(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hand")
    page = folder / "replay.html"
    arguments = (SAMPLES / "triggers", "--log", SAMPLES / "nightly.events.jsonl")
    run("replay", *arguments, "--format", "html", "--output", page)
    with hand_on(page, folder, "theme=light") as one:
        yield one
