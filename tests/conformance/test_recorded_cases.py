"""Prefect's own server on recorded random cases, reproduced exactly.

Each case is a line of ``recorded-cases.jsonl``, written by ``record.py``: automations, events in
arrival order, and what the server's engine fired, in its order and with all children.
"""

import json
from pathlib import Path

import pytest

from tests.conformance.record import PAIRS, RECORDED, features, rules_and_pairs
from tests.oracle import ours

CASES = [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]
EVENT_RULES = "B5 B6 B7 E1 E2 E3 E4 E5 E6 E7 S2 P3 P5 P6"
COMPOSITE_RULES = "C2 C3 C4 C5"
DELIVERY_RULES = "O2 O4"
# The rules that no transition names, seen in the cases themselves.
OTHER_RULES = "B2 C1 C6 M1 M2 M3 M6 N1 N2 N4 O3 O5 P1 T4 T6"


@pytest.fixture(scope="module")
def replayed():
    """Each case with the records of its replay."""
    return [(case, ours.transitions(case)) for case in CASES]


def test_the_servers_firings_are_reproduced(replayed):
    """Same firings in the same order: time, labels, event, and what they are made of."""
    for case, records in replayed:
        assert case["firings"]["server-3.8"] == ours.root_firings(records), case["case"]


@pytest.fixture(scope="module")
def shown(replayed):
    """Rules, pairs and features of all recorded cases together."""
    rules, pairs, others = set(), set(), set()
    for case, records in replayed:
        here = rules_and_pairs(records)
        rules |= here[0]
        pairs |= here[1]
        others |= features(case, records)
    return rules, pairs, others


def test_there_are_enough_cases():
    """At least 300, in a file of less than 2 MB."""
    assert 300 <= len(CASES)
    assert 2_000_000 > Path(RECORDED).stat().st_size


def test_every_rule_is_covered(shown):
    """Each rule of E, P, S, C and O that holds in ``server`` decides something."""
    rules, _, others = shown
    expected = f"{EVENT_RULES} {COMPOSITE_RULES} {DELIVERY_RULES}".split()
    assert set(expected) == {one.split()[0] for one in rules}
    assert set(OTHER_RULES.split()) == {one.split()[0] for one in others}


def test_every_pair_of_neighbouring_rules_is_covered(shown):
    """Whatever was found to follow something else in a bucket's life does so in some case."""
    _, pairs, _ = shown
    assert set(PAIRS.read_text("utf-8").splitlines()) <= pairs
