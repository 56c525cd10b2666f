"""What is written and drawn on the page's canvas."""

from itertools import pairwise

from tests.render.replay.html.chromium import needs_chromium
from tests.render.replaying import automation, report_of, run_event
from trigger_cli.model import EventTrigger
from trigger_cli.render.replay.html.page import replay_page
from trigger_cli.report import Kept

pytestmark = needs_chromium

DAY, WEEK = 86_400, 7 * 86_400 * 1_000_000
RECORDED = """(() => {
  const pen = CanvasRenderingContext2D.prototype, { fillText, lineTo, moveTo } = pen;
  window.texts = []; window.places = new Set();
  pen.fillText = function (text, x, ...rest) {
    const width = this.measureText(text).width;
    const left = this.textAlign === "right" ? x - width : this.textAlign === "center" ? x - width / 2 : x;
    texts.push([text, left + width, this.canvas.clientWidth]);
    fillText.call(this, text, x, ...rest);
  };
  pen.moveTo = function (x, y) { places.add(x); moveTo.call(this, x, y); };
  return 1;
})()"""


def test_a_time_of_another_day_or_year_has_its_date(tmp_path, browser):
    """A list over two years names the year where it is another; a deadline tomorrow, its day."""
    trigger = EventTrigger("$", expect=("x",))
    watch = EventTrigger("$", posture="Proactive", after=("x",), expect=("y",), within=WEEK)
    for name, asked, seconds, told in (
        ("years", trigger, (0, 320 * DAY), ["03-01 12:00:00", "2027-01-15 12:00:00"]),
        ("week", watch, (0,), ["12:00:00 – 03-08 12:00:00"]),
    ):
        events = [run_event(n, at, "x") for n, at in enumerate(seconds)]
        page = tmp_path / f"{name}.html"
        page.write_text(replay_page(report_of([automation(asked)], events)), "utf-8")
        browser.open(page)
        times = "#list time" if name == "years" else "#details dd"
        if name == "week":
            assert "(0 s)" in browser.read("facts.textContent")
            browser.click(500, 150)
        found = browser.read(
            f"[...document.querySelectorAll('{times}')].map(one => one.textContent)"
        )
        assert set(told) <= set(found)


def test_markers_that_touch_have_one_number(tmp_path, browser):
    """Ten firings that lie over each other are ×10, whatever number of markers is drawn."""
    seconds = (0, *range(1_000, 1_500, 50), 9_000)
    events = [run_event(n, at, "x") for n, at in enumerate(seconds)]
    page = tmp_path / "page.html"
    report = report_of([automation(EventTrigger("$", expect=("x",)))], events)
    page.write_text(replay_page(report), "utf-8")
    browser.open(page)
    browser.read(RECORDED)
    browser.key("t")
    assert ["×10"] == [text for text, *_ in browser.read("texts") if text.startswith("×")]


def test_a_close_view_says_its_day_and_hour(tmp_path, browser):
    """At its left end, for labels have minutes and seconds; only that of midnight is a date."""
    events = [run_event(n, n * DAY + DAY / 2, "x") for n in range(3)]
    page = tmp_path / "page.html"
    report = report_of([automation(EventTrigger("$", expect=("x",)))], events)
    page.write_text(replay_page(report), "utf-8")
    browser.open(page, "firing=2")
    for _ in range(45):
        browser.key("+")
    browser.read(RECORDED)
    browser.key("t")
    labels = [text for text, *_ in browser.read("texts")]
    assert "2026-03-02 23:59 UTC" == browser.read("zone.textContent")
    assert 1 == labels.count("03-03")
    assert "00:00.000050" in labels


def test_what_is_left_out_is_said_and_nothing_is_cut(tmp_path, browser):
    """Firings of the gap are in the list, so they are drawn; a number is whole or not there."""
    trigger = EventTrigger("$", expect=("x",))
    events = [run_event(n, n * 2.0, "x") for n in range(400)]
    report = report_of(
        [automation(trigger)], events, bounds=Kept(transitions=900, first=6, last=60)
    )
    page = tmp_path / "page.html"
    page.write_text(replay_page(report), "utf-8")
    browser.open(page)
    browser.read(RECORDED)
    browser.key("t")
    texts = browser.read("texts")
    assert "1,134 transitions left out" in [text for text, *_ in texts]
    assert [] == [text for text, right, width in texts if right > width]
    marked = sorted(browser.read("[...places]"))
    assert 25 > max(b - a for a, b in pairwise(marked))
