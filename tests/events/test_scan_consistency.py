"""What a line is does not depend on what triggers want (O6)."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.events.logs import event_record
from trigger_cli.events.interpret import Interpreter
from trigger_cli.events.scan import FiringInterest, Scanner
from trigger_cli.model import BadLine

VALUES = st.sampled_from(
    ['"a"', "5", "null", "true", "[]", "{}", "1e999", "-0", "01", "NaN", '"\\ud800"', '"\\u00e9"',
     '"\\x"', '"é"', '{"a": [1, {"b": 2}]}', "[" * 200 + "]" * 200, "", '"']
)  # fmt: skip
KEYS = st.sampled_from(
    ["event", "occurred", "received", "id", "follows", "resource", "related", "payload"]
)


class _All:
    def select(self, resource, related):
        return resource, related


@st.composite
def lines(draw):
    """The line of an event, with some values that it should not have."""
    record = event_record(event=draw(st.sampled_from("ab")), payload={}, follows=None)
    parts = {key: json.dumps(value) for key, value in record.items()}
    for key in draw(st.lists(KEYS, max_size=2)):
        value = draw(VALUES)
        wrapped = {"resource": f'{{"a": "b", "c": {value}}}', "related": f'[{{"c": {value}}}]'}
        parts[key] = wrapped[key] if key in wrapped and draw(st.booleans()) else value
    return ("{" + ", ".join(f'"{key}": {value}' for key, value in parts.items()) + "}").encode()


def scanned(texts, wants):
    found = Scanner(lambda name: _All() if name in wants else None, "log").scan([texts])
    batch = found.batch
    rows = list(
        zip(batch.lines, batch.ids, batch.occurred, batch.follows, batch.name_codes, strict=True)
    )
    names = [batch.names[code] for code in batch.name_codes]
    return rows, names, [line for line, _ in found.bad], found.malformed


@given(st.lists(lines(), min_size=1, max_size=4))
def test_the_same_lines_are_events_whatever_is_wanted(texts):
    """Read for nothing, for one name, for all, and line by line."""
    nothing, some, everything = (scanned(texts, wants) for wants in ("", "a", "ab"))
    assert nothing == some == everything
    rows, _, bad, _ = everything
    one_by_one = list(Interpreter(0).read(iter(texts)))
    assert [row[0] for row in rows] == [
        one.line for one in one_by_one if not isinstance(one, BadLine)
    ]
    assert bad == [one.line for one in one_by_one if isinstance(one, BadLine)]


def test_the_payload_of_a_firing_is_read_in_every_way():
    """As one of several names, as the only one, and of a record that the fast path refuses."""
    firing = event_record(payload={"triggering_labels": {"a": "1"}})
    plain = event_record(event="other")
    odd = firing | {"resource": {"b": 5}}
    stretches = [[json.dumps(one).encode() for one in some] for some in ([firing, plain, firing],
                                                                        [firing], [odd])]  # fmt: skip
    interests = {firing["event"]: FiringInterest(lambda resource, _: ({**resource}, (), None))}
    found = Scanner(interests.get, "log").scan(stretches).batch
    assert [0, 2, 3, 4] == found.wanted_rows
    assert {"1"} == {own.get("payload.triggering_labels.a") for own, _, _ in found.wanted}
    assert [{"prefect.resource.id"}] * 3 + [set()] == [
        own.keys() - {"payload.triggering_labels.a"} for own, _, _ in found.wanted
    ]
