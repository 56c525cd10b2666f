"""``--save``: what a command shows, also as a picture, a page or text."""

import re
import xml.etree.ElementTree as ET
from datetime import datetime
from html.parser import HTMLParser

import pytest

from tests.cli.running import run
from tests.hostile import hostile_log, hostile_triggers
from tests.support import REPOSITORY, written_trigger
from trigger_cli.cli import doctor

TRIGGERS = "sample_events/triggers"
LOG = "sample_events/nightly.events.jsonl"
COMMANDS = {
    "replay": ("replay", f"{TRIGGERS}/15-compound-exports.json", LOG),
    "replay -q": ("replay", f"{TRIGGERS}/09-threshold-within.json", LOG, "-q"),
    "explain": ("explain", f"{TRIGGERS}/09-threshold-within.json", LOG),
    "explain --codes": ("explain", "--codes"),
    "lint": ("lint", f"{TRIGGERS}/06-negative-mixed.json"),
    "lint concise": ("lint", f"{TRIGGERS}/06-negative-mixed.json", "--format", "concise"),
    "lint statistics": ("lint", f"{TRIGGERS}/06-negative-mixed.json", "--statistics"),
    "rule": ("rule", "TRG204"),
    "rule --all": ("rule", "--all"),
    "test": ("test", "sample_events/failing.trigger-test.yaml", "--coverage"),
    "audit": (
        "audit",
        "sample_events/recording.automations.json",
        "sample_events/recording.events.jsonl",
    ),
    "sweep": (
        "sweep",
        f"{TRIGGERS}/09-threshold-within.json",
        *("--log", LOG, "--threshold", "1..3", "--within", "1m,1h"),
    ),
    "diff": ("diff", f"{TRIGGERS}/10-after.json", "--between", "dialects", "--log", LOG),
    "events": ("events", LOG),
    "doctor": ("doctor", "--offline", f"{TRIGGERS}/10-after.json"),
}
# Where text may be spread over several elements, blanks apart.
SQUEEZED = re.compile(r"\s+")


class TextOf(HTMLParser):
    """The text of a page's `pre`, and every element with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._in_pre = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._in_pre = self._in_pre or tag == "pre"

    def handle_data(self, data):
        if self._in_pre:
            self.text += data


def texts_of_svg(svg: str) -> str:
    root = ET.fromstring(svg)  # noqa: S314  # our own
    lines = root.iter("{http://www.w3.org/2000/svg}text")
    return "".join("".join(one.itertext()) for one in lines if "clip-path" in one.attrib)


def loads_nothing(text: str) -> bool:
    return not re.search(r"url\((?!#)|@import|@font-face|\bsrc=|<link|<script", text)


class Noon(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz=None):
        return datetime(2026, 3, 1, 12, tzinfo=tz)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_view_can_be_saved(name, tmp_path, monkeypatch):
    """The file shows what the screen shows at that width, loads nothing, and changes no output."""
    monkeypatch.setattr(doctor, "datetime", Noon)  # it tells the time
    command = COMMANDS[name]
    plain = run(*command, "--width", 100, cwd=REPOSITORY)
    printed = plain.stdout.decode()
    texts = {"svg": texts_of_svg, "html": lambda page: TextOf(page).text}
    for form in ("svg", "html", "txt"):
        path = tmp_path / f"view.{form}"
        done = run(*command, "--width", 100, "--save", path, cwd=REPOSITORY)
        assert (plain.returncode, plain.stdout) == (done.returncode, done.stdout), form
        assert [path] == list(tmp_path.iterdir()), form
        saved = path.read_text("utf-8")
        path.unlink()
        if form == "txt":
            assert printed == saved
            continue
        assert loads_nothing(saved), form
        shown = texts[form](saved).replace("\xa0", " ")
        assert SQUEEZED.sub("", printed) == SQUEEZED.sub("", shown), form


@pytest.mark.parametrize("form", ["svg", "html"])
def test_the_file_is_in_colour_though_the_terminal_is_not(form, tmp_path):
    """NO_COLOR is for the terminal; the file shows a firing in red."""
    path = tmp_path / f"view.{form}"
    done = run(*COMMANDS["replay"], "--save", path, cwd=REPOSITORY, NO_COLOR="1")
    assert b"\x1b" not in done.stdout
    assert len(set(re.findall(r"(?:fill|color): (#[0-9a-f]{6})", path.read_text("utf-8")))) > 3


@pytest.mark.parametrize("form", ["svg", "html"])
def test_grey_text_has_contrast(form, tmp_path):
    """The same grey on the dark ground of a picture and of a page: 5.4 to 1."""
    saved = tmp_path / f"view.{form}"
    run(*COMMANDS["explain"], "--save", saved)
    text = saved.read_text("utf-8")
    assert "#878787" in text
    assert "#727272" not in text


@pytest.mark.parametrize("form", ["svg", "html"])
def test_dim_colours_have_contrast(form, tmp_path):
    """Half a colour on the dark ground could not be read: firings in a row are a dim red."""
    trigger = {"posture": "Proactive", "expect": ["a"], "threshold": 1, "within": 300}
    triggers = written_trigger(tmp_path / "t.json", trigger)
    saved = tmp_path / f"view.{form}"
    done = run("replay", triggers, LOG, "--save", saved)
    assert b"(\xc3\x97" in done.stdout
    found = set(re.findall(r"(?:fill|color): (#[0-9a-f]{6})", saved.read_text("utf-8")))
    assert [] == [one for one in found - {"#0c0c0c"} if contrast("#0c0c0c", one) < 4.5]


def contrast(one, other):
    """The contrast of two colours as WCAG has it: 1 to 21."""

    def light(color):
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    return max(light(one), light(other)) / min(light(one), light(other))


def test_a_saved_view_has_room_where_nobody_says_how_much(tmp_path):
    """120 columns, though the output has 80."""
    path = tmp_path / "view.txt"
    done = run(*COMMANDS["events"], "--save", path, cwd=REPOSITORY)
    assert 80 >= max(map(len, done.stdout.decode().splitlines()))
    assert 80 < max(map(len, path.read_text("utf-8").splitlines())) <= 120


@pytest.mark.parametrize("command", ["replay", "explain", "lint", "events", "diff"])
@pytest.mark.parametrize("form", ["svg", "html", "txt"])
def test_hostile_text_stays_text(command, form, tmp_path):
    """No element, no escape and no character that XML refuses comes of what a log holds."""
    triggers = hostile_triggers(tmp_path / "triggers.json")
    log = hostile_log(tmp_path / "log.jsonl", size=20)
    path = tmp_path / f"view.{form}"
    arguments = {
        "replay": (triggers, log),
        "explain": (triggers, "--log", log),
        "lint": (triggers,),
        "events": (log,),
        "diff": (triggers, "--between", "dialects", "--log", log),
    }[command]
    done = run(command, *arguments, "--save", path)
    assert done.returncode in {0, 1}, done.stderr
    saved = path.read_bytes().decode()
    assert "\x1b" not in saved
    if form == "svg":
        tags = {one.tag.rpartition("}")[2] for one in ET.fromstring(saved).iter()}  # noqa: S314
        assert tags <= {"svg", "style", "defs", "clipPath", "rect", "g", "text", "circle"}
    elif form == "html":
        tags = {tag for tag, _ in TextOf(saved).elements}
        assert tags <= {"html", "head", "meta", "title", "style", "body", "pre", "span"}


def test_long_lines_are_broken_in_a_picture(tmp_path):
    """A finding on one line of any length is all there."""
    name = "n" * 300
    (tmp_path / "t.json").write_text(f'{{"name": "{name}", "trigger": {{"posture": "Reactiv"}}}}')
    path = tmp_path / "view.svg"
    done = run("lint", tmp_path / "t.json", "--format", "concise", "--save", path, "--width", 60)
    printed = SQUEEZED.sub("", done.stdout.decode())
    assert printed == SQUEEZED.sub("", texts_of_svg(path.read_text("utf-8")).replace("\xa0", ""))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--save", "view.png"), b"must end in .svg, .html or .txt"),
        (("--save", "view"), b"must end in .svg, .html or .txt"),
        (("--save", "view.svg", "--format", "json"), b"--format json is for programs"),
        (("--save", "view.svg", "--format", "html"), b"--format html is for programs"),
    ],
)
def test_what_cannot_be_saved_is_refused_before_anything_is_read(arguments, says, tmp_path):
    """Another extension, or a format that is no view: exit 2, and no file."""
    log = REPOSITORY / LOG
    done = run("replay", REPOSITORY / TRIGGERS / "10-after.json", log, *arguments, cwd=tmp_path)
    assert 2 == done.returncode
    assert says in b" ".join(done.stderr.split())
    assert b"" == done.stdout
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    """Exit 2 with the reason."""
    path = tmp_path / "nowhere" / "view.svg"
    done = run(*COMMANDS["replay"], "--save", path, cwd=REPOSITORY)
    assert 2 == done.returncode
    assert b"cannot write" in done.stderr


def test_the_same_view_is_the_same_bytes(tmp_path):
    """A picture under version control changes when what it shows does."""
    paths = [tmp_path / name for name in ("a.svg", "b.svg")]
    for path in paths:
        run(*COMMANDS["sweep"], "--save", path, cwd=REPOSITORY)
    assert paths[0].read_bytes() == paths[1].read_bytes()
