"""`history/better_dialect.py`: the dialect whose replay agrees better with the server's firings."""

import pytest

from tests.support import automations, proactive
from trigger_cli.dialects import DOCS, SERVER_3_4, SERVER_3_8, SERVER_3_9
from trigger_cli.history.audit import AutomationAudit, RecordedFiring, Unrecorded
from trigger_cli.history.audit_log import Audit, Unpaired
from trigger_cli.history.better_dialect import better_dialect

PLAIN = {"posture": "Reactive", "expect": ["a"]}
STAR = {"posture": "Reactive", "expect": ["*.a"]}
WATCH = proactive("b", after=["a"], for_each=["prefect.resource.id"])


def audit_with(*left, others=0):
    """An audit: the trigger of each automation, and how many firings are missed and unexpected."""
    chosen = automations(*({"name": str(n), "trigger": one} for n, (one, *_) in enumerate(left)))
    lost, lone = RecordedFiring(None, None, None, None, ()), Unrecorded(None, None)
    each = [
        AutomationAudit(one, (lost,) * missed, (lone,) * unexpected, ())
        for one, (_, missed, unexpected) in zip(chosen, left, strict=True)
    ]
    return Audit(each, [], {"other": others} if others else {}, [], 0, 1, 9, 0, 0)


def found_for(audit, dialect, counts):
    """What is found where a replay in these dialects leaves so much, and what was replayed."""
    asked = []

    def unpaired_in(other, chosen):
        asked.append((other.name, [one.name for one in chosen]))
        return (
            {one.index: Unpaired(*counts[other.name]) for one in chosen}
            if (other.name in counts)
            else None
        )

    better = better_dialect(audit, dialect, unpaired_in)
    told = better and (better.dialect.name, better.missed, better.unexpected)
    return told, asked


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"server-3.8": (0, 0)}, ("server-3.8", 1, 2)),
        ({"server-3.8": (1, 3), "docs": (0, 3)}, ("docs", 1, 5)),
        ({"server-3.8": (0, 3), "docs": (3, 0)}, ("server-3.8", 1, 5)),
        ({"server-3.8": (2, 3), "server-3.4": (3, 2)}, None),
        ({"server-3.8": (9, 9)}, None),
        ({}, None),
    ],
    ids=["none left", "the fewest", "a tie: the newest server", "as many", "more", "no end"],
)
def test_the_dialect_with_the_fewest_unpaired_firings(counts, expected):
    """Of all automations; one about which dialects agree counts as it does here."""
    found, asked = found_for(audit_with((PLAIN, 1, 2), (WATCH, 2, 3)), SERVER_3_9, counts)
    assert expected == found
    assert ("server-3.8", ["1"]) in asked


def test_a_dialect_that_must_agree_with_one_that_was_tried_is_not():
    """Of a pattern with a star at its start, only 3.6 and older, and the documentation, differ."""
    _, asked = found_for(audit_with((STAR, 1, 0)), SERVER_3_9, {})
    names = [name for name, _ in asked]
    assert "server-3.8" not in names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "left", [[(WATCH, 0, 0)], [(PLAIN, 1, 1), (WATCH, 0, 0)]], ids=["all paired", "of another"]
)
def test_nothing_is_replayed_where_it_cannot_be_better(left):
    """No difference is left of an automation that another dialect takes differently."""
    for dialect in (SERVER_3_9, SERVER_3_8, DOCS):
        found, asked = found_for(audit_with(*left), dialect, {})
        assert found is None
        assert {"server-3.4"} >= {name for name, _ in asked}
    assert (None, []) == found_for(audit_with((WATCH, 0, 0)), SERVER_3_4, {})


def test_what_a_dialect_does_not_evaluate_is_not_among_its_unpaired_firings():
    """Its own audit has none of a metric trigger, which the server refuses (D11)."""
    metric = {"type": "metric", "metric": {"name": "successes", "operator": "<", "threshold": 1}}
    audit = audit_with((WATCH, 2, 3), (metric, 0, 4))
    found, asked = found_for(audit, DOCS, {"server-3.8": (0, 1)})
    assert ("server-3.8", 0, 1) == found
    assert ("server-3.8", ["0"]) in asked


def test_a_log_of_no_server_has_no_better_dialect():
    """Each dialect that fires less would be one."""
    audit = audit_with((WATCH, 0, 5))
    assert audit.has_nothing_to_compare
    assert (None, []) == found_for(audit, SERVER_3_9, {})
