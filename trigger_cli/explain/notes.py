"""What else a reader of an explanation should know."""

from __future__ import annotations

from collections.abc import Iterator

from trigger_cli.dialects import DIFFERENCES, refused_by
from trigger_cli.explain.case import Case
from trigger_cli.explain.sentence import At, Sentence

_ON = {one.id: one.on for one in DIFFERENCES}


def notes_on(case: Case) -> Iterator[Sentence]:
    """Each note as a sentence."""
    evidence, created = case.evidence, case.automation.created
    early = sum(1 for one in case.firings if created is not None and one.at < created)
    if created is not None and 0 < early < len(case.firings):
        older = f"{early:,} of its {len(case.firings):,} firings are older than that"
        yield ("The automation was created at ", At(created), f", after the log began: {older}.")
    refusals = [
        row for row in refused_by(evidence.dialect, case.automation.server_refusals) if row != "D11"
    ]
    if refusals:
        why = "; ".join(f"{row}: {_ON[row]}" for row in refusals)
        yield (f"The server refuses this definition ({why}); replayed as the docs have it (V4).",)
    waiting = len(evidence.report.waiting)
    if waiting:
        events = "event still waits" if waiting == 1 else "events still wait"
        yield (f"At the end {waiting:,} {events} for the one it follows (O4).",)
    if not all(evidence.tallies[place].is_whole for place in _leaves(case)):
        yield ("So many events passed the filters that only the first of them are looked at.",)
    if evidence.records[case.automation.index].missing:
        yield ("The replay is so long that its middle is not told.",)


def _leaves(case: Case) -> list[tuple[int, str]]:
    """Where the tallies of the automation's event and metric triggers stand."""
    index = case.automation.index
    return [place for place in case.evidence.tallies if place[0] == index]
