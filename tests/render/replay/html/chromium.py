"""Headless Chromium: its command line, what a page holds, and what it asked for."""

import json
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason=f"the page was not looked at in a browser: none of {', '.join(NAMES)} is installed",
)


class Element(HTMLParser):
    """The page's elements: each tag with its attributes and the text directly in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        one = (tag, {name: value or "" for name, value in attrs}, [])
        self.found.append(one)
        if tag not in {"meta", "input", "br", "img", "path", "circle"}:
            self._open.append(one)

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self._open:
            self._open[-1][2].append(data)

    def attributes(self, tag: str) -> dict[str, str]:
        return next(attributes for name, attributes, _ in self.found if name == tag)

    def texts(self, name: str) -> list[str]:
        """The own texts of the elements of a class or with an id."""
        return [
            "".join(text)
            for _, attributes, text in self.found
            if name in attributes.get("class", "").split() or attributes.get("id") == name
        ]


def requested(log: Path) -> set[str]:
    """Every address that a page asked for, in a log of the browser's network.

    The browser's own requests, for dictionaries and the like, have no page that began them.
    """
    found = set()
    for event in json.loads(log.read_text("utf-8"))["events"]:
        asked = event.get("params", {})
        if "url" in asked and asked.get("initiator", "not an origin") != "not an origin":
            found.add(asked["url"])
    return found


def loaded(page: Path, folder: Path, *, network: Path, fragment: str = "") -> Element:
    """The page once its script has run, in a browser of its own that logs its network's use."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM,
            *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--disable-background-networking", "--disable-component-update", "--no-first-run"),
            f"--user-data-dir={folder / 'profile'}",
            *("--virtual-time-budget=4000", "--dump-dom", f"--log-net-log={network}"),
            f"{page.as_uri()}#{fragment}",
        ],
        capture_output=True,
        check=True,
        timeout=120,
    )
    return Element(done.stdout.decode())
