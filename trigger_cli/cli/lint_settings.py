"""The rules that ``lint`` runs on each file, and ``--show-settings``."""

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.lint import Settings
from trigger_cli.lint.runner.choices import DEFAULT_FAIL_LEVEL, Choices, chosen
from trigger_cli.lint.runner.config import Config, Configs
from trigger_cli.lint.runner.selection import UnknownSelectorError, check_selectors
from trigger_cli.lint.runner.session import ReadFile


def choices_reader(
    configs: Configs,
    select: list[str] | None,
    ignore: list[str] | None,
    dialect: str | None,
) -> Callable[[str], Choices]:
    """The choices for a file: from the command line, else its configuration, else the defaults."""
    selected, refused = (
        tuple(one.strip() for text in texts or [] for one in text.split(",") if one.strip())
        for texts in (select, ignore)
    )
    try:
        check_selectors([*selected, *refused])
    except UnknownSelectorError as error:
        raise CommandError(str(error), USAGE, "`trigger-cli rule --all` lists them") from None

    def choices_of(file: str) -> Choices:
        own = configs.of(file)
        return Choices.of(file, own, selected=selected, ignored=refused, dialect=dialect)

    return choices_of


def settings_reader(choices_of: Callable[[str], Choices]) -> Callable[[str], Settings]:
    """The settings of a file; rules are chosen once for files with the same settings."""
    known: dict[Choices, Settings] = {}

    def settings_of(file: str) -> Settings:
        choices = choices_of(file)
        if choices not in known:
            known[choices] = choices.settings()
        return known[choices]

    return settings_of


def show_choices(
    output: TextIO,
    files: list[ReadFile],
    choices_of: Callable[[str], Choices],
    own: Config,
    fail_level: str | None,
    baseline: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write the settings of the run, and those of each file: files with the same are one group."""
    from trigger_cli.render.lint.settings import render_settings, render_settings_json

    known = None if baseline is None else str(baseline)
    run = {
        "fail_level": chosen(fail_level, own, "fail-level", DEFAULT_FAIL_LEVEL).as_data(),
        "baseline": chosen(known, own, "baseline", None).as_data(),
    }
    groups: dict[Choices, list[str]] = {}
    for one in files:
        groups.setdefault(choices_of(one.file), []).append(one.file)
    shown = [{"files": names, **choices.as_data()} for choices, names in groups.items()]
    output.write((render_settings_json if as_json else render_settings)(run, shown))
