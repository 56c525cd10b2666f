"""Mistakes that would look like answers: each is told for what it is, with what to do."""

import gzip
import json

import pytest

from tests.cli.running import run, run_apart
from tests.support import SAMPLES

TRIGGERS = SAMPLES / "triggers"
TRIGGER = TRIGGERS / "09-threshold-within.json"
KEYED = TRIGGERS / "12-proactive-for-each.json"
LOG = SAMPLES / "nightly.events.jsonl"
TESTS = SAMPLES / "tests" / "dialects.trigger-test.yaml"
TABLE = ("--format", "table")


def told(code, said, what_to_do, *arguments, **how):
    """Run a command that must say this on stderr, and nothing on stdout."""
    done = run(*arguments, **how)
    text = done.stderr.decode()
    assert (code, b"", True, True) == (
        done.returncode,
        done.stdout,
        said in text,
        what_to_do in text,
    ), text
    return text


def test_errors_do_not_drown_in_the_warnings_of_other_automations(tmp_path):
    """Those of the wrong automation are shown, for they may be the cause."""
    trigger = {"type": "event", "posture": "Reactive", "expect": ["a"], "within": 1}
    fine = [{"name": f"fine {n}", "trigger": {**trigger, "colour": n}} for n in range(3)]
    wrong = {"name": "wrong", "trigger": {**trigger, "threshold": "x", "treshold": 3}}
    (path := tmp_path / "triggers.json").write_text(json.dumps([*fine, wrong]))
    said = "error: 1 error in the trigger definitions"
    text = told(2, said, "unknown key `treshold`", "replay", path, LOG)
    assert "`threshold`: found the string" in text
    assert "`colour`" not in text


@pytest.mark.parametrize("command", ["replay", "explain", "audit"])
@pytest.mark.parametrize(
    ("arguments", "code", "said", "what_to_do"),
    [
        ((LOG, TRIGGER), 2, "the file is a log of events, not a definition", "triggers come first"),
        *(
            ((TRIGGER, one), 3, f"{one}: the file is a definition, not a log", "a log belongs here")
            for one in (TRIGGER, TRIGGERS / "18-prefect.yaml", TRIGGERS / "19-absence.yaml")
        ),
        ((TRIGGER, LOG, "-l", LOG), 2, f"{LOG} is named as a definition and as a log", "leave out"),
        ((TRIGGER, LOG, "-l", TRIGGER), 2, "09-threshold-within.json is named", "leave out one"),
        (
            (TRIGGER, LOG, "-l", SAMPLES / "recording.events.jsonl"),
            2,
            "the file is a log of events",
            "with --log LOG, every path is a definition",
        ),
        *(
            ((TRIGGER, url), 3, f"{url}: a URL needs --cluster", "")
            for url in ("s3://logs/a.jsonl", "s3://logs/*.jsonl")
        ),
        (("none.json", LOG), 2, "error: none.json: there is no such file or folder", ""),
        ((TRIGGER, "none.jsonl"), 3, "error: none.jsonl: no such file or directory", ""),
        ((TRIGGER, LOG, LOG), 2, "3 paths were given, and none of them with --log", "with --log"),
        ((TRIGGER, "-l", LOG, "-l", LOG), 2, "was given twice", "name each log once"),
        (
            (TRIGGER, LOG, "--dialect", "server-3.7"),
            2,
            "'server-3.7' is not one of 'auto', 'docs'",
            "for a server 3.7, use server-3.8",
        ),
        ((TRIGGER, LOG, "--dialet", "docs"), 2, "there is no option --dialet", "--dialect?"),
        (
            (TRIGGER, LOG, "-o", "no/folder"),
            2,
            "cannot write no/folder",
            "make the folder no first",
        ),
        (
            (TRIGGER, LOG, "--from", "2030-01-01T00:00:00Z"),
            2,
            "no event lies in the range",
            "range",
        ),
        (
            (TRIGGER, LOG, "--from", "+2h", "--to", "+1h"),
            2,
            "is after --to 2026-03-12T02:00:02",
            "a range in which the log has events",
        ),
        ((TRIGGER, LOG, "--since", "2h"), 2, "need --server", "--from and --to take a part"),
        ((TRIGGER, LOG, "--order", "none"), 2, "invalid value for '--order'", "--help` explains"),
        *(
            ((given, LOG), 2, f"{given}: the {said}", "`trigger-cli test` runs test files")
            for given, said in (
                (TESTS, "file is a test file, not a definition"),
                (TESTS.parent, "folder holds only test files"),
                (TESTS.parent / "*.yaml", "pattern matches only test files"),
            )
        ),
    ],
)
def test_a_mistake_is_told(command, arguments, code, said, what_to_do):
    """On stderr, with the exit code of its kind; there is no answer."""
    told(code, said, what_to_do, command, *arguments)


@pytest.mark.parametrize(
    "command",
    [
        ("replay", TRIGGER, "-"),
        ("replay", TRIGGER, "-", "--format", "json"),
        ("replay", TRIGGER, "-", "--format", "jsonl"),
        ("explain", TRIGGER, "-"),
        ("audit", TRIGGER, "-"),
        ("capture", TRIGGER, "-"),
        ("sweep", TRIGGER, "-", "--threshold", "1..2"),
        ("diff", TRIGGER, TRIGGER, "--log", "-"),
        ("lint", TRIGGER, "--log", "-"),
        ("watch", TRIGGER, "-"),
        ("events", "-"),
    ],
    ids=lambda one: " ".join(map(str, one[:1] + one[3:])),
)
def test_a_log_of_something_else_has_no_answer(command):
    """Its first line is shown, and nothing that looks like a result."""
    lines = b'{"level": "info", "msg": "x"}\n{"level": "info", "msg": "y"}\n'
    told(3, ":1: an event needs", "no line of the log is an event", *command, stdin=lines)


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to", None])
@pytest.mark.parametrize("command", ["replay", "explain", "audit", "events", "lint"])
def test_a_log_under_two_names_is_given_twice(command, link, tmp_path):
    """All its events would count twice."""
    (tmp_path / "a.jsonl").write_bytes(LOG.read_bytes())
    other = "./a.jsonl"
    if link is not None:
        other = "b.jsonl"
        getattr(tmp_path / other, link)(tmp_path / "a.jsonl")
    inputs = () if command == "events" else (TRIGGER,)
    said = f"error: the log {other} was given twice, first as a.jsonl\n"
    options = ("--log", "a.jsonl", "--log", other)
    told(2, said, "name each log once", command, *inputs, *options, cwd=tmp_path)


def test_two_logs_of_the_same_content_are_two(tmp_path):
    """Of one name in two folders; what is no file is known by its name."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "log.jsonl").write_bytes(LOG.read_bytes())
    done = run("events", "a/log.jsonl", "b/log.jsonl", "/dev/null", cwd=tmp_path)
    assert (0, True) == (done.returncode, done.stdout.startswith(b"432 events"))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("replay", TRIGGER), 0),
        (("explain", TRIGGER), 0),
        (("audit", TRIGGER), 1),
        (("sweep", TRIGGER, "--threshold", "1..2"), 0),
        (("diff", TRIGGER, TRIGGER), 0),
        (("events",), 0),
    ],
    ids=lambda one: one[0] if isinstance(one, tuple) else None,
)
def test_a_bad_line_is_told_of_and_fails_only_under_strict(command, code, tmp_path):
    """Exit 3, after the answer."""
    log = tmp_path / "log.jsonl"
    log.write_bytes((SAMPLES / "recording.events.jsonl").read_bytes() + b"nonsense\n")
    done = run(*command, "--log", log)
    strict = run(*command, "--log", log, "--strict")
    assert (code, 3, done.stdout) == (done.returncode, strict.returncode, strict.stdout)
    assert f"warning: {log}:361: not JSON".encode() in done.stderr
    quiet = run(*command, "--log", log, "--strict", "-q")
    for one in (strict, quiet):
        assert f"error: {log}:361: not JSON".encode() in one.stderr


def test_a_definition_with_comments_given_as_a_log(tmp_path):
    """It is no JSON, and no log either."""
    file = tmp_path / "t.json"
    file.write_bytes(b"// note\n" + TRIGGER.read_bytes())
    told(3, f"{file}: the file is a definition", "triggers come first", "replay", TRIGGER, file)


@pytest.mark.parametrize("command", ["replay", "explain", "audit", "sweep"])
def test_events_without_a_place_in_the_order_have_no_answer(command):
    """What nobody received cannot be taken by receipt."""
    line = b'{"id": "a", "event": "x", "occurred": "2026-03-01T12:00:00Z", "resource": {}}\n'
    asked = ("--threshold", "1..2") if command == "sweep" else ()
    arguments = (command, TRIGGER, "-", "--order", "received", *asked)
    told(3, "the event has no `received`", "try --order occurred", *arguments, stdin=line)


@pytest.mark.parametrize("command", ["replay", "explain", "audit", "events", "lint"])
def test_an_empty_log_is_told_by_its_name(command, tmp_path):
    """There is nothing to replay, which is no error."""
    log = tmp_path / "empty.jsonl"
    log.touch()
    inputs = () if command == "events" else (TRIGGER,)
    done = run(command, *inputs, "--log", log)
    assert 0 == done.returncode
    assert f"warning: the log has no events: {log}" in done.stderr.decode()


EVENT = {"occurred": "2026-03-01T12:00:00Z", "event": "a", "resource": {}, "id": "1"}


@pytest.mark.parametrize(
    "written",
    [
        [EVENT],
        {"events": [EVENT], "total": 1},
        {"type": "event", "event": EVENT},
        EVENT,
        f"Subscribing to event stream...\n{json.dumps(EVENT)}\n{json.dumps(EVENT)}\n",
        f"{json.dumps({'type': 'event', 'event': EVENT})}\n" * 2,
    ],
    ids=["array", "page", "message", "line", "stream", "messages"],
)
@pytest.mark.parametrize("command", [("replay", LOG), ("lint",)], ids=lambda one: one[0])
def test_a_log_given_as_triggers_is_told_whatever_its_form(tmp_path, command, written):
    """In a folder it holds no triggers."""
    log = tmp_path / "log.json"
    log.write_text(written if isinstance(written, str) else json.dumps(written))
    done = run(command[0], log, *command[1:])
    said = (done.stdout + done.stderr).decode()
    # To `lint`, text that is no JSON is a finding.
    assert done.returncode in {2, 1 if command[0] == "lint" else 2}
    assert "the file is a log of events, not a definition" in said


@pytest.mark.parametrize("command", ["replay", "explain"])
@pytest.mark.parametrize(
    ("trigger", "help_text"),
    [
        (TRIGGER, "no trigger has for_each, so each has one bucket: leave out --bucket"),
        (KEYED, "for_each has: prefect.resource.id"),
    ],
)
def test_a_bucket_by_a_label_that_no_trigger_has(command, trigger, help_text):
    """It would show nothing, as if nothing had happened."""
    said = f"error: no trigger has `foo` in for_each\nhelp: {help_text}"
    told(2, said, help_text, command, trigger, LOG, "--bucket", "foo=bar")


@pytest.mark.parametrize(
    "command",
    [
        ["explain"],
        *(["replay", "--format", one] for one in ("table", "json", "html")),
        ["replay", "-q"],
    ],
    ids=" ".join,
)
def test_a_bucket_that_there_is_not(command):
    """Some that there are, are named, whatever the format."""
    label = "prefect.resource.id"
    help_text = f"there are: {label}=prefect.flow-run."
    told(2, f"no bucket {label}=none", help_text, *command, KEYED, LOG, "--bucket", f"{label}=none")


@pytest.mark.parametrize(
    ("command", "name", "begins"),
    [
        (("replay", TRIGGER, LOG), "a.html", "<!DOCTYPE html>"),
        (("replay", TRIGGER, LOG), "a.trace.json", '{"traceEvents"'),
        (("replay", TRIGGER, LOG, *TABLE), "a.html", "Replayed"),
        (("audit", TRIGGER, LOG), "a.json", '{\n  "format": "trigger-cli/audit@1"'),
        (("lint", TRIGGER), "a.sarif", '{\n  "$schema": "https://json.schemastore.org/sarif'),
        (("lint", TRIGGER), "a.xml", "<?xml"),
        (("test", TESTS), "a.xml", "<?xml"),
        (("rule", "TRG203"), "a.md", "# TRG203"),
        (("events", LOG), "a.txt", "216 events"),
    ],
    ids=str,
)
def test_the_name_of_the_output_chooses_its_format(command, name, begins, tmp_path):
    """Unless one is given."""
    run(*command, "-o", tmp_path / name)
    assert (tmp_path / name).read_text("utf-8").startswith(begins)


@pytest.mark.parametrize(
    ("command", "name", "what_to_do"),
    [
        (("explain", TRIGGER, LOG), "a.html", "use --save a.html"),
        (("audit", TRIGGER, LOG), "a.svg", "use --save a.svg"),
        (("replay", TRIGGER, LOG), "a.csv", "choose one with --format"),
        (("replay", TRIGGER, LOG), "a.htm", "choose one with --format"),
        (("replay", TRIGGER, LOG), "a.PDF", "choose one with --format"),
        (("replay", TRIGGER, LOG), "a.png", "choose one with --format"),
        (("replay", TRIGGER, LOG), "a.yaml", "choose one with --format"),
        (("replay", TRIGGER, LOG), "a.jsonl.zst", "choose one with --format"),
        (("schema",), "a.html", "choose one with --format"),
    ],
    ids=str,
)
def test_an_output_that_would_hold_something_else(command, name, what_to_do, tmp_path):
    """It is refused, with the option that writes such a file."""
    told(2, f"{name}: this command has no format ", what_to_do, *command, "-o", name, cwd=tmp_path)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("demo", ""), ""),
        (("lint", "a.json", ""), ""),
        (("explain", TRIGGER, LOG, "--for", ""), " after --for"),
        (("replay", TRIGGER, LOG, "-o", ""), " after -o"),
    ],
)
def test_an_empty_argument(words, where, tmp_path):
    """It would stand for this folder, or for any resource."""
    told(2, f"there is an empty argument{where}\n", "variable of the shell", *words, cwd=tmp_path)
    assert [] == [*tmp_path.iterdir()]


def test_an_empty_selection_is_none(tmp_path):
    """As where a script leaves it open."""
    (tmp_path / "a.json").write_bytes(TRIGGER.read_bytes())
    assert 0 == run("lint", "a.json", "--select", "", cwd=tmp_path).returncode


def test_what_an_output_may_be_is_listed(tmp_path):
    """All formats of the command."""
    every = (
        "a.htm: this command has no format htm; its formats are table, json, jsonl, html, perfetto"
    )
    told(2, every, "--format", "replay", TRIGGER, LOG, "-o", "a.htm", cwd=tmp_path)


@pytest.mark.parametrize(
    "name", ["a", "a.txt", "a.log", "a.out", "a.md", "a.2026-03-01", "v1.2", "tmp.Ab1dEf2hIj"]
)
def test_a_name_that_promises_no_kind_of_file_holds_the_table(name, tmp_path):
    """No ending, one of text, a date, a number, or what ``mktemp`` makes."""
    run("replay", TRIGGER, LOG, "-o", tmp_path / name)
    assert (tmp_path / name).read_text("utf-8").startswith("Replayed")


def test_the_paths_of_a_captured_test_hold_where_the_shell_writes_it(tmp_path):
    """``> folder/file`` is no ``--output``, and yet the test runs there."""
    (tmp_path / "t.json").write_bytes(TRIGGER.read_bytes())
    folder = tmp_path / "tests"
    folder.mkdir()
    test = folder / "t.trigger-test.yaml"
    with test.open("wb") as file:
        done = run_apart("capture", "t.json", LOG, cwd=tmp_path, stdout=file)
    assert 0 == done.returncode, done.stderr.decode()
    assert "\ntriggers: ../t.json\n" in test.read_text("utf-8")
    assert 0 == run("test", test).returncode


@pytest.mark.parametrize(
    ("arguments", "code", "said", "what_to_do"),
    [
        (("replya", TRIGGER, LOG), 2, "there is no command replya", "did you mean replay?"),
        (("version",), 2, "there is no command version", "did you mean --version?"),
        (("completion", "bash"), 2, "no command completion", "did you mean --show-completion?"),
        (("show",), 2, "there is no command show", "`trigger-cli --help` lists the commands"),
        (("--log", LOG, "replay"), 2, "there is no option --log", "is an option of replay"),
        (("audit", TRIGGER, LOG, "--start", "5"), 2, "no option --start", "did you mean --from?"),
        (
            ("diff", TRIGGER, "--dialects", "a"),
            2,
            "no option --dialects",
            "did you mean --between?",
        ),
        (("fetch", "--automation", "x"), 2, "no option --automation", "--automation is an option"),
        (("fetch", "--automaton", "x"), 2, "no option --automaton", "usage: trigger-cli fetch"),
        (("fetch", "--events", "a.b"), 2, "unexpected argument: a.b", "--name PREFIX"),
        (("replay", TRIGGER, LOG, "--event", "5"), 2, "no option --event", "an option of explain"),
        (("replay", TRIGGER), 2, "no log was given", "use `TRIGGERS LOG`"),
        (
            ("explain", TRIGGER, LOG, "--at", "2030-01-01T00:00:00Z"),
            2,
            "--at 2030-01-01T00:00:00.000000Z is after the replay's end",
            "the replay is from 2026-03-12T01:00:02",
        ),
        (
            ("capture", TRIGGERS, LOG),
            2,
            "the definitions have 22 automations, and this command takes one",
            'name one with --automation: "Cute and radical runs complete", ',
        ),
        (
            ("capture", TRIGGER, LOG, "--firing", "9"),
            2,
            '"Two runs complete within a minute" fired 3 times',
            "--firing takes 1 to 3",
        ),
        (("sweep", TRIGGER, LOG), 2, "nothing to vary", "--threshold, --within or --set"),
        (("diff", TRIGGER, "--log", LOG), 2, "1 definition was given", "--between dialects"),
        (("diff", TRIGGER, LOG), 2, "no log was given", "with --log"),
        (("test", TRIGGER), 2, "the file is a definition, not a test file", "capture TRIGGERS LOG"),
        (("test", LOG), 2, "the file is a log of events, not a test file", "capture TRIGGERS LOG"),
        (("doctor", "-"), 2, "doctor checks files, not stdin", "name the definitions"),
        (("events", TRIGGER), 3, "the file is a definition, not a log", "a log belongs here"),
        (("rule", "E99"), 2, "there is no rule E99", "E1, E2"),
        (("watch", "none.json", LOG), 2, "none.json: there is no such file or folder", ""),
        (("fetch", "--no-events"), 2, "there is nothing to fetch", "--automations"),
        (("replay", TRIGGER, LOG, "--limit", "0"), 2, "expected 1 or more", "explains --limit"),
        (("schema", "x.json"), 2, "unexpected argument: x.json", "usage: trigger-cli schema"),
    ],
)
def test_mistakes_of_one_command(arguments, code, said, what_to_do):
    """Of every command, what is likely to be got wrong."""
    told(code, said, what_to_do, *arguments)


@pytest.mark.parametrize("name", ["dialects", "down-for-five-minutes", "exports"])
def test_a_test_file_is_one_whatever_its_name(name, tmp_path):
    """With paths or triggers themselves, at its top or in its tests."""
    file = tmp_path / "x.yaml"
    file.write_bytes((TESTS.parent / f"{name}.trigger-test.yaml").read_bytes())
    told(2, f"{file}: the file is a test file", "runs test files", "replay", file, LOG)
    linted = run("lint", file, "--format", "concise")
    assert (2, 1) == (linted.returncode, linted.stdout.count(b": the file is a test file"))


def test_a_trigger_in_a_file_with_tests_of_something_else_is_one(tmp_path):
    """Other tools have lists of that name."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({**json.loads(TRIGGER.read_bytes()), "tests": [{"a": 1}]}))
    assert 0 == run("replay", file, LOG).returncode


def test_a_glob_passes_test_files_over(tmp_path):
    """As the search of a folder does."""
    (tmp_path / "t.json").write_bytes(TRIGGER.read_bytes())
    (tmp_path / "t.trigger-test.yaml").write_bytes(TESTS.read_bytes())
    assert 0 == run("replay", "t*", LOG, cwd=tmp_path).returncode
    assert 0 == run("lint", "t*", "--exit-zero", cwd=tmp_path).returncode


@pytest.mark.parametrize(
    "command",
    [
        ("replay", "none.json", LOG),
        ("diff", TRIGGER, "none.json", "--log", LOG),
        ("drift", TRIGGER, "--against", "none.json"),
        ("drift", "none.json", "--against", TRIGGER),
        ("test", "none.json"),
        ("lint", "none.json"),
        ("lint", "none.json", "--format", "concise"),
    ],
    ids=lambda one: " ".join(map(str, one)),
)
def test_a_missing_file_is_told_in_one_way(command):
    """Without a place in it."""
    done = run(*command)
    said = done.stdout + done.stderr
    assert (2, 1) == (
        done.returncode,
        said.count(b"error: none.json: there is no such file or folder\n"),
    )
    assert b":1:1" not in said
    assert b"error in" not in said


def test_the_doctor_tells_a_missing_file_for_what_it_is():
    """It is no mistake in a definition."""
    done = run("doctor", "none.json", "--offline", "--format", "json")
    (check,) = (one for one in json.loads(done.stdout)["checks"] if one["name"] == "definitions")
    assert "none.json: there is no such file or folder" == check["detail"]
    assert 1 == done.returncode


@pytest.mark.parametrize("command", ["replay", "explain", "debug", "capture"])
def test_the_usage_names_the_log(command):
    """As the second of the two paths."""
    text = run(command, "--help").stdout.decode()
    assert text.startswith(f"Usage: trigger-cli {command} [OPTIONS] TRIGGERS LOG\n")


def test_a_long_name_hides_no_reason(tmp_path):
    """Of a long message the middle is left out."""
    name = "x" * 5_000
    done = run("replay", name, name + "y", cwd=tmp_path)
    assert 2 == done.returncode
    assert "…" in done.stderr.decode()
    assert (
        done.stderr.decode().rstrip().endswith(("too long", "not found", "no such file or folder"))
    )
    assert len(done.stderr) < 3_000


@pytest.mark.parametrize(
    ("content", "kind", "line"),
    [
        (b"2026-03-01 INFO \x1b[2J\n", "JSON Lines", r"'2026-03-01 INFO \x1b[2J'"),
        (b'\n{"timestamp": 1}\n', "JSON Lines", """'{"timestamp": 1}'"""),
        (b'[\n{"a": 1}]', "a JSON document", "'['"),
        (gzip.compress(b"a: b\n"), "JSON Lines", "'a: b'"),
    ],
    ids=["text", "other JSON", "array", "compressed"],
)
@pytest.mark.parametrize("command", ["replay", "explain"])
def test_a_log_without_events_is_told_with_its_first_line(tmp_path, command, content, kind, line):
    """And what it was taken for."""
    log = tmp_path / "log"
    log.write_bytes(content)
    said = f"the log was taken for {kind}, its first line is {line}"
    told(3, said, "no line of the log is an event", command, TRIGGER, log)
