"""Every command's help: summary, description, arguments, grouped options, examples, exit codes."""

import re

import pytest
import typer

from tests.cli.running import run
from trigger_cli.cli import app
from trigger_cli.cli.help import PAGES
from trigger_cli.root_help import COMMANDS

every_command = pytest.mark.parametrize("name", COMMANDS)


def page(name: str, columns: int = 80) -> str:
    return run(name, "--help", COLUMNS=str(columns)).stdout.decode()


@every_command
def test_a_page_has_every_part(name):
    """In the order of a manual's page."""
    parts = [
        "Usage: trigger-cli",
        "\n  [A-Z]",
        "ptions:|Output:",
        "\nExamples:\n",
        "\nExit codes:\n",
        "\nSee also:\n",
    ]
    text = page(name)
    found = {part: place.start() for part in parts if (place := re.search(part, text))}
    assert parts == sorted(found, key=found.__getitem__)


@every_command
def test_every_option_is_on_it_once(name):
    """Whatever group it is in."""
    command = typer.main.get_command(app).commands.get(name)
    text = page(name)
    for param in command.params:
        if param.param_type_name == "option":
            listed = re.findall(
                rf"^  (?:-\w, )?{re.escape(param.opts[0])}(?![\w-])", text, re.MULTILINE
            )
            assert len(listed) == 1, param.opts


@pytest.mark.parametrize(
    ("name", "title", "option"),
    [("replay", "Replay", "--endless"), ("test", "Options", "--min-coverage")],
)
def test_an_option_stands_in_its_group(name, title, option):
    """Beside `--until-quiet`, and beside `--coverage`."""
    (group,) = re.findall(rf"^{title}:\n(.*?)\n\n", page(name), re.MULTILINE | re.DOTALL)
    assert f"  {option} " in group


@every_command
def test_the_commands_to_see_also_exist(name):
    """And none is the command itself."""
    assert name in PAGES
    others = PAGES[name].related
    assert others
    assert set(others) <= set(COMMANDS) - {name}


@every_command
@pytest.mark.parametrize("columns", [80, 160])
def test_no_line_is_broken_by_the_terminal(name, columns):
    """But for examples, which are to be copied."""
    lines = page(name, columns).splitlines()
    wide = [line for line in lines if len(line) > min(columns, 100) and "trigger-cli " not in line]
    assert wide == []


@pytest.mark.parametrize(("name", "has_found"), [("lint", True), ("schema", False)])
def test_only_commands_that_find_something_exit_with_1(name, has_found):
    """The code is listed where it can come."""
    assert has_found == bool(re.search(r"^  1 ", page(name), re.MULTILINE))


@every_command
def test_the_usage_line_has_every_argument(name):
    """In brackets where it may be left out."""
    usage = page(name, 200).partition("\n\n")[0].split("[OPTIONS]")[1]
    command = typer.main.get_command(app).commands.get(name)
    for param in command.params:
        if param.param_type_name == "argument":
            assert re.search(rf"\[?{re.escape(param.metavar.removesuffix('...'))}", usage)


@pytest.mark.parametrize("name", ["lint", "watch", "drift", "doctor"])
def test_two_arguments_are_a_log_only_where_that_holds(name):
    """The others take definitions alone, or say what the second is."""
    assert "two arguments are TRIGGERS" not in " ".join(page(name).split())
