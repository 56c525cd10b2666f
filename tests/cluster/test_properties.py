"""Whatever the log and the triggers are, a cluster finds what one process finds."""

import json
import tempfile
from functools import partial
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.parallel.inline import InlineCluster, printed
from tests.read.logs import LINES, TRIGGERS
from trigger_cli.cluster.log import ClusterWorkers, SharedStorage
from trigger_cli.definitions import load_text
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.engine.replay import Replay
from trigger_cli.parallel.replay import ParallelReplay
from trigger_cli.pipeline import ReplayOptions, replayed
from trigger_cli.read.log import Log
from trigger_cli.read.reading import Reading

AUTOMATIONS = load_text(json.dumps(2 * TRIGGERS), file="triggers.json").automations
"""Two of each kind, so that at one instant shares have the same to tell."""


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
    reading = Reading(replayed(AUTOMATIONS, options.dialect), options.order)

    def shown(reader: Log, records, make_replay=Replay):
        found = printed(AUTOMATIONS, records, options, make_replay)
        stats = reader.stats
        return found, (stats.lines, stats.events, stats.malformed), reader.unreadable

    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, lines in enumerate(logs):
            path = Path(folder) / f"a [log]  of {number} %20.jsonl"
            path.write_bytes("\n".join(lines).encode())
            paths.append(str(path))
        storage = SharedStorage(reading, part_bytes=part_bytes, largest_whole=largest_whole)
        readers = ClusterWorkers(InlineCluster(), reading)
        elsewhere = partial(ParallelReplay, helpers=InlineCluster(), page_rows=4)
        here, there = Log(paths, reading), Log(paths, reading, storage=storage)
        assert shown(here, here.taken()) == shown(there, there.in_rows(readers), elsewhere)
