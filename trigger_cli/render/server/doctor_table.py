"""`doctor`: each check with a mark and, if it failed, advice."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import asdict
from rich.console import Console
from rich.text import Text

from trigger_cli.render.common.fitted import grid
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.plain import show
from trigger_cli.render.common.words import counted

FORMAT = "trigger-cli/doctor@1"
CheckStatus: TypeAlias = Literal["ok", "note", "problem"]
_STYLES: dict[CheckStatus, str] = {"ok": "green", "note": "yellow", "problem": "bold red"}
_LONGEST = 400


class DoctorCheck(Struct, frozen=True):
    """The result of one check."""

    name: str
    status: CheckStatus
    detail: str
    help: str | None = None


def checks_object(checks: Sequence[DoctorCheck]) -> dict[str, Any]:
    """The object of ``--format json``."""
    return {
        "format": FORMAT,
        "problems": sum(one.status == "problem" for one in checks),
        "checks": [asdict(one) for one in checks],
    }


def render_checks(checks: Sequence[DoctorCheck], console: Console) -> None:
    """Print a line for each check, with advice below it if there is any."""
    table = grid("left", "left", "wrap")
    table.columns[2].overflow = "fold"
    for one in checks:
        detail = Text(inert(one.detail, _LONGEST))
        if one.help:
            detail.append(f"\n{inert(one.help, _LONGEST)}", "dim")
        table.add_row(Text(one.status, _STYLES[one.status]), Text(one.name, "bold"), detail)
    show(console, table)
    problems = sum(one.status == "problem" for one in checks)
    if problems:
        console.print(f"\n{counted(problems, 'problem')}", style="red")
    else:
        console.print("\nno problems", style="green")
