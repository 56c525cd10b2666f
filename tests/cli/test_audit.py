"""``trigger-cli audit`` as a user runs it."""

import json
from unittest.mock import patch

import pytest

from tests.cli.running import run, run_program
from tests.history.recording import AUTOMATIONS, FOLDER, LOG
from tests.support import (
    SAMPLES,
    at,
    log_event,
    proactive,
    written_log,
    written_trigger,
)
from trigger_cli.cli import audit
from trigger_cli.times import format_instant


def test_the_recording_is_explained_to_the_last_firing():
    """Exit 0: nothing is left unexplained."""
    done = run("audit", AUTOMATIONS, LOG)
    assert (0, b"") == (done.returncode, done.stderr)
    text = done.stdout.decode()
    assert "all explained" in text
    assert "The server processed 7 events more than once" in text
    why = "both fired one window (a replay confirms it): the window was due at 09:44:51.535."
    assert why in " ".join(text.split())  # no word of it twice


def test_the_json_tells_every_firing():
    """214 recorded, of which 20 missed, and 11 unexpected; each with its reason."""
    done = run("audit", AUTOMATIONS, LOG, "--format", "json")
    value = json.loads(done.stdout)
    assert "trigger-cli/audit@1" == value["format"]
    assert (214, 205, 194, 0) == (
        value["recorded"],
        value["simulated"],
        value["matched"],
        value["unexplained"],
    )
    missed = [one for one in value["firings"] if not one["matched"]]
    assert (20, 11) == (len(missed), len(value["unexpected"]))
    assert all(one["reason"]["text"] for one in (*missed, *value["unexpected"]))
    assert value["delays"]["by_event"]["max"] < 1 < value["delays"]["by_deadline"]["max"] < 7
    assert 7 == len(value["processed_twice"])


def test_a_server_3_9_stood_still():
    """By the version in its log's own events; its rules leave 10 of 279 unexplained."""
    log = FOLDER / "server-3.9-run.events.jsonl.zst"
    command = ("audit", FOLDER / "server-3.9-run.automations.json", log)
    value = json.loads(run(*command, "--format", "json").stdout)
    assert "server-3.9" == value["dialect"]
    assert (279, 256, 10) == (value["recorded"], value["matched"], value["unexplained"])
    reasons = [one["reason"] for one in value["firings"] if not one["matched"]]
    assert 6 == sum(one is not None and one["code"] == "stood-still" for one in reasons)
    by_automation = {one["name"]: one["unexplained"] for one in value["automations"]}
    one = ("--automation", "order-not-complete")
    other = json.loads(run(*command, *one, "--format", "json", "--dialect", "server-3.8").stdout)
    assert (1, 49) == (by_automation[one[1]], other["unexplained"])
    assert value["better_dialect"] is None
    assert "server-3.9" == other["better_dialect"]["dialect"]


def test_what_all_rows_of_a_reason_have_in_common_is_said_once():
    """Also where it is the reason itself; before, it was in each row."""
    files = (FOLDER / f"server-3.9-run.{name}" for name in ("automations.json", "events.jsonl.zst"))
    chosen = ("--automation", "order-not-complete", "--automation", "two-completed-in-60")
    table = run("audit", *files, *chosen, "--width", "200").stdout.decode()
    assert 1 == table.count("it received nothing for 1 min")
    assert 1 == table.lower().count("the event came to the server late")


@pytest.mark.parametrize(("dialect", "is_told"), [("docs", True), ("server-3.8", False)])
def test_a_dialect_with_which_the_server_agrees_better_is_told(dialect, is_told):
    """Where the log is of a file; the counts are those of an audit in that dialect."""
    files = [SAMPLES / f"recording.{name}" for name in ("automations.json", "events.jsonl")]
    command = ("audit", *files, "--dialect", dialect)
    there = json.loads(run(*command[:3], "--dialect", "server-3.9", "--format", "json").stdout)
    assert (4, 6) == (there["recorded"] - there["matched"], len(there["unexpected"]))
    shown = run(*command, "--width", 160).stdout.decode()
    line = "agrees better with another dialect: --dialect server-3.9 (4 missed, 6 unexpected)"
    assert is_told == (line in shown)
    assert "agrees better" not in run(*command, "-q").stdout.decode()
    better = {"dialect": "server-3.9", "missed": 4, "unexpected": 6} if is_told else None
    assert better == json.loads(run(*command, "--format", "json").stdout)["better_dialect"]
    piped = run(*command[:2], "-", *command[3:], "--format", "json", stdin=command[2])
    assert json.loads(piped.stdout)["better_dialect"] is None


def test_a_long_log_is_not_read_again_in_other_dialects(monkeypatch):
    """Each takes as long as a replay."""
    monkeypatch.setattr(audit, "_MOST_READ_AGAIN", 10)
    done = run("audit", AUTOMATIONS, LOG, "--dialect", "docs", "--format", "json")
    assert json.loads(done.stdout)["better_dialect"] is None


def test_what_nothing_explains_is_exit_1():
    """This automation never was on that server, whose log has firings of others."""
    triggers = SAMPLES / "triggers" / "09-threshold-within.json"
    done = run("audit", triggers, SAMPLES / "recording.events.jsonl", "--width", "200")
    assert 1 == done.returncode
    assert b"unexplained" in done.stdout
    assert b"no firing of these automations recorded by a server" in done.stdout


def test_what_nothing_explains_is_looked_at_in_the_replay_that_was_compared():
    """In the server's dialect and order, which are not those of `explain` by itself."""
    triggers = SAMPLES / "triggers" / "09-threshold-within.json"
    done = run("audit", triggers, SAMPLES / "recording.events.jsonl", "--width", "200")
    words = "explain TRIGGERS --log LOG --event '#52' --dialect server-3.8 --order received`"
    assert words in done.stdout.decode()


def test_an_event_that_the_definition_does_not_take_is_no_deadline(tmp_path):
    """The server's definition was another; the id tells which event it was."""
    definitions = json.loads((SAMPLES / "recording.automations.json").read_text())
    (failed,) = (one for one in definitions if one["name"] == "failed-reactive")
    failed["trigger"]["expect"] = ["prefect.flow-run.Crashed"]
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(failed))
    log = SAMPLES / "recording.events.jsonl"
    shown = run("audit", changed, log, "--width", "160").stdout.decode()
    rows = [line for line in shown.splitlines() if "missed  failed-reactive" in line]
    assert len(rows) == 4
    for row in rows:
        ident = row.partition("event ")[2].split()[0]
        assert f'"id": "{ident}"' in log.read_text()
        assert row.rstrip().endswith("the definition does not take this event")


def test_other_automations_are_only_counted():
    """One automation is audited; the firings of the others are told of."""
    done = run("audit", AUTOMATIONS, LOG, "--automation", "after-table")
    assert 0 == done.returncode
    text = " ".join(done.stdout.decode().split())
    assert '202 firings of automations not given: "' in text
    assert '" and 3 more' in text


@pytest.mark.parametrize(("name", "is_told"), [("after-table", False), ("stuck-running", True)])
def test_evidence_of_others_that_is_left_out_is_told(name, is_told):
    """Where a firing is not paired, for its reason may show in the firings of others."""
    done = run("audit", AUTOMATIONS, LOG, "--automation", name)
    assert is_told == (b"note: the firings of other automations" in done.stderr)


def test_quiet_shows_the_table_alone():
    """A line an automation, and its header."""
    done = run("audit", AUTOMATIONS, LOG, "-q", "--width", "120")
    assert 11 == len(done.stdout.splitlines())


@pytest.mark.parametrize("options", [(), ("--format", "json")], ids=str)
@pytest.mark.parametrize("automations", [AUTOMATIONS, SAMPLES / "triggers"], ids=["new", "sample"])
def test_a_log_without_the_servers_firings_is_told_from_one_that_agrees(automations, options):
    """Nothing was recorded, so nothing can be held against it, and nothing is explained."""
    done = run("audit", automations, SAMPLES / "nightly.events.jsonl", "--width", "200", *options)
    assert 3 == done.returncode
    assert b"all explained" not in done.stdout
    assert b"was created after" not in done.stdout
    assert options or "unexpected · nothing to compare" in done.stdout.decode()
    assert b"error: the log has no firing recorded by a server: nothing to compare" in done.stderr


def test_of_a_part_of_the_log_it_is_not_said_that_the_log_has_no_firings():
    """It has 35, after its first minute."""
    done = run("audit", AUTOMATIONS, LOG, "--to", "+1m")
    said = b"error: the part of the log that was taken has no firing recorded by a server: nothing"
    assert (3, True) == (done.returncode, said in done.stderr)


def test_where_all_automations_are_disabled_that_is_all_it_tells(tmp_path):
    """It asked whether the log is of their server, above a table without rows."""
    off = {"name": "off", "enabled": False, "trigger": {"expect": ["prefect.flow-run.Failed"]}}
    (tmp_path / "off.json").write_text(json.dumps(off))
    shown = run("audit", tmp_path / "off.json", SAMPLES / "recording.events.jsonl").stdout.decode()
    assert "log of their server" not in shown
    assert '\n\n  not evaluated (disabled, or refused by the server): "off"\n' in shown
    assert "\n\n\n" not in shown


def test_an_empty_log_leaves_nothing_to_explain():
    """It is a warning, as for every command."""
    nothing = run("audit", AUTOMATIONS, "/dev/null", "--width", "200")
    assert 0 == nothing.returncode
    assert "nothing to explain" in nothing.stdout.decode()


SPREAD = """
from trigger_cli.cli import audit, main
from trigger_cli.read import log

audit._LONG = 0
log.available_cores = lambda: 3
main()
"""


def test_three_processes_find_what_one_finds():
    """Copies of the process audit some of the automations of a long log."""
    command = ("audit", AUTOMATIONS, LOG, "--format", "json", "--dialect", "docs")
    with patch.object(audit, "_LONG", 1_000_000):
        alone = run(*command)
    spread = run_program(SPREAD, *command)
    assert (alone.returncode, b"") == (spread.returncode, spread.stderr)
    assert len(alone.stdout) > 1_000
    assert alone.stdout == spread.stdout


@pytest.mark.parametrize("width", [40, 50, 60, 70])
def test_a_narrow_table_cuts_no_title_and_no_number(width):
    """What matters least is left out: `matched` and `simulated` follow from the others."""
    files = (SAMPLES / "recording.automations.json", SAMPLES / "recording.events.jsonl")
    text = run("audit", *files, "--width", width).stdout.decode()
    assert "…" not in text
    heads = next(one.split() for one in text.splitlines() if one.startswith("  automation"))
    assert {"automation", "missed", "unexpected"} <= set(heads)
    assert all(len(line) <= width for line in text.splitlines() if "/" not in line)


def test_a_firing_without_an_event_is_shown_with_its_bucket(tmp_path):
    """Sensor a was silent for two windows here, and sensor b on the server."""
    trigger = proactive("beat", threshold=9, for_each=["prefect.resource.id"])
    server = {"prefect.resource.id": "prefect.automation.1", "prefect.resource.name": "it's [x]"}
    payload = {"triggering_labels": {"prefect.resource.id": "b"}}
    role = {"prefect.resource.role": "triggering-event"}
    cause = [{"prefect.resource.id": "prefect.event.beat@1", **role}]
    log = [
        log_event("beat", 1, resource={"prefect.resource.id": "a"}),
        log_event("prefect.automation.triggered", 61, resource=server, related=cause),
        log_event("prefect.automation.triggered", 121, resource=server, payload=payload),
        log_event("end", 150),
    ]
    log = [{**one, "received": one["occurred"]} for one in log]
    files = (written_trigger(tmp_path / "it's [x].json", trigger), written_log(tmp_path / "l", log))
    wide, narrow = (run("audit", *files, "--width", n).stdout.decode() for n in (160, 80))
    for said in (
        "a deadline, resource=b  the replay does not fire then",
        "a deadline, resource=a  the replay: fired: 0/9 by the deadline",
        """explain TRIGGERS --log LOG --automation 'it'"'"'s [[]x]' --at 2026-03-01T12:02:01""",
        "tells what its",
    ):
        assert said in wide
    assert "#LINE" not in wide
    assert "resource=b" in narrow
    value = json.loads(run("audit", *files, "--format", "json").stdout)
    assert [{}, {"prefect.resource.id": "b"}] == [one["labels"] for one in value["firings"]]
    assert format_instant(at(121)) in (one["at"] for one in value["unexpected"])
