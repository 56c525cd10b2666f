"""``events --format table``: what is in a log, most frequent first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from trigger_cli.history.counting import Distinct
from trigger_cli.history.survey import KindTally, LabelTally, Survey
from trigger_cli.render.common.fitted import Column
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import short_uuids
from trigger_cli.render.history.view import INDENT, HistoryView, files, show, span, view_of
from trigger_cli.render.replay.view import counted, joined
from trigger_cli.times import SECOND, format_duration
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

_NAMES = 20
_KINDS = 12
_LABELS = 14
_PAIRS = 5
_BAR = 16
_TEXT = 60
# Labels that the tables of resources show.
_TOLD = frozenset({RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE})


def render_survey(
    survey: Survey,
    console: Console,
    *,
    zone: tzinfo,
    sources: Sequence[str],
    limit: int | None = None,
    quiet: bool = False,
    verbose: bool = False,
) -> None:
    """Show what the log holds; `quiet` shows only the event names."""
    view = view_of(
        console,
        zone,
        start=survey.first,
        end=survey.last,
        verbose=verbose,
        limit=limit,
        fraction=False,
    )
    if not quiet:
        show(console, _opening(survey, view, sources))
    if survey.events:
        show(console, [_names(survey, view)])
    if not quiet:
        show(console, _rest(survey, view))


def _opening(survey: Survey, view: HistoryView, sources: Sequence[str]) -> Iterator[RenderableType]:
    names = counted(len(survey.names), "name")
    yield Text(f"{counted(survey.events, 'event')} of {names}", "bold")
    yield span(view, "", is_empty=survey.first is None)
    yield files(log=sources)
    if survey.dropped_labels:
        labels = counted(survey.dropped_labels, "label")
        yield Text(f"{labels} ignored: the value is not a string (O6)", "yellow")
    if survey.events:
        yield ""


def _names(survey: Survey, view: HistoryView) -> RenderableType:
    ranked = sorted(survey.names.items(), key=lambda item: -item[1].events)
    most = ranked[0][1].events if ranked else 1
    columns = [
        Column("event", [Text(view.name(name)) for name, _ in ranked], flexible=True),
        Column("count", [Text(f"{one.events:,}") for _, one in ranked], justify="right"),
        Column(
            "",
            [Text("━" * max(round(one.events / most * _BAR), 1), "cyan") for _, one in ranked]
            if view.width >= 100
            else [Text() for _ in ranked],
        ),
        Column("rate", [Text(_rate(survey, one.events)) for _, one in ranked], justify="right"),
        Column("first", [Text(view.clock.at(one.first or 0), "dim") for _, one in ranked]),
        Column("last", [Text(view.clock.at(one.last), "dim") for _, one in ranked]),
    ]
    return view.table(columns, len(ranked), "name", _NAMES)


def _rate(survey: Survey, events: int) -> str:
    lasted = (survey.last or 0) - (survey.first or 0)
    if lasted <= 0:
        return ""
    for unit, name in ((SECOND, "s"), (60 * SECOND, "min"), (3_600 * SECOND, "h")):
        rate = events * unit / lasted
        if rate >= 1:
            return f"{rate:,.1f}/{name}"
    return f"{events * 86_400 * SECOND / lasted:.1f}/d"


def _rest(survey: Survey, view: HistoryView) -> Iterator[RenderableType]:
    if not survey.events:
        return
    yield ""
    yield Text("Resources", "bold")
    yield _kinds(survey.kinds, "kind", view)
    if survey.roles:
        yield ""
        yield Text("Related resources, by role", "bold")
        yield _kinds(survey.roles, "role", view)
    yield ""
    yield Text("Labels", "bold")
    yield _labels(survey, view)
    yield ""
    yield Text("Order", "bold")
    for line in _order(survey, view):
        yield Padding(Text(line), (0, 0, 0, INDENT))
    if survey.firings:
        yield ""
        yield Text("The server's own firings (trigger-cli audit)", "bold")
        ranked = survey.firings.most_common()
        columns = [
            Column("automation", [Text(inert(name, _TEXT)) for name, _ in ranked], flexible=True),
            Column("firings", [Text(f"{n:,}") for _, n in ranked], justify="right"),
        ]
        yield view.table(columns, len(ranked), "automation", _KINDS)


def _kinds(tallies: dict[str, KindTally], what: str, view: HistoryView) -> RenderableType:
    ranked = sorted(tallies.items(), key=lambda item: -item[1].events)
    columns = [
        Column(what, [Text(inert(name, _TEXT) or "(none)") for name, _ in ranked], flexible=True),
        Column("seen", [Text(f"{one.events:,}") for _, one in ranked], justify="right"),
        Column("different", [Text(_number(one.ids)) for _, one in ranked], justify="right"),
        Column("such as", [_examples(_naming(one), 3) for _, one in ranked], flexible=True),
    ]
    return view.table(columns, len(ranked), what, _KINDS)


def _naming(one: KindTally) -> Distinct:
    """Names for people: those of the resources, if they have any."""
    names = one.labels.get(RESOURCE_NAME)
    return one.ids if names is None else names.values


def _labels(survey: Survey, view: HistoryView) -> RenderableType:
    """Labels other than id, name and role, over all resources; those with few values come first."""
    found: list[tuple[str, str, LabelTally]] = []
    for where, tallies in (("", survey.kinds), ("related ", survey.roles)):
        for kind, one in tallies.items():
            found += [
                (f"{where}{kind}", label, tally)
                for label, tally in one.labels.items()
                if label not in _TOLD
            ]
    found.sort(key=lambda item: -item[2].events)
    columns = [
        Column("of", [Text(view.name(kind), "dim") for kind, *_ in found], flexible=True),
        Column("label", [Text(view.name(label)) for _, label, _ in found], flexible=True),
        Column("seen", [Text(f"{tally.events:,}") for *_, tally in found], justify="right"),
        Column("values", [Text(_number(tally.values)) for *_, tally in found], justify="right"),
        Column("such as", [_examples(tally.values, 3) for *_, tally in found], flexible=True),
    ]
    return view.table(columns, len(found), "label", _LABELS)


def _number(values: Distinct) -> str:
    return f">{values.count:,}" if values.more else f"{values.count:,}"


def _examples(values: Distinct, number: int) -> Text:
    texts = [inert(short_uuids(one), 32) or '""' for one in values.examples(number)]
    more = ", …" if values.more or values.count > number else ""
    return Text(", ".join(texts) + more, "dim")


def _order(survey: Survey, view: HistoryView) -> Iterator[str]:
    if survey.newest_first:
        yield "The log runs newest first, as the API answers."
    elif survey.out_of_order:
        late = format_duration(survey.most_out_of_order)
        yield f"{counted(survey.out_of_order, 'event')} out of order, by up to {late}."
    else:
        yield "Every event stands in order of occurrence."
    if survey.delays.number:
        median = format_duration(_rounded(survey.delays.percentile(0.5)))
        longest = format_duration(_rounded(survey.delays.most))
        yield f"Received {median} after it occurred (median), at most {longest}."
    if survey.without_received:
        yield f"{counted(survey.without_received, 'event')} without `received`: no --order received."
    known = "at least " if survey.forgot_ids else ""
    yield f"{known}{counted(survey.duplicates, 'duplicate')} by id."
    chains = survey.chains
    if chains.followers:
        facts = joined(
            (
                f"{counted(chains.followers, 'event')} follow another",
                f"longest chain {chains.longest}" if chains.longest > 1 else "",
                f"{chains.leader_later:,} before their leader" if chains.leader_later else "",
                f"{chains.leader_missing:,} whose leader is not here"
                if chains.leader_missing
                else "",
            )
        )
        yield f"{facts}."
        for (leader, follower), number in chains.pairs.most_common(view.rows(_PAIRS)):
            yield f"  {view.name(leader)} → {view.name(follower)} {number:,}"
    longest_gaps = [one for one in survey.gaps[:3] if one.length > SECOND]
    if longest_gaps:
        told = ", ".join(
            f"{format_duration(_rounded(one.length))} from {view.clock.at(one.start)}"
            for one in longest_gaps
        )
        yield f"Longest gaps: {told}."


def _rounded(duration: int) -> int:
    """Rounded to about three digits."""
    step = 1_000 if duration < 10 * SECOND else SECOND // 10
    return duration // step * step if duration > step else duration
