"""The JSON Schema takes the numbers that the reader takes, and no others."""

import json

import pytest
from jsonschema import Draft202012Validator

from trigger_cli.definitions import load_text
from trigger_cli.definitions.json_schema import definition_schema

VALIDATOR = Draft202012Validator(definition_schema())
NUMBERS = [-300, -1, -0.5, 0, 0.5, 1, 1.0, 1.5, 2, 9.999, 10, 300, 86399999913599, 86399999913600]
TEXTS = [
    *("", "1", "-1", "+1", " 1 ", "1.5", "1e3", "5.", "60", "inf", "nan", "many", "5m"),
    *("PT1M", "+PT1M", "-PT1M", "P1D", "P1.5D", "P1W2DT3H4M5.6S", "P", "PT", "P1", "P1H", "pt1m"),
    *("00:01:00", "-00:01:00", "1:00", "1:00:00.5", "01:60", "1 d", "2 days, 01:00", "1 month"),
]
NONE = [None]
MORE_THAN_TRIGGERS = [10, 300, 86399999913599, 86399999913600, "60"]
"""No schema can count those."""
EVENT = {"expect": ["a"]}
FIELDS = {
    "event.threshold": lambda value: {**EVENT, "threshold": value},
    "event.within": lambda value: {**EVENT, "within": value},
    "proactive.within": lambda value: {**EVENT, "posture": "Proactive", "within": value},
    "metric.threshold": lambda value: metric(threshold=value),
    "metric.range": lambda value: metric(range=value),
    "metric.firing_for": lambda value: metric(firing_for=value),
    "compound.within": lambda value: {"require": "all", "triggers": [EVENT], "within": value},
    "compound.require": lambda value: {"require": value, "triggers": [EVENT] * 2},
    "sequence.within": lambda value: {"type": "sequence", "triggers": [EVENT], "within": value},
    "deployment.schedule_after": lambda value: {**EVENT, "schedule_after": value},
}


def metric(**fields):
    query = {"name": "lateness", "operator": "<", "threshold": 1}
    return {"type": "metric", "metric": {**query, **fields}}


@pytest.mark.parametrize("field", FIELDS)
def test_it_agrees_with_the_reader_on_each_number(field):
    """Negative ones, limits, and texts that are numbers, durations or neither."""
    apart = []
    for value in (*NUMBERS, *TEXTS, *NONE):
        document = FIELDS[field](value)
        read = not load_text(json.dumps(document), file="a.json").has_errors
        is_beyond = field == "compound.require" and value in MORE_THAN_TRIGGERS
        if VALIDATOR.is_valid(document) != read and not is_beyond:
            apart.append(value)
    assert apart == []


def numeric_fields(schema, path=""):
    """The properties that may be a number, each after the name of what has it."""
    for key, value in schema.items():
        if key == "properties":
            yield from (f"{path}.{name}" for name in value if "number" in types_of(value[name]))
        elif key == "allOf":
            for one in value:
                yield from numeric_fields(one, path)
        elif isinstance(value, dict) and key not in {"if", "then", "else"}:
            yield from numeric_fields(value, key)


def types_of(schema):
    """The types of a property, of which an integer is a number."""
    named = {str(schema.get("type")).replace("integer", "number")}
    return named.union(*map(types_of, schema.get("anyOf", [])))


def test_each_numeric_field_is_asked():
    """A new one needs a line above."""
    found = {
        path.replace("Trigger", "").replace("QueryModel", "").lower()
        for path in numeric_fields(definition_schema())
    }
    assert found | {"proactive.within"} == {*FIELDS}


def test_defaults_are_in_the_unit_of_the_field():
    """Seconds, as a definition writes them; the models hold µs."""
    fields = definition_schema()["$defs"]["MetricQueryModel"]["properties"]
    assert [300, 300] == [fields[name]["default"] for name in ("range", "firing_for")]
