"""Fault C (O4): an event that waits for a leader which never comes does so in a captured test."""

import json
import random
from functools import partial

import pytest

from tests.cli.running import run
from tests.faults.running import firing_times, inputs
from tests.support import at, log_event, written_log, written_trigger
from trigger_cli.explain import gathering, kept_events
from trigger_cli.explain.kept_events import KeptEvents
from trigger_cli.times import format_instant

WAYS = [(), ("--trim",), ("--pseudonymise",)]
CASES = 30


def captured(definition, log, file, *options):
    """The test that is cut out; it passes when it is run."""
    done = run("capture", definition, log, "--inline", "-o", file, *options)
    assert 0 == done.returncode, done.stderr.decode()
    tried = run("test", file)
    assert 0 == tried.returncode, tried.stdout.decode() + tried.stderr.decode()
    return file.read_text("utf-8")


@pytest.mark.parametrize(
    "command",
    [
        ("replay",),
        ("explain",),
        ("audit", "--order", "occurred"),
        ("capture",),
        ("sweep", "--threshold", "1..2"),
        ("diff", "--between", "dialects"),
        ("lint",),
        ("test",),
    ],
    ids=" ".join,
)
def test_every_command_warns_that_the_log_lacks_a_leader(command, tmp_path):
    """Its firings are late for no other reason."""
    definition, log = inputs("C")
    name, *options = command
    given = (definition, "--log", log)
    if name == "test":
        text = f"triggers: {definition}\ntests:\n- name: c\n  until: +30m\n  events:\n"
        text += f"  - log: {log}\n  expect:\n  - fires: 1\n"
        (tmp_path / "c.trigger-test.yaml").write_text(text, "utf-8")
        given = (tmp_path / "c.trigger-test.yaml",)
    done = run(name, *given, *options)
    assert (
        "1 event follows an event that is missing here or did not come in time, and was held"
        in (done.stderr.decode())
    )
    quiet = run(name, *given, *options, "--quiet")
    assert "held" not in quiet.stderr.decode()


@pytest.mark.parametrize("how", WAYS, ids=str)
def test_the_captured_test_waits_for_the_lost_leader(how, tmp_path):
    """Fault C: one event, which is processed 15 minutes late."""
    definition, log = inputs("C")
    assert [("a", "12:15:00")] == firing_times(definition, log)
    text = captured(definition, log, tmp_path / "c.trigger-test.yaml", *how)
    assert text.startswith("# Cut out of ")
    assert f"follows={'lost-1' if how else 'lost'}" in text
    assert "{at: +15m, event: " in text
    assert 1 == text.count("event x")


def test_expectations_are_updated_by_what_the_lost_leader_delays(tmp_path):
    """`test --update` replays the events as they stand."""
    file = tmp_path / "c.trigger-test.yaml"
    file.write_text(
        "triggers: {name: a, posture: Reactive, expect: [x]}\ntests:\n- name: c\n"
        "  until: +30m\n  events:\n  - event x follows=lost\n"
        "  expect:\n  - firings: [{at: +0s}]\n",
        "utf-8",
    )
    assert 1 == run("test", file).returncode
    run("test", file, "--update")
    assert "{at: +15m, event: event-1}" in file.read_text("utf-8")
    assert "event x follows=lost" in file.read_text("utf-8")
    assert 0 == run("test", file).returncode


def random_log(chance, names="xxy", copies=0.1):
    """Events a few seconds or just about 15 or 30 minutes apart, half of which follow some other."""
    count = chance.randint(2, 14)
    ids = [f"e{place}" for place in range(count)]
    seconds = 0
    for place in range(count):
        seconds += chance.choice([0, 1, 7, 20, 899, 900, 901, 1799, 1800])
        leader = chance.choice([None, None, "lost", *chance.sample(ids, 2)])
        received = seconds + chance.choice([0, 0, 30, 1000])
        yield log_event(
            chance.choice(names),
            seconds,
            received=format_instant(at(received)),
            resource={"prefect.resource.id": chance.choice("rs")},
            id=chance.choice(ids[: place + 1]) if chance.random() < copies else ids[place],
            follows=leader,
        )


TRIGGERS = [
    {"posture": "Reactive", "expect": ["x"]},
    {"posture": "Reactive", "expect": ["x"], "threshold": 2, "within": 1000},
    {"posture": "Reactive", "after": ["y"], "expect": ["x"], "within": 1200},
    {"posture": "Proactive", "after": ["y"], "expect": ["x"], "within": 600},
]


@pytest.mark.parametrize("seed", range(CASES))
def test_any_log_with_followers_can_be_captured(seed, tmp_path):
    """Leaders lost, late, forgotten or copied; in each order and with every option."""
    chance = random.Random(seed)
    definition = written_trigger(tmp_path / "t.json", chance.choice(TRIGGERS))
    order = chance.choice(["occurred", "received", "log"])
    events = list(random_log(chance))
    if order == "log":
        chance.shuffle(events)
    log = written_log(tmp_path / "log.jsonl", events)
    options = ("--dialect", chance.choice(["docs", "server"]), "--order", order)
    for how in WAYS:
        captured(definition, log, tmp_path / "t.trigger-test.yaml", *how, *options)


@pytest.mark.parametrize("seed", range(CASES))
def test_explanations_keep_who_waits_of_a_log_too_long_to_keep(seed, tmp_path, monkeypatch):
    """The changes that they try give the same firings on what is kept as on the whole log."""
    chance = random.Random(seed)
    definition = written_trigger(tmp_path / "t.json", chance.choice(TRIGGERS))
    padding = [log_event("other", id=f"p{place}") for place in range(20)]
    events = [*padding, *random_log(chance, ["x", "x", "y", "other"], copies=0)]
    log = written_log(tmp_path / "log.jsonl", events)

    def changes(limit):
        monkeypatch.setattr(gathering, "KeptEvents", partial(KeptEvents, held_bytes=limit))
        done = run("explain", definition, log, "--format", "json")
        assert 0 == done.returncode, done.stderr.decode()
        return json.loads(done.stdout)["explanations"][0]["counterfactuals"]

    monkeypatch.setattr(kept_events, "_BATCH", 5)
    assert changes(1_000_000) == changes(100)
