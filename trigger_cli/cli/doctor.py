"""``trigger-cli doctor``: check the installation."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from trigger_cli import __version__
from trigger_cli.cli import shared_options as shared
from trigger_cli.cli.extras import EXTRAS, missing_extra
from trigger_cli.cli.failures import FOUND, USAGE, CommandError
from trigger_cli.cli.server_options import ApiKey, ApiUrl, Profile, WallClock

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.render.server.doctor_table import CheckStatus

EXAMPLES = """\
Examples:

\b
  trigger-cli doctor
  trigger-cli doctor triggers/ prefect.yaml
  trigger-cli doctor --api-url http://127.0.0.1:4200/api --format json
"""
_LIBRARIES = ("typer", "rich", "orjson", "pydantic", "zstandard")
_NARROW = 80

_Found: TypeAlias = "tuple[CheckStatus, str] | tuple[CheckStatus, str, str | None]"
"""The result of a check: the status, the detail, and advice."""


def doctor(
    paths: Annotated[
        list[str] | None, shared.argument("TRIGGERS", "Definitions to check too.")
    ] = None,
    api_url: ApiUrl = None,
    api_key: ApiKey = None,
    profile: Profile = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not contact a server.")] = False,
    output_format: Annotated[
        shared.TableOrJson, shared.formats("How to show the checks.")
    ] = "table",
    output: shared.OutputFile = None,
    save: shared.SavedView = None,
    color: shared.Color = "auto",
    width: shared.Width = None,
) -> None:
    """Check the installation: versions, terminal, time zone, server, definitions.

    Exit 1 if a check fails.
    """
    # Heavy imports, which --help does not need.
    from trigger_cli.cli.output import (
        consoles,
        make_console,
        open_output,
        require_view,
        write_json,
    )
    from trigger_cli.render.server.doctor_table import DoctorCheck, checks_object, render_checks

    if "-" in (paths or []):
        raise CommandError("doctor checks files, not stdin (-)", USAGE, "name the definitions")
    is_table = output_format == "table"
    require_view(save, shows_one=is_table, output_format=output_format)
    terminal = make_console(sys.stdout, color=color, width=width)
    checks = [
        DoctorCheck("trigger-cli", "ok", f"{__version__}, {Path(__file__).parent.parent}"),
        DoctorCheck("python", "ok", f"{platform.python_version()}, {platform.system()}"),
        DoctorCheck("libraries", *_libraries()),
        DoctorCheck("terminal", *_terminal(terminal)),
        DoctorCheck("encoding", *_encoding()),
        DoctorCheck("time zone", *_time_zone()),
        DoctorCheck("server", "note", "not asked (--offline)")
        if offline
        else DoctorCheck("server", *_server(api_url, api_key, profile)),
    ]
    if paths:
        checks.append(DoctorCheck("definitions", *_definitions(paths)))
    with open_output(output) as file:
        if is_table:
            for console in consoles(file, "doctor", color=color, width=width, save=save):
                render_checks(checks, console)
        else:
            write_json(file, checks_object(checks))
    raise typer.Exit(FOUND if any(one.status == "problem" for one in checks) else 0)


# --- The machine -----------------------------------------------------------------------------


def _libraries() -> _Found:
    from importlib.metadata import PackageNotFoundError, version

    found, missing = [], []
    for name in (*_LIBRARIES, *EXTRAS):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    extras = list(dict.fromkeys(EXTRAS[name] for name in missing if name in EXTRAS))
    if lost := [name for name in missing if name not in EXTRAS]:
        return "problem", f"missing: {', '.join(lost)}", "install again: pip install trigger-cli"
    if extras:
        not_there = f"{', '.join(found)}; not installed: {', '.join(missing)}"
        return "note", not_there, f"pip install 'trigger-cli[{','.join(extras)}]' installs them"
    return "ok", ", ".join(found)


def _terminal(console: Console) -> _Found:
    if not sys.stdout.isatty():
        return "ok", f"none: output is {console.width} columns of plain text"
    colors = {None: "no colour", "standard": "16 colours", "256": "256 colours"}
    color = colors.get(console.color_system, "true colour")
    why = " (NO_COLOR)" if console.no_color else ""
    term = os.environ.get("TERM", "unknown")
    detail = f"{console.width}×{console.height}, {color}{why}, TERM={term}"
    if console.width < _NARROW:
        return "note", detail, f"tables are made for {_NARROW} columns and more"
    return "ok", detail


def _encoding() -> _Found:
    encoding = sys.stdout.encoding or "unknown"
    if encoding.lower().replace("-", "") != "utf8":
        help_text = "marks are shown in ASCII; set LANG=C.UTF-8 or PYTHONIOENCODING=utf-8"
        return "note", encoding, help_text
    return "ok", encoding


def _time_zone() -> _Found:
    here = datetime.now(UTC).astimezone()
    now = here.isoformat(" ", "seconds")
    detail = f"{here.tzname()}, {now}; tables show UTC unless --tz says otherwise"
    try:
        ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError:
        return "problem", f"{detail}; no zone database", "pip install tzdata"
    return "ok", detail


# --- The server ------------------------------------------------------------------------------


def _server(api_url: str | None, api_key: str | None, profile: str | None) -> _Found:
    from trigger_cli.dialects import dialect_of_version, is_newer_than_known

    try:
        from trigger_cli.server.api import Client, ServerError
        from trigger_cli.server.settings import SettingsError, read_settings
    except ModuleNotFoundError as error:
        if (missing := missing_extra(error)) is None:
            raise
        return "note", f"not asked: {missing}", missing.help_text
    try:
        settings = read_settings(os.environ, Path.home(), url=api_url, key=api_key, profile=profile)
    except SettingsError as error:
        configured = api_url or profile or os.environ.get("PREFECT_PROFILE")
        wrong = configured or "no Prefect server" not in str(error)
        return "problem" if wrong else "note", str(error), error.help_text
    where = f"{settings.url} (from {settings.origin})"
    try:
        with Client(settings, WallClock(), patience=1.0) as client:
            client.can_read_automations()
            version = client.known_version()
    except ServerError as error:
        return "problem", f"{error} (from {settings.origin})", error.help_text
    if settings.is_cloud:
        return "ok", f"Prefect Cloud, {where}"
    if version is None:
        return "note", f"{where} does not tell its version"
    detail = f"Prefect {version}, {where}"
    dialect = dialect_of_version(version)
    if dialect is None:
        return "note", detail, f"no dialect is known for {version}"
    if is_newer_than_known(version):
        return "note", detail, f"no dialect is known for {version}: {dialect.name} is used"
    return "ok", f"{detail}, dialect {dialect.name}"


# --- Definitions -----------------------------------------------------------------------------


def _definitions(paths: list[str]) -> _Found:
    from trigger_cli.definitions import load
    from trigger_cli.definitions.codes import UNREADABLE_FILE
    from trigger_cli.render.common.words import counted

    definitions = load(paths)
    errors = [one for one in definitions.findings if one.severity == "error"]
    where = ", ".join(paths)
    if errors:
        first = errors[0]
        if first.code == UNREADABLE_FILE.code:
            return "problem", f"{first.file}: {first.message}", first.help
        many = counted(len(errors), "error")
        detail = f"{many}; first {first.file}:{first.span.line}: {first.message}"
        return "problem", detail, f"trigger-cli lint {where}"
    count = len(definitions.automations)
    if not count:
        return "problem", f"no triggers in {where}"
    return "ok", counted(count, "automation")
