"""``trigger-cli capture``: a test cut out of a log passes when it is run."""

import json
import os

import pytest
from ruamel.yaml import YAML

from tests.cli.running import run
from tests.oracle.cases import cases, drawn
from tests.support import REPOSITORY, SAMPLES, log_event
from trigger_cli.definitions import load

RECORDINGS = REPOSITORY / "tests" / "recordings"
AUTOMATIONS = RECORDINGS / "server-run.automations.json"
LOG = RECORDINGS / "server-run.events.jsonl.zst"
NAMES = [one.name for one in load([str(AUTOMATIONS)]).automations]
WAYS = [(), ("--trim",), ("--pseudonymise",)]
NIGHT = SAMPLES / "nightly.events.jsonl"
TRIGGERS = SAMPLES / "triggers"
SAMPLES_BY_NAME = {one.name: one.source for one in load([str(TRIGGERS)]).automations}


def passes(file):
    done = run("test", file)
    assert 0 == done.returncode, done.stdout.decode() + done.stderr.decode()


@pytest.mark.parametrize("name", NAMES)
def test_every_automation_of_the_recording(name, tmp_path, pytestconfig):
    """Captured as the server ran it; the written test passes. The session's seed chooses the way."""
    seed = pytestconfig.option.front_door_seed
    how = WAYS[(NAMES.index(name) + seed) % len(WAYS)]
    file = tmp_path / "sub.trigger-test.yaml"
    done = run(
        "capture", AUTOMATIONS, LOG, "--automation", name, "--dialect", "server",
        "--order", "received", "-o", file, *how,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr.decode()
    passes(file)


@pytest.mark.parametrize("how", [(), ("--trim", "--pseudonymise")], ids=str)
@pytest.mark.parametrize("name", SAMPLES_BY_NAME)
def test_every_sample_trigger(name, how, tmp_path):
    """Every kind of trigger, also those that never fire."""
    file = tmp_path / "x.trigger-test.yaml"
    source = SAMPLES_BY_NAME[name]
    done = run("capture", source, NIGHT, "--automation", name, "-o", file, *how)
    assert 0 == done.returncode, done.stderr.decode()
    passes(file)


def test_no_event_of_a_minimal_test_can_be_left_out(tmp_path, pytestconfig):
    """The written test fails without any one of them, also if it says that nothing fires."""
    seen = 0
    for case in drawn(cases(), 8, pytestconfig.option.front_door_seed):
        (tmp_path / "t.json").write_text(json.dumps(case["automations"]))
        (tmp_path / "e.jsonl").write_text("\n".join(map(json.dumps, case["events"])))
        for name in {one["name"] for one in case["automations"]}:
            done = run(
                "capture", "t.json", "e.jsonl", "--automation", name, "-f", "json", cwd=tmp_path
            )
            found = json.loads(done.stdout) if done.returncode == 0 else {"minimal": False}
            for place in range(found["events"] if found["minimal"] else 0):
                suite = YAML().load(found["test"])
                del suite["tests"][0]["events"][place]
                with (tmp_path / "x.trigger-test.yaml").open("w") as file:
                    YAML().dump(suite, file)
                done = run("test", "x.trigger-test.yaml", cwd=tmp_path)
                assert 1 == done.returncode, (case, name, place, done.stderr)
                seen += 1
    assert seen


def test_a_test_that_does_not_say_how_near_it_came_is_not_called_minimal(tmp_path):
    """The second event counts and opens the next window at once, so at that time nothing is counted."""
    trigger = {"posture": "Proactive", "after": ["a"], "expect": ["*"], "within": 600}
    (tmp_path / "t.json").write_text(json.dumps({"name": "n", "trigger": trigger}))
    log = [log_event("a", id=one) for one in ("first", "second")]
    (tmp_path / "e.jsonl").write_text("\n".join(map(json.dumps, log)))
    done = run("capture", "t.json", "e.jsonl", "-o", "x.trigger-test.yaml", cwd=tmp_path)
    assert done.stderr.rstrip().endswith(b"; there may be a smaller one")
    passes(tmp_path / "x.trigger-test.yaml")


def test_a_test_without_an_event_is_told_to_be_one(tmp_path):
    """A trigger whose events are not in the log: the test holds for any that is quiet."""
    (tmp_path / "never.json").write_text('{"name": "never", "trigger": {"expect": ["never.seen"]}}')
    done = run("capture", tmp_path / "never.json", NIGHT)
    assert b"none of 216 events was counted in a window, so the test has none" in done.stderr


def test_the_summary_of_what_never_fired(tmp_path):
    """It gave 0 of 0 firings."""
    trigger = {"expect": ["prefect.flow-run.Completed"], "threshold": 99, "within": 9999}
    (tmp_path / "never.json").write_text(json.dumps({"name": "never", "trigger": trigger}))
    done = run("capture", tmp_path / "never.json", NIGHT)
    assert done.stderr.startswith(b"it never fired: 22 of 216 events (10 %) bring it as near to")


def test_the_test_is_named_after_the_automation():
    """The name ends where what is said of it begins."""
    done = run("capture", TRIGGERS, NIGHT, "--automation", "Two runs*")
    assert b'name: "Two runs complete within a minute: fires 3 times"' in done.stdout


def test_a_trigger_from_a_pipe_is_written_into_the_test(tmp_path):
    """Its name leads nowhere any more: that was told as a bug of this tool."""
    reading, writing = os.pipe()
    os.write(writing, (TRIGGERS / "09-threshold-within.json").read_bytes())
    os.close(writing)
    try:
        done = run("capture", f"/dev/fd/{reading}", NIGHT, "--output", tmp_path / "made.yaml")
    finally:
        os.close(reading)
    assert 0 == done.returncode, done.stderr
    passes(tmp_path / "made.yaml")


def test_pseudonyms_leave_no_name_behind(tmp_path):
    """Neither of a resource nor of the automation; event names stay."""
    file = tmp_path / "x.trigger-test.yaml"
    run("capture", TRIGGERS, NIGHT, "--automation", "All three*", "--pseudonymise", "-o", file)
    text = file.read_text()
    for name in ("daily-customer-export", "exports-bucket", "amber-starling", "All three", "878d"):
        assert name not in text
    assert "prefect.resource.name: flow-1" in text
    assert "flow=flow-1" in text


def test_a_test_can_be_cut_for_one_firing(tmp_path):
    """The second of three: two events."""
    done = run("capture", TRIGGERS, NIGHT, "--automation", "Two runs*", "--firing", "2",
               "--format", "json")  # fmt: skip
    value = json.loads(done.stdout)
    assert ("trigger-cli/capture@1", 2, 1, 3, 216) == (
        value["format"],
        value["events"],
        value["firings"],
        value["firings_in_log"],
        value["events_in_log"],
    )


def test_an_empty_log(tmp_path):
    """Exit 3."""
    (tmp_path / "empty").write_text("")
    done = run("capture", TRIGGERS / "09-threshold-within.json", tmp_path / "empty")
    assert 3 == done.returncode


def test_the_summary_says_how_small_it_is():
    """On stderr; the test is all of stdout."""
    done = run("capture", TRIGGERS, NIGHT, "--automation", "Two runs*", "--trim")
    assert b"6 of 216 events (2.8 %) give 3 of 3 firings" in done.stderr
    assert done.stdout.startswith(b"# Cut out of nightly.events.jsonl")


def test_lines_that_are_no_events_are_told_of(tmp_path):
    """As other commands do; the rest is used."""
    log = tmp_path / "log.jsonl"
    log.write_text("garbage\n" + NIGHT.read_text())
    done = run("capture", TRIGGERS / "09-threshold-within.json", log, "--trim")
    assert 0 == done.returncode
    assert f"warning: {log}:1: not JSON".encode() in done.stderr
    assert b"6 of 216 events (2.8 %) give 3 of 3 firings" in done.stderr
    log.write_text("garbage\n")
    nothing = run("capture", TRIGGERS / "09-threshold-within.json", log)
    assert 3 == nothing.returncode
    assert b"not JSON" in nothing.stderr
