"""``trigger-cli test``: options, formats and exit codes."""

import json
from xml.etree import ElementTree as ET

import pytest

from tests.cli.running import run
from tests.support import SAMPLES
from tests.testing.helpers import FAILED, one_test

PASSING = one_test("[{fires: 1}]")
FAILING = one_test("[{fires: 2}]").replace("name: it", "name: other")


@pytest.fixture
def files(tmp_path):
    """A folder with a test that passes, one that fails, and a file that is no test."""
    (tmp_path / "a.trigger-test.yaml").write_text(PASSING)
    (tmp_path / "b.trigger-test.yaml").write_text(FAILING)
    (tmp_path / "c.yaml").write_text("- 1")
    return tmp_path


def test_the_samples_pass():
    """By hand and cut out, in both dialects where it matters."""
    done = run("test", SAMPLES / "tests")
    assert 0 == done.returncode, done.stdout.decode()


def test_server_is_another_name_of_the_newest_dialect(tmp_path):
    """In a test and in its expectations; results name the rules, as those of all commands do."""
    expect = "[{fires: 1, dialect: server-3.9}, {fires: 1, dialect: server}]"
    path = tmp_path / "t.trigger-test.yaml"
    for given in ("server", "server-3.9", "[server, server-3.9]"):
        path.write_text(one_test(expect, more=f"  dialect: {given}\n"))
        (one,) = json.loads(run("test", path, "--format", "json").stdout)["tests"]
        assert ("server-3.9", True) == (one["dialect"], one["passed"])
        assert b"it [server-3.9]" in run("test", path).stdout


def test_results_stand_in_one_column():
    """Within a file, whatever the names' lengths."""
    lines = (
        run("test", SAMPLES / "tests" / "exports.trigger-test.yaml").stdout.decode().splitlines()
    )
    places = {
        line.rindex(" event") - len(line[: line.rindex(" event")].split()[-1])
        for line in lines
        if "✓" in line
    }
    assert 1 == len(places)


def test_a_failure_shows_everything_that_helps(files):
    """Expected against got, the place, and why; the summary on stderr."""
    done = run("test", files, cwd=files)
    assert 1 == done.returncode
    out = done.stdout.decode()
    assert "✓ it" in out
    assert "✗ other" in out
    assert "b.trigger-test.yaml:6:20: expected 2 firings, got 1\n" in out
    assert "- fires: 2\n    + fires: 1" in out
    assert 'why "trigger" fired' in out
    assert "(fired)" not in out
    assert b"2 tests: 1 passed, 1 failed" in done.stderr


@pytest.mark.parametrize("posture", ["Reactive", "Proactive"])
@pytest.mark.parametrize("after", ["", "after: [y], "])
def test_labels_that_no_event_has(posture, after):
    """An expectation of a firing in a bucket that was never opened is not met, and explained."""
    trigger = f"posture: {posture}, expect: [x], {after}for_each: [prefect.resource.name]"
    expected = "{fires: 1, labels: {prefect.resource.name: two}}"
    file = f"""
    triggers: {{{trigger}, within: 10}}
    tests: [{{name: it, events: [event x name=one], expect: [{expected}]}}]
    """
    done = run("test", "-", stdin=file.encode())
    assert (1, b"") == (done.returncode, done.stderr.partition(b"1 test:")[0])
    assert b"No event has prefect.resource.name=two." in done.stdout


def test_a_name_that_ends_in_a_number_stands_apart_from_what_happened(files):
    """`fires 3 times 6 events` reads as one sentence."""
    out = run("test", files, cwd=files).stdout.decode()
    assert "it  2 events, " in out


def test_only_failing(files):
    """Tests that pass, and files in which all do, are left out."""
    out = run("test", files, "--only-failing", cwd=files).stdout.decode()
    assert "b.trigger-test.yaml" in out
    assert "a.trigger-test.yaml" not in out


@pytest.mark.parametrize(("regex", "code"), [("it", 0), ("ot.er", 1)])
def test_run_chooses_tests_by_name(files, regex, code):
    """A regular expression, found anywhere."""
    assert code == run("test", files, "--run", regex).returncode


def test_a_run_of_nothing_fails(files, tmp_path):
    """Exit 1 and a clear message: no test's name fits, or there are no files."""
    done = run("test", files, "--run", "nothing")
    assert (1, b"") == (done.returncode, done.stdout)
    assert b"no test's name matches 'nothing', so nothing was tested" in done.stderr
    (tmp_path / "empty").mkdir()
    done = run("test", tmp_path / "empty")
    assert 1 == done.returncode
    assert b"nothing was tested" in done.stderr


def test_fail_fast_stops(files):
    """The rest is not run."""
    (files / "0.trigger-test.yaml").write_text(FAILING)
    done = run("test", files, "--fail-fast")
    assert b"1 test: 0 passed, 1 failed; stopped at the first failure" in done.stderr


def test_mistakes_are_shown_and_nothing_runs(files):
    """Exit 2, the source line and a caret."""
    (files / "b.trigger-test.yaml").write_text(PASSING.replace("fires", "fierce"))
    done = run("test", files)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"did you mean `fires`?" in done.stderr
    assert b"^^^^^^" in done.stderr


@pytest.mark.parametrize(
    ("log", "message"),
    [(None, "no such file"), ("a: b\n", "its first line is 'a: b'")],
    ids=["missing", "no-log"],
)
def test_a_log_that_cannot_be_used(tmp_path, log, message):
    """Exit 3 and the place that names it; without an event, `fires: never` would pass."""
    if log is not None:
        (tmp_path / "e.jsonl").write_text(log)
    (tmp_path / "t.yaml").write_text(one_test("[{fires: never}]", ("{log: e.jsonl}",)))
    done = run("test", "t.yaml", cwd=tmp_path)
    assert (3, b"") == (done.returncode, done.stdout)
    line = (tmp_path / "t.yaml").read_text().split("{log")[0].count("\n") + 1
    assert done.stderr.decode().startswith(f"error: t.yaml:{line}:")
    assert "e.jsonl" in done.stderr.decode()
    assert message in done.stderr.decode()


@pytest.mark.parametrize("second", ["e.jsonl", "./e.jsonl", "*.jsonl"])
def test_a_log_that_a_test_names_twice(tmp_path, second):
    """Its events without an id would count twice; two tests may name it."""
    event = '{"occurred": "2026-03-01T12:00:00Z", "event": "a", "resource": {"prefect.resource.id": "x"}}'
    (tmp_path / "e.jsonl").write_text(event)
    text = one_test("[{fires: never}]", ("{log: e.jsonl}",))
    path = tmp_path / "t.yaml"
    path.write_text(text + text.partition("tests:\n")[2].replace("name: it", "name: other"))
    assert 0 == run("test", "t.yaml", cwd=tmp_path).returncode
    path.write_text(one_test("[{fires: never}]", ("{log: e.jsonl}", f'{{log: "{second}"}}')))
    done = run("test", "t.yaml", cwd=tmp_path)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"error: t.yaml:6:5: " in done.stderr
    assert b"was given twice" in done.stderr


def test_a_log_with_malformed_lines(tmp_path):
    """They are warned of, as in every command."""
    event = '{"occurred": "2026-03-01T12:00:00Z", "event": "a", "id": "1", "resource": {"prefect.resource.id": "x"}}'
    (tmp_path / "e.jsonl").write_text(f"{event}\n{{1\n{{2\n")
    (tmp_path / "t.yaml").write_text(one_test("[{fires: never}]", ("{log: e.jsonl}",)))
    done = run("test", "t.yaml", cwd=tmp_path)
    assert 0 == done.returncode
    assert "warning: " in done.stderr.decode()
    assert "e.jsonl:2: not JSON" in done.stderr.decode()
    assert "(and 1 more)\n" in done.stderr.decode()


def test_json(files):
    """`trigger-cli/test@1`."""
    done = run("test", files, "--format", "json", "--coverage")
    value = json.loads(done.stdout)
    assert "trigger-cli/test@1" == value["format"]
    assert {"files": 2, "tests": 2, "passed": 1, "failed": 1, "errors": 0} == value["summary"]
    (failure,) = value["tests"][1]["failures"]
    assert ("fires", 6, "expected 2 firings, got 1") == (
        failure["claim"],
        failure["line"],
        failure["message"],
    )
    assert "fired" == failure["explanation"]["cause"]
    assert 0 < value["coverage"]["percent"] < 100


def test_junit(files):
    """A case for each test, with the diff in the failure."""
    run("test", files, "--junit", files / "out.xml")
    root = ET.fromstring((files / "out.xml").read_text())  # noqa: S314  # our own
    assert {"name": "trigger-cli", "tests": "2", "failures": "1", "errors": "0"} == root.attrib
    assert ["expected 2 firings, got 1"] == [one.get("message") for one in root.iter("failure")]
    assert "+ fires: 1" in next(root.iter("failure")).text


def test_github_annotates_what_failed(files):
    """At the expectation, with its lines against what came; nothing for what passed."""
    done = run("test", ".", "--format", "github", cwd=files)
    assert 1 == done.returncode
    (line,) = done.stdout.decode().splitlines()
    head, _, message = line.partition("::error ")[2].partition("::")
    assert "file=b.trigger-test.yaml,line=6,endLine=6,col=20,endColumn=21,title=other" == head
    assert message.startswith("expected 2 firings, got 1%0A- fires: 2%0A+ fires: 1%0A")
    assert '%0A"trigger" fired: 2 of 2 came within 1 min' in message
    assert b"2 tests: 1 passed, 1 failed" in done.stderr
    done = run("test", "a.trigger-test.yaml", "--format", "github", cwd=files)
    assert (0, b"") == (done.returncode, done.stdout)


def test_github_annotates_mistakes(files):
    """A file that cannot be run is told where it is wrong."""
    (files / "b.trigger-test.yaml").write_text(PASSING.replace("fires", "fierce"))
    done = run("test", ".", "--format", "github", cwd=files)
    assert 2 == done.returncode
    assert done.stdout.startswith(b"::error file=b.trigger-test.yaml,line=6,")
    assert b",title=TST101 unknown-key::" in done.stdout
    assert done.stderr == b"error: 2 errors in the test files\n"


def test_github_annotations_are_inert(files):
    """The names of tests and events are data: one line, and no command of a terminal or of GitHub."""
    name = json.dumps("x\n::error::y\x1b[31m%0A,z")
    (files / "b.trigger-test.yaml").write_text(FAILING.replace("name: other", f"name: {name}"))
    out = run("test", files / "b.trigger-test.yaml", "--format", "github").stdout.decode()
    assert 1 == len(out.splitlines())
    assert "title=x\\n%3A%3Aerror%3A%3Ay\\x1b[31m%250A%2Cz::" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("content", "code", "kind", "message"),
    [
        (PASSING + "  nme: it\n", 2, "TST101 unknown-key", "unknown key `nme`"),
        ("a: [\n", 2, "TRG100 syntax", "not YAML"),
        (None, 2, "TRG107 unreadable-file", "no such file"),
        (
            one_test("[{fires: 1}]", events=["log: x.jsonl"]),
            3,
            "TRG107 unreadable-file",
            "x.jsonl: no such file",
        ),
    ],
)
def test_junit_tells_of_a_test_file_that_cannot_be_run(tmp_path, content, code, kind, message):
    """As an error of that file, in the file and as the format; the exit code is as without."""
    if content is not None:
        (tmp_path / "t.yaml").write_text(content)
    done = run("test", "t.yaml", "--format", "junit", "--junit", "out.xml", cwd=tmp_path)
    assert code == done.returncode
    assert message in done.stderr.decode()
    assert done.stdout == (tmp_path / "out.xml").read_bytes()
    root = ET.fromstring(done.stdout)  # noqa: S314  # our own
    case = next(root.iter("testcase"))
    assert ("t.yaml", kind) == (case.get("file"), case.get("name"))
    (error,) = case
    assert "error" == error.tag
    assert message in error.get("message")
    assert root.get("errors") == str(len(list(root.iter("error"))))


def test_junit_is_a_format_too(files):
    """The same as what `--junit` writes."""
    done = run("test", files, "--format", "junit", "--junit", files / "out.xml")
    assert 1 == done.returncode
    assert (files / "out.xml").read_bytes() == done.stdout
    done = run("test", files, "--format", "junit", "--save", "x.svg")
    assert 2 == done.returncode


def test_coverage_has_a_minimum(files):
    """Exit 1 below it, and what is missing is shown."""
    done = run("test", files / "a.trigger-test.yaml", "--min-coverage", "90")
    assert 1 == done.returncode
    assert "✗ other names" in done.stdout.decode()
    assert b"expected 90 %" in done.stderr
    assert 0 == run("test", files / "a.trigger-test.yaml", "--min-coverage", "30").returncode


@pytest.mark.parametrize("output_format", ["github", "junit"])
def test_coverage_is_told_where_the_format_has_none(output_format, files):
    """It was measured, and shown nowhere."""
    test = files / "a.trigger-test.yaml"
    done = run("test", test, "--coverage", "--format", output_format)
    assert b" %; --format table or json shows the clauses\n" in done.stderr


def test_coverage_tells_triggers_in_test_files_apart(tmp_path):
    """All of them are called `trigger`: the test and the file say which one it is."""
    test = "- name: {0}\n  triggers: {{expect: [{0}]}}\n  events: [event {0}]\n  expect: {{fires: 1}}\n"
    (tmp_path / "t.yaml").write_text("tests:\n" + test.format("one") + test.format("two"))
    done = run("test", "t.yaml", "--coverage", cwd=tmp_path).stdout.decode()
    assert ' 50 % trigger of "one", t.yaml  1 of 2\n' in done
    assert ' 50 % trigger of "two", t.yaml  1 of 2\n' in done
    alone = run("test", "t.yaml", "--coverage", "--run", "one", cwd=tmp_path).stdout.decode()
    assert " 50 % trigger  1 of 2\n" in alone


def test_update_writes_what_happened(files):
    """And the tests pass from then on; what passed is not touched."""
    done = run("test", files, "--update")
    assert 0 == done.returncode
    assert FAILING.replace("fires: 2", "fires: 1") == (files / "b.trigger-test.yaml").read_text()
    assert PASSING == (files / "a.trigger-test.yaml").read_text()
    assert 0 == run("test", files).returncode


def test_update_says_what_it_changed(files):
    """For each file; an expectation that two dialects correct is one."""
    two = FAILING.replace("triggers:", "dialect: [docs, server]\ntriggers:", 1)
    events = "  events: [flow-run Failed]\n"
    (files / "b.trigger-test.yaml").write_text(f"{two}- name: new\n{events}- name: more\n{events}")
    said = run("test", ".", "--update", cwd=files).stderr.decode().splitlines()
    changes = '1 expectation corrected in "other"; expectations added to "new", "more"'
    files_said = ["unchanged a.trigger-test.yaml", f"updated b.trigger-test.yaml: {changes}"]
    assert files_said == said[:-1]
    assert b"updated" not in run("test", ".", "--update", "-q", cwd=files).stderr


def test_update_fills_in_a_test_without_expectations(tmp_path):
    """Which without --update is a mistake."""
    file = tmp_path / "t.yaml"
    file.write_text(f"triggers: {FAILED}\ntests:\n- name: x\n  events: [flow-run Failed x2]\n")
    assert 2 == run("test", file).returncode
    assert 0 == run("test", file, "--update").returncode
    assert "exact: true" in file.read_text()
    assert 0 == run("test", file).returncode


def test_stdin():
    """A test file from a pipe; it cannot be updated."""
    assert 0 == run("test", "-", stdin=PASSING.encode()).returncode
    assert 2 == run("test", "-", "--update", stdin=PASSING.encode()).returncode


def test_a_folder_of_definitions_does_not_take_in_its_tests(files):
    """`replay` and `lint` of a folder leave *.trigger-test.yaml alone."""
    (files / "c.yaml").write_text(FAILED)
    done = run("replay", files, SAMPLES / "nightly.events.jsonl", "-q")
    assert 0 == done.returncode, done.stderr


def test_output_is_the_same_every_time(files):
    """Byte for byte."""
    first = run("test", files, "--format", "json", "--coverage").stdout
    assert first == run("test", files, "--format", "json", "--coverage").stdout


def test_help_has_examples():
    """And shows what a test file looks like."""
    out = run("test", "--help").stdout.decode()
    assert "trigger-cli test tests/ --coverage" in out
    assert "fires: 1" in out
