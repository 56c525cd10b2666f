"""The Python API: what its page says, the command line's answers and the command line's errors."""

import json
import os
import pickle
import re
import subprocess
import sys
from contextlib import chdir, redirect_stdout
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

import trigger_cli
from tests.cli.running import run
from tests.limits import LONGEST
from tests.support import REPOSITORY, SAMPLES
from trigger_cli import TriggerCliError, explain, lint, load, replay

TRIGGERS = SAMPLES / "triggers"
EXPORTS = TRIGGERS / "15-compound-exports.json"
NIGHTLY = SAMPLES / "nightly.events.jsonl"
PAGE = (REPOSITORY / "docs" / "python.md").read_text("utf-8")
BLOCKS = re.findall(
    r"^```python\n(.*?)^```(?:\n\n```text\n(.*?)^```)?", PAGE, re.MULTILINE | re.DOTALL
)
HOSTILE = "<script>alert(1)</script>\x1b[31m"
TRIGGER = {"name": "late", "trigger": {"posture": "Reactive", "expect": ["a"], "threshold": 2}}


def event(second, **others):
    return {
        "id": str(second),
        "event": "a",
        "occurred": datetime(2026, 3, 1, 12, 0, second, tzinfo=UTC),
        "resource": {"prefect.resource.id": "x"},
        **others,
    }


@pytest.mark.parametrize(("code", "expected"), BLOCKS)
def test_the_examples_of_the_page(code, expected):
    """Each runs from the repository's top and prints what stands below it; its tests pass."""
    printed, names = StringIO(), {}
    with chdir(REPOSITORY), redirect_stdout(printed):
        exec(compile(code, "docs/python.md", "exec"), names)  # noqa: S102
        tests = [one for name, one in names.items() if name.startswith("test_")]
        for test in tests:
            test()
    assert tests or expected
    assert expected == printed.getvalue()


def test_a_part_without_events_is_an_error():
    """As on the command line."""
    for ask in (replay, explain):
        with pytest.raises(
            TriggerCliError, match="error: no event lies in the range: the log begins"
        ):
            ask(TRIGGER, event(1), until="2025-01-01T00:00:00Z")


def test_a_replay_is_the_commands():
    """The same object, and records that say the same."""
    result = replay(TRIGGERS, NIGHTLY)
    done = run("replay", TRIGGERS, "--log", NIGHTLY, "--format", "json")
    told = json.loads(done.stdout)
    assert told == json.loads(json.dumps(result.to_dict()))
    assert [one["event_id"] for one in told["firings"]] == [one.event_id for one in result.fired]
    assert [one["name"] for one in told["automations"]] == list(result.automations)
    assert len(told["pending"]) == len(result.pending)
    for one in told["automations"]:
        assert one["firings"] == result.firings(one["name"])


def test_an_explanation_is_the_commands():
    """The same object."""
    (found,) = explain(load(EXPORTS), NIGHTLY)
    (told,) = json.loads(run("explain", EXPORTS, NIGHTLY, "--format", "json").stdout)[
        "explanations"
    ]
    assert told == json.loads(json.dumps(found.to_dict()))
    assert told["summary"] == found.summary


def test_findings_are_the_commands():
    """In the same order."""
    for options, more in (({}, ()), ({"events": NIGHTLY}, ("--log", NIGHTLY))):
        told = json.loads(run("lint", TRIGGERS, "--format", "json", *more).stdout)["findings"]
        found = lint(TRIGGERS, **options)
        assert [(one["code"], one["line"]) for one in told] == [
            (one.code, one.span.line) for one in found
        ]


def test_templates_are_filled_in_as_the_commands_do(tmp_path, monkeypatch):
    """From the environment: the same automation fires, and the same findings are told."""
    monkeypatch.setenv("WHAT", "a")
    monkeypatch.setenv("WRONG", "b b")
    path = tmp_path / "prefect.yaml"
    path.write_text(
        "deployments:\n- name: d\n  triggers:\n"
        '  - {name: t, posture: Reactive, expect: ["{{ $WHAT }}", "{{ $WRONG }}"]}\n',
        "utf-8",
    )
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps(event(1), default=str) + "\n", "utf-8")
    told = json.loads(run("replay", path, log, "--format", "json").stdout)
    assert 1 == len(told["firings"]) == replay(path, log).firings()
    findings = json.loads(run("lint", path, "--format", "json").stdout)["findings"]
    assert findings
    assert [one["code"] for one in findings] == [one.code for one in lint(path)]


@pytest.mark.parametrize(
    ("call", "command"),
    [
        (lambda: load("nowhere.json"), ("replay", "nowhere.json", NIGHTLY)),
        (lambda: load(NIGHTLY), ("replay", NIGHTLY, NIGHTLY)),
        (lambda: replay(EXPORTS, "nowhere"), ("replay", EXPORTS, "nowhere")),
        (lambda: replay(EXPORTS, EXPORTS), ("replay", EXPORTS, EXPORTS)),
        (
            lambda: explain(EXPORTS, NIGHTLY, resource="nobody"),
            ("explain", EXPORTS, NIGHTLY, "--for", "nobody"),
        ),
        (
            lambda: explain(EXPORTS, NIGHTLY, automation="All thre"),
            ("explain", EXPORTS, NIGHTLY, "--automation", "All thre"),
        ),
        (lambda: lint(EXPORTS, select=["TRX"]), ("lint", EXPORTS, "--select", "TRX")),
    ],
)
def test_an_error_is_what_the_command_says(call, command):
    """Word for word."""
    done = run(*command, COLUMNS="120")
    assert done.returncode in {2, 3}
    with pytest.raises(TriggerCliError) as caught:
        call()
    assert done.stderr.decode().split() == str(caught.value).split()


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: replay(TRIGGER, [event(1)], until="soon"), "'soon' is not an RFC 3339 time"),
        (lambda: replay(TRIGGER, [event(1)], dialect="odd"), "'odd' is not one of auto, docs"),
        (lambda: replay(TRIGGER, [event(1)], order="odd"), "'odd' is not one of occurred"),
        (lambda: replay(TRIGGER, []), "no log was given"),
        (lambda: replay(TRIGGER, [event(1, extra={1})]), "a value is set"),
        (lambda: lint(TRIGGER, dialect="odd"), "'odd' is no list of dialects"),
        (lambda: replay(TRIGGER, [event(1)]).firings("lat"), 'did you mean: "late"'),
        (lambda: load([]), "no triggers were given"),
        (lambda: lint(TRIGGER, config="nowhere.toml"), "nowhere.toml"),
        (lambda: lint(TRIGGER, select="TRG2,TRX"), "there is no rule `TRX`"),
        (lambda: load(None), "expected a path or a dictionary, found NoneType"),
        (lambda: load(b"a.json"), "expected a path or a dictionary, found bytes"),
        (lambda: replay(load(TRIGGER)[0], [event(1)]), "dictionary, found Automation"),
        (lambda: replay(TRIGGER, [event(1)], dialect=None), "None is not one of auto, docs"),
        (lambda: replay(TRIGGER, [event(1)], until=timedelta(minutes=5)), 'is text: "+5m"'),
        (lambda: replay(TRIGGER, [event(1)]).firings(["late"]), "a glob, found list"),
        (lambda: explain(TRIGGER, [event(1)], automation=["late"]), "a glob, found list"),
        (lambda: explain(TRIGGER, [event(1)], resource=3), "name or id, found int"),
        (lambda: lint(TRIGGER, select=3), "a rule as text, or several, found int"),
        (lambda: lint(TRIGGER, ignore=[None]), "a rule as text, or several, found NoneType"),
        (lambda: lint(TRIGGER, dialect=["docs"]), 'such as "docs,server-3.9", found list'),
        (lambda: lint(TRIGGER, config=3), "the path of a settings file, found int"),
        (lambda: load(StringIO("{}")), "a path or a dictionary, found StringIO"),
    ],
)
def test_what_is_no_value(call, expected):
    """An error of the API, whatever is wrong."""
    with pytest.raises(TriggerCliError, match="error: ") as caught:
        call()
    assert expected in str(caught.value)


@pytest.mark.parametrize("stream", [None, StringIO()])
def test_a_process_may_have_no_standard_input(stream, monkeypatch):
    """As a service, or a notebook whose own stream has no bytes."""
    monkeypatch.setattr("sys.stdin", stream)
    assert 0 == replay(TRIGGER, [event(1)]).firings()
    with pytest.raises(TriggerCliError, match="no triggers were found in -"):
        load("-")


def test_what_is_given_is_immutable():
    """Neither a result nor its records change."""
    result = replay(TRIGGER, [event(1), event(2)])
    with pytest.raises(FrozenInstanceError):
        result.dialect = "x"
    with pytest.raises(FrozenInstanceError):
        result.fired[0].at = None
    with pytest.raises(TypeError):
        result.fired[0].labels["x"] = "y"


def test_records_can_stand_in_a_set():
    """Two calls give equal ones."""
    first, again = (replay(TRIGGER, [event(1), event(2)]) for _ in range(2))
    assert {*first.fired, *first.pending} == {*again.fired, *again.pending}


def test_a_prompt_shows_what_fits_on_a_line():
    """Of results of any length."""
    triggers = load(TRIGGERS)
    assert "<Triggers: 22 automations>" == repr(triggers)
    assert "<ReplayResult: 22 automations, 101 firings, 1 pending, 1 warning (docs dialect)>" == (
        repr(replay(triggers, NIGHTLY))
    )


def test_results_can_be_pickled():
    """A process pool may return them; what they show is the same."""
    automations, log = [{**TRIGGER, "zork": 1}], [event(1), event(2), event(3)]
    for one in (
        load(automations),
        replay(automations, log),
        explain(automations, log),
        lint(automations, events=log),
    ):
        again = pickle.loads(pickle.dumps(one))  # noqa: S301  # made here
        assert one == again
        assert one._repr_html_() == again._repr_html_()
        assert getattr(one, "warnings", ()) == getattr(again, "warnings", ())
    result = replay(automations, log)
    again = pickle.loads(pickle.dumps(result))  # noqa: S301  # made here
    assert result.to_dict() == again.to_dict()
    with pytest.raises(TypeError):
        again.fired[0].labels["x"] = "y"


def test_a_path_that_is_not_there_is_a_finding():
    """Whatever is selected, as in the command; `load` raises."""
    (one,) = lint("nowhere.json", select="TRG204", ignore="TRG107")
    assert ("TRG107", "error", "nowhere.json") == (one.code, one.severity, one.file)


def test_what_the_command_would_warn_of():
    """Stands in the result."""
    result = replay(TRIGGER, [event(1), {"event": "b"}, event(2)])
    assert "warning: events.jsonl:2: an event needs" in result.warnings[0]
    assert 1 == result.firings()


def test_triggers_say_what_reading_them_said():
    """And so does a replay of them: a misspelt key would go unseen."""
    triggers = load({"name": "late", "trigger": {"posture": "Reactive", "expct": ["a"]}})
    assert "warning[TRG101] unknown key `expct`" in triggers.warnings[0]
    assert triggers.warnings == replay(triggers, [event(1)]).warnings


def test_a_dictionary_is_the_content_of_a_file():
    """Of any form, also beside others; names that are equal are still seen."""
    automations, deployments = (
        {"automations": [TRIGGER]},
        {"deployments": [{"triggers": [TRIGGER]}]},
    )
    for given, count in ((automations, 1), (deployments, 1), ([TRIGGER, automations], 2)):
        assert count == len(load(given))
    wrong = {"automations": [{**TRIGGER, "trigger": {"posture": "Reactiv"}}]}
    with pytest.raises(TriggerCliError, match=r"^triggers\[2\]\.json:1:"):
        load([automations, wrong])
    assert ["TRG125"] == [one.code for one in lint([TRIGGER, TRIGGER], select="TRG125")]


def test_two_calls_give_the_same():
    """Nothing of a result names the folder of a dictionary's file, which is gone."""
    events = [event(0, id=None), event(5, id=None), {"event": "b"}]
    one, other = (replay(TRIGGER, events) for _ in range(2))
    assert ["events.jsonl:2"] == [fired.event_id for fired in one.fired]
    assert one.to_dict() == other.to_dict() == replay(load(TRIGGER), events).to_dict()
    assert one._repr_html_() == other._repr_html_()
    assert "triggers.json" == explain(TRIGGER, events)[0].to_dict()["source"]


def test_a_time_may_be_one():
    """As results have them."""
    events = [event(0), event(5), event(9)]
    (fired,) = replay(TRIGGER, events).fired
    assert replay(TRIGGER, events, until=fired.at).to_dict()["end"] == "2026-03-01T12:00:05.000000Z"
    assert "did-not-fire" == explain(TRIGGER, events, until=events[0]["occurred"])[0].verdict


def test_a_dictionary_has_a_short_name():
    """Where a mistake stands is told by line and column, not by a file that is gone."""
    wrong = {"name": "late", "trigger": {"posture": "Reactiv"}}
    with pytest.raises(TriggerCliError, match=r"^triggers\.json:1:42: error"):
        load(wrong)
    assert {"triggers.json"} == {one.file for one in lint(wrong)}


def test_a_notebook_is_shown_text():
    """Nothing of a log or a definition is markup."""
    named = {**TRIGGER, "name": HOSTILE}
    log = [event(1, resource={"prefect.resource.id": HOSTILE}), event(2)]
    results = (load(named), replay(named, log), explain(named, log), lint(named), lint(EXPORTS))
    for one in (*results, explain(named, log)[0]):
        drawn = one._repr_html_()
        assert drawn.startswith("<pre ")
        assert "<script" not in drawn
        assert "\x1b" not in drawn


def test_a_notebook_draws_each_result():
    """IPython's own formatter takes the table of each, and says with it what it says as text."""
    formatters = pytest.importorskip(
        "IPython.core.formatters", reason="no cell was run: IPython is not installed"
    )
    formatter = formatters.DisplayFormatter()
    triggers = load(TRIGGERS)
    cells = {
        "All three exports are written": triggers,
        "101 firings by 21 of 22 automations": replay(triggers, NIGHTLY),
        "What would silence it": explain(triggers, NIGHTLY, automation="All three*"),
        "TRG204": lint(TRIGGERS / "06-negative-mixed.json"),
        "No automations": type(triggers)(()),
    }
    for told, result in cells.items():
        data, _ = formatter.format(result)
        assert {"text/html", "text/plain"} == set(data)
        assert told in re.sub(r"<[^>]*>", "", data["text/html"])


def test_in_a_notebook_nothing_is_shown_but_what_is_made(monkeypatch):
    """There rich would display each line as it is drawn, and the table would be empty."""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr("rich.jupyter.display", lambda *_: pytest.fail("it was displayed"))
    html = replay(TRIGGER, [event(1), event(2)])._repr_html_()
    assert "firing" in re.sub(r"<[^>]*>", "", html)


def test_the_tests_of_the_page_pass_under_pytest(tmp_path):
    """In a project of one's own, in a process of its own; a wrong expectation fails there."""
    (code,) = (code for code, _ in BLOCKS if "def test_" in code)
    wrong = code.replace(
        '"Two failures within a minute") == 1', '"Two failures within a minute") == 2'
    )
    assert code != wrong
    for text, summary, status in ((code, "2 passed", 0), (wrong, "1 failed, 1 passed", 1)):
        (tmp_path / "test_late.py").write_text(text, "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_late.py"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(trigger_cli.__file__).parent.parent)},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        assert (status, True) == (done.returncode, summary in done.stdout), done.stdout


LAZY = """\
import sys
import trigger_cli
{first}
print(sorted(one for one in sys.modules if one.startswith(("trigger_cli.", "typer", "rich"))))
{then}
from trigger_cli import explain, lint
print(callable(explain), callable(lint), trigger_cli.explain is explain)
"""


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("", ""),
        ("", "from trigger_cli.explain.explain import explain; import trigger_cli.lint.rule"),
    ],
)
def test_the_package_loads_nothing_until_it_is_asked(first, then):
    """And whatever room was loaded before, the functions are there."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LAZY.format(first=first, then=then)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=LONGEST,
    )
    assert ["[]", "True True True"] == done.stdout.splitlines()


def test_help_and_completion_find_the_functions():
    """Before the first is used, too."""
    assert {*trigger_cli.__all__, "__version__"} <= {*dir(trigger_cli)}


def test_what_is_not_there():
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = trigger_cli.nothing


def test_loaded_triggers_are_no_source_for_lint():
    """Findings have positions in files, which loaded triggers do not have."""
    with pytest.raises(TriggerCliError, match="expected a path or a dictionary, found Automation"):
        lint(load(EXPORTS))
