"""``replay --format html`` without a browser: structure, escaping, bounds, the same bytes."""

import base64
import itertools
import json
import re
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cli.running import run
from tests.hostile import HOSTILE, hostile_log, hostile_triggers
from tests.render.replay.html.chromium import Element
from tests.render.replaying import automation, report_of, run_event
from tests.support import REPOSITORY, SAMPLES
from trigger_cli.model import EventTrigger
from trigger_cli.render.replay.html import data as module
from trigger_cli.render.replay.html.data import EVENT_FIELDS, MARK_FIELDS
from trigger_cli.render.replay.html.page import embedded_json, replay_page
from trigger_cli.report import Kept

TRIGGERS = SAMPLES / "triggers"
LOG = SAMPLES / "nightly.events.jsonl"
PACKAGE = REPOSITORY / "trigger_cli" / "render" / "replay" / "html"
WINDOW_FIELDS = 7


def page_of(*arguments: object) -> str:
    done = run("replay", *arguments, "--format", "html")
    assert 0 == done.returncode, done.stderr
    return done.stdout.decode()


def data_of(page: str):
    (text,) = re.findall(
        r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL
    )
    return json.loads(text)


@pytest.fixture(scope="module")
def nightly():
    return page_of(TRIGGERS, "--log", LOG)


def test_the_page_has_the_firings_and_buckets_of_the_replay(nightly):
    """What ``--format json`` counts stands in the page's data."""
    told = json.loads(run("replay", TRIGGERS, "--log", LOG, "--format", "json").stdout)
    data = data_of(nightly)
    texts = data["texts"]
    assert {one["name"]: one["firings"] for one in told["automations"]} == {
        texts[one["name"]]: one["firings"] for one in data["automations"]
    }
    assert sorted(one["automation"] for one in told["firings"]) == sorted(
        texts[data["automations"][one[0]]["name"]] for one in data["firings"]
    )
    assert not any(data["left_out"].values())


def test_the_page_tells_what_the_other_dialect_gives(nightly):
    """As the first lines of a table do; nothing where both give the same."""
    table = run("replay", TRIGGERS, "--log", LOG).stdout.decode()
    name, firings = data_of(nightly)["other"]
    assert f"In the {name} dialect: {firings} firings" in table
    assert None is data_of(page_of(TRIGGERS / "01-match-resource.json", LOG))["other"]


def test_every_reference_of_the_data_leads_somewhere(nightly):
    """Places in tables lie within them, windows do not overlap, firings lie on their marks."""
    data = data_of(nightly)
    events = len(data["events"]) // EVENT_FIELDS
    for lane in data["lanes"]:
        marks = [lane["m"][n : n + MARK_FIELDS] for n in range(0, len(lane["m"]), MARK_FIELDS)]
        windows = [
            lane["w"][n : n + WINDOW_FIELDS] for n in range(0, len(lane["w"]), WINDOW_FIELDS)
        ]
        assert lane["total"] == len(marks)
        assert [one[0] for one in marks] == sorted(one[0] for one in marks)
        for _, kind, rule, event, *_ in marks:
            assert kind < len(data["kinds"])
            assert rule < len(data["rules"])
            assert -1 <= event < events
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(windows))
        assert all(one[0] <= one[1] and one[2] < len(data["states"]) for one in windows)
    fired = data["kinds"].index("fired")
    rows = list(data["firings"])
    while rows:
        _, lane, mark, at, _, _, children = rows.pop()
        rows += children
        own = data["lanes"][lane]["m"][mark * MARK_FIELDS :][:MARK_FIELDS]
        assert [at, fired] == own[:2]


def test_joined_emoji_stay_one_picture(tmp_path):
    """A browser draws them as one; a joiner between letters is invisible, and is written out."""
    names = {
        "A 👩\u200d💻 ❤\ufe0f\u200d🔥": "A 👩\u200d💻 ❤\ufe0f\u200d🔥",
        "a\u200db 👩\u200da \u200d👩": r"a\u200db 👩\u200da \u200d👩",
        "👩\u200d💻" * 100: ("👩\u200d💻" * 100)[:199] + "…",
    }
    triggers = tmp_path / "t.json"
    automations = [{"name": one, "trigger": {"expect": ["a"]}} for one in names]
    triggers.write_text(json.dumps(automations))
    data = data_of(page_of(triggers, LOG))
    shown = [data["texts"][one["name"]] for one in data["automations"]]
    assert list(names.values()) == shown


def test_the_same_replay_is_the_same_bytes(nightly):
    """No clock, no chance, no order of a set."""
    assert nightly == page_of(TRIGGERS, "--log", LOG)


def test_the_page_loads_nothing(nightly):
    """No address, no reference; the policy allows the page's own script and style alone."""
    without_data = re.sub(r'<script id="data".*?</script>', "", nightly, flags=re.DOTALL)
    assert not re.search(r"https?://|url\(|@import|<link|<img|\bsrc=|<iframe", without_data)
    (policy,) = re.findall(r'Security-Policy" content="([^"]*)"', nightly)
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert {"default-src", "script-src", "style-src", "base-uri", "form-action"} == set(rules)
    for rule, tag in (("script-src", "script"), ("style-src", "style")):
        (own,) = re.findall(rf"<{tag}>(.*?)</{tag}>", nightly, re.DOTALL)
        digest = base64.b64encode(sha256(own.encode()).digest()).decode()
        assert f"'sha256-{digest}'" == rules[rule]
    assert {"'none'"} == {rules[one] for one in ("default-src", "base-uri", "form-action")}


def test_the_script_makes_no_markup_of_text():
    """Only text nodes; nothing that parses or runs a string, keeps it, or asks the network."""
    script = (PACKAGE / "timeline.js").read_text("utf-8")
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|DOMParser"
        r"|setTimeout\(\s*[\"'`]|fetch\(|XMLHttpRequest|WebSocket|import\(|localStorage|Date\.now"
        r"|Math\.random|setAttribute\([\"'](?:on|src|href|style)"
    )
    assert not re.findall(forbidden, script)
    assert not re.search(
        r"\son\w+=|javascript:|\sstyle=", (PACKAGE / "page.html").read_text("utf-8")
    )


def test_hostile_text_cannot_leave_the_data(tmp_path):
    """The page has its own elements and no other, whatever names and events hold."""
    plain = page_of(TRIGGERS / "10-after.json", LOG)
    log = hostile_log(tmp_path / "log.jsonl", size=3)
    hostile = page_of(hostile_triggers(tmp_path / "t.json"), log)
    assert [tag for tag, *_ in Element(plain).found] == [tag for tag, *_ in Element(hostile).found]
    assert not any(one in hostile for one in "\u2028\u2029\x1b\x00\x0b")
    assert any("<script>" in one for one in data_of(hostile)["texts"])


def test_embedded_json_reads_back_as_it_was():
    """Escaped, not changed; half a character becomes visible."""
    value = {"a": HOSTILE.replace("\ud800", ""), "b": [1, None, "é"]}
    text = embedded_json(value)
    assert not set(text) & set("<>&\u2028\u2029")
    assert value == json.loads(text)
    assert "\\ud800" == json.loads(embedded_json("\ud800"))


def keyed_report(keys: int):
    trigger = EventTrigger("$", expect=("x",), for_each=("prefect.resource.id",), within=9_000_000)
    events = [run_event(n, n, "x", run=n) for n in range(keys)]
    return report_of([automation(trigger), automation(trigger, "other", index=1)], events)


def test_what_is_too_much_is_left_out_and_counted(monkeypatch):
    """Lanes are dealt out among automations, firings end at the bound; the page says how many."""
    monkeypatch.setattr(module, "MOST_LANES", 10)
    monkeypatch.setattr(module, "MOST_FIRINGS", 7)
    data = data_of(replay_page(keyed_report(20)))
    assert [5, 5] == [one["lanes"][1] - one["lanes"][0] for one in data["automations"]]
    assert [20, 20] == [one["firings"] for one in data["automations"]]
    assert 7 == len(data["firings"])
    left = data["left_out"]
    assert (30, 33) == (left["buckets"], left["firings"])
    assert 0 < left["transitions"]


def test_a_window_that_is_not_kept_whole_has_no_bar(monkeypatch):
    """Of one whose ending is left out, it is unknown how it ended: it was said to have expired."""
    trigger = EventTrigger("$", expect=("x",), within=9_000_000, threshold=2)
    report = report_of(
        [automation(trigger)],
        [run_event(n, n, "x") for n in range(40)],
        bounds=Kept(transitions=100, first=3, last=4),
    )
    data = data_of(replay_page(report))
    (lane,) = data["lanes"]
    assert 0 < lane["hidden"]
    assert 3 == lane["kept"]
    states = [data["states"][state][0] for state in lane["w"][2::WINDOW_FIELDS]]
    assert ["cooling", "open"] == states


def test_text_that_controls_is_made_visible():
    """As in tables: a control character, or one that turns a line round, is written out."""
    report = report_of([automation(EventTrigger("$"), "a\x1b[31mred\u202edcba")], [])
    assert r"a\x1b[31mred\u202edcba" in data_of(replay_page(report))["texts"]


def test_long_texts_are_cut(monkeypatch):
    """Each at its bound and, once there is too much of them, at a short one."""
    monkeypatch.setattr(module, "MOST_TEXT", 2_000)
    trigger = EventTrigger("$", expect=("x",))
    events = [run_event(n, n, "x", run=n, called=f"{n}" + "long" * 10_000) for n in range(40)]
    page = replay_page(report_of([automation(trigger)], events))
    data = data_of(page)
    assert module.LONGEST_TEXT == max(map(len, data["texts"]))
    assert 5_000 > sum(map(len, data["texts"]))
    assert 0 < data["left_out"]["texts"]


def test_nothing_happened_is_a_page_too():
    """No event, no lane, and still all of the page."""
    data = data_of(replay_page(report_of([automation(EventTrigger("$"))], [])))
    assert data["empty"]
    assert [] == data["lanes"] == data["firings"]


def test_the_zone_goes_with_the_page():
    """Times are written in the zone that was asked for; one without a name in UTC."""
    report = keyed_report(1)
    assert "Europe/Berlin" == data_of(replay_page(report, zone=ZoneInfo("Europe/Berlin")))["zone"]
    assert "UTC" == data_of(replay_page(report))["zone"]


def test_only_what_was_asked_for_is_shown():
    """``--automation`` and ``--bucket`` hold here as in tables."""
    data = data_of(page_of(TRIGGERS, "--log", LOG, "--automation", "All three*"))
    assert ["All three exports are written"] == [
        data["texts"][one["name"]] for one in data["automations"]
    ]
    assert 1 == len(data["firings"])


def test_a_terminal_is_told_to_use_a_file(monkeypatch):
    """A page on a terminal helps nobody: exit 2, and what to type."""
    monkeypatch.setattr("trigger_cli.cli.replay._is_terminal", lambda: True)
    for form, name in (("html", b"replay.html"), ("perfetto", b"replay.trace.json")):
        done = run("replay", TRIGGERS / "10-after.json", LOG, "--format", form)
        assert 2 == done.returncode
        assert b"--output " + name in done.stderr


def test_the_package_carries_the_page():
    """What the page is made of lies in the package that the wheel is built from."""
    assert {"page.html", "style.css", "timeline.js"} <= {one.name for one in PACKAGE.iterdir()}
    wheel = (REPOSITORY / "pyproject.toml").read_text("utf-8")
    assert 'packages = ["trigger_cli"]' in wheel
    assert Path(module.__file__).parent == PACKAGE
