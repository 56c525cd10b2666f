"""The page under a hand: zoom, pan, hover, click, keys, search."""

import pytest

from tests.render.replay.html.chromium import needs_chromium

pytestmark = needs_chromium
MIDDLE = (600, 400)


@pytest.fixture(autouse=True)
def as_at_first(hand):
    yield
    hand.key("Escape")
    hand.read("(document.getElementById('search').value = '', 1)")
    hand.read("document.getElementById('search').dispatchEvent(new Event('input'))")
    hand.key("0")


def length(view):
    return view[1] - view[0]


def test_the_wheel_zooms_where_the_pointer_is(hand):
    """The instant under the pointer stays there."""
    left, right = hand.read(
        "(() => { const box = document.querySelector('#stage canvas').getBoundingClientRect();"
        " const names = document.getElementById('names').clientWidth;"
        " return [box.left + names, box.right - 14] })()"
    )
    share = (MIDDLE[0] - left) / (right - left)
    before = hand.view()
    hand.mouse("mouseWheel", *MIDDLE, deltaX=0, deltaY=-400)
    after = hand.view()
    assert length(after) < length(before) / 1.5
    under = [view[0] + share * length(view) for view in (before, after)]
    assert under[0] == pytest.approx(under[1], abs=length(before) / 200)
    hand.mouse("mouseWheel", *MIDDLE, deltaX=0, deltaY=4000)
    assert length(hand.view()) == pytest.approx(length(before), rel=0.5)


def test_dragging_pans(hand):
    """To the left: later; and no further than there is something."""
    hand.key("+")
    before = hand.view()
    hand.drag(MIDDLE, (MIDDLE[0] - 100, MIDDLE[1]))
    after = hand.view()
    assert after[0] > before[0]
    assert length(after) == pytest.approx(length(before))


def test_keys_zoom_pan_and_fit(hand):
    """``+``, ``→``, ``−``, ``0``."""
    whole = hand.view()
    hand.key("+")
    near = hand.view()
    hand.key("ArrowRight")
    later = hand.view()
    hand.key("-")
    far = hand.view()
    hand.key("0")
    assert length(near) < length(whole)
    assert later[0] > near[0]
    assert length(far) > length(near)
    assert whole == hand.view()


def test_n_goes_from_firing_to_firing(hand):
    """Each with its details; Escape puts them away."""
    hand.key("n")
    first = int(hand.read("document.body.dataset.chosen"))
    hand.key("n")
    assert first + 1 == int(hand.read("document.body.dataset.chosen"))
    hand.key("p")
    assert first == int(hand.read("document.body.dataset.chosen"))
    assert hand.read("document.querySelectorAll('#details .chain li').length") >= 1
    hand.key("Escape")
    assert hand.read("document.getElementById('details').hidden")


def test_n_begins_with_the_first_firing_in_view(hand):
    """And `p` with the last; zooming in by key keeps the chosen one in view."""
    hand.key("n")
    assert "0" == hand.read("document.body.dataset.chosen")
    hand.key("Escape")
    hand.key("p")
    assert "100" == hand.read("document.body.dataset.chosen")
    fired = hand.read("JSON.parse(document.getElementById('data').textContent).firings[100][3]")
    for _ in range(30):
        hand.key("+")
    start, end = hand.view()
    assert start <= fired <= end


def test_a_firing_of_the_list_is_shown_in_the_timeline(hand):
    """A click brings its time and its lane into view."""
    for _ in range(8):
        hand.key("+")
    hand.read("(document.getElementById('list').scrollTop = 1e6, 1)")
    last = "[...document.querySelectorAll('.firing')].at(-1)"
    hand.read(f"({last}.click(), 1)")
    chosen = int(hand.read("document.body.dataset.chosen"))
    fired = hand.read(
        f"JSON.parse(document.getElementById('data').textContent).firings[{chosen}][3]"
    )
    start, end = hand.view()
    assert start <= fired <= end


def test_what_is_under_the_pointer_is_told(hand):
    """Moved over the lanes, it finds firings and windows with their rule, line and state."""
    texts = hand.read(
        "(() => { const seen = []; const canvas = document.querySelector('#stage canvas');"
        " const tip = document.getElementById('tip');"
        " for (let y = 140; y < 700; y += 12) for (let x = 265; x < 930; x += 5) {"
        "   canvas.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: y }));"
        "   if (!tip.hidden) seen.push(tip.textContent); } return [...new Set(seen)]; })()"
    )
    firing = next(one for one in texts if "fired" in one and "line#" in one)
    for name in ("event", "id", "line", "occurred"):
        assert name in firing
    window = next(one for one in texts if "state" in one and "window" in one)
    for name in ("length", "rule", "count"):
        assert name in window


def test_typing_searches(hand):
    """``/`` and a name: fewer lanes and firings, and all of them again without it."""
    everything = hand.read("[document.body.dataset.shownLanes, document.body.dataset.shownFirings]")
    hand.key("/")
    hand.type("two runs")
    assert "3" == hand.read("document.body.dataset.shownFirings")
    assert "1" == hand.read("document.body.dataset.shownAutomations")
    hand.key("Escape")
    assert everything == hand.read(
        "[document.body.dataset.shownLanes, document.body.dataset.shownFirings]"
    )


def test_the_minimap_chooses_a_span(hand):
    """Dragged across half of it, half of the time is shown."""
    whole = length(hand.view())
    hand.drag((300, 80), (800, 80))
    assert length(hand.view()) == pytest.approx(whole * 500 / 1248, rel=0.02)


def test_the_button_swaps_dark_and_light(hand):
    """And back."""
    theme = "document.documentElement.dataset.theme"
    hand.read("(document.getElementById('theme').click(), 1)")
    assert "dark" == hand.read(theme)
    hand.key("t")
    assert "light" == hand.read(theme)


def test_an_automation_folds(hand):
    """A click on its name hides its buckets, and another shows them."""
    shown = "Number(document.body.dataset.shownLanes)"
    before = hand.read(shown)
    fold = "[...document.querySelectorAll('.row.automation')].find(row => row.textContent.startsWith('▼') || row.textContent.startsWith('▶')).click()"
    hand.read("(document.getElementById('scroller').scrollTop = 350, 1)")
    hand.read(f"({fold}, 1)")
    assert hand.read(shown) < before
    hand.read(f"({fold}, 1)")
    assert before == hand.read(shown)
