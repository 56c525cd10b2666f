"""``trigger-cli audit`` replays only what a possible cause changes; the answer is that of whole replays."""

import json
from functools import partial
from unittest.mock import patch

import pytest
from hypothesis import strategies as st

from tests.front_door.asking import ask_random_cases
from tests.front_door.door import ask
from tests.front_door.test_commands import NO_EVENTS, Commands, questions, recorded
from trigger_cli.history import audit
from trigger_cli.times import SECOND, format_instant, parse_instant

OF_A_SHARE = 8


def record_of(answer, draw):
    """What a server recorded that missed some of these firings, and was late, or fired again."""
    found = []
    for firing in answer["firings"]:
        for _ in range(draw(st.sampled_from((0, 1, 1, 1, 2)))):
            late = draw(st.sampled_from((0, 0, SECOND // 10, 3 * SECOND, 40 * SECOND)))
            at = format_instant(parse_instant(firing["at"]) + late)
            found.append(recorded(len(found), {**firing, "at": at}))
    return found


def whole(simulate, *inputs, **options):
    """`simulate` without what is known."""
    return simulate(*inputs, **{**options, "known": None})


def check(case, dialect, mode, data, folder):
    """The answers with and without what is known; gives the number of recorded firings."""
    created = data.draw(st.sampled_from([None, *(one["occurred"] for one in case["events"])]))
    known = {"created": created, "updated": created} if created else {}
    case = {**case, "automations": [{**one, **known} for one in case["automations"]]}
    commands = Commands({**case, "start": None}, folder, dialect, mode)
    answer = commands.answer()
    if answer == NO_EVENTS:
        return 0
    record = record_of(answer, data.draw)
    log = folder / "audited.jsonl"
    told = map(json.dumps, record)
    log.write_text("\n".join((commands.log.read_text("utf-8"), *told)), "utf-8")
    asked = partial(ask, "audit", commands.definitions, "--log", log, *commands.options)
    for form in (("--format", "json"), ("--verbose",)):
        found = asked(*form)
        with patch.object(audit, "simulate", partial(whole, audit.simulate)):
            assert asked(*form) == found
    return len(record)


@pytest.mark.timeout(1200)  # a failure is made smaller before it is told
def test_trials_of_a_part_answer_as_whole_ones_do(share, pytestconfig, say, tmp_path):
    """Whatever the server missed, was late with, or did twice."""
    strategy = st.tuples(questions(), st.data()).map(lambda both: (*both[0], both[1]))
    agree = partial(check, folder=tmp_path)
    ask_random_cases(pytestconfig, say, "whole trials", share, strategy, agree, cases=OF_A_SHARE)
