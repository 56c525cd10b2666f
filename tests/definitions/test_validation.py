"""Tests of ``definitions/validation.py``: what a finding says, and where it points."""

import pytest

from tests.definitions.helpers import codes, findings, read
from trigger_cli.model import Span

MESSAGES = [
    (
        {"expect": "a"},
        '`expect`: found the string "a", expected a list of event names',
        'write ["a"]',
    ),
    ({"after": None}, "`after`: found null, expected a list of event names", "leave `after` out"),
    (
        {"match": {"a": None}},
        "`match.a`: found null, expected a pattern or a list of patterns",
        'write "*" for any value, or leave the label out',
    ),
    (
        {"match_related": [{"prefect.resource.id": 5}]},
        '`match_related[0]["prefect.resource.id"]`: found the number 5, expected a pattern or a list of patterns',
        'put it in quotes: "5"',
    ),
    (
        {"match": "prefect.flow-run.*"},
        '`match`: found the string "prefect.flow-run.*", expected an object of labels',
        'write {"prefect.resource.id": "prefect.flow-run.*"}',
    ),
    (
        {"match_related": "x"},
        '`match_related`: found the string "x", expected an object of labels or a list of such objects',
        None,
    ),
    (
        {"expect": [12]},
        "`expect[0]`: found the number 12, expected a string",
        'put it in quotes: "12"',
    ),
    ({"threshold": 2.5}, "`threshold`: found the number 2.5, expected a whole number", None),
    (
        {"within": "5m"},
        '`within`: found the string "5m", expected a number of seconds or an ISO 8601 duration',
        "write 300, in seconds and without quotes",
    ),
    ({"within": -5}, "`within`: found the number -5, expected 0 or more seconds", None),
    (
        {"posture": "Proactive", "within": 5},
        "`within`: found 5 seconds, a Proactive trigger needs at least 10",
        "write 10 or more, or leave it out for 10",
    ),
    (
        {"posture": "reactive"},
        '`posture`: found the string "reactive", expected "Reactive" or "Proactive"',
        'did you mean "Reactive"?',
    ),
    (
        {"posture": "Metric"},
        '`posture`: found the string "Metric", expected "Reactive" or "Proactive"',
        'a metric trigger has "type": "metric"',
    ),
    (
        {"type": "Event"},
        '`type`: found the string "Event", expected "event", "metric", "compound" or "sequence"',
        'did you mean "event"?',
    ),
    (
        {"type": "compound", "triggers": [{}]},
        "the key `require` is missing",
        'add "require": "all", "any" or a number',
    ),
    (
        {"type": "compound", "triggers": [{}], "require": 2},
        "`require`: found the number 2, expected a number from 1 to 1, the number of triggers",
        None,
    ),
    (
        {"type": "compound", "triggers": [], "require": 1},
        "`require`: found the number 1, expected a number from 1 to the number of triggers, but there are none",
        None,
    ),
    (
        {"type": "metric"},
        "the key `metric` is missing",
        'add "metric": {"name": …, "operator": …, "threshold": …}',
    ),
    (
        {"type": "metric", "metric": {"name": "late", "operator": ">", "threshold": 1}},
        '`metric.name`: found the string "late", expected "successes", "duration" or "lateness"',
        'did you mean "lateness"?',
    ),
    (
        {"type": "metric", "metric": {"name": "lateness", "operator": "gte", "threshold": 1}},
        '`metric.operator`: found the string "gte", expected "<", "<=", ">" or ">="',
        'did you mean ">="?',
    ),
]


@pytest.mark.parametrize(("keys", "message", "advice"), MESSAGES)
def test_messages(keys, message, advice):
    """A message says where, what was found and what was expected; the advice what to do."""
    (finding,) = read({"type": "event", "match": {}} | keys).findings

    assert (message, advice) == (finding.message, finding.help)


def test_all_errors_are_reported():
    """One run shows everything that is wrong, children included."""
    definition = {
        "type": "compound",
        "require": 5,
        "within": -1,
        "triggers": [{"expect": "a", "threshold": "x"}, 5, {"triggers": [{"posture": "x"}]}],
    }
    expected = {
        ("TRG104", "/require"),
        ("TRG104", "/within"),
        ("TRG102", "/triggers/0/expect"),
        ("TRG102", "/triggers/0/threshold"),
        ("TRG102", "/triggers/1"),
        ("TRG103", "/triggers/2/triggers/0/posture"),
    }

    assert expected == set(codes(definition))


def test_a_finding_knows_its_place():
    """A finding points at the value: in the file, the document and the automation."""
    text = (
        '{"name": "n", "actions": [], "trigger":\n'
        '  {"type": "sequence", "triggers": [{}, {"expect": "a"}]}}'
    )
    (finding,) = read(text).findings

    assert Span(2, 52, 2, 55) == finding.span
    assert '  {"type": "sequence", "triggers": [{}, {"expect": "a"}]}}' == finding.excerpt
    assert ("/trigger/triggers/1/expect", "n", "$.triggers[1]") == (
        finding.pointer,
        finding.automation,
        finding.trigger,
    )


def test_a_null_is_shown_at_its_key():
    """In YAML a null is often nothing at all, so its key is shown."""
    (finding,) = read("type: event\nexpect:\n", "x.yaml").findings

    assert Span(2, 1, 2, 7) == finding.span


def test_a_missing_key_is_shown_at_its_object():
    """What is not there is reported for the object that should have it."""
    expected = [("TRG105", "/triggers/1", "the key `require` is missing")]

    assert expected == findings(
        {"type": "sequence", "triggers": [{}, {"type": "compound", "triggers": [{}]}]}
    )
