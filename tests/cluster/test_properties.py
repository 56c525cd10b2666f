"""Whatever the log and the triggers are, a cluster finds what one process finds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.inline import InlineCluster
from tests.oracle import ours
from tests.oracle.cases import cases
from trigger_cli.cluster import elsewhere as cluster_elsewhere
from trigger_cli.cluster.buckets import OpenBuckets
from trigger_cli.cluster.elsewhere import EvaluatedElsewhere
from trigger_cli.cluster.log import ClusterLog, ClusterWorkers
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.engine.replay import EXPIRED_BUCKET_BUFFER, Replay
from trigger_cli.pipeline import ReplayOptions, ReplayRun
from trigger_cli.render.replay.json_report import replay_object


def firings_of(running: Replay, case, *, until_quiet: bool):
    """Each automation's firings, in order, and how things stand at the end."""
    records = ours.records(running, case, until_quiet=until_quiet)
    found = sorted(ours.root_firings(records), key=lambda one: (one["at"], one["automation"]))
    waiting = [(one.event, one.due) for one in running.waiting()]
    return found, running.pending(), waiting, running.clock, running.matched


@settings(max_examples=300)
@given(
    cases(most_events=20),
    st.sampled_from([DOCS, SERVER]),
    st.integers(1, 4),
    st.integers(1, 7),
    st.sampled_from([0, 60, 10_000]),
    st.booleans(),
)
def test_triggers_elsewhere_fire_as_here(case, dialect, workers, page_rows, lineage, until_quiet):
    """B, E, P, C, S: the same firings in the same order, however the work is cut up."""
    automations = ours.automations(case)
    here = Replay(automations, dialect)
    elsewhere = EvaluatedElsewhere(
        automations,
        dialect,
        expired_bucket_buffer=EXPIRED_BUCKET_BUFFER,
        cluster=InlineCluster(workers),
        page_rows=page_rows,
    )
    with patch.object(cluster_elsewhere, "_LINEAGE_BYTES", lineage):
        expected = firings_of(here, case, until_quiet=until_quiet)
        assert expected == firings_of(elsewhere, case, until_quiet=until_quiet)


def shown(reader: MatchedLog, run: ReplayRun):
    """What the command prints, and what it says about the log."""
    for _ in run:
        pass
    report = run.report()
    summary = replay_object(report, shows_automation=lambda _: True, shows_firing=lambda _: True)
    stats = reader.stats
    return summary, (stats.lines, stats.events, stats.malformed), reader.unreadable


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
    """O1-O4: bad lines, copies and followers, whichever way the logs were cut up."""
    matching = Matching(AUTOMATIONS, (options.dialect.name,), options.order)

    def run(reader: MatchedLog, workers: ClusterWorkers | None):
        records = reader.taken(workers)
        made = ReplayRun(AUTOMATIONS, records, options, with_buckets=False, compare_dialects=False)
        return shown(reader, made)

    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, lines in enumerate(logs):
            path = Path(folder) / f"a [log]  of {number} %20.jsonl"
            path.write_bytes("\n".join(lines).encode())
            paths.append(str(path))
        spread = ClusterLog(paths, matching, part_bytes=part_bytes, largest_whole=largest_whole)
        cluster = ClusterWorkers(InlineCluster(), matching)
        assert run(MatchedLog(paths, matching), None) == run(spread, cluster)


@given(st.lists(st.dictionaries(st.integers(0, 30), st.none() | st.integers()), max_size=20))
def test_open_buckets_are_a_mapping_that_never_changes(pages):
    """The old ones answer as before, and there are few layers to look through."""
    known = {}
    history = []
    buckets = OpenBuckets()
    for changes in pages:
        history.append((buckets, dict(known)))
        buckets = buckets.after(changes)
        known.update(changes)
        assert len(buckets.layers) <= 6
        history.append((buckets, dict(known)))
    for held, expected in history:
        assert [expected.get(key) for key in range(31)] == [held.of(key) for key in range(31)]
