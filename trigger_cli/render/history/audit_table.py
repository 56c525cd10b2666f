"""``audit --format table``: the matches, the server's delays, and reasons for the rest."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct
from rich.console import Console, RenderableType
from rich.text import Text

from trigger_cli.dialects import Dialect
from trigger_cli.history.audit import AutomationAudit
from trigger_cli.history.audit_log import Audit
from trigger_cli.history.better_dialect import BetterDialect
from trigger_cli.history.delays import BOUNDS, Delays, delays_of
from trigger_cli.history.reasons import REASONS, Reason
from trigger_cli.model import DeliveryTransition, Event, Transition
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import as_glob
from trigger_cli.render.common.phrases import phrase
from trigger_cli.render.common.plain import show
from trigger_cli.render.common.view import FactLine, files, indented, span
from trigger_cli.render.common.words import as_heading, counted, joined, listed, quoted
from trigger_cli.render.history.view import HistoryView, TableOptions
from trigger_cli.times import MILLISECOND, SECOND, format_duration, format_instant
from trigger_cli.vocabulary import AUTOMATION_TRIGGERED

_AUTOMATIONS = 40
_FIRINGS = 8
_NAMES = 5
_TWICE = 10
_NARROW = 64
"""Below this width, a firing's reason needs the room of its event."""
_NARROWEST = 46
"""Below this width, its automation needs the room of its reason, which the heading tells too."""
_BAR = 30
_MATCHED = "matched, but late"
_COUNTS = ("server", "simulated", "matched", "missed", "unexpected", "unexplained")
_PROOFS = {
    "replayed": "a replay confirms it",
    "seen": "the log shows it",
    "possible": "possible, but not proven",
}


class _FiringRow(Struct, frozen=True):
    """One firing with a remark."""

    at: int
    automation: str
    side: str
    event: Event | None
    labels: Sequence[tuple[str, str]]
    """Those of its bucket, as far as they are known."""
    reason: Reason | None
    steps: tuple[Transition, ...]
    told_side: str
    """The side; for a matched firing, the server's delay."""
    untaken: str = ""
    """The id of the server's event, if the definition takes no event with it."""


def render_audit(
    audit: Audit,
    better: BetterDialect | None,
    console: Console,
    asked: TableOptions,
    *,
    dialect: Dialect,
    order: str,
) -> None:
    """Show the audit; if `quiet` was asked for, only the table of automations."""
    view = asked.view(console, audit.started, audit.ended)
    if not asked.quiet:
        show(console, *_opening(audit, better, view, dialect, order, asked.sources))
    if audit.automations:
        show(console, _automations(audit, view))
    if not asked.quiet:
        show(console, *_rest(audit, view, f"--dialect {dialect.name} --order {order}"))


def _opening(
    audit: Audit,
    better: BetterDialect | None,
    view: HistoryView,
    dialect: Dialect,
    order: str,
    sources: Sequence[str],
) -> Iterator[RenderableType]:
    audits = audit.automations
    recorded = sum(len(one.recorded) for one in audits)
    title = f"Audited {counted(len(audits), 'automation')} on {counted(audit.events, 'event')}"
    yield Text(f"{title} ({dialect.name} dialect)", "bold")
    yield span(view.clock, order, is_empty=audit.started is None)
    verdict = Text("all explained", "green")
    if audit.has_nothing_to_compare:
        verdict = Text("nothing to compare", "red")
    elif audit.unexplained:
        verdict = Text(f"{audit.unexplained:,} unexplained", "red")
    elif not recorded and not audit.simulated:
        verdict = Text("nothing to explain")
    yield FactLine(
        f"{counted(recorded, 'firing')} of the server, {audit.simulated:,} simulated",
        f"{sum(len(one.matched) for one in audits):,} matched",
        f"{sum(len(one.missed) for one in audits):,} missed",
        f"{sum(len(one.unrecorded) for one in audits):,} unexpected",
        verdict,
        style="bold",
    )
    if better is not None:
        counts = f"{better.missed:,} missed, {better.unexpected:,} unexpected"
        yield Text(
            f"The server agrees better with another dialect: --dialect {better.dialect.name}"
            f" ({counts})",
            "yellow",
        )
    yield files(
        automations=dict.fromkeys(one.automation.source for one in audits),
        log=dict.fromkeys(sources),
    )
    if audits and not (recorded or audit.has_nothing_to_compare):
        yield Text(
            "The log has no firing of these automations recorded by a server"
            f" (an event {AUTOMATION_TRIGGERED}): is it the log of their server?",
            "yellow",
        )
    yield ""


def _automations(audit: Audit, view: HistoryView) -> RenderableType:
    def number(value: int, style: str = "") -> Text:
        return Text(f"{value:,}", style) if value else Text("·", "dim")

    return view.table(
        ("~automation", *(f">{kind}" for kind in _COUNTS)),
        sorted(audit.automations, key=lambda one: -len(one.recorded)),
        lambda one: (
            inert(one.automation.name, 60),
            number(len(one.recorded)),
            number(one.simulated),
            number(len(one.matched)),
            number(len(one.missed), "yellow"),
            number(len(one.unrecorded), "yellow"),
            number(one.unexplained, "bold red"),
        ),
        "automation",
        _AUTOMATIONS,
        # The first two follow from the others; what is unexplained is listed below.
        spare=("matched", "simulated", "unexplained", "server"),
    )


def _rest(audit: Audit, view: HistoryView, options: str) -> Iterator[RenderableType]:
    if audit.not_evaluated:
        names = _names([one.name for one in audit.not_evaluated])
        yield Text(f"  not evaluated (disabled, or refused by the server): {names}", "dim")
    if audit.others:
        total = sum(audit.others.values())
        names = _names(list(audit.others))
        yield Text(f"  and {counted(total, 'firing')} of automations not given: {names}", "dim")
    yield from _delays(audit, view)
    yield from _twice(audit, view)
    if not audit.has_nothing_to_compare:
        yield from _reasons(audit.automations, view, options)


def _names(names: Sequence[str]) -> str:
    return listed(list(map(quoted, names)), _NAMES)


# --- Delays ------------------------------------------------------------------------------


def _delays(audit: Audit, view: HistoryView) -> Iterator[RenderableType]:
    matched = [one for each in audit.automations for one in each.matched]
    by_event, by_deadline = delays_of(matched)
    if by_event is None and by_deadline is None:
        return
    yield ""
    yield Text("How long after the simulated instant the server fired", "bold")
    told = (("by an event", by_event), ("by a deadline", by_deadline))
    rows = [(name, one) for name, one in told if one is not None]

    def cells(row: tuple[str, Delays]) -> Sequence[str]:
        name, one = row
        instants = (one.least, one.median, one.ninetieth, one.most)
        return (name, f"{one.number:,}", *map(_seconds, instants))

    heads = ("", ">firings", ">least", ">median", ">90 %", ">most")
    yield view.table(heads, rows, cells, "row", 2, spare=("90 %", "least", "firings"))
    yield indented(_histogram(rows, view))
    if by_deadline is not None and by_deadline.most > SECOND:
        yield Text("  The server polls its deadlines every 5 s, so these firings are late.", "dim")


def _histogram(rows: Sequence[tuple[str, Delays]], view: HistoryView) -> Text:
    """One line for each upper bound: events ``━``, deadlines ``─``."""
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
    yield view.table(
        ("~event", ">times", "again after", "~shown by"),
        audit.twice,
        lambda one: (
            view.event(one.event),
            str(len(one.gaps) + 1),
            ", ".join(map(_rounded, one.gaps)),
            inert(one.seen_by, 40) or "inferred",
        ),
        "event",
        _TWICE,
        spare=("shown by",),
    )


def _rounded(gap: int) -> str:
    return format_duration(gap // MILLISECOND * MILLISECOND)


# --- Reasons ---------------------------------------------------------------------------------


def _reasons(
    audits: Sequence[AutomationAudit], view: HistoryView, options: str
) -> Iterator[RenderableType]:
    rows = list(_rows(audits))
    unexplained = [one for one in rows if one.reason is None]
    if unexplained:
        yield ""
        yield Text(f"Unexplained: {_sides(unexplained)}", "bold red")
        yield _firings(unexplained, view)
        line = next((one.event.line for one in unexplained if one.event is not None), None)
        about, told = f"--event '#{line}'", "what became of that event"
        if line is None:
            first = unexplained[0]
            name = inert(shlex.quote(as_glob(first.automation)), 200)
            about = f"--automation {name} --at {format_instant(first.at)}"
            told = "what its windows were then"
        command = f"trigger-cli explain TRIGGERS --log LOG {about} {options}"
        yield indented(Text(f"`{command}` tells {told}.", "dim"))
    for code, said in REASONS.items():
        own = [one for one in rows if one.reason is not None and one.reason.code == code]
        if own:
            yield ""
            proofs = dict.fromkeys(one.reason.proof for one in own if one.reason is not None)
            proof = ", or ".join(_PROOFS[proof] for proof in proofs)
            yield Text.assemble((code, "bold"), f" · {_sides(own)}")
            whys = {_why(one, view) for one in own}
            # What is the same for all is said once, above them.
            only = next(iter(whys)) if len(whys) == 1 else ""
            same = "" if only in {"", said} else f": {only}"
            yield indented(Text(as_heading(f"{said} ({proof}){same}"), "dim"))
            yield _firings(own, view, with_why=len(whys) > 1)


def _rows(audits: Sequence[AutomationAudit]) -> Iterator[_FiringRow]:
    found: list[_FiringRow] = []
    for each in audits:
        name = each.automation.name
        for one in each.recorded:
            side = told = "missed"
            if one.pair is not None:
                side, told = _MATCHED, f"{_seconds(one.pair.delay)} late"
            if one.pair is None or one.reason is not None:
                untaken = "" if one.event is not None else one.firing.event_id or ""
                row = (one.firing.at, name, side, one.event, one.firing.labels)
                found.append(_FiringRow(*row, one.reason, one.steps, told, untaken))
        for lone in each.unrecorded:
            did, side = lone.simulated, "unexpected"
            row = (did.at, name, side, did.event, did.labels)
            found.append(_FiringRow(*row, lone.reason, did.steps, side))
    yield from sorted(found, key=lambda one: (one.side == _MATCHED, one.at, one.automation))


def _sides(rows: Sequence[_FiringRow]) -> str:
    sides = Counter(one.side for one in rows)
    kinds = ("missed", "unexpected", _MATCHED)
    return joined(*(f"{sides[kind]:,} {kind}" for kind in kinds if kind in sides))


def _firings(
    rows: Sequence[_FiringRow], view: HistoryView, *, with_why: bool = True
) -> RenderableType:
    return view.table(
        ("at", "", "~automation", "~event", "~why"),
        rows,
        lambda one: (
            view.clock.at(one.at),
            Text(one.told_side, "dim"),
            inert(one.automation, 40),
            _event(one, view),
            _why(one, view) if with_why else "",
        ),
        "firing",
        _FIRINGS,
    )


def _event(row: _FiringRow, view: HistoryView) -> Text | str:
    if view.width < _NARROW:
        return ""
    if row.untaken:
        return f"event {inert(row.untaken, 60)}"
    text = view.event(row.event, brief=True)
    if row.event is None and row.labels:
        text.append(f", {view.key(row.labels)}")
    return text


def _why(row: _FiringRow, view: HistoryView) -> str:
    if view.width < _NARROWEST:
        return ""
    if row.reason is not None:
        return view.said(row.reason.said)
    own = [one for one in row.steps if not isinstance(one, DeliveryTransition)]
    if row.untaken:
        return "the definition does not take this event"
    if not own:
        if row.side != "missed":
            return ""
        return "the replay does not fire then" if row.event is None else "the replay ignored it"
    last = [one for one in own if one.trigger is own[-1].trigger and one.key == own[-1].key]
    return f"the replay: {phrase(last, view.clock, None)}"
