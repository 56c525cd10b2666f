"""Whatever the log and the triggers are, a cluster finds what one process finds."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.inline import InlineCluster
from tests.oracle import ours
from tests.oracle.cases import cases
from tests.parallel.logs import LINES, TRIGGERS
from trigger_cli.cluster.log import ClusterLog, ClusterWorkers
from trigger_cli.cluster.replay import ClusterReplay
from trigger_cli.definitions import load_text
from trigger_cli.dialect import DOCS, SERVER, Dialect
from trigger_cli.engine.compile import compile_wanted
from trigger_cli.engine.replay import Replay
from trigger_cli.model import Event, heading_of
from trigger_cli.moments import SECOND, Moment, parse_instant
from trigger_cli.parallel import MatchedLog, Matching
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.read.errors import EmptyRangeError
from trigger_cli.render.replay_json import replay_object

AUTOMATIONS = load_text(json.dumps(2 * TRIGGERS), file="triggers.json").automations
"""Two of each kind, so that at one instant shares have the same to tell."""


def records_of(case, dialect: Dialect):
    """The case's events as a log holds them: headings where no trigger takes the event."""
    wanted = compile_wanted(ours.automations(case), [dialect])

    def is_taken(event: Event) -> bool:
        interest = wanted(event.name)
        return interest is not None and interest.select(event.resource, event.related) is not None

    return [one if is_taken(one) else heading_of(one) for one in ours.events(case)]


@settings(max_examples=150)
@given(
    cases(most_events=20),
    st.sampled_from([DOCS, SERVER]),
    st.integers(1, 4),
    st.integers(1, 7),
    st.booleans(),
    st.none() | st.integers(0, 300 * SECOND),
)
def test_triggers_elsewhere_fire_as_here(case, dialect, workers, page_rows, until_quiet, first):
    """B, E, P, C, S: the same output, however automations and events are cut up."""
    start = case.get("start")
    options = ReplayOptions(
        dialect=dialect,
        start=None if start is None else Moment(parse_instant(start)),
        until=Moment(parse_instant(case["until"])),
        until_quiet=until_quiet,
        taken_from=None if first is None else Moment(first, after_start=True),
    )
    automations, records = ours.automations(case), records_of(case, dialect)
    here = replayed(automations, records, options)
    spread = partial(ClusterReplay, cluster=InlineCluster(workers), page_rows=page_rows)
    assert here == replayed(automations, records, options, spread)


def replayed(automations, records, options, make_replay=Replay):
    """What the command prints."""
    run = ReplayRun(
        automations,
        records,
        options,
        with_buckets=False,
        compare_dialects=False,
        firings_only=True,
        make_replay=make_replay,
    )
    try:
        for _ in run:
            pass
    except EmptyRangeError as error:
        return str(error)
    return replay_object(run.report(), shows_automation=lambda _: True, shows_firing=lambda _: True)


@settings(max_examples=150)
@given(
    st.lists(LINES, min_size=1, max_size=3),
    st.builds(
        ReplayOptions,
        dialect=st.sampled_from([DOCS, SERVER]),
        order=st.sampled_from(["occurred", "received", "log"]),
    ),
    st.sampled_from([50, 1_000, 10**6]),
    st.sampled_from([0, 10**6]),
)
def test_parts_of_several_logs_are_one_log(logs, options, part_bytes, largest_whole):
    """O1-O4, K: bad lines, copies and followers, whichever way the logs were cut up."""
    matching = Matching(AUTOMATIONS, (options.dialect.name,), options.order)

    def shown(reader: MatchedLog, workers=None, make_replay=Replay):
        found = replayed(AUTOMATIONS, reader.taken(workers), options, make_replay)
        stats = reader.stats
        return found, (stats.lines, stats.events, stats.malformed), reader.unreadable

    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, lines in enumerate(logs):
            path = Path(folder) / f"a [log]  of {number} %20.jsonl"
            path.write_bytes("\n".join(lines).encode())
            paths.append(str(path))
        spread = ClusterLog(paths, matching, part_bytes=part_bytes, largest_whole=largest_whole)
        readers = ClusterWorkers(InlineCluster(), matching)
        elsewhere = partial(ClusterReplay, cluster=InlineCluster(), page_rows=4)
        assert shown(MatchedLog(paths, matching)) == shown(spread, readers, elsewhere)
