"""Finds the dialect whose replay agrees better with a server's own firings than the audited one."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from trigger_cli.dialects import ALL_DIALECTS, Dialect
from trigger_cli.engine.sensitivity import possible_reasons
from trigger_cli.history.audit_log import Audit, Unpaired
from trigger_cli.match.plan import is_evaluated
from trigger_cli.model import Automation

UnpairedIn: TypeAlias = Callable[[Dialect, Sequence[Automation]], Mapping[int, Unpaired] | None]
"""Replays automations in a dialect, as `AuditLog.unpaired`; ``None``: that replay has no end."""
# Servers first: of equal ones, the first is named.
_CANDIDATES = sorted(ALL_DIALECTS, key=lambda one: not one.is_server)


class BetterDialect(Struct, frozen=True):
    """A dialect with fewer unpaired firings, of all audited automations that it evaluates together."""

    dialect: Dialect
    missed: int
    unexpected: int


def better_dialect(audit: Audit, dialect: Dialect, unpaired_in: UnpairedIn) -> BetterDialect | None:
    """The dialect with the fewest unpaired firings, if it has fewer than the audited one.

    Automations are replayed only in dialects that may disagree about them, and not at all if every
    firing is paired. Firings count whether or not they have a reason.

    Args:
        audit: The audit.
        dialect: Its dialect.
        unpaired_in: Replays automations in another one.
    """
    if audit.has_nothing_to_compare:
        return None
    audited = [one.automation for one in audit.automations]
    here = {
        one.automation.index: Unpaired(len(one.missed), len(one.unrecorded))
        for one in audit.automations
    }
    best, fewest = None, sum(map(sum, here.values()))
    tried = [dialect]
    for other in _CANDIDATES:
        if any(not _disagreeing(audited, other, one) for one in tried):
            continue
        tried.append(other)
        about = _disagreeing(audited, dialect, other)
        if not any(any(here[one.index]) for one in about):
            continue
        found = unpaired_in(other, about)
        if found is None:
            continue
        there = {**here, **found}
        unpaired = sum(map(sum, there.values()))
        if unpaired < fewest:
            # Its own audit counts no automation that it does not evaluate.
            counted = [there[one.index] for one in audited if is_evaluated(one, other)]
            missed, unexpected = (sum(counts) for counts in zip(*counted, strict=True))
            best, fewest = BetterDialect(other, missed, unexpected), unpaired
    return best


def _disagreeing(
    automations: Sequence[Automation], dialect: Dialect, other: Dialect
) -> list[Automation]:
    """Those that both dialects evaluate, and about which they may disagree."""
    return [
        one
        for one in automations
        if is_evaluated(one, other) and possible_reasons(one, dialect, other)
    ]
