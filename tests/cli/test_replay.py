"""``trigger-cli replay`` as a user runs it: output, files, exit codes."""

import json
import os
import shlex
import signal
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.running import run, run_apart, started
from tests.limits import LONGEST
from tests.support import SAMPLES, log_event, reactive, written_log, written_trigger

FAILED = '{"type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.Failed"], "threshold": 2, "within": 60, "for_each": ["prefect.resource.id"]}'


def line(state="Failed", second=0, run="a", **more):
    keys = {"id": f"{state}-{run}-{second}", **more}
    resource = {"prefect.resource.id": f"prefect.flow-run.{run}"}
    return json.dumps(log_event(f"prefect.flow-run.{state}", second, resource=resource, **keys))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "trigger.json").write_text(FAILED, "utf-8")
    lines = [line(second=0), line(second=10), line(second=20, run="b")]
    (tmp_path / "log.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def replayed(*arguments, **options):
    done = run("replay", *arguments, "--format", "json", **options)
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


def test_the_json_object_has_the_contracts_keys(files):
    """Every key of `interface.md` is there, and the firing is the second failure of run a."""
    value = replayed("trigger.json", "log.jsonl", cwd=files)
    assert [
        "format", "dialect", "order", "start", "end", "log", "automations",
        "firings", "pending", "waiting", "metrics", "problems",
    ] == list(value)  # fmt: skip
    assert "trigger-cli/replay@1" == value["format"]
    assert {
        "lines": 3, "events": 3, "malformed": 0, "duplicates": 0, "waiting": 0, "leaderless": 0,
        "matched": 3, "sources": ["log.jsonl"],
    } == value["log"]  # fmt: skip
    assert [
        {
            "automation": "trigger",
            "trigger": "$",
            "at": "2026-03-01T12:00:10.000000Z",
            "labels": {"prefect.resource.id": "prefect.flow-run.a"},
            "event_id": "Failed-a-10",
            "event_line": 2,
            "children": [],
        }
    ] == value["firings"]


def test_jsonl_streams_every_transition_and_ends_with_a_summary(files):
    """One record a line; the summary has the object's keys less its firings."""
    done = run("replay", "trigger.json", "log.jsonl", "--format", "jsonl", cwd=files)
    records = [json.loads(one) for one in done.stdout.splitlines()]
    assert ["opened", "counted", "counted", "fired", "opened", "opened", "counted", "summary"] == [
        one["kind"] for one in records
    ]
    assert {
        "start": "2026-03-01T11:45:00.000000Z",
        "end": "2026-03-01T12:01:00.000000Z",
        "count": 1,
        "threshold": 2,
    } == records[1]["bucket"]
    assert "E2" == records[1]["rule"]
    assert "firings" not in records[-1]
    assert [2, 3] == records[3]["because"] + [records[3]["seq"]]


def test_log_can_be_named_with_log_or_as_the_second_path(files):
    """Both forms of the contract give the same."""
    one = replayed("trigger.json", "log.jsonl", cwd=files)
    two = replayed("trigger.json", "--log", "log.jsonl", cwd=files)
    assert one == two


def test_several_logs_are_one_log(files):
    """Lines count over all of them, and sources name each."""
    (files / "more.jsonl").write_text(line(second=25, run="b") + "\n", "utf-8")
    value = replayed("trigger.json", "--log", "log.jsonl", "--log", "more.jsonl", cwd=files)
    assert [2, 4] == [one["event_line"] for one in value["firings"]]
    assert ["log.jsonl", "more.jsonl"] == value["log"]["sources"]


def test_stdin_is_a_log_or_a_definition(files):
    """`-` reads either from standard input."""
    log = (files / "log.jsonl").read_bytes()
    value = replayed("trigger.json", "-", cwd=files, stdin=log)
    assert 1 == len(value["firings"])
    value = replayed("-", "log.jsonl", cwd=files, stdin=FAILED.encode())
    assert ["stdin"] == [one["automation"] for one in value["firings"]]


def test_a_bad_line_is_counted_shown_and_fails_only_under_strict(files):
    """The replay goes on; `--strict` makes it exit 3."""
    with (files / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"event": "x"}\nnot json\n')
    done = run("replay", "trigger.json", "log.jsonl", "--format", "json", cwd=files)
    value = json.loads(done.stdout)
    assert 0 == done.returncode
    assert 2 == value["log"]["malformed"]
    assert [("log.jsonl", 4), ("log.jsonl", 5)] == [
        (one["source"], one["line"]) for one in value["problems"]
    ]
    assert b"log.jsonl:4" in done.stderr
    strict = run("replay", "trigger.json", "log.jsonl", "--format", "json", "--strict", cwd=files)
    assert 3 == strict.returncode
    assert value == json.loads(strict.stdout)
    both = run("replay", "trigger.json", "log.jsonl", "--strict", "--fail-on-fire", cwd=files)
    assert 3 == both.returncode


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["trigger.json", "log.jsonl", "--until", "soon"], 2, "soon"),
        (["trigger.json", "log.jsonl", "--automation", "nobody"], 2, "nobody"),
        (["-", "-"], 2, "stdin"),
        (["trigger.json", "log.jsonl", "--tz", "Mars/Base"], 2, "Mars/Base"),
        (["trigger.json", "log.jsonl", "--fail-on-fire", "--fail-on-no-fire"], 2, "exclude"),
        (["trigger.json", "log.jsonl", "--patience", "5s"], 2, "--patience needs --cluster"),
        (["trigger.json", "log.jsonl", "--cluster", "x", "--jobs", "2"], 2, "exclude each other"),
        (["trigger.json", "log.jsonl", "--fail-on-fire"], 1, ""),
        (["trigger.json", "log.jsonl", "--fail-on-no-fire"], 0, ""),
    ],
)
def test_exit_codes(files, arguments, code, words):
    """As `interface.md` has them; what was wrong is named on stderr, without a traceback."""
    done = run("replay", *arguments, cwd=files)
    assert code == done.returncode, done.stderr
    assert words in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    if code in {2, 3}:
        assert b"" == done.stdout


def test_a_wrong_definition_is_shown_with_its_place(files):
    """File, line, column, the source line, a caret, and the value that was probably meant."""
    (files / "trigger.json").write_text('{\n  "posture": "reactive"\n}', "utf-8")
    done = run("replay", "trigger.json", "log.jsonl", cwd=files)
    shown = done.stderr.decode()
    assert 2 == done.returncode
    assert "trigger.json:2:14" in shown
    assert '"posture": "reactive"' in shown
    assert "^^^^^^^^^^" in shown
    assert "Reactive" in shown


def test_output_is_written_to_a_file_that_appears_when_it_is_complete(files):
    """Nothing goes to stdout, and no temporary file stays behind."""
    done = run(
        "replay", "trigger.json", "log.jsonl", "--format", "json", "-o", "out.json", cwd=files
    )
    assert (0, b"") == (done.returncode, done.stdout)
    assert 1 == len(json.loads((files / "out.json").read_text("utf-8"))["firings"])
    assert ["log.jsonl", "out.json", "trigger.json"] == sorted(one.name for one in files.iterdir())


def test_from_and_to_choose_the_events_that_are_taken(files):
    """`--from +5s` leaves out the first failure, so nothing fires."""
    assert [] == replayed("trigger.json", "log.jsonl", "--from", "+5s", cwd=files)["firings"]
    assert [] == replayed("trigger.json", "log.jsonl", "--to", "+5s", cwd=files)["firings"]
    assert 1 == len(
        replayed(
            "trigger.json", "log.jsonl", "--from", "2026-03-01T12:00:00Z", "--to", "+10s", cwd=files
        )["firings"]
    )


def test_until_and_until_quiet_run_deadlines_after_the_log(files):
    """A proactive deadline after the last event is pending, unless the replay is to go on."""
    (files / "trigger.json").write_text(
        '{"posture": "Proactive", "expect": ["x"], "within": 60}', "utf-8"
    )
    pending = replayed("trigger.json", "log.jsonl", cwd=files)
    assert ([], ["2026-03-01T12:01:00.000000Z"]) == (
        pending["firings"],
        [one["due"] for one in pending["pending"]],
    )
    assert 2 == len(replayed("trigger.json", "log.jsonl", "--until", "+2m", cwd=files)["firings"])
    quiet = replayed("trigger.json", "log.jsonl", "--until-quiet", cwd=files)
    assert (1, "2026-03-01T12:01:00.000000Z") == (len(quiet["firings"]), quiet["end"])


def test_automation_and_bucket_choose_what_is_shown(files):
    """Counts stay those of the whole replay; only the shown firings change."""
    value = replayed(
        "trigger.json", "log.jsonl", "--bucket", "prefect.resource.id=prefect.flow-run.b", cwd=files
    )
    assert ([], [1]) == (value["firings"], [one["firings"] for one in value["automations"]])
    short = replayed("trigger.json", "log.jsonl", "--bucket", "id=prefect.flow-run.b", cwd=files)
    assert value == short
    named = json.dumps([{"name": name, "trigger": json.loads(FAILED)} for name in ("one", "two")])
    (files / "trigger.json").write_text(named, "utf-8")
    value = replayed("trigger.json", "log.jsonl", "--automation", "t*", cwd=files)
    assert ["two"] == [one["name"] for one in value["automations"]]
    assert ["two"] == [one["automation"] for one in value["firings"]]


def test_a_newest_first_export_replays_in_the_order_of_events(files):
    """What the API returns by default gives the same firings under the default order."""
    lines = (files / "log.jsonl").read_text("utf-8").splitlines()
    (files / "page.json").write_text('{"events": [' + ",".join(reversed(lines)) + "]}", "utf-8")
    one, two = (
        replayed("trigger.json", log, cwd=files)["firings"] for log in ("log.jsonl", "page.json")
    )
    assert [{**f, "event_line": 0} for f in one] == [{**f, "event_line": 0} for f in two]


def test_the_server_dialect_does_not_evaluate_metrics(files):
    """The automation is listed with what the open-source server refuses it for (V4, D11)."""
    metric = '{"type": "metric", "metric": {"name": "successes", "operator": "<", "threshold": 1.0, "firing_for": 0}}'
    (files / "trigger.json").write_text(metric, "utf-8")
    pending = [line("Pending", 0), line("Failed", 5)]
    (files / "log.jsonl").write_text("\n".join(pending), "utf-8")
    assert 1 == len(replayed("trigger.json", "log.jsonl", cwd=files)["firings"])
    server = replayed("trigger.json", "log.jsonl", "--dialect", "server", cwd=files)
    assert ([], ["D11"]) == (server["firings"], server["automations"][0]["server_refusals"])


@pytest.mark.parametrize("command", [("replay",), ("explain",), ("diff", "--between", "dialects")])
def test_a_difference_over_a_late_event_has_a_reason(files, command):
    """The second failure waits 15 minutes in vain; only `docs` still has its window (D9)."""
    lines = [line(second=0), line(second=10, follows="lost"), line("Running", 1500)]
    (files / "log.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    done = run(*command, "trigger.json", "--log", "log.jsonl", cwd=files)
    assert b"D9" in done.stdout
    (summary,) = replayed("trigger.json", "log.jsonl", cwd=files)["automations"]
    assert (1, []) == (summary["firings"], summary["dialect_sensitive"])


@pytest.mark.parametrize(
    ("limits", "events"),
    [
        ((), 216),
        (("--from", "+5m", "--to", "+10m"), 14),
        (("--until", "+10m"), 40),
        (("--until", "+10m", "--order", "log"), 40),
        (("--to", "+10m", "--jobs", "2"), 40),
    ],
)
def test_the_first_line_counts_the_events_of_the_range(limits, events):
    """Not those of the log, of which the others were only read (T5, T7)."""
    files = (SAMPLES / "triggers" / "09-threshold-within.json", SAMPLES / "nightly.events.jsonl")
    shown = run("replay", *files, *limits).stdout.decode()
    assert shown.startswith(f"Replayed {events} events against 1 automation")
    log = json.loads(run("replay", *files, *limits, "--format", "json").stdout)["log"]
    assert log["events"] >= events


def test_output_is_the_same_bytes_whatever_the_hash_seed():
    """T2: sets and dicts leave no trace in the output."""
    log = SAMPLES / "nightly.events.jsonl"
    arguments = ["replay", SAMPLES / "triggers", "--log", log, "--format"]
    seed = "77" if os.environ.get("PYTHONHASHSEED") == "0" else "0"  # another than here
    for output_format in ("json", "table"):
        options = (*arguments, output_format, "--width", 80)
        assert run(*options).stdout == run_apart(*options, PYTHONHASHSEED=seed).stdout


HOSTILE = [
    "[red]rich[/red]",
    "[link=http://evil]x[/link]",
    "\x1b[31mansi\x1b[0m",
    "line\nbreak\r\ttab",
    "bidi\u202e\u2066",
    "\u009b31mC1",
    "zero\u200bwidth\ufeff",
    "x" * 1_000_000,
]


@pytest.mark.parametrize("output_format", ["table", "json", "jsonl", "quiet"])
def test_hostile_text_is_inert_and_bounded(tmp_path, output_format):
    """Markup, escapes, newlines, bidi controls and a megabyte come out as data, and short."""
    labels = {f"label-{n}": text for n, text in enumerate(HOSTILE)}
    definition = {
        "name": "[bold]evil[/bold]\x1b[31m\u202e",
        "trigger": {"posture": "Reactive", "for_each": list(labels)},
    }
    (tmp_path / "trigger.json").write_text(json.dumps(definition), "utf-8")
    events = [
        log_event(
            text,
            n,
            id=text,
            resource={"prefect.resource.id": text, "prefect.resource.name": text, **labels},
        )
        for n, text in enumerate(HOSTILE)
    ]
    written_log(tmp_path / "log.jsonl", events)
    chosen = ["-q"] if output_format == "quiet" else ["--format", output_format]
    done = run("replay", "trigger.json", "log.jsonl", *chosen, cwd=tmp_path)
    shown = done.stdout.decode()
    assert 0 == done.returncode, done.stderr
    assert len(shown) < 600_000
    assert not {c for c in shown if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)}
    assert not set("\u202e\u2066\u200b\ufeff") & set(shown)
    if output_format in {"json", "jsonl"}:
        for one in [shown] if output_format == "json" else shown.splitlines():
            json.loads(one)
    else:
        assert "[red]rich" in shown


def test_an_interrupt_shows_what_was_found_and_exits_with_130(files):
    """Ctrl-C in the middle of a stream: the firings so far, and a word that it was cut short."""
    command = ("replay", "trigger.json", "-", "--order", "log", "--format", "jsonl")
    with started(*command, cwd=files, PYTHONUNBUFFERED="1") as process:
        # It goes on until the pipe breaks, so the interrupt always comes in the middle.
        feeder = Thread(target=feed, args=(process.stdin,), daemon=True)
        feeder.start()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().splitlines()
        said = process.stderr.read()
        process.wait(LONGEST)
        feeder.join(LONGEST)
    assert 130 == process.returncode
    assert "summary" == json.loads(rest[-1])["kind"]
    assert b"interrupted" in said
    assert b"Traceback" not in said


def feed(stdin):
    with suppress(BrokenPipeError):
        for number in count():
            stdin.write((line(second=number % 3600, id=str(number)) + "\n").encode())
    with suppress(BrokenPipeError):
        stdin.close()


@pytest.mark.parametrize("more", [(), ("-v",), ("--automation", "*"), ("--output", "all.txt")])
def test_several_automations_fit_on_one_screen(more, tmp_path):
    """Unless their stories are asked for; a file has them."""
    done = run(
        *("replay", SAMPLES / "triggers", "--log", SAMPLES / "nightly.events.jsonl"),
        *more,
        cwd=tmp_path,
    )
    assert 0 == done.returncode
    told = (tmp_path / "all.txt").read_text() if "--output" in more else done.stdout.decode()
    lines = told.splitlines()
    assert bool(more) == ("Summary" in told)
    assert bool(more) == (len(lines) > 50)
    assert bool(more) != ("Why one did not fire:\n  trigger-cli explain" in told)


def test_the_command_that_explains_has_the_values_of_templates(tmp_path):
    """Without them, it explained other definitions: that the automation fired."""
    (tmp_path / "many.json").write_text(
        json.dumps(
            [
                {"name": f"{n}", "trigger": reactive("x", within=60, threshold=threshold)}
                for n, threshold in enumerate(["{{ prefect.variables.n }}", *[1] * 8])
            ]
        )
    )
    written_log(tmp_path / "log.jsonl", [log_event("x")])
    told = run("replay", "many.json", "log.jsonl", "--var", "n=9", cwd=tmp_path).stdout.decode()
    command = shlex.split(told.splitlines()[-1])
    assert ["--var", "n=9"] == command[-4:-2]
    answer = run(*command[1:], "--quiet", cwd=tmp_path).stdout.decode()
    assert '"0" did not fire' in answer


def test_a_replay_without_an_end_shows_what_it_has_and_names_the_line(tmp_path):
    """An event dated 9999 after two of 2026, and a watch that fires each minute until then."""
    watch = {"posture": "Proactive", "expect": ["z"], "within": 60}
    written_trigger(tmp_path / "w.json", watch)
    times = ("2026-03-01T12:00:00Z", "2026-03-01T12:02:30Z", "9999-03-01T12:00:00Z")
    written_log(tmp_path / "log.jsonl", (log_event("x", id=one, occurred=one) for one in times))
    done = run("replay", "w.json", "log.jsonl", "--format", "json", cwd=tmp_path)
    assert 3 == done.returncode
    assert ["2026-03-01T12:01:00.000000Z", "2026-03-01T12:02:00.000000Z"] == [
        one["at"] for one in json.loads(done.stdout)["firings"]
    ]
    said = done.stderr.decode()
    assert "warning: log.jsonl:3: this event occurred more than a year from all others" in said
    assert "error: log.jsonl:3: before this event the trigger of 'w' would go through" in said
    assert "correct or leave out that line; else end the replay before that with --until" in said


def test_the_first_screen_ends_with_a_command_that_runs():
    """It names an automation that did not fire, and the paths and options that were given."""
    paths = [SAMPLES / "triggers", "--log", SAMPLES / "nightly.events.jsonl"]
    done = run("replay", *paths, "--from", "+1m")
    lines = (done.stdout + done.stderr).decode().splitlines()
    assert 40 >= sum(-(-len(one) // 80) for one in lines)
    assert (
        "Empty under server-3.9: as many as under docs. Why: -v, or trigger-cli rule D1." in lines
    )
    program, *words = shlex.split(done.stdout.decode().splitlines()[-1])
    assert ("trigger-cli", "+60s") == (program, words[words.index("--from") + 1])
    answer = run(*words)
    assert (0, b"") == (answer.returncode, answer.stderr)
    assert b"did not fire" in answer.stdout.splitlines()[0]


def test_no_command_is_offered_that_cannot_read_the_log_again():
    """Standard input is read once."""
    log = (SAMPLES / "nightly.events.jsonl").read_bytes()
    done = run("replay", SAMPLES / "triggers", "-", stdin=log)
    assert "One in full: --automation NAME; all: -v." == done.stdout.decode().splitlines()[-1]


@pytest.mark.parametrize("command", ["replay", "explain", "audit"])
def test_warnings_are_about_the_automations_shown(command):
    """Of all others, only errors are told."""
    paths = [SAMPLES / "triggers", "--log", SAMPLES / "nightly.events.jsonl"]
    assert b"TRG108" in run(command, *paths, "--automation", "Production fails*").stderr
    assert b"TRG108" not in run(command, *paths, "--automation", "A run*").stderr


NIGHT = (SAMPLES / "triggers" / "09-threshold-within.json", SAMPLES / "nightly.events.jsonl")


@pytest.mark.parametrize("more", [(), ("--from", "01:10:00"), ("--start", "00:50:00")])
def test_times_and_offsets_of_a_table_can_be_pasted(more):
    """Both select the event of their row, as the first and as the last; offsets count from the log's start."""
    row = next(
        line
        for line in run("replay", *NIGHT, *more).stdout.decode().splitlines()
        if "orders-load" in line
    )
    for shown in row.split()[1:3]:
        for option in ("--to", "--until"):
            told = run("replay", *NIGHT, "-q", option, shown).stdout.decode()
            assert (2, True) == (told.count("\n"), "line 64" in told), (option, shown)
        taken = run("replay", *NIGHT, "--from", shown, "--format", "json").stdout
        assert "2026-03-12T01:20:15.330416Z" == json.loads(taken)["start"]


def test_until_a_second_ends_there_or_where_something_happened_in_it():
    """The JSON has the end as it was given, if nothing happened in the rest of the second."""
    for until, end in (("01:20:15", "01:20:15.330416Z"), ("02:00:00", "02:00:00.000000Z")):
        done = run("replay", *NIGHT, "--until", until, "--format", "json")
        assert f"2026-03-12T{end}" == json.loads(done.stdout)["end"]
