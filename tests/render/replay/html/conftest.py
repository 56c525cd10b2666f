"""A browser, and the page of the sample under a hand."""

import pytest

from tests.cli.running import run
from tests.render.replay.html.devtools import started_browser
from tests.support import SAMPLES


@pytest.fixture(scope="package")
def browser(tmp_path_factory):
    """One for all pages: to start one takes longer than to draw a page."""
    with started_browser(tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.fixture(scope="module")
def hand(tmp_path_factory, browser):
    """The browser with the page of the sample, which the tests of a module leave open."""
    page = tmp_path_factory.mktemp("hand") / "replay.html"
    arguments = (SAMPLES / "triggers", "--log", SAMPLES / "nightly.events.jsonl")
    run("replay", *arguments, "--format", "html", "--output", page)
    browser.open(page, "theme=light")
    return browser
