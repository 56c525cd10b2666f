"""The numbers of ``sample_events/README.md`` are those that the command line gives."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.support import REPOSITORY, SAMPLES

README = (SAMPLES / "README.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL))
NIGHTLY = SAMPLES / "nightly.events.jsonl"
TRIGGERS = SAMPLES / "triggers"
TIMES = {"twice": 2, "a fourth time": 4}

# Of each row: the file, the automation's name if the file has several, and the two numbers.
ROWS = re.findall(
    r"^\| `([\w.-]+)`(?:: \*(.+?)\*)? \| [^|]+ \| (\S+) \| (\S+) \|",
    SECTIONS["The triggers"],
    re.MULTILINE,
)
COLUMNS = {"docs": 2, "server": 3}
# Of each row: the names, and what replay says in either dialect.
RECORDED = re.findall(
    r"^\| (`.+`) \| \S+ \| (\S+) \| (\S+)(?: \(D2\))? \|$", SECTIONS["The recording"], re.MULTILINE
)
RECORDED_COLUMNS = {"server": 1, "docs": 2}


def number_in(cell):
    """The number in a cell, bold or not."""
    return int(cell.strip("*"))


@cache
def replayed(*arguments):
    """Each automation's file, name and firings, as ``replay --format json`` has them."""
    answer = json.loads(run("replay", *arguments, "--format", "json", cwd=REPOSITORY).stdout)
    return [
        (Path(one["source"]).name, one["name"], one["firings"]) for one in answer["automations"]
    ]


def of_row(row, automations):
    """The one automation that a row is about; `…` stands for some words of its name."""
    pattern = ".*".join(map(re.escape, row[1].split("…"))) if row[1] else ".*"
    (found,) = [one for one in automations if one[0] == row[0] and re.fullmatch(pattern, one[1])]
    return found


@pytest.mark.parametrize("order", ["occurred", "received", "log"])
@pytest.mark.parametrize("dialect", ["docs", "server"])
def test_each_automation_fires_as_often_as_the_table_says(dialect, order):
    """Among all the others and alone, in every order of delivery."""
    options = ("--log", NIGHTLY, "--dialect", dialect, "--order", order)
    together = replayed(TRIGGERS, *options)
    assert len(together) == len(ROWS)
    for row in ROWS:
        expected = number_in(row[COLUMNS[dialect]])
        file, name, firings = of_row(row, together)
        assert (name, expected) == (name, firings)
        assert (file, name, firings) in replayed(TRIGGERS / file, *options)


def test_what_differs_between_the_dialects_is_bold():
    """And nothing else."""
    for row in ROWS:
        docs, server = row[2:]
        bold = {one.startswith("**") and one.endswith("**") for one in (docs, server)}
        assert (row, bold) == (row, {number_in(docs) != number_in(server)})


def test_the_first_command_prints_these_numbers():
    """It has a line for each automation, on one screen of 80 columns."""
    command = re.search(r"^trigger-cli (replay .+)$", README, re.MULTILINE).group(1)
    narrow = run(*command.split(), "--width", "80", cwd=REPOSITORY).stdout.decode()
    assert len(narrow.splitlines()) <= 40
    printed = run(*command.split(), "--width", "200", cwd=REPOSITORY).stdout.decode()
    for row in ROWS:
        _, name, firings = of_row(row, replayed(TRIGGERS, "--log", NIGHTLY))
        assert number_in(row[2]) == firings
        assert re.search(rf"^ *{re.escape(name)} +{firings}\b", printed, re.MULTILINE), name


def test_a_longer_window_fires_as_often_as_the_text_says():
    """What `within` would have been enough for one firing more."""
    claims = re.findall(
        r"^\| `([\w.-]+)`.+`within: ([\d.]+)` fires (a \w+ time|\w+)", README, re.MULTILINE
    )
    assert 2 == len(claims)
    for file, within, times in claims:
        options = ("--log", NIGHTLY, "--within", within, "--format", "json")
        (cell,) = json.loads(run("sweep", TRIGGERS / file, *options).stdout)["cells"]
        assert (within, TIMES[times]) == (within, cell["firings"])


@pytest.mark.parametrize("dialect", ["server", "docs"])
def test_the_recording_fires_as_often_as_its_table_says(dialect):
    """By the command above the table."""
    command = re.search(r"trigger-cli replay (.+?)```", SECTIONS["The recording"], re.DOTALL)
    words = command.group(1).replace("\\\n", " ").replace(" server ", f" {dialect} ").split()
    expected = {
        name.strip("`"): number_in(row[RECORDED_COLUMNS[dialect]])
        for row in RECORDED
        for name in row[0].split(", ")
    }
    assert expected == {name: firings for _, name, firings in replayed(*words)}


def test_the_logs_hold_as_many_events_as_their_table_says():
    """The night, one page of it, and the recording."""
    rows = re.findall(
        r"^\| `([\w.-]+)` \|.*?\b(\d+) (?:events|of them)", SECTIONS["The logs"], re.MULTILINE
    )
    assert 3 == len(rows)
    for file, number in rows:
        log = json.loads(run("events", SAMPLES / file, "--format", "json").stdout)["log"]
        assert (file, int(number)) == (file, log["events"])
    page = SAMPLES / "nightly.newest-first.json"
    assert [1] == [one[2] for one in replayed(TRIGGERS / "09-threshold-within.json", page)]
