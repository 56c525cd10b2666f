"""Our engine and Prefect's own, on random cases that nobody has seen before."""

import time

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.front_door.agreement import firings_by_automation
from tests.front_door.door import to_repeat
from tests.front_door.modes import modes
from tests.oracle import ours
from tests.oracle.cases import NOON, cases
from tests.support import log_event, proactive
from trigger_cli.times import MINUTE, format_instant


def test_fresh_random_cases_agree(oracle, say, pytestconfig):
    """Same root firings in the same order, with the same labels, events and children.

    A disagreement is shrunk to a minimal case, which is printed with the seed.
    """
    options = pytestconfig.option
    counts = {"cases": 0, "events": 0, "firings": 0}

    @seed(options.oracle_seed)
    @settings(
        max_examples=options.oracle_cases,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
    )
    @given(cases(), modes())
    def agree(case, mode):
        theirs = oracle.firings(case)
        counts["cases"] += 1
        counts["events"] += len(case["events"])
        counts["firings"] += len(theirs)
        told = to_repeat(case, oracle.dialect, mode)
        assert theirs == ours.root_firings(ours.transitions(case, oracle.dialect)), told
        # The command sorts what fires at one instant by definition order.
        answered = firings_by_automation(ours.firings(case, oracle.dialect, mode))
        assert firings_by_automation(theirs) == answered, told

    began = time.monotonic()
    verdict = "DISAGREEMENT"
    try:
        agree()
        verdict = "no disagreement"
    finally:
        rate = counts["cases"] / (time.monotonic() - began)
        say(
            f"oracle: {counts['cases']} live cases of {oracle.dialect} ({counts['events']} events,"
            f" {counts['firings']} firings, {rate:.0f} cases/s), {verdict};"
            f" --oracle-seed {options.oracle_seed}"
        )
    assert counts["cases"] >= options.oracle_cases


def events(*times, follows=None):
    """An event at each time, in minutes after noon; the last follows, the others repeat."""
    return [
        log_event(
            "a",
            60 * minutes,
            id=f"00000000-0000-0000-0000-{number:012}",
            related=[],
            follows=f"00000000-0000-0000-0000-{follows:012}" if follower else None,
        )
        for number, minutes, follower in times
    ]


def case_of(log):
    every = {"type": "event", "posture": "Reactive"}
    return {
        "automations": [{"name": "every", "trigger": every}],
        "events": log,
        "until": format_instant(NOON + 90 * MINUTE),
    }


def minutes_of(firings):
    start = format_instant(NOON)[:14]
    return [int(one["at"][14:16]) + (0 if one["at"].startswith(start) else 60) for one in firings]


@pytest.mark.parametrize(("minutes", "fired"), [(29, [0]), (30, [0, 30]), (50, [0, 50])])
def test_o2_second_copies_are_dropped_for_30_minutes(oracle, minutes, fired):
    """Exactly 30 minutes later the copy is an event of its own."""
    case = case_of(events((1, 0, False), (1, minutes, False)))
    assert (
        fired == minutes_of(oracle.firings(case)) == minutes_of(ours.firings(case, oracle.dialect))
    )


@pytest.mark.parametrize(("minutes", "fired"), [(29, [0, 29]), (30, [0, 45]), (50, [0, 65])])
def test_o4_leaders_are_remembered_for_30_minutes(oracle, minutes, fired):
    """Exactly 30 minutes later the follower waits."""
    case = case_of(events((1, 0, False), (2, minutes, True), follows=1))
    assert (
        fired == minutes_of(oracle.firings(case)) == minutes_of(ours.firings(case, oracle.dialect))
    )


def test_buckets_that_start_together_go_by_their_key(oracle):
    """P2's tie, as SQLite's index gives it: the last key's firing is the one a parent keeps."""
    each = proactive("never", type="event", after=["a"], for_each=["prefect.resource.id"])
    late = {**each, "expect": ["never either"], "within": 70}
    log = events((1, 0, False), (2, 0, False), (3, 0, False))
    for one, run in zip(log, "bca", strict=True):
        one["resource"] = {"prefect.resource.id": run}
    trigger = {"type": "sequence", "triggers": [each, late], "within": None}
    case = {**case_of(log), "automations": [{"name": "both", "trigger": trigger}]}
    theirs = oracle.firings(case)
    assert [["c", "a"]] == [
        [child["labels"]["prefect.resource.id"] for child in one["children"]] for one in theirs
    ]
    assert theirs == ours.root_firings(ours.transitions(case, oracle.dialect))


def test_the_server_says_so_when_it_refuses(oracle):
    """A definition that the server does not take is no silent agreement."""
    from tests.oracle.client import OracleFailure

    case = case_of([])
    case["automations"][0]["trigger"] = {"type": "event", "posture": "Metric"}
    with pytest.raises(OracleFailure, match="validation error"):
        oracle.firings(case)
