"""``events --format table``: the content of a log, most frequent first."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from rich.console import Console, RenderableType
from rich.text import Text

from trigger_cli.history.counting import Distinct
from trigger_cli.history.survey import KindTally, LabelTally, NameTally, Survey
from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.names import short_uuids
from trigger_cli.render.common.plain import show
from trigger_cli.render.common.view import files, indented, span
from trigger_cli.render.common.words import counted, joined
from trigger_cli.render.history.view import HistoryView, TableOptions
from trigger_cli.times import DAY, HOUR, MINUTE, SECOND, format_duration, parse_instant
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

_NAMES = 20
_KINDS = 12
_LABELS = 14
_PAIRS = 5
_EXAMPLES = 3
_BAR = 16
_TEXT = 60
_TIMED = 60
"""The columns from which on the first and last time of a name are shown."""
# Labels that the tables of resources already show.
_TOLD = frozenset({RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE})


def render_survey(survey: Survey, console: Console, asked: TableOptions) -> None:
    """Show the content of the log; if `quiet` was asked for, only the event names."""
    view = asked.view(console, survey.first, survey.last, fraction=False)
    if not asked.quiet:
        show(console, *_opening(survey, view, asked.sources))
    if survey.events:
        show(console, _names(survey, view))
    if not asked.quiet:
        show(console, *_rest(survey, view))


def _opening(survey: Survey, view: HistoryView, sources: Sequence[str]) -> Iterator[RenderableType]:
    names = counted(len(survey.names), "name")
    if survey.has_more_names:
        names = f"more than {len(survey.names) - 1:,} names"
    yield Text(f"{counted(survey.events, 'event')} of {names}", "bold")
    yield span(view.clock, "", is_empty=survey.first is None)
    yield files(log=dict.fromkeys(sources))
    if survey.dropped_labels:
        labels = counted(survey.dropped_labels, "label")
        yield Text(f"{labels} ignored: the value is not a string (O6)", "yellow")
    if survey.events:
        yield ""


def _names(survey: Survey, view: HistoryView) -> RenderableType:
    ranked = sorted(survey.names.items(), key=lambda item: -item[1].events)
    most = ranked[0][1].events if ranked else 1

    def cells(item: tuple[str, NameTally]) -> Sequence[Text | str]:
        name, one = item
        bar = "━" * max(round(one.events / most * _BAR), 1) if view.width >= 100 else ""
        # On a narrow screen the name needs their room.
        times = (
            ("", "")
            if view.width < _TIMED
            else (view.clock.at(one.first or 0), view.clock.at(one.last))
        )
        return (
            inert(short_uuids(name), 60),  # whole: it is what a definition has
            f"{one.events:,}",
            Text(bar, "cyan"),
            _rate(survey, one.events),
            *(Text(time, "dim") for time in times),
        )

    heads = ("~event", ">count", "", ">rate", "first", "last")
    return view.table(heads, ranked, cells, "name", _NAMES)


def _rate(survey: Survey, events: int) -> str:
    lasted = (survey.last or 0) - (survey.first or 0)
    if lasted <= 0:
        return ""
    # Not by a unit that is longer than the log: two events in three hours are not 16 a day.
    units = ((SECOND, "s"), (MINUTE, "min"), (HOUR, "h"), (DAY, "d"))
    fitting = [one for one in units if one[0] <= lasted] or units[:1]
    rates = [(events * unit / lasted, name) for unit, name in fitting]
    rate, name = next((one for one in rates if one[0] >= 1), rates[-1])
    return f"{rate:,.1f}/{name}"


def _rest(survey: Survey, view: HistoryView) -> Iterator[RenderableType]:
    if not survey.events:
        return
    yield from ("", Text("Resources", "bold"), _kinds(survey.kinds, "kind", view))
    if survey.roles:
        title = Text("Related resources, by role", "bold")
        yield from ("", title, _kinds(survey.roles, "role", view))
    if labels := _found_labels(survey):
        shortened = "" if view.roomy else " (without prefect.)"
        yield from ("", Text.assemble(("Labels", "bold"), (shortened, "dim")))
        yield _labels(labels, view)
    yield from ("", Text("Order", "bold"))
    yield from (indented(Text(line)) for line in _order(survey, view))
    if survey.firings:
        title = Text("The server's own firings (trigger-cli audit)", "bold")
        yield from ("", title, _firings(survey, view))


def _firings(survey: Survey, view: HistoryView) -> RenderableType:
    return view.table(
        ("~automation", ">firings"),
        survey.firings.most_common(),
        lambda item: (inert(item[0], _TEXT), f"{item[1]:,}"),
        "automation",
        _KINDS,
    )


def _kinds(tallies: dict[str, KindTally], what: str, view: HistoryView) -> RenderableType:
    def cells(item: tuple[str, KindTally]) -> Sequence[Text | str]:
        name, one = item
        names = one.labels.get(RESOURCE_NAME)
        return (
            inert(name, _TEXT) or "(none)",
            f"{one.events:,}",
            _number(one.ids),
            _examples(one.ids if names is None else names.values, view),
        )

    ranked = sorted(tallies.items(), key=lambda item: -item[1].events)
    heads = (f"~{what}", ">seen", ">distinct", "~examples")
    return view.table(heads, ranked, cells, what, _KINDS)


def _found_labels(survey: Survey) -> list[tuple[str, str, LabelTally]]:
    """Labels except id, name and role, over all resources, most frequent first."""
    found: list[tuple[str, str, LabelTally]] = []
    for where, tallies in (("", survey.kinds), ("related ", survey.roles)):
        for kind, one in tallies.items():
            found += [
                (f"{where}{kind}", label, tally)
                for label, tally in one.labels.items()
                if label not in _TOLD
            ]
    return sorted(found, key=lambda item: -item[2].events)


def _labels(found: Sequence[tuple[str, str, LabelTally]], view: HistoryView) -> RenderableType:
    return view.table(
        ("~of", "~label", ">seen", ">values", "~such as"),
        found,
        lambda item: (
            Text(view.name(item[0]), "dim"),
            view.name(item[1]),
            f"{item[2].events:,}",
            _number(item[2].values),
            _examples(item[2].values, view),
        ),
        "label",
        _LABELS,
    )


def _number(values: Distinct) -> str:
    return f">{values.count:,}" if values.more else f"{values.count:,}"


def _examples(values: Distinct, view: HistoryView) -> Text:
    """Some of the values; those that look the same once they are shortened count as one."""
    texts = list(dict.fromkeys(_example(one, view) for one in values.examples(2 * _EXAMPLES)))
    shown = texts[:_EXAMPLES]
    more = ", …" if values.more or values.count > len(shown) else ""
    return Text(", ".join(shown) + more, "dim")


def _example(value: str, view: HistoryView) -> str:
    """A value in short; a time as the tables show it, which no column breaks."""
    with suppress(ValueError):
        return view.clock.at(parse_instant(value))
    return inert(short_uuids(value), 32) or '""'


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
            f"{counted(chains.followers, 'event')} follow another",
            f"longest chain {chains.longest}" if chains.longest > 1 else "",
            f"{chains.leader_later:,} before their leader" if chains.leader_later else "",
            f"{chains.leader_missing:,} whose leader is not here" if chains.leader_missing else "",
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
    """The duration, rounded to about three digits."""
    step = 1_000 if duration < 10 * SECOND else SECOND // 10
    return duration // step * step if duration > step else duration
