"""The baseline of ``lint``: the findings that are known already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.words import counted

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.model import Finding

_LARGEST = 16 * 1024 * 1024


def write_known(path: Path, findings: list[Finding], stderr: Console) -> None:
    """Write the baseline that has these findings, and say so."""
    from trigger_cli.cli.output import open_output
    from trigger_cli.lint.runner.baseline import dump_baseline

    with open_output(path) as file:
        file.write(dump_baseline(findings, path.parent))
    where = inert(str(path), 400)
    stderr.print(f"Wrote {counted(len(findings), 'finding')} to {where}.", soft_wrap=True)


def without_known(
    findings: list[Finding],
    looked_for: Mapping[str, Collection[str]],
    path: Path | None,
    stderr: Console,
    *,
    quiet: bool,
) -> list[Finding]:
    """The findings that the baseline at `path`, if there is one, does not have.

    Args:
        findings: What was found.
        looked_for: Each file that was read, with the codes of the rules that checked it.
        path: The baseline.
        stderr: Where to say how many findings are known, and how many are gone.
        quiet: Say nothing.

    Raises:
        CommandError: The file cannot be read, or is no baseline.
    """
    if path is None:
        return findings
    from trigger_cli.bounded_files import BadFileError, read_small
    from trigger_cli.lint.runner.baseline import (
        BadBaselineError,
        names_of,
        read_baseline,
        subtract,
    )

    try:
        known = read_baseline(read_small(path, _LARGEST))
    except OSError as error:
        raise CommandError(
            f"cannot read the baseline {path}: {error.strerror or error}",
            USAGE,
            "make one with --write-baseline",
        ) from None
    except (BadBaselineError, BadFileError) as error:
        raise CommandError(f"the baseline {path}: {error}", USAGE) from None
    checked = {
        name: codes for file, codes in looked_for.items() for name in names_of(file, path.parent)
    }

    def was_checked(name: str, code: str) -> bool:
        if name in checked:
            return code in checked[name]
        return not (Path(name).exists() or (path.parent / name).exists())

    new, gone = subtract(findings, known, path.parent, was_checked)
    if not quiet:
        stale = f"; {counted(gone, 'finding')} in it no longer found" if gone else ""
        left_out = len(findings) - len(new)
        stderr.print(
            f"{counted(left_out, 'finding')} known from the baseline{stale}",
            style="dim",
            soft_wrap=True,
        )
    return new
