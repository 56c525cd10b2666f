"""What a command does not load, so that it answers at once."""

from functools import partial
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from tests.cli.running import run, run_program
from tests.support import log_event, written_log, written_trigger
from trigger_cli.cli import app
from trigger_cli.cli.parameters import LEFT_TO_TYPER, choices_of, converted
from trigger_cli.root_help import COMMANDS, OPTIONS, help_text

LOADED = (
    "import runpy, sys\n"
    "sys.argv[0] = 'trigger-cli'\n"
    "try:\n"
    "    runpy.run_module('trigger_cli', run_name='__main__')\n"
    "except SystemExit:\n"
    "    pass\n"
    "print(*sys.modules, file=sys.stderr)\n"
)
# Whole libraries, and modules of our own that load or build much.
OTHER_VIEWS = {"rich", "textual", "httpx", "websockets", "distributed", "asyncio"}
OTHER_FORMATS = {"lark", "ruamel", "yaml", "trigger_cli.definitions.schema"}
PROCESSES = {"multiprocessing", "concurrent.futures"}
ALL = {"typer", "click", "pydantic", "msgspec", "orjson", "zstandard", "trigger_cli.cli"}


def modules_after(*arguments: str, cwd: Path) -> set[str]:
    done = run_program(LOADED, *arguments, cwd=cwd)
    assert done.stdout
    return set(done.stderr.decode().split())


def test_nothing_is_loaded_before_interrupts_are_taken_care_of(tmp_path):
    """Until then Python would answer Ctrl-C with a traceback: files take long to load."""
    program = (
        "import sys; before = set(sys.modules); import trigger_cli.__main__;"
        "print([one for one in sorted(set(sys.modules) - before) if not one.startswith('_')])"
    )
    assert b"['trigger_cli', 'trigger_cli.__main__']\n" == run_program(program, cwd=tmp_path).stdout


@pytest.mark.parametrize("option", ["-h", "--help", "--version"])
def test_the_front_page_loads_no_library(option, tmp_path):
    """Python and the page: not even the parser of the command line."""
    loaded = modules_after(option, cwd=tmp_path)
    assert not sorted(loaded & (ALL | OTHER_VIEWS | OTHER_FORMATS | PROCESSES | {"dataclasses"}))


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_a_replay_for_programs_loads_no_view_and_no_grammar(form, tmp_path):
    """A JSON definition without mistakes and a small log need none of what most of us weighs.

    Typer converts with pydantic, but choices, texts and flags need no conversion.
    """
    trigger = {"posture": "Reactive", "expect": ["a"], "threshold": 2, "within": 60}
    written_trigger(tmp_path / "late.json", trigger)
    written_log(tmp_path / "e.jsonl", [log_event("a")])
    options = ("--format", form, "--dialect", "server", "--strict", "--automation", "late")
    loaded = modules_after("replay", "late.json", "e.jsonl", *options, cwd=tmp_path)
    assert "trigger_cli.engine.replay" in loaded
    assert not sorted(loaded & (OTHER_VIEWS | OTHER_FORMATS | PROCESSES | {"pydantic"}))


@pytest.mark.parametrize("columns", [30, 52, 60, 72, 80, 90, 102, 200])
def test_the_front_page_says_what_typer_would(columns, monkeypatch):
    """The same to the letter, at every width; so nothing is missing on it."""
    monkeypatch.setenv("COLUMNS", str(columns))
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    context = group.make_context("trigger-cli", [], resilient_parsing=True)
    context.max_content_width = 100
    assert help_text(context.make_formatter().width) == TyperGroup.get_help(group, context)
    assert group.get_help(context) == TyperGroup.get_help(group, context)


def test_the_version_is_the_same_either_way():
    """`trigger-cli --version replay` goes the long way and answers alike."""
    assert run("--version", "replay").stdout == run("--version").stdout


def test_every_command_of_the_front_page_exists():
    """Each can be imported and has examples."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    assert all("xamples" in (group.commands.get(name).epilog or "") for name in COMMANDS)
    assert len(OPTIONS) == 4


def test_lint_for_programs_loads_no_view(tmp_path):
    """Nor what a rule needs only for a log, or for a name with markup."""
    written_trigger(tmp_path / "a.json", {"posture": "Reactive", "expect": ["a"], "within": 60})
    loaded = modules_after("lint", "a.json", "--format", "json", "--quiet", cwd=tmp_path)
    assert "trigger_cli.lint.rules" in loaded
    assert not sorted(loaded & {*OTHER_VIEWS, "tomllib", "html", "statistics"})


def test_a_rule_of_the_engine_loads_none_of_the_linter(tmp_path):
    """A replay names E4 and D7; the linter's rules are a file each."""
    loaded = modules_after("rule", "E4", "d7", cwd=tmp_path)
    assert not loaded & {"trigger_cli.lint", "trigger_cli.explain", "trigger_cli.match"}


VALUES = (
    *("some text", "", "0", "1", "20", "007", "12345678901", "-1", "+5", "1_000", " 7", "٣", "2.5"),
    *("10s", "a=b", "UTC", "+02:00", "2026-03-01T12:00:00Z", "+5m", "out.svg", "auto,docs", "a|b"),
)
"""Values of all kinds, right and wrong."""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_value_becomes_what_typer_converts_it_to(name):
    """Or it is left to typer; defaults are as they are."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    command = group.commands.get(name)
    context = command.make_context(name, [], resilient_parsing=True)
    for param in command.get_params(context):
        if param.required or param.callback is not None:
            continue
        quick = param.process_value
        assert isinstance(quick, partial)
        _, convert = quick.args
        default = param.get_default(context)
        slow = convert(context, default)
        assert () == slow or (default == slow and type(default) is type(slow)), param
        is_several = param.multiple or param.nargs != 1
        values = (
            (True, False) if getattr(param, "is_flag", False) else (*choices_of(param), *VALUES)
        )
        for value in values:
            given = (value,) if is_several else value
            found = converted(param, given)
            if found is not LEFT_TO_TYPER:
                slow = convert(context, given)
                same = (
                    [*found] == slow if is_several else (found, type(found)) == (slow, type(slow))
                )
                assert same, (param, value)


@pytest.mark.parametrize(
    "options",
    [
        ("--limit", "5", "--jobs", "1", "--width", "80"),
        ("--tz", "+02:00", "--expired-bucket-buffer", "30s"),
        ("--from", "2026-01-01", "--until", "+5m", "--var", "a=b"),
    ],
)
def test_numbers_times_and_labels_are_converted_without_pydantic(options, tmp_path):
    """It takes as long to load as a tenth of a second of replay."""
    written_trigger(tmp_path / "a.json", {"posture": "Reactive", "expect": ["a"], "within": 60})
    written_log(tmp_path / "e.jsonl", [log_event("a")])
    loaded = modules_after("replay", "a.json", "e.jsonl", *options, cwd=tmp_path)
    assert "trigger_cli.engine.replay" in loaded
    assert "pydantic" not in loaded
