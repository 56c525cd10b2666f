"""``trigger-cli diff`` as a user runs it."""

import json

import pytest

from tests.cli.running import run
from tests.support import SAMPLES, log_event, reactive, written_log, written_trigger

TRIGGERS = SAMPLES / "triggers"
LOG = SAMPLES / "nightly.events.jsonl"
TWO = TRIGGERS / "09-threshold-within.json"


@pytest.fixture
def longer(tmp_path):
    """The same trigger with a window of 64.3 s."""
    path = tmp_path / "longer.json"
    path.write_text(TWO.read_text("utf-8").replace('"within": 60', '"within": 64.3'))
    assert "64.3" in path.read_text("utf-8")
    return path


def test_a_changed_window_is_a_difference(longer):
    """Exit 1; the run at 01:09:14 is named."""
    done = run("diff", TWO, longer, "--log", LOG)
    assert 1 == done.returncode
    assert "The first difference is at 01:09:14.612" in done.stdout.decode()
    assert ["A", "B", "only", "B"] == done.stdout.decode().partition("automation ")[2].split()[:4]
    assert b"other time" not in done.stdout  # a column that would be empty


def test_two_lone_automations_are_compared_under_both_names(longer):
    """One in each file is the same in another version, whatever it is called."""
    longer.write_text(json.dumps({**json.loads(longer.read_text("utf-8")), "name": "New name"}))
    asked = "diff", TWO, longer, "--log", LOG
    done = run(*asked, "--width", "160")
    assert "Two runs complete within a minute (in B: New name)" in done.stdout.decode()
    (one,) = json.loads(run(*asked, "--format", "json").stdout)["automations"]
    assert "New name" == one["renamed"]


def test_nothing_differs_from_itself():
    """Exit 0."""
    done = run("diff", TWO, TWO, "--log", LOG)
    assert 0 == done.returncode
    assert b"only in A" not in done.stdout


def test_firings_of_an_automation_that_one_side_has_alone_are_counted():
    """As the table below has them."""
    done = run("diff", TWO, TRIGGERS / "08-expect.json", "--log", LOG, "--width", "200")
    assert 1 == done.returncode
    said = "no automation is in both · 0 firings the same · 3 only in A · 6 only in B"
    assert said in done.stdout.decode()


def test_the_dialects_differ_as_the_samples_say():
    """The numbers of sample_events/README.md."""
    done = run("diff", TRIGGERS, "--between", "dialects", "--log", LOG, "--format", "json")
    value = json.loads(done.stdout)
    assert "trigger-cli/diff@1" == value["format"]
    counts = {one["name"]: (one["a"], one["b"]) for one in value["automations"]}
    assert (3, 23) == counts["Production loads, not their rehearsals"]
    assert (0, 2) == counts["An export hangs (any run may answer)"]
    assert all(group["parting"]["why"] for group in value["groups"])


def test_orders_are_compared_by_reading_twice():
    """One of the late events fires 31 s later; stdin cannot be read twice."""
    done = run("diff", TRIGGERS, "--between", "orders", "--log", LOG)
    assert 1 == done.returncode
    assert b"B takes it 31.083 s later" in done.stdout
    done = run("diff", TRIGGERS, "--between", "orders", "--log", "-", stdin=LOG.read_bytes())
    assert 2 == done.returncode


def written(folder, *events):
    """A trigger that takes each `a`, and a log."""
    trigger = reactive("a", match={"prefect.resource.id": "thing*"})
    return written_trigger(folder / "a.json", trigger), written_log(folder / "a.jsonl", events)


def test_each_dialect_delivers_by_itself(tmp_path):
    """One held back an event that follows itself for both sides, or for none (D22)."""
    trigger, log = written(
        tmp_path,
        log_event("a", id="e1", follows="e1"),
        log_event("z", 300),
    )
    for dialects, counts in (("server-3.6,server-3.4", (1, 0)), ("server-3.4,server-3.6", (0, 1))):
        asked = "diff", trigger, "--between", dialects, "--log"
        (told,) = json.loads(run(*asked, log, "--format", "json").stdout)["automations"]
        assert counts == (told["a"], told["b"])
        done = run(*asked, "-", stdin=log.read_bytes())
        assert (2, True) == (done.returncode, b"two ways of delivery" in done.stderr)


def test_an_event_that_is_taken_later_is_told(tmp_path):
    """Where nothing else differed, the replay was said to be too long to keep."""
    trigger, log = written(
        tmp_path,
        log_event("a", received="2026-03-01T12:05:00Z"),
        log_event("z", 240, received="2026-03-01T12:04:00Z"),
    )
    done = run("diff", trigger, "--between", "orders", "--log", log)
    assert b"B takes it 4 min later" in done.stdout


def test_several_dialects_are_compared_each_with_the_next():
    """What each step of an upgrade changes; stdin cannot be read for each."""
    arguments = SAMPLES / "upgrade" / "crash-detection.json", "--order", "received", "--until"
    asked = *arguments, "+30m", "--between", "server-3.6,server-3.8,server-3.9", "--log"
    log = SAMPLES / "upgrade" / "events.jsonl"
    done = run("diff", *asked, log, "--format", "json")
    assert 1 == done.returncode
    value = json.loads(done.stdout)
    assert "trigger-cli/diff@1" == value["format"]
    assert [("server-3.6", 2, "server-3.8", 2), ("server-3.8", 2, "server-3.9", 1)] == [
        (one["a"]["name"], counts["a"], one["b"]["name"], counts["b"])
        for one in value["comparisons"]
        for counts in one["automations"]
    ]
    assert 2 == run("diff", *asked, log).stdout.count(b"Compared two replays")
    done = run("diff", *asked, "-", stdin=log.read_bytes())
    assert (2, True) == (done.returncode, b"more than two dialects" in done.stderr)


@pytest.mark.parametrize("paths", [[TWO], [TWO, TWO, TWO]])
def test_a_comparison_is_of_two(paths):
    """Any other number is a usage error."""
    done = run("diff", *paths, "--log", LOG)
    assert 2 == done.returncode
    assert b"a comparison is of two" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--between", "dialects", "--dialect", "server-3.8"),
        ("--between", "docs,server", "--dialect", "docs"),
        ("--between", "orders", "--order", "log"),
    ],
)
def test_what_both_sides_name_is_not_chosen_for_both(options):
    """The option had no effect, and the heading named others."""
    done = run("diff", TWO, "--log", LOG, *options)
    assert 2 == done.returncode
    assert b"has none to choose" in done.stderr


def test_without_a_log_there_is_nothing_to_compare(longer):
    """The log is named by --log always."""
    assert 2 == run("diff", TWO, longer).returncode


def test_the_output_is_the_same_each_time(longer):
    """And fits its width."""
    first, second = (run("diff", TWO, longer, "--log", LOG, "--width", "60") for _ in "ab")
    assert first.stdout == second.stdout
    assert max(map(len, first.stdout.decode().splitlines())) <= 60
