"""The result of a fetch: a few lines, or one JSON object."""

from typing import Any

from msgspec import Struct
from rich.console import Console

from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.words import counted
from trigger_cli.times import format_instant

FORMAT = "trigger-cli/fetch@1"
_LONGEST = 400


class FetchSummary(Struct):
    """The source, the targets and the counts of a fetch."""

    api: str
    automations: int | None = None
    automations_file: str | None = None
    events_file: str | None = None
    """``None``: stdout."""
    since: int | None = None
    """``None``: no events were requested."""
    until: int | None = None
    held: int = 0
    """Events that the file already had."""
    received: int = 0
    new: int = 0
    missing: int = 0
    """Events that the server counted but did not send."""
    left_out: int = 0
    """Events that the server sent and that cannot be stored."""
    is_restored: bool = False
    """Whether the file was deleted during the fetch, and created again."""
    repaired: int = 0
    """Bytes of an incomplete end that were cut off."""


def summary_object(summary: FetchSummary) -> dict[str, Any]:
    """The object of ``--format json``."""
    events = None
    if summary.since is not None and summary.until is not None:
        events = {
            "file": summary.events_file,
            "since": format_instant(summary.since),
            "until": format_instant(summary.until),
            "received": summary.received,
            "new": summary.new,
            "total": summary.held + summary.new,
            "missing": summary.missing,
            "left_out": summary.left_out,
            "repaired_bytes": summary.repaired,
        }
    automations = None
    if summary.automations is not None:
        automations = {"file": summary.automations_file, "total": summary.automations}
    return {"format": FORMAT, "api": summary.api, "automations": automations, "events": events}


def losses(summary: FetchSummary) -> list[str]:
    """What the server has and the file has not, a sentence each."""
    told = []
    if summary.left_out:
        told.append(f"{counted(summary.left_out, 'event')} left out, which cannot be kept")
    if summary.missing:
        told.append(f"the server counted {summary.missing:,} more than it sent; run it again")
    return told


def render_summary(summary: FetchSummary, console: Console) -> None:
    """Print the summary for people."""

    def say(text: str, style: str = "") -> None:
        console.print(text, style=style, soft_wrap=True)

    if summary.automations is not None:
        where = inert(summary.automations_file or "", _LONGEST)
        say(f"{counted(summary.automations, 'automation')} written to {where}")
    if summary.since is None or summary.until is None:
        return
    if summary.repaired:
        say(f"an earlier fetch broke off: {counted(summary.repaired, 'byte')} at the end cut off")
    where = "" if summary.events_file is None else f" in {inert(summary.events_file, _LONGEST)}"
    before = f", {summary.held:,} were there before" if summary.held else ""
    say(f"{counted(summary.new, 'new event')}{where}{before}")
    span = f"{format_instant(summary.since)} to {format_instant(summary.until)}"
    say(f"asked {inert(summary.api, _LONGEST)} for {span}", "dim")
    if summary.is_restored:
        say(f"the file was deleted meanwhile, and has been written anew{where}", "yellow")
    for text in losses(summary):
        say(text, "yellow")
