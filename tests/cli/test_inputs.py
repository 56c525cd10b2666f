from contextlib import contextmanager

from trigger_cli.cli.inputs import reading_in_rows
from trigger_cli.read.log import Log


def test_the_processes_that_read_end_before_the_first_event_of_a_sorted_log_is_taken(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"event": "x", "occurred": "2026-03-01T12:00:00Z", "resource": {}}\n')
    told = []

    @contextmanager
    def workers():
        yield None
        told.append("ended")

    log = Log([str(path)])
    log.reading = log.reading._replace(order="occurred")
    with reading_in_rows(log, quiet=True, workers=workers()) as records:
        told += [len(rows.read()[0]) for rows in records]
    assert told == ["ended", 1]
