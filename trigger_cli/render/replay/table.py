"""A finished replay for people: ``replay --format table``; with ``-q`` only the firings."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from functools import partial

from rich.console import Console, RenderableType
from rich.text import Text

from trigger_cli.dialects import DIALECTS
from trigger_cli.model import Automation
from trigger_cli.render.common.clock import clock_of
from trigger_cli.render.common.fitted import hidden_rows
from trigger_cli.render.common.names import bucket_captions
from trigger_cli.render.common.plain import show, show_whole
from trigger_cli.render.common.words import counted, fires_on_every_event
from trigger_cli.render.replay.bucket_table import bucket_table
from trigger_cli.render.replay.firing_list import ShownFirings, firing_line, firing_list
from trigger_cli.render.replay.metrics import label_width, metric_chart, metric_runs
from trigger_cli.render.replay.summary import (
    closing,
    heading,
    opening,
    overview,
    short_heading,
)
from trigger_cli.render.replay.timeline import DrawnTimeline, most_lanes
from trigger_cli.render.replay.view import Shows, ShowsAll, View, how_to_see_buckets
from trigger_cli.report import AutomationSummary, BucketHistory, MetricSeries, ReplayReport

_AUTOMATIONS = 30
_SILENT = 10
_EXPLAINED_FIRINGS = 2
_TABLES = 3


def render_replay(
    report: ReplayReport,
    console: Console,
    *,
    zone: tzinfo,
    verbose: bool = False,
    limit: int | None = None,
    shows: Shows | None = None,
    brief: bool = False,
    explain: Sequence[str] = (),
) -> None:
    """Show the replay, then each automation, then the summary.

    Args:
        report: The finished replay.
        console: The console, whose width and encoding limit the output.
        zone: The time zone of the tables.
        verbose: Show every step, rule and full key of each row.
        limit: The rows of each table; ``None``: a few.
        shows: The selection of the user; ``None``: everything.
        brief: Show only an overview that fits on one screen; it needs no buckets.
        explain: The command that explains this replay, without ``--automation``, for the overview.
    """
    shows = shows or ShowsAll()
    clock = clock_of(report, zone, precise=verbose)
    shown = [one for one in report.automations if shows.automation(one.automation)]
    view = View(
        clock,
        console.width,
        verbose,
        limit,
        DIALECTS[report.dialect],
        shows,
        len({one.automation.source for one in shown}) > 1,
    )
    if brief:
        body, command = overview(report, shown, view, explain)
        show(console, opening(report, shown, view), "", body)
        if command:
            show_whole(console, command)
    else:
        show(console, *_parts(report, shown, view))


def render_firings(
    report: ReplayReport, console: Console, *, zone: tzinfo, shows: Shows | None = None
) -> None:
    """Show only the firings, one a line, never wrapped or cut: for ``grep`` and ``wc -l``."""
    shows = shows or ShowsAll()
    for firing in report.firings:
        if shows.automation(firing.automation) and shows.firing(firing):
            show_whole(console, Text(firing_line(firing, zone)))


def _parts(
    report: ReplayReport, shown: Sequence[AutomationSummary], view: View
) -> Iterator[RenderableType]:
    yield opening(report, shown, view)
    by_automation = report.buckets_by_automation()
    stories: list[tuple[AutomationSummary, list[BucketHistory]]] = []
    silent: list[tuple[AutomationSummary, str]] = []
    for summary in shown:
        buckets = by_automation.get(summary.automation.index, [])
        why = _why_silent(summary.automation, buckets, view)
        if why is None:
            stories.append((summary, buckets))
        else:
            silent.append((summary, why))
    firings: dict[int, ShownFirings] = defaultdict(partial(ShownFirings, view))
    for firing in report.firings:
        if view.shows.firing(firing):
            firings[firing.automation.index].add(firing)
    end = _axis_end(report)
    rows = view.at_least(_AUTOMATIONS)
    for summary, buckets in stories[:rows]:
        yield ""
        own = firings[summary.automation.index]
        series = [one for one in report.series if one.automation is summary.automation]
        yield from _story(summary, buckets, own, series, view, end)
    yield from _more_automations(len(stories), rows)
    if silent:
        yield ""
    rows = view.rows(_SILENT)
    for summary, why in silent[:rows]:
        yield short_heading(summary.automation, why, view)
    yield from _more_automations(len(silent), rows)
    yield ""
    yield closing(report, shown, view)


def _story(
    summary: AutomationSummary,
    all_buckets: Sequence[BucketHistory],
    firings: ShownFirings,
    series: Sequence[MetricSeries],
    view: View,
    end: int,
) -> Iterator[RenderableType]:
    yield heading(summary, view, len(all_buckets))
    buckets = [one for one in all_buckets if view.shows.bucket(one)]
    # A history that was not kept cannot be drawn.
    buckets.sort(key=lambda one: one.kept == 0)
    if firings.total:
        yield ""
        yield firing_list(firings, view)
    if other := summary.firings - firings.total:
        yield Text(f"  {counted(other, 'firing')} of other buckets left out (--bucket)", "dim")
    if not buckets:
        yield Text("  no bucket here is called that (--bucket)", "dim")
        return
    yield ""
    # The composite's own bucket comes first, then those with most transitions.
    path = summary.automation.trigger.path
    ranked = sorted(buckets, key=lambda one: one.trigger.path != path or not one.transitions)
    told = [one for one in ranked if one.transitions and (view.verbose or not _is_obvious(one))]
    names = bucket_captions([*buckets[: most_lanes(view)], *told[: view.rows(_TABLES)]])
    margin = max(map(label_width, series), default=0)
    timeline = DrawnTimeline(summary.automation.trigger, buckets, names, view, end, margin)
    yield timeline.drawn()
    for metric in series:
        yield ""
        yield from metric_chart(metric, view, timeline.axis, timeline.captions)
        for fired in metric.fired[: view.rows(_EXPLAINED_FIRINGS)]:
            yield ""
            yield from metric_runs(fired, view)
    for bucket in told[: view.rows(_TABLES)]:
        yield ""
        yield bucket_table(bucket, names[bucket], view)
    untold = sum(1 for one in buckets if not one.transitions)
    hidden = untold + max(len(told) - view.rows(_TABLES), 0)
    if hidden:
        yield ""
        yield Text.assemble("  ", hidden_rows(hidden, "bucket", how_to_see_buckets(len(buckets))))


def _why_silent(automation: Automation, buckets: Sequence[BucketHistory], view: View) -> str | None:
    """Why an automation has nothing to show; ``None`` if it has something."""
    if not automation.enabled:
        return "disabled, not evaluated"
    if buckets:
        return None
    if "D11" in automation.server_refusals and not view.dialect.evaluates_metrics:
        return "not evaluated, the server has no metric triggers"
    return "no event of the log reached it"


def _is_obvious(bucket: BucketHistory) -> bool:
    """Whether it is a child that fires on every event: timeline and parent show everything."""
    is_child = bucket.trigger is not bucket.automation.trigger
    return is_child and fires_on_every_event(bucket.trigger)


def _more_automations(number: int, shown: int) -> Iterator[RenderableType]:
    if number > shown:
        yield ""
        yield hidden_rows(number - shown, "automation", f"--automation GLOB, --limit {number}")


def _axis_end(report: ReplayReport) -> int:
    """The end of the replay, or a little later if deadlines are pending shortly after it."""
    if report.start is None or report.end is None:
        return 0
    reach = report.end + max((report.end - report.start) // 2, 1)
    return max((one.due for one in report.pending if one.due <= reach), default=report.end)
