"""The page on a phone, in narrow and low windows, and by keyboard alone."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.render.replay.html.chromium import needs_chromium
from tests.render.replay.html.devtools import HEIGHT, WIDTH

pytestmark = needs_chromium
WINDOWS = {
    "phone": (390, 844, True),
    "phone on its side": (844, 390, True),
    "narrow": (700, 900, False),
    "wide": (WIDTH, HEIGHT, False),
}
BOX = "(({ left, top, right, bottom }) => [left, top, right, bottom])(%s.getBoundingClientRect())"


@pytest.fixture(params=WINDOWS)
def window(request, hand):
    width, height, phone = WINDOWS[request.param]
    hand.resize(width, height, phone=phone)
    yield width, height
    hand.key("Escape")
    hand.read("(window.scrollTo(0, 0), 1)")
    hand.resize(WIDTH, HEIGHT)


@pytest.fixture(scope="module")
def axe():
    """The script of axe-core, from npm's global folder or one above the tests."""
    folders = [folder / "node_modules" for folder in Path(__file__).parents]
    if npm := shutil.which("npm"):
        found = subprocess.run(
            [npm, "root", "--global"], capture_output=True, timeout=60, check=True
        )
        folders.append(Path(found.stdout.decode().strip()))
    for folder in folders:
        if (script := folder / "axe-core" / "axe.min.js").is_file():
            return script.read_text("utf-8")
    pytest.skip("the page was not checked by axe: npm's axe-core is not installed")


def box(hand, selector):
    return hand.read(BOX % f"document.querySelector('{selector}')")


def test_search_and_buttons_are_within_reach(hand, window):
    """In the window, whole, wherever the page is scrolled to; nothing is wider than the window."""
    width, height = window
    assert hand.read("document.documentElement.scrollWidth") <= width
    hand.read("(window.scrollTo(0, 1e6), 1)")
    for selector in ("#search", *(f".buttons button:nth-child({n})" for n in range(1, 7))):
        left, top, right, bottom = box(hand, selector)
        assert 0 <= left < right <= width, selector
        assert 0 <= top < bottom <= height, selector


def test_the_first_lines_answer(hand, window):
    """The number of firings is seen beside a long name, and no fact is cut."""
    name = "document.querySelector('#title span')"
    told = hand.read(f"{name}.textContent")
    hand.read(f"({name}.textContent = 'n'.repeat(300), 1)")
    left, _, right, _ = box(hand, "#title b")
    hand.read(f"({name}.textContent = '{told}', 1)")
    assert 0 < left < right <= window[0]
    facts = hand.read("(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(facts)")
    assert facts[0] <= facts[1]
    assert "server-3.9\xa0dialect:\xa0118\xa0firings" in hand.read("facts.textContent")


def test_the_legend_is_whole(hand, window):
    """Its lines wrap: each mark is explained without scrolling to its sides."""
    assert hand.read("legend.scrollWidth - legend.clientWidth") <= 0
    assert hand.read("legend.scrollHeight - legend.clientHeight") <= 0


@pytest.mark.parametrize("chosen", [False, True])
def test_nothing_covers_the_list(hand, window, chosen):
    """List, details and footer lie beside or below each other, and what is shown has room."""
    if chosen:
        hand.key("n")
    aside, footer = (box(hand, one) for one in ("aside", "footer"))
    assert aside[3] <= footer[1] + 1
    shown = [box(hand, one) for one in ("#list", "#details")]
    shown = [one for one in shown if one[2] > one[0]]
    assert shown
    for left, top, right, bottom in shown:
        assert (aside[1], aside[0]) <= (top, left)
        assert bottom <= footer[1] + 1
        assert right - left >= 200
        assert bottom - top >= 120
    if len(shown) == 2:
        one, two = shown
        assert one[3] <= two[1] + 1 or one[2] <= two[0] + 1


def test_the_lanes_have_most_of_the_width(hand, window):
    """Names take less than half of the timelines."""
    left, _, right, _ = box(hand, "#stage")
    assert box(hand, "#names")[2] - left < (right - left) / 2


def test_a_long_name_has_two_lines_where_there_is_no_room_for_one(hand, window):
    """Up to 900 pixels, in place of half a name and half a sentence about its trigger."""
    texts = "[...document.querySelectorAll('.row.automation .text')]"
    name = "Two runs of one flow crashed within a few minutes"
    hand.read(f"({texts}[0].dataset.told = {texts}[0].textContent, 1)")
    hand.read(f"({texts}[0].textContent = '{name}', 1)")
    wide, room, high, line = hand.read(
        f"(one => [one.scrollWidth, one.clientWidth, one.clientHeight,"
        f" parseFloat(getComputedStyle(one).lineHeight)])({texts}[0])"
    )
    says = hand.read("getComputedStyle(document.querySelector('.row .says')).display")
    hand.read(f"({texts}[0].textContent = {texts}[0].dataset.told, 1)")
    if window[0] <= 900:
        assert (True, "none") == (wide <= room and high > 1.5 * line, says)
    else:
        assert "none" != says


def test_paper_gets_all_rows_and_firings(hand, window):
    """Below each other and in light colours, and the screen is afterwards as it was."""
    hand.key("t")
    body = "[...document.body.children].map(one => Math.round(one.getBoundingClientRect().height))"
    before = hand.read(body)
    hand.read("(dispatchEvent(new Event('beforeprint')), 1)")
    assert "light" == hand.read("document.documentElement.dataset.theme")
    assert 101 == hand.read("document.querySelectorAll('.firing').length")
    names, rows = hand.read(
        "[[...document.querySelectorAll('.row')].at(-1).textContent, spacer.clientHeight]"
    )
    assert "An export hangs (any run may answer)" in names
    (_, top, _, bottom), (_, below, _, _) = box(hand, "#stage canvas"), box(hand, "aside")
    assert rows - 2 <= bottom - top <= below - top
    assert hand.read("document.body.scrollHeight") > rows + 101 * 40
    hand.read("(dispatchEvent(new Event('afterprint')), 1)")
    assert "dark" == hand.read("document.documentElement.dataset.theme")
    assert before == hand.read(body)
    hand.key("t")


FOCUSED = "document.activeElement"


def tab_until(hand, condition, most=200):
    """Press Tab until the focused element is such a one."""
    for _ in range(most):
        hand.key("Tab")
        if hand.read(f"{FOCUSED}.matches('{condition}')"):
            return
    raise AssertionError(f"no Tab leads to {condition}")


def test_a_keyboard_folds_an_automation(hand):
    """Tab goes from name to name, past the last that is seen; Enter folds, and keeps the focus."""
    hand.read("(document.getElementById('scroller').focus(), 1)")
    shown = "Number(document.body.dataset.shownLanes)"
    before = hand.read(shown)
    tab_until(hand, ".row[aria-expanded=true]")
    name = hand.read(f"{FOCUSED}.title")
    hand.key("Enter")
    assert hand.read(shown) < before
    assert name == hand.read(f"{FOCUSED}.title")
    assert "false" == hand.read(f"{FOCUSED}.getAttribute('aria-expanded')")
    hand.key("Enter")
    assert before == hand.read(shown)


def test_a_keyboard_reads_the_steps_of_a_bucket(hand):
    """Every name that Tab reaches is wholly in view; Enter tells what happened in its bucket."""
    hand.read("(document.getElementById('scroller').focus(), 1)")
    seen = set()
    for _ in range(25):
        tab_until(hand, ".row")
        row, stage = box(hand, ".row:focus"), box(hand, "#stage")
        assert stage[1] - 1 <= row[1] < row[3] <= stage[3] + 1
        seen.add(hand.read(f"{FOCUSED}.dataset.row"))
    assert len(seen) == 25
    tab_until(hand, ".row[data-lane]")
    hand.key("Enter")
    assert not hand.read("document.getElementById('details').hidden")
    assert hand.read("document.querySelectorAll('#details .chain li').length") >= 1
    hand.key("Escape")
    hand.read("(document.getElementById('scroller').scrollTop = 0, 1)")


@pytest.mark.parametrize("name", ["phone", "wide"])
def test_a_keyboard_chooses_a_firing_and_comes_back(hand, name):
    """Where the details take the list's place, they take its focus and give it back."""
    width, height, phone = WINDOWS[name]
    hand.resize(width, height, phone=phone)
    hand.read("(document.getElementById('list').focus(), 1)")
    active = "document.getElementById(list.getAttribute('aria-activedescendant'))"
    for key in ("Home", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown"):
        hand.key(key)
    asked = hand.read(f"{active}.dataset.firing")
    assert "2" == asked
    hand.key("Enter")
    assert asked == hand.read("document.body.dataset.chosen")
    assert ("close" if phone else "list") == hand.read(f"{FOCUSED}.className || {FOCUSED}.id")
    if not phone:
        assert "true" == hand.read(f"{active}.getAttribute('aria-selected')")
        tab_until(hand, "#details .close", most=2)
    hand.key("Enter")
    assert hand.read("document.getElementById('details').hidden")
    assert "list" == hand.read(f"{FOCUSED}.id")
    hand.key("End")
    assert "101" == hand.read(f"{active}.getAttribute('aria-posinset')")
    row, shown = box(hand, ".firing.active"), box(hand, "#list")
    assert shown[1] <= row[1] < row[3] <= shown[3] + 1
    hand.key("Home")
    hand.resize(WIDTH, HEIGHT)


def test_a_keyboard_skips_the_names(hand):
    """The page's first stop leads past all automations and buckets to the firings."""
    hand.read("(document.getElementById('skip').focus(), 1)")
    left, top, right, bottom = box(hand, "#skip")
    assert 0 <= left < right <= WIDTH
    assert 0 <= top < bottom
    asked = hand.read("location.hash")
    hand.key("Enter")
    assert "list" == hand.read(f"{FOCUSED}.id")
    assert asked == hand.read("location.hash")


def test_names_of_buckets_that_differ_at_their_end_look_different(hand):
    """On a phone there is room for twenty letters: a name is cut in its middle."""
    hand.resize(400, 844)
    hand.read("(document.getElementById('scroller').scrollTop = 1e6, 1)")
    ends = hand.read(
        "[...document.querySelectorAll('.row.lane .end')].map("
        "one => [one.scrollWidth <= one.clientWidth, one.previousSibling.textContent + one.textContent, one.parentNode.title])"
    )
    hand.read("(document.getElementById('scroller').scrollTop = 0, 1)")
    hand.resize(WIDTH, HEIGHT)
    assert ends
    for fits, told, title in ends:
        assert fits
        assert title.startswith(f"{told}\n") or title == told


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("chosen", [False, True])
def test_axe_finds_nothing(hand, window, axe, theme, chosen):
    """Contrast, names, roles and keyboard access, by axe-core's rules."""
    if hand.read("document.documentElement.dataset.theme") != theme:
        hand.key("t")
    if chosen:
        hand.key("n")
    found = _violations(hand, axe)
    if theme == "dark":
        hand.key("t")
    assert [] == found


def test_axe_finds_nothing_in_a_list_without_firings(hand, axe):
    """The list then holds a text."""
    hand.read("(document.getElementById('search').focus(), 1)")
    hand.type("nothing is called that")
    assert hand.read("document.querySelector('#list p').textContent")
    found = _violations(hand, axe)
    hand.key("Escape")
    assert [] == found


def _violations(hand, axe):
    hand.send("Runtime.evaluate", expression=axe)
    return hand.read(
        "axe.run().then(told => told.violations.map("
        "one => `${one.impact}: ${one.id}: ${one.nodes.map(node => node.html).join(' ')}`))"
    )
