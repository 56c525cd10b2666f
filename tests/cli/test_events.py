"""``trigger-cli events`` as a user runs it."""

import json

import pytest

from tests.cli.running import run
from tests.history.recording import LOG as RECORDING
from tests.support import SAMPLES, log_event, written_log
from trigger_cli.read import log as read_log
from trigger_cli.read.workers import Workers

LOG = SAMPLES / "nightly.events.jsonl"
UUID_A, UUID_B = (f"0b1e6f0c-2f5a-4a4e-9d0a-00000000000{digit}" for digit in "ab")


def test_a_log_is_told_in_tables():
    """Names, resources, labels and order."""
    done = run("events", LOG)
    text = done.stdout.decode()
    assert 0 == done.returncode
    for part in (
        "216 events",
        "flow-run.Completed",
        "Related resources",
        "out of order",
        "1 duplicate",
    ):
        assert part in text


def test_a_narrow_table_gives_its_room_to_the_names():
    """The times of an event are left out; names were broken every six characters."""
    lines = run("events", LOG, "--width", "40").stdout.decode().splitlines()
    assert "  event                    count    rate" in lines
    assert "  submitted-flow-run" in lines


def test_a_part_of_which_there_is_nothing_has_no_title(tmp_path):
    """Events whose labels other tables show, and no others."""
    log = written_log(tmp_path / "l.jsonl", [log_event("a", 0)])
    text = run("events", log).stdout.decode()
    assert "Resources" in text
    assert "Labels" not in text


@pytest.mark.parametrize(
    ("seconds", "rate"), [(10_800, "0.7/h"), (600, "0.2/min"), (200_000, "0.9/d"), (1, "2.0/s")]
)
def test_a_rate_is_by_a_unit_that_the_log_lasted(tmp_path, seconds, rate):
    """Two events in three hours are not 16 a day."""
    log = written_log(tmp_path / "l.jsonl", [log_event("a", 0), log_event("a", seconds)])
    assert f" {rate} " in run("events", log).stdout.decode()


@pytest.mark.parametrize("newest_first", [False, True])
def test_three_processes_count_what_one_counts(tmp_path, monkeypatch, newest_first):
    """Each counts the names and labels of some parts of the log."""
    lines = LOG.read_bytes().splitlines(keepends=True)
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"".join([*(reversed(lines) if newest_first else lines), b"no event\n"]))
    alone = run("events", log, "--format", "json")
    defaults = read_log.Log.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "shard_bytes", 20_000)
    monkeypatch.setitem(defaults, "worth_workers", 0)
    monkeypatch.setattr(read_log, "available_cores", lambda: 3)
    used = []
    in_order = Workers.in_order
    monkeypatch.setattr(
        Workers, "in_order", lambda self, tasks: used.append(self.count()) or in_order(self, tasks)
    )
    assert run("events", log, "--format", "json") == alone
    assert [3] == used
    assert 216 == json.loads(alone.stdout)["log"]["events"]


def test_examples_are_whole_and_differ():
    """A time is not broken, and no two that were shortened look the same."""
    text = run("events", LOG).stdout.decode()
    assert "01:00:30, 01:00:34," in text
    assert 1 == " ".join(text.split()).count("Flow run encountered an")


def test_the_json_counts_everything():
    """Counts add up."""
    value = json.loads(run("events", RECORDING, "--format", "json").stdout)
    assert "trigger-cli/events@1" == value["format"]
    assert 1907 == value["log"]["events"] == sum(one["events"] for one in value["names"])
    assert 214 == sum(value["server_firings"].values())
    assert 9 == value["follows"]["longest"]


@pytest.mark.parametrize(
    ("name", "firings"),
    [
        ("prefect.flow-run.Completed", 79),
        # Those of one automation: all of them would be a loop.
        ("prefect.automation.triggered", 87),
    ],
)
def test_a_suggested_trigger_loads_lints_and_fires(tmp_path, name, firings):
    """On the events of the name."""
    done = run("events", RECORDING, "--suggest", name)
    path = tmp_path / "trigger.json"
    path.write_bytes(done.stdout)
    assert 0 == run("lint", path).returncode
    fired = json.loads(run("replay", path, RECORDING, "--format", "json").stdout)["firings"]
    assert firings == len(fired)


@pytest.mark.parametrize(
    "ids",
    [[None], [UUID_A, UUID_B], [f"shop:{UUID_A}", f"shop:{UUID_B}"], ["!a"], ["a.b", "a.c"]],
    ids=["no id", "bare", "another separator", "like a negation", "of a kind"],
)
def test_a_suggested_trigger_takes_every_event_of_the_name(tmp_path, ids):
    """Its pattern was the kind that tables show, with a dot: it matched none of the first three."""
    path = tmp_path / "trigger.json"
    resources = [{} if one is None else {"prefect.resource.id": one} for one in ids]
    events = [log_event("x", second, resource=one) for second, one in enumerate(resources)]
    log = written_log(tmp_path / "log.jsonl", events)
    path.write_bytes(run("events", log, "--suggest", "x").stdout)
    fired = json.loads(run("replay", path, log, "--format", "json").stdout)["firings"]
    assert len(ids) == len(fired)


def test_every_name_of_the_samples_can_be_suggested(tmp_path):
    """Whatever its resources are."""
    value = json.loads(run("events", LOG, "--format", "json").stdout)
    path = tmp_path / "trigger.json"
    for one in value["names"]:
        path.write_bytes(run("events", LOG, "--suggest", one["name"]).stdout)
        done = run("replay", path, LOG, "--format", "json")
        assert 0 == done.returncode, done.stderr
        assert json.loads(done.stdout)["firings"]


def test_log_events_are_not_suggested():
    """They never reach triggers (O3)."""
    done = run("events", "-", "--suggest", "prefect.log.write")
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"never reach triggers" in done.stderr


def test_the_numbers_of_a_suggestion_say_what_they_count():
    """Events, and different names of related resources."""
    lines = run("events", LOG, "--suggest", "prefect.flow-run.Failed").stdout.decode().splitlines()
    assert lines[0].startswith("// Seen 4 times, ")
    ends = [one.rpartition("(")[2] for one in lines if "prefect.resource.role" in one]
    assert ["one of 3 names)", "one of 3 names)", "the only name)", "the only name)"] == ends


def test_a_definition_is_no_log():
    """Nor are there triggers that could come first."""
    done = run("events", SAMPLES / "triggers" / "01-match-resource.json")
    assert (3, b"") == (done.returncode, done.stdout)
    assert b"the file is a definition, not a log of events\nhelp: a log belongs here" in done.stderr


def test_an_unknown_name_says_what_is_near():
    """A slip of the pen."""
    done = run("events", LOG, "--suggest", "prefect.flow-run.Complete")
    assert 2 == done.returncode
    assert b"prefect.flow-run.Completed" in done.stderr
    assert b" and 16 more; " in run("events", LOG, "--suggest", "zebra").stderr
    assert b"help" not in run("events", "-", "--suggest", "zebra").stderr


def test_hostile_text_is_inert(tmp_path):
    """In the tables, and in the comments of a suggestion."""
    name = 'x\n"*/ \x1b[2J'
    labels = {
        "resource": {"prefect.resource.id": "a\n.b\x1b", "\x1bl": "\u202ev"},
        "related": [{"prefect.resource.role": "r\n", "prefect.resource.name": "\x1b\nn"}],
    }
    events = [log_event(name, id=one, **labels) for one in "12"]
    log = written_log(tmp_path / "log.jsonl", events)
    assert b"\x1b" not in run("events", log).stdout
    done = run("events", log, "--suggest", name)
    assert b"\x1b" not in done.stdout
    path = tmp_path / "trigger.json"
    path.write_bytes(done.stdout)
    assert b"2 firings" in run("replay", path, log).stdout


def test_without_a_log_there_is_nothing_to_tell():
    """A usage error."""
    assert 2 == run("events").returncode


@pytest.mark.parametrize("width", [40, 60, 160])
def test_it_fits_its_width(width):
    """Whatever room there is."""
    done = run("events", RECORDING, "--width", width)
    assert max(map(len, done.stdout.decode().splitlines())) <= width


def test_an_empty_log_has_no_empty_tables():
    """Three lines say all there is to say."""
    done = run("events", "/dev/null")
    assert b"0 events of 0 names\nNo event, so no time passed\nlog /dev/null\n" == done.stdout


@pytest.mark.parametrize(
    ("names", "said"), [(2_000, b"2,000 names"), (2_001, b"more than 2,000 names")]
)
def test_more_names_than_are_counted(names, said, tmp_path):
    """The rest is not counted by name, and that is told."""
    log = written_log(tmp_path / "log.jsonl", (log_event(f"e{n}") for n in range(names)))
    done = run("events", log)
    assert (0, True) == (done.returncode, f"{names:,} events of ".encode() + said in done.stdout)
    value = json.loads(run("events", log, "--format", "json").stdout)
    assert (names > 2_000) == value["more_names"]
