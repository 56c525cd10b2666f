"""The page in a browser: what is drawn, searched and chosen, and that nothing hostile runs."""

import json
from urllib.parse import quote, urlencode

import pytest

from tests.cli.running import run
from tests.hostile import hostile_log, hostile_triggers
from tests.render.replay.html.chromium import Element, loaded, needs_chromium, requested
from tests.render.replaying import run_id
from tests.support import SAMPLES, log_event, proactive, reactive, written_log

pytestmark = needs_chromium
TRIGGERS = SAMPLES / "triggers"
LOG = SAMPLES / "nightly.events.jsonl"


def page_in(folder, *arguments):
    path = folder / "replay.html"
    done = run("replay", *arguments, "--format", "html", "--output", path)
    assert 0 == done.returncode, done.stderr
    return path


@pytest.fixture(scope="module")
def nightly(tmp_path_factory):
    return page_in(tmp_path_factory.mktemp("page"), TRIGGERS, "--log", LOG)


@pytest.fixture
def opened(browser):
    """Opens a page and gives what it holds; what is asked is its fragment."""

    def elements(page, size=(1280, 800), wish="", **asked):
        browser.open(page, urlencode(asked, quote_via=quote), size, wish)
        return Element(browser.read("document.documentElement.outerHTML"))

    return elements


def numbers(dom, *names):
    """What the page says of itself."""
    body = dom.attributes("body")
    assert "yes" == body.get("data-ready"), "the script did not come to its end"
    return tuple(int(body[f"data-{name}"]) for name in names)


def _texts(dom, tag):
    return ["".join(text) for name, _, text in dom.found if name == tag]


def test_lanes_and_firings_are_those_of_the_replay(nightly, opened):
    """As many firings, automations and buckets as the replay has."""
    told = json.loads(run("replay", TRIGGERS, "--log", LOG, "--format", "json").stdout)
    dom = opened(nightly, size=(1600, 4000))
    count = len(told["firings"])
    assert (count, count) == numbers(dom, "firings", "shown-firings")
    assert [str(count)] == dom.texts("count")
    lanes, shown, automations = numbers(dom, "lanes", "shown-lanes", "shown-automations")
    assert (len(told["automations"]), lanes) == (automations, shown)
    assert [f"{count} firings"] == [one for one in _texts(dom, "b") if one.endswith(" firings")]
    names = {text for text in dom.texts("text") if text}
    assert {one["name"] for one in told["automations"]} <= names


def test_no_event_that_matched_is_told(tmp_path, opened):
    """Beside the empty list: the definition is at fault, and not a window."""
    log = written_log(tmp_path / "l.jsonl", [log_event("prefect.flow-run.Failed", 0)])
    triggers = tmp_path / "t.json"
    triggers.write_text(json.dumps(reactive("prefect.flow-run.Faild")))
    dom = opened(page_in(tmp_path, triggers, "--log", log))
    assert "Nothing fired: no event matched a trigger." in _texts(dom, "p")


def test_the_legend_names_what_is_drawn(nightly, tmp_path, opened):
    """Every mark of a metric and of an ignored event; and no firing where there is none."""
    entries = _legend(opened(nightly))
    assert ["firing", "event", "ignored or let go", "value of a metric", "its bound"] == entries[:5]
    assert "cooling down after a firing" in entries
    assert "after the replay" == entries[-1]
    log = written_log(tmp_path / "l.jsonl", [log_event("prefect.flow-run.Failed", 0)])
    triggers = tmp_path / "t.json"
    triggers.write_text(json.dumps(reactive("prefect.flow-run.Failed", threshold=2, within=60)))
    dom = opened(page_in(tmp_path, triggers, "--log", log))
    assert ["event", "open at the end of the replay", "after the replay"] == _legend(dom)


def _legend(dom):
    place = next(n for n, (_, named, _) in enumerate(dom.found) if named.get("id") == "legend")
    rest = dom.found[place + 1 :]
    end = next(n for n, (tag, *_) in enumerate(rest) if tag not in {"span", "i"})
    return ["".join(text) for tag, _, text in rest[:end] if tag == "span"]


def test_only_what_can_be_seen_is_in_the_document(nightly, opened):
    """A hundred firings, and as many rows as fit."""
    dom = opened(nightly, size=(1280, 800))
    assert 5 < len(dom.texts("firing")) < 40


@pytest.mark.parametrize(
    ("text", "firings"),
    [("all three exports", 1), ("no such thing", 0), ("flow-run.Crashed", None)],
)
def test_search_filters_lanes_and_firings(nightly, text, firings, opened):
    """By automation, by nothing, by event."""
    dom = opened(nightly, q=text)
    lanes, shown_lanes, all_firings, shown = numbers(
        dom, "lanes", "shown-lanes", "firings", "shown-firings"
    )
    assert shown_lanes < lanes
    assert shown < all_firings
    if firings is None:
        assert 0 < shown
    else:
        assert firings == shown


def test_a_firing_shows_its_chain(nightly, tmp_path, opened):
    """The parent's firing, and below it the three children's, each to jump to."""
    dom = opened(nightly, q="all three exports")
    assert 1 == numbers(dom, "shown-firings")[0]
    folder = tmp_path / "alone"
    folder.mkdir()
    page = page_in(folder, TRIGGERS / "15-compound-exports.json", LOG)
    dom = opened(page, firing=1)
    assert (0,) == numbers(dom, "chosen")
    assert 4 == len([one for one in dom.texts("fired") if one is not None])
    times = [text for tag, _, parts in dom.found if tag == "time" and (text := "".join(parts))]
    assert {"01:33:12", "01:36:40", "01:41:05"} <= {one[:8] for one in times}


def test_hostile_text_does_not_run(tmp_path):
    """No element of its own, no script run, no request for what it names."""
    page = page_in(
        tmp_path, hostile_triggers(tmp_path / "t.json"), "--log", hostile_log(tmp_path / "l.jsonl")
    )
    network = tmp_path / "net.json"
    dom = loaded(page, tmp_path, network=network, fragment="firing=1")
    assert (3,) == numbers(dom, "shown-automations")
    assert "data-pwned" not in dom.attributes("body")
    tags = [tag for tag, *_ in dom.found]
    assert 2 == tags.count("script")
    assert not {"img", "iframe", "link", "object", "embed"} & set(tags)
    assert 1 == tags.count("svg")
    assert any("<script>" in text for text in dom.texts("text"))
    assert set() == requested(network)


def test_the_page_asks_the_network_for_nothing(nightly, tmp_path):
    """Not one request; a page that makes one shows that they would be seen."""
    network, control = tmp_path / "net.json", tmp_path / "control.html"
    loaded(nightly, tmp_path, network=network)
    assert set() == requested(network)
    control.write_text("<img src=http://127.0.0.1:9/control.png>")
    loaded(control, tmp_path, network=network)
    assert {"http://127.0.0.1:9/control.png"} == requested(network)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_it_is_dark_or_light_as_the_system_is_or_as_asked(nightly, scheme, opened):
    """By the system's wish, and by the page's own button whatever the system wishes."""
    other = "light" if scheme == "dark" else "dark"
    for dom in (opened(nightly, wish=scheme), opened(nightly, wish=other, theme=scheme)):
        assert scheme == dom.attributes("html")["data-theme"]


def test_dark_and_light_are_two_pictures(nightly, browser):
    """The canvas follows the theme, too."""
    pictures = []
    for theme in ("dark", "light"):
        browser.open(nightly, f"theme={theme}")
        pictures.append(browser.picture())
    dark, light = pictures
    assert dark != light
    assert min(len(dark), len(light)) > 20_000


def test_thousands_of_buckets_and_a_hundred_thousand_transitions(tmp_path, opened):
    """The page comes up, shows some buckets of each, and says what it left out."""
    events = (
        log_event(
            f"prefect.flow-run.{'Running' if n % 2 == 0 else 'Completed'}",
            n,
            resource={"prefect.resource.id": run_id(n // 2)},
        )
        for n in range(50_000)
    )
    log = written_log(tmp_path / "log.jsonl", events)
    triggers = tmp_path / "t.json"
    watch = proactive(
        "prefect.flow-run.Completed",
        after=["prefect.flow-run.Running"],
        for_each=["prefect.resource.id"],
        within=600,
    )
    each = reactive("prefect.flow-run.Completed", threshold=2, within=60)
    triggers.write_text(json.dumps([watch, each]))
    page = page_in(tmp_path, triggers, "--log", log)
    assert page.stat().st_size < 16_000_000
    dom = opened(page, size=(1280, 2400))
    lanes, shown, firings = numbers(dom, "lanes", "shown-lanes", "firings")
    assert 1_000 < lanes <= 10_000
    assert 10 < shown < 100
    assert 0 < firings <= 20_000
    assert any("it leaves out" in one for one in dom.texts("notes"))
    assert any("more bucket" in one for one in dom.texts("text"))
