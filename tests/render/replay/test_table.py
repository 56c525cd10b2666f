"""`trigger_cli.render.replay.table`: what holds for the output of any replay."""

from datetime import UTC
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tests.render.replay.scenes import RUN_ID, SCENES, THREE_FAILURES, sequence, stuck, threshold
from tests.render.replaying import (
    FAILED,
    automation,
    drawn,
    firings_drawn,
    report_of,
    run_event,
)
from tests.support import SAMPLES, at, event, read_log
from trigger_cli.definitions import load
from trigger_cli.model import (
    Automation,
    BadLine,
    CompositeTrigger,
    EventTrigger,
    Firing,
    MetricTrigger,
)
from trigger_cli.render.replay.table import render_replay
from trigger_cli.render.replay.view import ShowsAll
from trigger_cli.report import BucketHistory, ReplayReport
from trigger_cli.times import MINUTE

# Markup, an escape sequence, line breaks, bidi and zero-width characters, NUL, a lone surrogate.
HOSTILE = (
    "[red]x[/red] \x1b[31m\x1b]0;pwned\x07 a\nb\r\tc \u202eabc\u2066 \u200b\ufeff\0 \x9b1m \ud800 "
)
LONG = HOSTILE + "流" * 5_000
ALLOWED = {"\n"}


def assert_harmless(text: str) -> None:
    """Nothing in it that a terminal could act on."""
    found = {one for one in text if not one.isprintable()} - ALLOWED
    assert not found


WIDTHS = (1, 10, 20, 40, 57, 72, 80, 120, 160, 400)


@pytest.mark.parametrize("name", ["a name " * 20, "数据导出" * 20])
def test_a_heading_keeps_the_number_of_firings(name: str) -> None:
    """A long name is cut before it, at every width."""
    report = report_of([automation(EventTrigger("$"), name)], [run_event(1, 0)])
    for width in (40, 80, 160):
        assert "… · 1 firing ─" in drawn(report, width=width)


@pytest.mark.parametrize("scene", SCENES)
def test_no_line_is_wider_than_the_terminal(scene: str) -> None:
    """Whatever the width, nothing crashes; from 40 columns on every line fits, without padding."""
    report = SCENES[scene]()
    for width in WIDTHS:
        lines = drawn(report, width=width).splitlines()
        wider = [line for line in lines if cell_len(line) > width]
        assert width < 40 or not wider, width
        assert not [line for line in lines if line != line.rstrip()], width


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("scene", SCENES)
def test_a_terminal_that_is_not_utf8(scene: str, encoding: str) -> None:
    """Every mark has a twin in ASCII: nothing is left to the encoding's error handler."""
    text = drawn(SCENES[scene](), encoding=encoding)
    assert text.isascii()
    assert "\\u" not in text


def test_other_letters_on_a_terminal_that_is_not_utf8() -> None:
    """Letters that the encoding has are kept; others become question marks of the same width."""
    report = report_of([automation(THREE_FAILURES, "é 流れ")], [run_event(1, 0)])
    assert "é ????" in drawn(report, encoding="latin-1")


def hostile_report(text: str) -> ReplayReport:
    """A replay in which every text is that one."""
    label = f"related:{text}:{text}"
    match = (("prefect.resource.id", ("*",)), (text, (text, f"!{text}")))
    trigger = EventTrigger(
        "$", "Proactive", expect=(f"{text}*", text), after=(text,), for_each=(label, text)
    )
    trigger = replace(trigger, within=MINUTE)
    matched = EventTrigger("$.triggers[0]", "Reactive", match=match, expect=(text,))
    failed = replace(matched, path="$.triggers[1]", match=(), match_related=(match,))
    both = CompositeTrigger("$", "compound", (matched, failed), 1)
    resource = {"prefect.resource.id": text, "prefect.resource.name": text, text: text}
    related = ({"prefect.resource.role": text, text: text},)
    events = [
        run_event(n, n * 30)._replace(id=text, name=text, resource=resource, related=related)
        for n in range(1, 9)
    ]
    events.append(events[0]._replace(id=f"{text}w", follows="missing", occurred=at(300)))
    events = [one._replace(id=f"{one.id}{n}") for n, one in enumerate(events)]
    report = report_of(
        [
            automation(trigger, text, source=text),
            automation(both, text, index=1, source=text),
            automation(trigger, text, index=2, enabled=False, source="other"),
            automation(MetricTrigger("$", "duration", 1, "<", match=match), text, index=3),
        ],
        events,
        dialect="server",
        problems=[BadLine(text, 7, text)] * 3,
        compared=True,
    )
    report.log.sources = (text, text)
    return report


@pytest.mark.parametrize("text", ["hostile", "long", "", "[/]"])
@pytest.mark.parametrize("width", [40, 80, 160])
def test_hostile_text_is_shown_and_does_nothing(text: str, width: int) -> None:
    """Text from logs and definitions cannot colour, move, break, hide or flood the output."""
    report = hostile_report({"hostile": HOSTILE, "long": LONG}.get(text, text))
    for verbose in (False, True):
        shown = drawn(report, width=width, verbose=verbose)
        assert_harmless(shown)
        assert len(shown) < 100_000
        assert not [line for line in shown.splitlines() if cell_len(line) > width]
    firings = firings_drawn(report)
    assert_harmless(firings)
    assert len(report.firings) == len(firings.splitlines())


def test_markup_is_text() -> None:
    """Brackets in names are brackets, not Rich's markup."""
    report = report_of([automation(THREE_FAILURES, "[bold]loud[/bold]")], [run_event(1, 0)])
    assert "[bold]loud[/bold] · no firing" in drawn(report)


def test_the_first_lines_say_what_it_is() -> None:
    """A stranger learns from three lines what was replayed, how, and what came of it."""
    lines = drawn(stuck()).splitlines()
    assert [
        "Replayed 6 events against 1 automation (docs dialect)",
        "2026-03-01 12:00:00 – 12:01:30 UTC (1 min 30 s), in order of occurrence",
        "1 firing · 1 deadline pending",
    ] == lines[:3]


def test_a_replay_of_nothing() -> None:
    """A log without events is no error."""
    text = drawn(report_of([automation(THREE_FAILURES)], []))
    assert "No event, so no time passed" in text
    assert "alarm: no event of the log reached it" in text


def test_no_automations() -> None:
    """A replay of no automation still sums up the log."""
    assert "1 event · 0 matched a trigger" in drawn(report_of([], [run_event(1, 0)]))


def test_metrics_on_the_server() -> None:
    """The server dialect does not evaluate metrics (D11), and says so."""
    trigger = MetricTrigger("$", "successes", 0.9, "<")
    one = automation(trigger, server_refusals=("D11",))
    text = drawn(report_of([one], [run_event(1, 0)], dialect="server"))
    assert "alarm: not evaluated, the server has no metric triggers" in text
    assert "The server refuses this definition (D11: metric triggers)" in text


def test_the_chart_of_a_metric_has_the_columns_of_its_timeline() -> None:
    """Its firing stands below the one of the lane."""
    lines = drawn(SCENES["metric"]()).splitlines()
    lane = next(line for line in lines if line.startswith("  successes  "))
    breach = next(line for line in lines if line.strip().startswith("breach"))
    assert lane.index("★") == breach.index("★")


def test_zone() -> None:
    """Tables show the time of the zone asked for, and name it."""
    text = drawn(threshold(), zone=ZoneInfo("Europe/Berlin"))
    assert "2026-03-01 13:00:00 – 13:03:30 Europe/Berlin" in text
    assert "★ 13:00:40" in text


def test_many_buckets_are_cut_and_it_is_said_how_to_see_them() -> None:
    """The most interesting buckets are shown; what is hidden is counted."""
    trigger = replace(THREE_FAILURES, for_each=(RUN_ID,), threshold=2)
    events = [run_event(n, n, run=n, called="") for n in range(1, 501)]
    events.append(run_event(501, 501, run=321, called=""))
    text = drawn(report_of([automation(trigger)], [*events[:500], events[500]]))
    # Within a minute of its first failure it did not fail again, but others are no nearer.
    assert "… 488 more buckets (--limit 500, or --bucket LABEL=VALUE)" in text
    assert "… 497 more buckets (--limit 500, or --bucket LABEL=VALUE)" in text
    assert len(text.splitlines()) < 80


def test_the_bucket_that_fired_comes_first() -> None:
    """What has most to tell is not buried under what has not."""
    trigger = replace(THREE_FAILURES, for_each=(RUN_ID,), threshold=2)
    events = [run_event(n, n, run=n, called="") for n in range(1, 101)]
    events += [run_event(101, 101, run=77, called="")]
    lines = drawn(report_of([automation(trigger)], events)).splitlines()
    axis = next(number for number, line in enumerate(lines) if line.startswith("  UTC"))
    assert lines[axis + 1].startswith("  flow-run.00000077…")


RUNS = ("prefect.flow-run.a", "prefect.flow-run.b")


def test_buckets_with_one_name_look_different_in_timeline_and_headings() -> None:
    """Two resources of one name whose ids are no UUIDs have their keys."""
    trigger = replace(THREE_FAILURES, for_each=(RUN_ID,), threshold=2)
    runs = [{RUN_ID: run, "prefect.resource.name": "sad-bear"} for run in RUNS]
    events = [event(FAILED, n, runs[n % 2], line=n) for n in range(1, 5)]
    lines = drawn(report_of([automation(trigger)], events)).splitlines()
    for run in RUNS:
        key = f"resource={run.removeprefix('prefect.')}"
        assert 1 == sum(line.startswith(f"  {key}  ") for line in lines)
        assert 1 == sum(line.startswith(f"  {key}: ") for line in lines)


def test_limit() -> None:
    """--limit shows more, or fewer, rows of everything."""
    trigger = replace(THREE_FAILURES, threshold=2)
    events = [run_event(n, n * 20 + n % 7) for n in range(1, 100)]
    report = report_of([automation(trigger)], events)
    short, usual, long = (drawn(report, limit=limit) for limit in (2, None, 1000))
    assert len(short) < len(usual) < len(long)
    assert " more firings (--limit " in short
    assert "… 82 more rows (--limit 94)" in usual  # of which it has 12
    assert "… " not in long


def test_transitions_that_were_not_kept_are_counted() -> None:
    """Rows and hidden transitions add up to all of the bucket's."""
    trigger = EventTrigger("$", "Reactive", expect=(FAILED,), threshold=5_000, within=10 * MINUTE)
    events = [run_event(n, n / 10) for n in range(1, 3_001)]
    text = drawn(report_of([automation(trigger)], events))
    assert "all events: no firing\n" in text
    assert "… 2,988 more transitions (all of them: --format jsonl)" in text
    assert "counted 3000/5000" in text


def test_filters() -> None:
    """--automation and --bucket choose what is shown, not what is replayed."""

    class Shows(ShowsAll):
        def bucket(self, bucket: BucketHistory) -> bool:
            return bucket.key == ("prefect.flow.report",)

        def firing(self, firing: Firing) -> bool:
            return False

        def automation(self, automation: Automation) -> bool:
            return automation.name != "other"

    report = threshold()
    text = drawn(report, shows=Shows())
    assert "flow=report" in text
    assert "flow=etl" not in text
    assert "fired at" not in text
    assert "· 1 firing" in text
    assert "\n  1 firing of other buckets left out (--bucket)\n" in text
    assert not firings_drawn(report, shows=Shows())


def test_a_part_of_the_automations_has_no_count_of_what_matched_any() -> None:
    """It is counted for all together; `explain` would contradict it."""

    class First(ShowsAll):
        def automation(self, automation: Automation) -> bool:
            return not automation.index

    one, other = EventTrigger("$", "Reactive", expect=(FAILED,)), EventTrigger("$", "Reactive")
    automations = [automation(one, "one"), automation(other, "other", index=1)]
    report = report_of(automations, [run_event(1, 0)])
    assert "\n  1 event · 1 matched a trigger · 0 malformed" in drawn(report)
    assert "\n  1 event · 0 malformed" in drawn(report, shows=First())


def test_verbose_leaves_nothing_together() -> None:
    """With -v, alike steps stay apart and every step names its rules."""
    assert "(×2, last at" in drawn(threshold(), width=160)
    text = drawn(threshold(), verbose=True)
    assert "×" not in text
    assert "E2 E3 E6" in text


def test_meaning_does_not_hang_on_colour() -> None:
    """With colour, the text is the same as without."""
    file = StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system="truecolor")
    render_replay(sequence(), console, zone=UTC)
    with_colour = file.getvalue()
    assert "\x1b[" in with_colour
    assert drawn(sequence()) == Text.from_ansi(with_colour).plain


def test_a_summary_of_many_automations() -> None:
    """Those that fired most often stand first, and the others are counted."""
    quiet = EventTrigger("$", "Reactive", expect=("never",))
    loud = EventTrigger("$", "Reactive", expect=(FAILED,))
    automations = [automation(quiet, f"quiet {n}", index=n) for n in range(60)]
    automations.append(automation(loud, "loud", index=60))
    text = drawn(report_of(automations, [run_event(1, 0)]))
    assert "\n  automation  firings\n  loud              1\n  quiet 0           0\n" in text
    assert "… 31 more automations (--limit 61)" in text


def test_the_first_lines_group_the_digits_of_every_number() -> None:
    """Those that fired are counted as all are: "1000 of 1,001" mixed two ways."""
    loud = EventTrigger("$", "Reactive", expect=(FAILED,))
    automations = [automation(loud, f"loud {n}", index=n) for n in range(1_000)]
    automations.append(automation(EventTrigger("$", "Reactive", expect=("never",)), index=1_000))
    assert "1,000 firings by 1,000 of 1,001 automations\n" in drawn(
        report_of(automations, [run_event(1, 0)])
    )


def test_problems_are_cut() -> None:
    """The first bad lines are shown, the others counted."""
    problems = [BadLine("a.jsonl", n, "no `id`") for n in range(1, 101)]
    text = drawn(report_of([automation(THREE_FAILURES)], [run_event(1, 0)], problems=problems))
    assert "a.jsonl:5: no `id`" in text
    assert "a.jsonl:6" not in text
    assert "… 95 more malformed lines (--limit 100)" in text


def test_wide_characters_keep_their_columns() -> None:
    """Names in East Asian scripts take two columns each, and the table knows."""
    events = [run_event(1, 0, called="流れ"), run_event(2, 1, called="ab")]
    lines = drawn(report_of([automation(THREE_FAILURES)], events)).splitlines()
    rows = [line for line in lines if line.lstrip().startswith("• ")]
    assert 1 == len({cell_len(row) for row in rows if row.endswith(("1", "2"))})


@pytest.mark.parametrize("dialect", ["docs", "server"])
def test_the_samples(dialect: str) -> None:
    """Every sample trigger on the night's log is drawn, harmless and within the width."""
    definitions = load([str(SAMPLES / "triggers")])
    events = [
        one for one in read_log(SAMPLES / "nightly.events.jsonl") if not isinstance(one, BadLine)
    ]
    report: ReplayReport = report_of(
        definitions.automations, events, dialect=dialect, compared=True
    )
    assert len(report.firings) == len(firings_drawn(report).splitlines())
    for width in (40, 80, 160):
        text = drawn(report, width=width)
        assert_harmless(text)
        assert not [line for line in text.splitlines() if cell_len(line) > width], width
