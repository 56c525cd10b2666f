"""Triggers and logs that the command line names."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trigger_cli.cli.failures import LOG, USAGE, CommandError
from trigger_cli.definitions import Definitions, load
from trigger_cli.render.common.inert import inert

if TYPE_CHECKING:
    from rich.console import Console

    from trigger_cli.read.log import Log

STDIN = "-"


def triggers_and_logs(paths: Sequence[str], logs: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell trigger paths from log paths: ``--log`` names logs, else the second of two paths does.

    Raises:
        CommandError: There is no log, or the paths are ambiguous.
    """
    triggers, found = list(paths), list(logs)
    if not found:
        if len(triggers) != 2:
            raise CommandError(
                "no log was given" if triggers else "no triggers were given",
                USAGE,
                "use `TRIGGERS LOG`, or name each log with --log",
            )
        found = [triggers.pop()]
    if (triggers + found).count(STDIN) > 1:
        raise CommandError("only one input can be read from stdin (-)", USAGE)
    return triggers, found


def load_triggers(
    paths: Sequence[str], stderr: Console, *, quiet: bool, verbose: bool
) -> Definitions:
    """Load the definitions, and report findings on stderr.

    Raises:
        CommandError: A definition is wrong, or there is none.
    """
    definitions = load(paths, stdin=sys.stdin.buffer)
    errors = [finding for finding in definitions.findings if finding.severity == "error"]
    if definitions.findings:
        from trigger_cli.render.common.findings import render_findings, render_findings_concisely
    if errors:
        render_findings(definitions.findings, stderr)
        count = len(errors)
        raise CommandError(
            f"{count} {'mistake' if count == 1 else 'mistakes'} in the trigger definitions", USAGE
        )
    if not definitions.automations:
        raise CommandError(
            "no triggers were found in " + ", ".join(paths),
            USAGE,
            "a definition file holds a trigger, an automation, a list of either, or a prefect.yaml",
        )
    if not quiet:
        if definitions.findings:
            show = render_findings if verbose else render_findings_concisely
            show(definitions.findings, stderr)
        for file in definitions.without_triggers:
            stderr.print(f"note: {inert(file, 400)} holds no triggers", style="dim", soft_wrap=True)
    return definitions


def require_readable(reader: Log) -> None:
    """Stop early if a log cannot be read.

    Raises:
        CommandError: A log cannot be opened.

    """
    if reader.unreadable:
        first = reader.unreadable[0]
        raise CommandError(f"{first.source}: {first.message}", LOG)
