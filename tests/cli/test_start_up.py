"""What a command does not load, so that it answers at once."""

from functools import partial
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from tests.cli.running import run, run_program
from tests.support import log_event, written_log, written_trigger
from trigger_cli.cli import app
from trigger_cli.cli.parameters import choices_of, is_converted
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


@pytest.mark.parametrize("name", COMMANDS)
def test_defaults_choices_texts_and_flags_are_what_they_are_converted_to(name):
    """So none needs to be converted."""
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
        converted = convert(context, default)
        assert () == converted or (default == converted and type(default) is type(converted)), param
        is_flag = getattr(param, "is_flag", False)
        values = (True, False) if is_flag else choices_of(param) or ("some text",)
        for value in values:
            if is_converted(param, value) and not param.multiple and param.nargs == 1:
                converted = convert(context, value)
                assert (value, type(value)) == (converted, type(converted))
