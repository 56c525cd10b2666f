import io
import json
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from trigger_cli.cli.inputs import load_triggers, reading_in_rows
from trigger_cli.cli.output import make_console
from trigger_cli.read.log import Log


@pytest.mark.parametrize(("each", "lines"), [(False, 2), (True, 4)])
def test_warnings_that_say_the_same_are_one_line_with_their_number(each, lines, tmp_path):
    """A newer server sends a field with every automation."""
    trigger = {"type": "event", "posture": "Reactive", "expect": ["x"]}
    one = {"name": "a", "trigger": trigger, "brand_new": 1}
    path = tmp_path / "a.json"
    path.write_text(json.dumps([one, one, {**one, "other_new": 1}]))
    stderr = make_console(io.StringIO(), color="never", width=80)
    load_triggers([str(path)], stderr, quiet=False, verbose=False, each=each)
    told = stderr.file.getvalue().splitlines()
    assert lines == len(told)
    assert "`brand_new`" in told[0]
    assert told[0].endswith("ignores it" if each else "ignores it (and 2 more)")


def test_the_processes_that_read_end_before_the_first_event_of_a_sorted_log_is_taken(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"event": "x", "occurred": "2026-03-01T12:00:00Z", "resource": {}}\n')
    told = []

    @contextmanager
    def workers():
        yield None
        told.append("ended")

    log = Log([str(path)])
    log.reading = replace(log.reading, order="occurred")
    with reading_in_rows(log, quiet=True, workers=workers()) as records:
        told += [len(rows.read()[0]) for rows in records]
    assert told == ["ended", 1]
