"""The page's picture in the guide: it carries the page's words, which are still these."""

import base64
import os
import struct
import zlib

from tests.render.replay.html.chromium import needs_chromium
from tests.support import SAMPLES

PICTURE = SAMPLES / "pictures" / "page.png"
WORDS = "['title', 'facts', 'legend', 'made'].map(id => document.getElementById(id).innerText).join(' | ')"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = len(_SIGNATURE) + 25


def chunk(text: str) -> bytes:
    """A chunk of text, for a PNG."""
    body = b"iTXtDescription\0\0\0\0\0" + text.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


@needs_chromium
def test_the_picture_of_the_guide_is_today_s_page(hand):
    """``REGENERATE_GOLDEN=1`` takes it anew: the firing of a compound, with what led to it."""
    of_compound = "firings.findIndex(firing => firing[6].length === 3)"
    chosen = hand.read(f"JSON.parse(document.getElementById('data').textContent).{of_compound}")
    hand.read(f"(location.hash = 'theme=light&firing={chosen + 1}', 1)")
    hand.send("Page.reload")
    for _ in range(100):
        if hand.read("document.body.dataset.chosen") == str(chosen):
            break
    words = chunk(" ".join(hand.read(WORDS).split()))
    if os.environ.get("REGENERATE_GOLDEN"):
        taken = base64.b64decode(hand.send("Page.captureScreenshot")["data"])
        PICTURE.write_bytes(taken[:_HEADER] + words + taken[_HEADER:])
    assert words in PICTURE.read_bytes()
