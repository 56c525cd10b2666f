"""``trigger-cli explain`` from end to end."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.running import run as command_line
from tests.cli.running import run_program
from tests.support import (
    SAMPLES,
    SHARED,
    log_event,
    proactive,
    reactive,
    written_log,
    written_trigger,
)
from trigger_cli.cli import explain as module
from trigger_cli.cli.explain import _Trying as Trying
from trigger_cli.explain import case
from trigger_cli.explain.causes import CAUSES
from trigger_cli.explain.counterfactuals import TOO_OFTEN

NIGHTLY = str(SAMPLES / "nightly.events.jsonl")
RECORDING = SHARED / "recordings" / "server-run.events.jsonl"
AUTOMATIONS = SHARED / "recordings" / "server-run.automations.json"
needs_recording = pytest.mark.skipif(
    not RECORDING.exists(), reason="the recording is not in the repository"
)


@dataclass(frozen=True)
class Said:
    """What the command came to, as text."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object, stdin: bytes = b"") -> Said:
    done = command_line("explain", *arguments, stdin=stdin)
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def sample(number: str) -> str:
    """One of the sample triggers, by its number."""
    (path,) = (SAMPLES / "triggers").glob(f"{number}-*")
    return str(path)


def explained(*arguments: str):
    """The explanations as JSON."""
    done = run(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert "trigger-cli/explain@1" == answer["format"]
    return answer["explanations"]


# --- Tables ------------------------------------------------------------------------------


def test_the_verdict_comes_first_and_then_its_cause():
    """Two sentences; the evidence comes after them."""
    done = run(sample("09"), NIGHTLY, "--width", "100")
    assert 0 == done.returncode
    first, second, *_ = done.stdout.splitlines()
    assert (
        '"Two runs complete within a minute" fired 3 times, first at 01:01:46 (docs dialect)'
        == first
    )
    assert second.startswith("2 of 2 came within 1 min; the last was prefect.flow-run.Completed")


def test_the_compound_of_the_samples_misses_by_41_seconds():
    """As the samples' README says, and what would have been enough."""
    done = run(sample("15"), NIGHTLY)
    assert "Another round missed by 41 s" in done.stdout
    assert "within: 3600 s (1 h) → 3641 s (1 h 0 min 41 s)  2 firings in place of 1" in done.stdout


def test_the_other_dialects_verdict_is_told_with_its_row():
    """`server` fires where `docs` does not, by D7."""
    done = run(sample("11"), NIGHTLY)
    assert "did not fire" in done.stdout.splitlines()[0]
    assert "In the server-3.9 dialect it fires 2 times (D7)." in done.stdout
    absence = run(SAMPLES / "triggers" / "19-absence.yaml", NIGHTLY)
    assert "In the server-3.9 dialect it fires once, not 3 times (D6)." in absence.stdout
    assert "D7: Proactive with after and without for_each:" in done.stdout


def test_no_line_is_wider_than_asked():
    """At 80 columns, whatever the trigger."""
    for name in ("09", "11", "13", "15", "16", "17"):
        for line in run(sample(name), NIGHTLY, "-v").stdout.splitlines():
            assert len(line) <= 80, line


def test_long_buckets_leave_room_for_events_and_a_line_keeps_its_number(tmp_path):
    """A column is folded, not squeezed; at 80 columns, `line` and `16` stand beside each other."""
    name = "a-name-of-some-length-of-a-resource"
    ids = [f"shop.{name}.{n // 2}" for n in range(30)]
    events = [
        log_event(
            "shop.order", n, resource={"prefect.resource.id": one, "prefect.resource.name": one}
        )
        for n, one in enumerate(ids)
    ]
    log = written_log(tmp_path / "e.jsonl", events)
    trigger = reactive("shop.order", for_each=["prefect.resource.id"], threshold=2, within=60)
    text = run(written_trigger(tmp_path / "t.json", trigger), log, "--width", "80").stdout
    rows = text.partition("--firing N explains one")[2].partition("\n\n")[0]
    assert "resource=shop.a-name-of-" in rows
    assert " shop.order shop.a-name-of-" in rows
    assert not re.search(r"line *$", text, re.MULTILINE)


def test_quiet_shows_the_verdict_and_its_cause_alone():
    """One pair of lines for each automation, and nothing on stderr."""
    done = run(sample("09"), NIGHTLY, "-q", "--width", "200")
    assert 2 == len(done.stdout.splitlines())
    assert "" == done.stderr


def test_many_automations_are_told_briefly():
    """With a hint at how to see more."""
    done = run(SAMPLES / "triggers", "--log", NIGHTLY)
    assert 0 == done.returncode
    assert "How far the events came" not in done.stdout
    assert "--automation NAME" in done.stdout


def test_one_event_is_told_clause_by_clause():
    """Expected beside actual, and what the bucket made of it, with the rules in plain words."""
    done = run(sample("12"), NIGHTLY, "--event", "173")
    assert 'line 173 did not fire "An export hangs"' in done.stdout
    assert "It opened a window, until 03:12:30." in done.stdout
    assert "Cause code: started-watch." in done.stdout
    assert "The automation fired once in all" in done.stdout
    assert "wants prefect.flow-run.*; has prefect.flow-run.e177b286…" in done.stdout
    assert "B5  an after event opens a window" in done.stdout
    assert "\n\nWhat it did\n" in done.stdout
    assert "\n\nEffects\n" in done.stdout


def test_a_narrow_terminal_folds_what_is_wanted_and_found():
    """Both ended with `…` where they differ."""
    narrow = (NIGHTLY, "--width", "50")
    refused = run(sample("13"), *narrow, "--until", "2026-03-12T01:00:40Z").stdout
    assert ["prefect.tag.", "production"] == refused.rpartition("wants")[2].split()[:2]
    assert ["prefect.tag.", "examples", "×3"] == refused.rpartition("found")[2].split()[:3]
    for asked in (sample("15"), SAMPLES / "triggers"):
        shown = run(asked, "--log", *narrow, "--event", "103").stdout
        assert not re.search("(?<![0-9a-f]{8})…", shown), "only ids are shortened"


def test_one_moment_shows_what_was_held():
    """The compound holds two firings, each with the time at which it expires."""
    done = run(sample("15"), NIGHTLY, "--at", "2026-03-12T02:40:00Z")
    assert "\n  $  [0]  holds the firing of 02:31:00, until 03:31:00\n" in done.stdout


def test_one_moment_is_shown_for_each_of_many_automations():
    """Below each verdict; with -q there are only the verdicts."""
    asked = SAMPLES / "triggers", "--log", NIGHTLY, "--at", "2026-03-12T02:40:00Z"
    done = run(*asked)
    assert 22 == done.stdout.count("\nAt 2026-03-12 02:40:00 UTC\n")
    assert "holds the firing of 02:31:00, until 03:31:00" in done.stdout
    assert "\nAt " not in run(*asked, "--quiet").stdout


def test_one_firing_is_told_from_its_beginning():
    """Through the composites, down to the events."""
    done = run(sample("16"), NIGHTLY, "--firing", "1")
    assert "How it came about" in done.stdout
    assert "holds child [0]" in done.stdout
    assert "★ fired" in done.stdout


def test_the_events_of_the_log_are_as_many_as_replay_counts():
    """The funnel begins with those that reached the triggers, and tells how many did not."""
    done = run(sample("09"), NIGHTLY)
    assert "  events in the log      215 " in done.stdout
    assert "\n  1 more not delivered: duplicates (O2), log writes (O3) or waiting" in done.stdout


def test_an_automation_that_is_disabled_has_refused_no_event(tmp_path):
    """Its events were not matched: they were shown as refused, and another name as the nearest."""
    definition = {"name": "off", "enabled": False, "trigger": {"expect": ["prefect.flow-run.*"]}}
    (tmp_path / "off.json").write_text(json.dumps(definition))
    done = run(tmp_path / "off.json", NIGHTLY)
    assert '"off" was never evaluated (docs dialect)' in done.stdout
    assert "How far the events came" not in done.stdout
    (one,) = explained(tmp_path / "off.json", NIGHTLY)
    assert one["funnel_ended_at"] is None


@pytest.mark.parametrize("offsets", ["", "Z", "+02:00"])
def test_a_log_whose_times_have_an_offset_or_not_is_told_so(tmp_path, offsets):
    (tmp_path / "t.json").write_text('{"posture": "Reactive", "expect": ["a"], "threshold": 2}')
    events = [
        log_event("a", n, occurred=f"2026-03-01T12:00:0{n}{offset}")
        for n, offset in enumerate((offsets, ""))
    ]
    log = written_log(tmp_path / "log.jsonl", events)
    (one,) = explained(tmp_path / "t.json", log)
    told = "The times of 1 of the log's 2 events have no offset: they are taken as UTC (T1)."
    assert ([told] if offsets else []) == one["notes"]


def test_a_child_that_fired_once_has_no_first_firing():
    """Its only one is told without the word."""
    done = run(sample("16"), NIGHTLY)
    assert "    fired once, at 01:27:48\n" in done.stdout


def test_events_pass_the_filters_of_children():
    """Whichever filters these have: the sample's have no `match_related`."""
    assert "  pass its filters " in run(sample("17"), NIGHTLY).stdout


def test_the_codes_are_all_documented():
    """`--codes` prints every code with its paragraph, and needs no trigger."""
    done = run("--codes")
    assert 0 == done.returncode
    for code in CAUSES:
        assert f"\n{code}\n" in done.stdout
    value = json.loads(run("--codes", "--format", "json").stdout)
    assert [*CAUSES] == [one["code"] for one in value["codes"]]


def test_a_firing_beside_an_event_is_told_to_be_left_out():
    """A table answers one of both; JSON answers each."""
    asked = (sample("09"), NIGHTLY, "--event", "#22", "--firing", "2")
    assert "--event is answered, and not --firing" in run(*asked).stderr
    assert "--firing" not in run(*asked, "--format", "json").stderr


# --- JSON --------------------------------------------------------------------------------


def test_json_has_the_contracts_keys():
    """As `interface.md` fixes them."""
    (one,) = explained(sample("09"), NIGHTLY)
    assert ("fired", "fired", 3) == (one["verdict"], one["cause"], one["firings"])
    assert {"stage": "events", "events": 215} == one["funnel"][0]
    assert {"stage": "fired", "events": 3} == one["funnel"][-1]
    (more,) = one["more_firings"]
    assert {"within": 64.3} == more["change"]
    assert (4, True) == (more["firings"], more["verified"])


def test_json_of_one_event():
    """Its clauses stand in `checks`, its own cause in `event`."""
    (one,) = explained(sample("06"), NIGHTLY, "--event", "1")
    assert "fired" == one["verdict"]
    assert "not-wanted" == one["event"]["cause"]
    assert [False, False, False] == [check["passed"] for check in one["checks"]]
    assert "expect" == one["checks"][0]["clause"]


def test_json_goes_to_a_file(tmp_path):
    """Atomically, and nothing to stdout."""
    target = tmp_path / "why.json"
    done = run(sample("09"), NIGHTLY, "--format", "json", "--output", target)
    assert (0, "") == (done.returncode, done.stdout)
    assert "trigger-cli/explain@1" == json.loads(target.read_text())["format"]


# --- Mistakes ----------------------------------------------------------------------------


def test_what_an_event_did_to_all_automations_is_one_answer():
    """First who took it and what came of it, then the refusals by reason."""
    done = run(SAMPLES / "triggers", "--log", NIGHTLY, "--event", "22", "--width", "120")
    first, _, *lines = done.stdout.splitlines()
    assert first.startswith(
        "prefect.flow-run.Completed radical-lemur line 22 fired 6 of 22 automations"
    )
    assert "What it did" == lines[0]
    assert '  "Two runs complete within a minute": It fired the trigger: it was 2 of 2.' in lines
    rest = lines[lines.index("Not taken by 16 automations") + 1 :]
    assert rest[0].startswith("  6  its name is not wanted")
    assert 16 == sum(int(line[:3]) for line in rest if line[:3].strip().isdecimal())


def test_an_event_that_opened_a_watch_is_a_cause_of_its_firing():
    """Forwards through the records; the event in between is not asked about."""
    found = explained(sample("12"), NIGHTLY, "--automation", "An export hangs", "--event", "100")
    assert [] == found[0]["event"]["came_of_it"]
    (chain,) = [
        one["chain"] for one in explained(sample("12"), NIGHTLY, "--automation", "An export hangs")
    ]
    opened = next(one for one in chain if one["kind"] == "opened")
    (asked,) = explained(
        sample("12"), NIGHTLY, "--automation", "An export hangs", "--event", opened["event_id"]
    )
    assert not asked["event"]["fired"]
    assert chain[-1]["at"] in {one["at"] for one in asked["event"]["came_of_it"]}


def test_a_child_that_another_resource_fired_did_not_fire_by_the_events_of_this_one(tmp_path):
    """The composite above it fired, and says that both children did."""
    events = [
        log_event(name, second, resource={"prefect.resource.id": f"shop.{name}"})
        for second, name in enumerate(["alert", "stuck"])
    ]
    children = [{"expect": ["alert"]}, {"expect": ["stuck"]}]
    trigger = {"type": "compound", "require": "all", "within": 60, "triggers": children}
    definition = written_trigger(tmp_path / "both.json", trigger)
    done = run(definition, written_log(tmp_path / "log.jsonl", events), "--for", "shop.stuck")
    assert '"both" fired once, at 12:00:01' in done.stdout
    assert "    did not fire by its events: " in done.stdout


def test_a_change_that_puts_a_resource_into_a_shared_bucket_is_replayed_for_it(tmp_path):
    """The firing that it takes part in is its own: `drop for_each` was told to silence it."""
    events = [
        log_event("a", n, resource={"prefect.resource.id": f"thing.{n}"}) for n in range(1, 3)
    ]
    log = written_log(tmp_path / "events.jsonl", events)
    proposed = []
    for threshold in (1, 2):
        trigger = reactive("a", for_each=["prefect.resource.id"], threshold=threshold, within=60)
        path = written_trigger(tmp_path / f"{threshold}.json", trigger)
        (one,) = explained(path, log, "--for", "thing.1")
        proposed.append([change["summary"] for change in one["counterfactuals"]])
    assert [["threshold: 1 → 2"], ["threshold: 2 → 1", "drop `for_each`"]] == proposed


def test_a_change_after_which_a_shared_window_fires_at_the_same_time_silences_nothing(tmp_path):
    """No event of the resource takes part in that window: `drop for_each` was told to silence it."""
    events = [log_event("b", 0), log_event("z", 150)]
    log = written_log(tmp_path / "events.jsonl", events)
    watch = proactive("b", for_each=["prefect.resource.id"], within=60)
    (one,) = explained(written_trigger(tmp_path / "a.json", watch), log, "--for", "thing.1")
    assert "2026-03-01T12:02:00.000000Z" == one["firing"]["at"]
    assert [] == one["counterfactuals"]


def test_a_composite_that_the_same_event_fires_with_another_child_is_not_silenced(tmp_path):
    """The other run's firing is held in place of this one's: the firing was told to be gone."""
    named = [("a", "one"), ("a", "two"), ("b", "three")]
    events = [
        log_event(name, at, resource={"prefect.resource.id": run})
        for at, (name, run) in enumerate(named)
    ]
    children = [reactive("a", within=60), reactive("b", for_each=["prefect.resource.id"])]
    trigger = {"type": "compound", "require": "all", "triggers": children}
    log = written_log(tmp_path / "events.jsonl", events)
    (one,) = explained(written_trigger(tmp_path / "a.json", trigger), log, "--for", "one")
    assert 1 == one["firings"]
    assert "add to for_each" not in str([change["summary"] for change in one["counterfactuals"]])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--for", "thing.1"), "No event is about thing.1."),
        (("--bucket", "resource=thing.1"), "No event has prefect.resource.id=thing.1."),
        (("--for", "thing.2"), "a (line 2) came and passed all filters"),
    ],
)
def test_what_came_since_the_creation_is_told_of_what_is_asked_about(asked, said, tmp_path):
    """Firings of other resources were told below "from then on it did not fire"."""
    events = [
        log_event("a", at, resource={"prefect.resource.id": f"thing.{run}"})
        for at, run in ((0, 1), (90, 2))
    ]
    automation = {
        "name": "late",
        "created": "2026-03-01T12:01:00Z",
        "trigger": reactive("a", for_each=["prefect.resource.id"]),
        "actions": [],
    }
    (tmp_path / "a.json").write_text(json.dumps(automation))
    log = written_log(tmp_path / "events.jsonl", events)
    (one,) = explained(tmp_path / "a.json", log, *asked)
    since = one["since_created"] or one
    assert said in since["summary"]


def test_a_window_that_a_later_heartbeat_renewed_was_not_renewed_by_its_answer(tmp_path):
    """The end of the run satisfied it: that was told to have renewed it."""
    events = [
        log_event(f"prefect.flow-run.{name}", at)
        for name, at in [("heartbeat", 0), ("Completed", 5), ("heartbeat", 8), ("Late", 99)]
    ]
    watch = proactive("prefect.flow-run.*", after=["prefect.flow-run.heartbeat"], within=60)
    log = written_log(tmp_path / "events.jsonl", events)
    told = run(written_trigger(tmp_path / "a.json", watch), log, "--width", "120").stdout
    (row,) = (line for line in told.splitlines() if "12:00:00–12:01:00" in line)
    assert "satisfied by prefect.flow-run.Completed thing.1 line 2, then renewed" in row


@pytest.mark.parametrize("asked", ["--for", "--bucket"])
def test_one_run_is_asked_about(asked, tmp_path):
    """By its id's end or as a bucket; the other run's firing is not its."""
    states = [("heartbeat", "1111"), ("Pending", "2222"), ("Running", "2222"), ("Late", "3333")]
    events = [
        log_event(
            f"prefect.flow-run.{name}",
            60 * minute,
            resource={"prefect.resource.id": f"prefect.flow-run.{run}"},
        )
        for minute, (name, run) in enumerate(states)
    ]
    log = written_log(tmp_path / "events.jsonl", events)
    trigger = proactive(
        "prefect.flow-run.*", after=["prefect.flow-run.heartbeat"], for_each=["prefect.resource.id"]
    )
    definition = written_trigger(tmp_path / "zombies.json", trigger)
    value = {"--for": "run.2222", "--bucket": "prefect.resource.id=prefect.flow-run.2222"}[asked]
    done = run(definition, log, asked, value, "--width", "200")
    assert 0 == done.returncode, done.stderr
    first, second, *_ = done.stdout.splitlines()
    assert '"zombies" did not fire (docs dialect)' == first
    assert second.startswith("None of its 2 events is in after, so no window was opened (prefect")
    assert (
        '"zombies" fired once, at 12:01:00 (docs dialect)'
        == run(definition, log).stdout.splitlines()[0]
    )


@pytest.mark.parametrize(
    ("shown", "whole"),
    [
        (["--for", "e177b286…"], ["--for", "weary-pelican"]),
        (["--for", "flow-run.e177b286"], ["--for", "weary-pelican"]),
        (["--bucket", "resource=e177b286…"], ["--for", "weary-pelican"]),
        (["--bucket", "id=e177b286"], ["--for", "weary-pelican"]),
        (["--event", "#173"], ["--event", "173"]),
        (["--event", "26f7f5b9…"], ["--event", "173"]),
    ],
    ids=str,
)
def test_what_tables_print_may_be_asked_for(shown, whole):
    """Ids by their beginning, labels by their word, events with a #."""
    done = run(sample("12"), NIGHTLY, *shown)
    assert (0, run(sample("12"), NIGHTLY, *whole).stdout) == (done.returncode, done.stdout)


def test_what_may_be_several_is_told_with_the_candidates(tmp_path):
    """Neither of them is chosen; an id in full is."""
    ids = [f"e177b286-0000-0000-0000-00000000000{n}" for n in range(2)]
    events = [log_event("x", id=one, resource={"prefect.resource.id": f"r.{one}"}) for one in ids]
    log = written_log(tmp_path / "events.jsonl", events)
    for_each = ["prefect.resource.id", "related:flow:prefect.resource.id"]
    trigger = {"posture": "Reactive", "expect": ["x"], "for_each": for_each}
    definition = written_trigger(tmp_path / "x.json", trigger)
    for asked in (["--for", "e177b286"], ["--event", "e177b286…"], ["--bucket", "id=1"]):
        done = run(definition, log, *asked)
        assert (2, "") == (done.returncode, done.stdout)
        assert "is ambiguous\nhelp: it may be: " in done.stderr
    assert ids[1] in run(definition, log, "--for", "e177b286").stderr
    assert 0 == run(definition, log, "--event", ids[1]).returncode


@pytest.mark.parametrize(
    ("arguments", "error", "help_text"),
    [
        (["--event", "no-such-id"], "no event has the id or line no-such-id", "line 216"),
        (["--firing", "9"], "there is no firing 9", "from 1 to 3"),
        (["--automation", "Two runs"], 'no automation is called "Two runs"', 'did you mean: "Two'),
        (["--bucket", "a=b"], "no trigger has `a` in for_each", "leave out --bucket"),
        (["--for", "no-such-run"], "a resource called no-such-run", "trigger-cli events LOG"),
    ],
)
def test_what_is_asked_for_must_exist(arguments, error, help_text):
    """Exit code 2, with what comes near."""
    done = run(sample("09"), NIGHTLY, *arguments)
    assert (2, "") == (done.returncode, done.stdout)
    assert error in done.stderr
    assert help_text in done.stderr


def test_hostile_text_stays_inert(tmp_path):
    """Escape sequences of a log and of a definition reach no terminal."""
    evil = "x\x1b[31m\u202e" + "y" * 10_000
    trigger = {"name": evil, "trigger": {"posture": "Reactive", "expect": [evil]}, "actions": []}
    triggers = tmp_path / "t.json"
    triggers.write_text(json.dumps(trigger))
    event = log_event(evil + "z", id=evil, resource={"prefect.resource.id": evil})
    log = written_log(tmp_path / "l.jsonl", [event])
    for more in ([], ["-v"], ["--event", "1"], ["--format", "json"]):
        done = run(triggers, log, *more)
        assert 0 == done.returncode, done.stderr
        assert "\x1b" not in done.stdout
        assert "\u202e" not in done.stdout
        assert len(done.stdout) < 100_000


# --- The recording -------------------------------------------------------------------------


@needs_recording
def test_why_heartbeat_any_did_not_fire():
    """It did not, after it was created; the one firing of the replay is older than that."""
    done = run(AUTOMATIONS, "--log", RECORDING, "--automation", "heartbeat-any")
    assert 0 == done.returncode
    lines = done.stdout.splitlines()
    assert lines[0].startswith('"heartbeat-any" fired once')
    assert "older than the automation, which was created at 09:36:46" in done.stdout
    assert '"heartbeat-any" did not fire' in done.stdout
    assert "All 99 windows got what they expected in time" in " ".join(done.stdout.split())


@needs_recording
def test_why_no_exports_in_30_fired():
    """The window and what did not come in it."""
    (one,) = explained(
        AUTOMATIONS, "--log", RECORDING, "--automation", "no-exports-in-30", "--firing", "1"
    )
    assert ("fired", "nothing-came") == (one["verdict"], one["firing"]["cause"])
    assert 22 == one["firing"]["of"]
    assert ["opened", "fired"] == [record["kind"] for record in one["chain"]]


@pytest.mark.parametrize("dialect", ["docs", "server"])
@pytest.mark.parametrize("name", ["per-flow-two-completed-in-120", "stuck-running"])
def test_a_bucket_is_the_same_to_explain_and_to_replay(name, dialect):
    """Both narrow by `--bucket`: each bucket has the same firings in both."""
    recording = SAMPLES / "recording.automations.json", SAMPLES / "recording.events.jsonl"
    arguments = (*map(str, recording), "--automation", name, "--dialect", dialect)
    told = json.loads(command_line("replay", *arguments, "--format", "json").stdout)
    firings = [one for one in told["firings"] if one["automation"] == name]
    buckets = {label for firing in firings for label in firing["labels"].items()}
    assert buckets
    for label, value in sorted(buckets):
        asked = (*arguments, "--bucket", f"{label}={value}")
        listed = command_line("replay", *asked, "-q").stdout.splitlines()
        assert listed
        (explanation,) = explained(*asked)
        assert len(listed) == explanation["firings"]


def test_an_interrupt_while_changes_are_tried_shows_the_answer(monkeypatch):
    """And how many of them were tried; what would come after them is not begun."""

    def tried(_trying, _done, total):
        assert total > 1
        raise KeyboardInterrupt

    monkeypatch.setattr(Trying, "tried", tried)
    recording = SAMPLES / "recording.automations.json", SAMPLES / "recording.events.jsonl"
    done = command_line("explain", *map(str, recording), "--automation", "not-dev")
    assert 130 == done.returncode
    assert b'"not-dev" fired' in done.stdout
    assert b"interrupted: 0 of " in done.stdout
    assert b"changes were tried" in done.stdout


ASIDE = """
import sys
from trigger_cli.cli import explain, main
from trigger_cli.processes import may_fork
from trigger_cli.read import log

log.available_cores = lambda: 3
explain._LONG = 0
assert may_fork() == (sys.platform == "linux")
main()
"""


@pytest.mark.parametrize("automation", ["*", "not-dev"])
def test_several_processes_say_what_one_says(automation, monkeypatch):
    """Of a long log, copies of the process explain some of the automations.

    If there is one, a copy looks at the other dialect and the other order.
    """
    log = SAMPLES / "recording.automations.json", SAMPLES / "recording.events.jsonl"
    command = ("explain", *log, "--automation", automation, "--format", "json")
    monkeypatch.setattr(module, "_LONG", 1_000_000)
    aside, alone = run_program(ASIDE, *command), command_line(*command)
    assert (0, b"") == (aside.returncode, aside.stderr)
    assert b'"other_dialect": {' in aside.stdout
    assert alone.stdout == aside.stdout


def test_a_log_that_is_left_early_still_has_events(tmp_path):
    """In the log's own order the end may come before all is read; a line was no event, too."""
    log = written_log(tmp_path / "log.jsonl", [{}, log_event("a", 0), log_event("a", 5)])
    trigger = written_trigger(tmp_path / "t.json", {"posture": "Reactive", "expect": ["a"]})
    end = ("--order", "log", "--until", "+1s")
    for command in ("explain", "replay"):
        done = command_line(command, trigger, log, *end)
        assert 0 == done.returncode, done.stderr
        assert b"no line of the log is an event" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["--event", "4", "--until", "12:01:30"], ":03:00.000000Z, after --until"),
        (["--event", "id-4", "--until", "12:01:30"], ":03:00.000000Z, after --until"),
        (
            ["--event", "5", "--until", "12:01:30", "--order", "log"],
            "Z, but was processed after --until",
        ),
        (["--event", "4", "--to", "12:01:30"], ":03:00.000000Z, after --to"),
        (["--event", "1", "--from", "12:01:30"], ":00:00.000000Z, before --from"),
    ],
)
def test_an_event_that_the_options_left_out_is_found(arguments, where, tmp_path):
    """Also long after the replay's end, where the log was not read: it was no event of the log."""
    minutes = enumerate([0, 1, 2, 3, 1], 1)
    events = [log_event("x", 60 * minute, id=f"id-{n}") for n, minute in minutes]
    log = written_log(tmp_path / "log.jsonl", events)
    trigger = tmp_path / "t.json"
    trigger.write_text('{"posture": "Reactive", "expect": ["x"], "threshold": 9}', "utf-8")
    [explanation] = explained(trigger, log, *arguments)
    assert "not-taken" == explanation["event"]["cause"]
    assert where in explanation["event"]["summary"]
    missing = run(trigger, log, "--event", "9", *arguments[2:])
    assert (2, True) == (missing.returncode, "last event is on line 5" in missing.stderr)


def test_a_change_is_told_with_its_place_in_the_file(tmp_path):
    """The line of each field that is changed, of a child too."""
    log, triggers = tmp_path / "log.jsonl", tmp_path / "automations.yaml"
    written_log(log, [log_event("x", resource={"prefect.resource.id": "a"}), log_event("y", 9)])
    triggers.write_text(
        "- trigger:\n    expect: [y]\n    after: [w]\n    for_each: [l, m]\n- trigger:\n    type: compound\n    require: all\n"
        "    within: 60\n    triggers:\n    - expect: [x]\n    - expect: [y]\n      match: {l: v}\n",
        "utf-8",
    )
    said = run(triggers, log, "-v", "--width", "80").stdout
    assert "  automations.yaml has after on line 3" in said
    assert "  automations.yaml has require on line 7, $.triggers[1].match on line 12" in said


def test_a_state_with_a_name_of_its_own_is_found_by_its_type(tmp_path):
    """Its labels are read although no trigger wants the name."""
    log = tmp_path / "log.jsonl"
    labels = {"prefect.resource.id": "prefect.flow-run.a", "prefect.state-type": "FAILED"}
    written_log(log, [log_event("prefect.flow-run.No Data", resource=labels)])
    trigger = written_trigger(tmp_path / "t.json", reactive("prefect.flow-run.Failed"))
    [found] = explained(str(trigger), str(log))
    assert "custom-state-name" == found["cause"]
    assert 1 == found["counterfactuals"][0]["firings"]


@pytest.mark.parametrize("width", ["40", "80", "160"])
@pytest.mark.parametrize("more", [[], ["-v"]])
def test_a_suggested_value_can_be_copied(width, more, tmp_path):
    """An id with a UUID, and a value longer than the line: wrapped, and not cut."""
    log, trigger = tmp_path / "log.jsonl", tmp_path / "t.json"
    values = {
        "prefect.resource.id": "prefect.deployment.a1b2c3d4-0000-4000-8000-000000000000",
        "path": "/very" + "/long" * 60,
    }
    written_log(log, [log_event("x", resource=values)])
    for label, value in values.items():
        definition = {"posture": "Reactive", "expect": ["x"], "match": {label: "other"}}
        trigger.write_text(json.dumps(definition), "utf-8")
        said = run(trigger, log, "--width", width, *more).stdout
        changes = said.partition("What would have made it fire")[2].replace("1 firing", "")
        assert f"addtomatch.{label}:{value}" in "".join(changes.split())


@pytest.mark.parametrize(("text", "has_near"), [("0", False), ("e96f5f33-0", True)])
def test_similar_ids_are_listed_for_a_part_of_an_id_only(text, has_near):
    """One digit is the beginning of many ids."""
    done = run(sample("09"), NIGHTLY, "--event", text)
    assert (2, has_near) == (done.returncode, "ids like it: e96f5f33-c50d" in done.stderr)
    assert has_near != ("the log's last event is on line 216" in done.stderr)


def test_a_bucket_is_asked_of_automations_that_have_such_buckets(tmp_path):
    """The one bucket of another is no answer."""
    keyed = {"type": "event", "posture": "Reactive", "for_each": ["prefect.resource.id"]}
    triggers = tmp_path / "two.json"
    both = [keyed, {"type": "event", "posture": "Reactive"}]
    triggers.write_text(
        json.dumps([{"name": f"{n}", "trigger": one} for n, one in enumerate(both)])
    )
    line = json.loads(Path(NIGHTLY).read_text().splitlines()[0])
    bucket = f"resource={line['resource']['prefect.resource.id']}"
    told = run(triggers, NIGHTLY, "--bucket", bucket, "--format", "json")
    assert ["0"] == [one["automation"] for one in json.loads(told.stdout)["explanations"]]


def test_the_state_at_a_time_is_told_of_each_automation_also_with_an_event(tmp_path):
    """`--at` was left unanswered, and nothing said so."""
    both = [{"name": name, "trigger": reactive("a", threshold=2, within=60)} for name in "xy"]
    (tmp_path / "two.json").write_text(json.dumps(both))
    log = written_log(tmp_path / "events.jsonl", [log_event("a", 0), log_event("z", 9)])
    told = run(tmp_path / "two.json", log, "--event", "1", "--at", "12:00:05").stdout
    assert [2, 2] == [told.count("At 2026-03-01 12:00:05 UTC"), told.count("1 of 2  all events")]


def test_what_fired_several_times_lists_its_firings():
    """Each with its number for `--firing`; those of a watch stand with its windows."""
    recording = (SAMPLES / "recording.automations.json", SAMPLES / "recording.events.jsonl")
    told = run(*recording, "--automation", "both-exports").stdout
    _, _, rows = told.partition("Its firings (4; --firing N explains one)\n")
    lines = [line.split() for line in rows.splitlines()[:4]]
    assert ["1", "2", "3", "4"] == [line[0] for line in lines]
    assert ["line 124", "line 169", "line 227", "line 353"] == [" ".join(x[-2:]) for x in lines]
    few = run(*recording, "--automation", "both-exports", "--limit", "1").stdout
    assert "… 3 more (-v)" in few.partition("Its firings")[2].partition("How")[0]
    watch = run(*recording, "--automation", "no-exports-in-30").stdout
    assert "Its firings" not in watch
    assert "Its windows" in watch


def test_a_change_that_fires_too_often_is_not_narrowed_to_a_resource(tmp_path, monkeypatch):
    """Its windows are told apart by its records, which a long log would fill the memory with."""
    watch = {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 60}
    written_trigger(tmp_path / "watch.json", watch)
    events = [log_event("a", 0), log_event("b", 0), log_event("c", 3_000)]
    written_log(tmp_path / "log.jsonl", events)
    command = ("explain", "watch.json", "log.jsonl", "--for", "thing.1", "--format", "json")

    def told():
        (found,) = json.loads(command_line(*command, cwd=tmp_path).stdout)["explanations"]
        return [one["summary"] for one in found["counterfactuals"]]

    assert ["threshold: 1 → 2"] == told()
    monkeypatch.setattr(case, "MOST_NARROWED", 0)
    assert all("add to for_each" in one for one in told())  # then its windows are its own
    assert TOO_OFTEN in command_line(*command[:-2], cwd=tmp_path).stdout.decode()


def test_the_timeline_of_a_firing_is_a_line_with_the_marks_of_its_legend():
    """An event that opens a window is also counted: only that mark is drawn, and named."""
    lines = run(sample("09"), NIGHTLY, "--width", 60).stdout.splitlines()
    lane = next(number for number, line in enumerate(lines) if line.startswith("  $"))
    assert "$ •★" == "".join(lines[lane].split()).replace("─", "").replace("$", "$ ")
    assert "─" * 20 in lines[lane]
    assert "  • counted   ★ fired" == lines[lane + 1]


def test_a_window_that_no_event_opened_was_not_opened_by_a_deadline(tmp_path):
    """A proactive trigger without `after` opens its first window with the clock."""
    log = written_log(tmp_path / "log.jsonl", [log_event("a")])
    trigger = written_trigger(tmp_path / "trigger.json", proactive("b", within=10))
    said = run(trigger, log, "--until", "+20s", "--width", 100).stdout
    first, second, *_ = (line for line in said.splitlines() if line.startswith("  12:00:"))
    assert first.endswith("no event")
    assert second.endswith("by a deadline")
