import json
import os
import signal

import pytest

from tests.read.logs import AUTOMATIONS, record
from trigger_cli.dialects import DOCS
from trigger_cli.events.scan import Scanned
from trigger_cli.pipeline import replayed
from trigger_cli.read.reading import Reading
from trigger_cli.read.tasks import Lines, work_on
from trigger_cli.read.workers import Workers

READING = Reading(replayed(AUTOMATIONS, DOCS), "occurred")
TASKS = [
    Lines([[json.dumps(record("run.Failed", 0, f"e{n}", None, "a")).encode()] if n % 2 else None])
    for n in range(20)
]


def answers(workers: Workers) -> list[tuple[int, int, int]]:
    return [(label, one.events, one.malformed) for label, one in workers.in_order(enumerate(TASKS))]


EXPECTED = [
    (n, found.events, found.malformed)
    for n, found in enumerate(work_on(task, READING.scanner()) for task in TASKS)
]


@pytest.mark.parametrize("count", [1, 3])
def test_answers_come_in_the_order_of_the_tasks(count):
    """However many workers there are, each answer is beside its task."""
    with Workers(count, READING) as workers:
        assert EXPECTED == answers(workers)
        assert EXPECTED == answers(workers)


def test_what_is_an_answer_already_keeps_its_place():
    """What the parent has read itself is passed on between the others."""
    ready = Scanned(events=77)
    with Workers(2, READING) as workers:
        found = list(workers.in_order([(0, TASKS[1]), (1, ready), (2, TASKS[3])]))
    assert [(0, 1), (1, 77), (2, 1)] == [(label, one.events) for label, one in found]


@pytest.mark.parametrize("victims", [1, 2])
def test_a_worker_that_dies_loses_nothing(victims):
    """What it had been given is done by the parent, even if no worker is left."""
    with Workers(2, READING) as workers:
        for worker in workers._workers[:victims]:
            assert worker.process.pid is not None
            os.kill(worker.process.pid, signal.SIGKILL)
        assert EXPECTED == answers(workers)


def test_workers_end_with_their_block():
    """No process is left, also if not all answers were taken."""
    with Workers(2, READING) as workers:
        processes = [worker.process.pid for worker in workers._workers]
        next(workers.in_order(enumerate(TASKS)))
    for process in processes:
        assert process is not None
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def divided(number: int, by: int) -> tuple[int, bytes]:
    return number // by, b"x" * 200_000


@pytest.mark.parametrize("victims", [0, 1, 2])
def test_calls_are_answered_whoever_dies(victims):
    """Long arguments and answers, more calls than workers, and what a function raises."""
    with Workers(2, READING) as workers:
        assert 2 == workers.count()
        asked = [workers.ask(divided, number, 2) for number in range(3)]
        for worker in workers._workers[:victims]:
            assert worker.process.pid is not None
            os.kill(worker.process.pid, signal.SIGKILL)
        asked += [workers.ask(divided, number, 2) for number in range(3, 6)]
        wrong = workers.ask(divided, 1, 0)
        assert [0, 0, 1, 1, 2, 2] == [workers.result(one)[0] for one in asked]
        with pytest.raises(ZeroDivisionError):
            workers.result(wrong)


def test_calls_and_parts_of_a_log_go_through_the_same_workers():
    """An answer to one never fills the place of the other."""
    with Workers(2, READING) as workers:
        found, asked = [], []
        for label, one in workers.in_order(enumerate(TASKS)):
            asked.append(workers.ask(divided, label, 1))
            found.append((label, one.events, one.malformed))
        assert EXPECTED == found
        assert list(range(20)) == [workers.result(one)[0] for one in asked]
