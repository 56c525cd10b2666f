"""``audit --format table``: what matches, how late the server was, and why the rest differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import NamedTuple

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from trigger_cli.dialects import Dialect
from trigger_cli.history.audit import AutomationAudit
from trigger_cli.history.audit_log import Audit
from trigger_cli.history.delays import BOUNDS, Delays, delays_of
from trigger_cli.history.reasons import REASONS, Reason
from trigger_cli.model import DeliveryTransition, Event, Transition
from trigger_cli.render.common.fitted import Column
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.phrases import phrase
from trigger_cli.render.history.view import (
    INDENT,
    HistoryView,
    dialect_name,
    files,
    show,
    span,
    view_of,
)
from trigger_cli.render.replay.view import counted, joined
from trigger_cli.times import MILLISECOND, SECOND, format_duration
from trigger_cli.vocabulary import AUTOMATION_TRIGGERED

_AUTOMATIONS = 40
_FIRINGS = 8
_TWICE = 10
_BAR = 30
_MATCHED = "matched, but late"
_PROOFS = {
    "replayed": "a replay confirms it",
    "seen": "the log shows it",
    "possible": "possible, but not proven",
}


class _FiringRow(NamedTuple):
    """One firing with a remark."""

    at: int
    automation: str
    side: str
    event: Event | None
    reason: Reason | None
    steps: tuple[Transition, ...]
    delay: int = 0
    """How late the server was, µs, if the firing is matched."""

    @property
    def told_side(self) -> str:
        """Its side; for a matched firing, how late it was."""
        return f"{_seconds(self.delay)} late" if self.side == _MATCHED else self.side


def render_audit(
    audit: Audit,
    console: Console,
    *,
    dialect: Dialect,
    order: str,
    zone: tzinfo,
    sources: Sequence[str],
    limit: int | None = None,
    quiet: bool = False,
    verbose: bool = False,
) -> None:
    """Show the audit; `quiet` shows only the table of automations."""
    view = view_of(
        console, zone, start=audit.started, end=audit.ended, verbose=verbose, limit=limit
    )
    if not quiet:
        show(console, _opening(audit, view, dialect, order, sources))
    show(console, [_automations(audit, view)])
    if not quiet:
        show(console, _rest(audit, view))


def _opening(
    audit: Audit, view: HistoryView, dialect: Dialect, order: str, sources: Sequence[str]
) -> Iterator[RenderableType]:
    audits = audit.automations
    recorded = sum(len(one.recorded) for one in audits)
    simulated = sum(one.simulated for one in audits)
    title = f"Audited {counted(len(audits), 'automation')} on {counted(audit.events, 'event')}"
    yield Text(f"{title} ({dialect_name(dialect)})", "bold")
    yield span(view, order, is_empty=audit.started is None)
    facts = joined(
        (
            f"{counted(recorded, 'firing')} of the server, {simulated:,} simulated",
            f"{sum(len(one.matched) for one in audits):,} matched",
            f"{sum(len(one.missed) for one in audits):,} missed",
            f"{sum(len(one.unrecorded) for one in audits):,} unexpected",
        )
    )
    verdict = Text(" · all explained", "bold green")
    if audit.unexplained:
        verdict = Text(f" · {audit.unexplained:,} unexplained", "bold red")
    elif not recorded and not simulated:
        verdict = Text(" · nothing to explain", "bold")
    yield Text.assemble((facts, "bold"), verdict)
    yield files(automations=[one.automation.source for one in audits], log=sources)
    if not recorded:
        yield Text(
            "The log has no firing of theirs that the server recorded"
            f" (an event {AUTOMATION_TRIGGERED}): is it the server's own log?",
            "yellow",
        )
    yield ""


def _automations(audit: Audit, view: HistoryView) -> RenderableType:
    audits = sorted(audit.automations, key=lambda one: -len(one.recorded))

    def numbers(values: Sequence[int], style: str = "") -> list[Text]:
        return [Text(f"{n:,}" if n else "·", style if n else "dim") for n in values]

    columns = [
        Column("automation", [Text(inert(x.automation.name, 60)) for x in audits], flexible=True),
        Column("server", numbers([len(x.recorded) for x in audits]), justify="right"),
        Column("simulated", numbers([x.simulated for x in audits]), justify="right"),
        Column("matched", numbers([len(x.matched) for x in audits]), justify="right"),
        Column("missed", numbers([len(x.missed) for x in audits], "yellow"), justify="right"),
        Column(
            "unexpected", numbers([len(x.unrecorded) for x in audits], "yellow"), justify="right"
        ),
        Column(
            "unexplained", numbers([x.unexplained for x in audits], "bold red"), justify="right"
        ),
    ]
    return view.table(columns, len(audits), "automation", _AUTOMATIONS)


def _rest(audit: Audit, view: HistoryView) -> Iterator[RenderableType]:
    if audit.not_evaluated:
        names = ", ".join(inert(one.name, 60) for one in audit.not_evaluated[:5])
        yield Text(f"  not evaluated (disabled, or refused by the server): {names}", "dim")
    if audit.others:
        total = sum(audit.others.values())
        names = ", ".join(inert(name, 60) for name in list(audit.others)[:5])
        more = ", …" if len(audit.others) > 5 else ""
        yield Text(
            f"  and {counted(total, 'firing')} of automations not given: {names}{more}", "dim"
        )
    yield from _delays(audit, view)
    yield from _twice(audit, view)
    yield from _reasons(audit.automations, view)


# --- Delays ------------------------------------------------------------------------------


def _delays(audit: Audit, view: HistoryView) -> Iterator[RenderableType]:
    matched = [one for each in audit.automations for one in each.matched]
    by_event, by_deadline = delays_of(matched)
    if by_event is None and by_deadline is None:
        return
    yield ""
    yield Text("How long after the simulated instant the server fired", "bold")
    rows = [
        (name, one)
        for name, one in (("by an event", by_event), ("by a deadline", by_deadline))
        if one is not None
    ]
    columns = [
        Column("", [Text(name) for name, _ in rows]),
        Column("firings", [Text(f"{one.number:,}") for _, one in rows], justify="right"),
        Column("least", [Text(_seconds(one.least)) for _, one in rows], justify="right"),
        Column("median", [Text(_seconds(one.median)) for _, one in rows], justify="right"),
        Column("90 %", [Text(_seconds(one.ninetieth)) for _, one in rows], justify="right"),
        Column("most", [Text(_seconds(one.most)) for _, one in rows], justify="right"),
    ]
    yield view.table(columns, len(rows), "row", 2)
    yield Padding(_histogram(rows, view), (0, 0, 0, INDENT))
    if by_deadline is not None and by_deadline.most > SECOND:
        yield Text("  The server looks at its deadlines every 5 s, so it is late for them.", "dim")


def _histogram(rows: Sequence[tuple[str, Delays]], view: HistoryView) -> Text:
    """One line for each bound: events ``━``, deadlines ``─``."""
    marks = {"by an event": ("━", "cyan"), "by a deadline": ("─", "yellow")}
    tallest = max(max(one.bars) for _, one in rows)
    room = min(_BAR, max(view.width - 40, 5))
    text = Text()
    last = max(place for _, one in rows for place, n in enumerate(one.bars) if n)
    for place in range(last + 1):
        bound = BOUNDS[place] if place < len(BOUNDS) else None
        label = f"≤ {format_duration(bound)}" if bound is not None else "more"
        text.append("\n" if place else "")
        text.append(f"{label:>8} ", "dim")
        for name, one in rows:
            number = one.bars[place]
            if number:
                mark, style = marks[name]
                text.append(mark * max(round(number / tallest * room), 1), style)
                text.append(f" {number:,} {name} ", "dim")
    return text


def _seconds(duration: int) -> str:
    return f"{duration / SECOND:.2f} s"


# --- Events processed twice -------------------------------------------------------------------


def _twice(audit: Audit, view: HistoryView) -> Iterator[RenderableType]:
    if not audit.twice:
        return
    yield ""
    yield Text(
        f"The server processed {counted(len(audit.twice), 'event')} more than once", "bold yellow"
    )
    twice = audit.twice[: view.rows(_TWICE)]
    columns = [
        Column("event", [view.event(one.event) for one in twice], flexible=True),
        Column("times", [Text(str(len(one.gaps) + 1)) for one in twice], justify="right"),
        Column("again after", [Text(_gaps(one.gaps)) for one in twice]),
        Column(
            "shown by", [Text(inert(one.seen_by, 40) or "inferred") for one in twice], flexible=True
        ),
    ]
    yield view.table(columns, len(audit.twice), "event", _TWICE)


def _gaps(gaps: Sequence[int]) -> str:
    return ", ".join(format_duration(gap // MILLISECOND * MILLISECOND) for gap in gaps)


# --- Reasons ---------------------------------------------------------------------------------


def _reasons(audits: Sequence[AutomationAudit], view: HistoryView) -> Iterator[RenderableType]:
    rows = list(_rows(audits))
    unexplained = [one for one in rows if one.reason is None]
    if unexplained:
        yield ""
        yield Text(f"Unexplained: {_sides(unexplained)}", "bold red")
        yield _firings(unexplained, view)
        yield Text("  `trigger-cli explain … --event LINE` tells what each event did.", "dim")
    for code, said in REASONS.items():
        own = [one for one in rows if one.reason is not None and one.reason.code == code]
        if own:
            yield ""
            proofs = dict.fromkeys(one.reason.proof for one in own if one.reason is not None)
            proof = ", or ".join(_PROOFS[proof] for proof in proofs)
            yield Text.assemble((code, "bold"), f" · {_sides(own)}")
            about = Text(f"{said[:1].upper()}{said[1:]} ({proof}).", "dim")
            yield Padding(about, (0, 0, 0, INDENT))
            yield _firings(own, view)


def _rows(audits: Sequence[AutomationAudit]) -> Iterator[_FiringRow]:
    found: list[_FiringRow] = []
    for each in audits:
        name = each.automation.name
        for one in each.recorded:
            side = "missed" if one.pair is None else _MATCHED
            if one.pair is None or one.reason is not None:
                found.append(
                    _FiringRow(
                        one.firing.at,
                        name,
                        side,
                        one.event,
                        one.reason,
                        one.steps,
                        0 if one.pair is None else one.pair.delay,
                    )
                )
        found += [
            _FiringRow(
                one.simulated.at,
                name,
                "unexpected",
                one.simulated.event,
                one.reason,
                one.simulated.steps,
            )
            for one in each.unrecorded
        ]
    yield from sorted(found, key=lambda one: (one.side == _MATCHED, one.at, one.automation))


def _sides(rows: Sequence[_FiringRow]) -> str:
    sides = [one.side for one in rows]
    return joined(
        f"{sides.count(side):,} {side}"
        for side in ("missed", "unexpected", _MATCHED)
        if side in sides
    )


def _firings(rows: Sequence[_FiringRow], view: HistoryView) -> RenderableType:
    shown = rows[: view.rows(_FIRINGS)]
    columns = [
        Column("at", [Text(view.clock.at(one.at)) for one in shown]),
        Column("", [Text(one.told_side, "dim") for one in shown]),
        Column("automation", [Text(inert(one.automation, 40)) for one in shown], flexible=True),
        Column("event", [view.event(one.event, brief=True) for one in shown], flexible=True),
        Column("why", [Text(_why(one, view)) for one in shown], flexible=True),
    ]
    return view.table(columns, len(rows), "firing", _FIRINGS)


def _why(row: _FiringRow, view: HistoryView) -> str:
    if row.reason is not None:
        return view.said(row.reason.said)
    own = [one for one in row.steps if not isinstance(one, DeliveryTransition)]
    if not own:
        return "the replay did nothing with it" if row.side == "missed" else ""
    last = [one for one in own if one.trigger is own[-1].trigger and one.key == own[-1].key]
    return f"the replay: {phrase(last, view.clock, None)}"
