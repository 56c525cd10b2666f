"""A page under a hand: headless Chromium driven over its DevTools protocol."""

import base64
import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.limits import ended_in_time
from tests.render.replay.html.chromium import CHROMIUM

WIDTH, HEIGHT = 1280, 800


class Hand:
    """Moves the mouse, types, and reads what the page says of itself."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        self._connection.send(
            json.dumps({"id": self._number, "method": method, "params": parameters})
        )
        while True:
            answer = json.loads(self._connection.recv(timeout=60))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def read(self, expression: str) -> Any:
        """The value of an expression in the page, once it has been drawn again."""
        frame = "requestAnimationFrame"
        return self._wait_for(f"{frame}(() => {frame}(() => done({expression})))")

    def _wait_for(self, done: str) -> Any:
        drawn = f"new Promise(done => {done})"
        answer = self.send(
            "Runtime.evaluate", expression=drawn, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def view(self) -> tuple[float, float]:
        """From when to when the timeline is shown, µs after the replay's start."""
        start, end = map(float, self.read("document.body.dataset.view").split())
        return start, end

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.mouse("mousePressed", *start, button="left", clickCount=1)
        for share in (0.3, 0.6, 1.0):
            x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
            self.mouse("mouseMoved", x, y, button="left", buttons=1)
        self.mouse("mouseReleased", *end, button="left", clickCount=1)

    def key(self, key: str) -> None:
        more: dict[str, Any] = {"Tab": {"windowsVirtualKeyCode": 9}, "Enter": {"text": "\r"}}.get(
            key, {}
        )
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, **more)

    def resize(self, width: int, height: int, *, phone: bool = False) -> None:
        """Give the page a window of that size; a phone has a finger and no mouse."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        self.send("Emulation.setTouchEmulationEnabled", enabled=phone)

    def open(
        self,
        page: Path,
        fragment: str = "",
        size: tuple[int, int] = (WIDTH, HEIGHT),
        wish: str = "",
    ) -> None:
        """Load a page and wait until it is drawn; `wish` is the system's, ``dark`` or ``light``."""
        self.resize(*size)
        features = [{"name": "prefers-color-scheme", "value": wish}]
        self.send("Emulation.setEmulatedMedia", media="", features=features)
        # Another fragment of the same page would not load it again.
        self.send("Page.navigate", url="about:blank")
        # Answered once the page is there; before, it could still be another's.
        self.send("Page.navigate", url=f"{page.as_uri()}#{fragment}")
        for _ in range(100):
            if self.read("document.body.dataset.ready") == "yes":
                break
            time.sleep(0.1)  # a busy machine
        else:
            raise AssertionError("the page was not drawn")

    def picture(self) -> bytes:
        """A screenshot, as PNG."""
        return base64.b64decode(self.send("Page.captureScreenshot")["data"])

    def type(self, text: str) -> None:
        """Insert text, and wait until the page searches for it."""
        self.send("Input.insertText", text=text)
        self._wait_for("setTimeout(() => done(1), 150)")


@contextmanager
def started_browser(folder: Path) -> Iterator[Hand]:
    """A browser that keeps its files in `folder`, with a hand on its only page."""
    assert CHROMIUM is not None
    process = subprocess.Popen(
        [
            CHROMIUM,
            *("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"),
            *("--no-first-run", "--disable-background-networking"),
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={WIDTH},{HEIGHT}",
            "about:blank",
        ],
        stderr=subprocess.PIPE,
    )
    with ended_in_time(process) as browser:
        try:
            with connect(_address_of_page(browser), max_size=None) as connection:
                yield Hand(connection)
        finally:
            browser.terminate()
            browser.wait(30)


def _address_of_page(browser: subprocess.Popen[bytes]) -> str:
    assert browser.stderr is not None
    for line in browser.stderr:
        _, found, address = line.decode().partition("DevTools listening on ws://")
        if found:
            host = address.partition("/")[0]
            with urllib.request.urlopen(f"http://{host}/json/list", timeout=60) as answer:
                targets = json.load(answer)
            return next(one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page")
    raise AssertionError("the browser did not start")
