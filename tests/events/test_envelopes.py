"""`events/envelopes.py`: what others put around an event is opened, or named with the way out."""

import base64
import json

import pytest

from tests.support import read_log
from trigger_cli.model import BadLine, Event

EVENT = {
    "id": "1",
    "occurred": "2026-03-01T12:00:00Z",
    "event": "x",
    "resource": {"prefect.resource.id": "r"},
    "related": [{"prefect.resource.id": "f", "prefect.resource.role": "flow"}],
}
TEXT = json.dumps(EVENT)
IN_BASE64 = base64.b64encode(TEXT.encode()).decode()
ROW = {**EVENT, "resource": json.dumps(EVENT["resource"]), "related": json.dumps(EVENT["related"])}
CLOUD_EVENT = {"specversion": "1.0", "type": "x", "source": "prefect", "id": "q"}
EVENT_BRIDGE = {"version": "0", "id": "q", "detail-type": "x", "source": "prefect"}
MESSAGE = {"data": IN_BASE64, "messageId": "7", "attributes": {}}


def records(tmp_path, *lines):
    """What a log of these lines holds."""
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return read_log(path)


@pytest.mark.parametrize(
    "line",
    [
        {**CLOUD_EVENT, "data": EVENT},
        {**CLOUD_EVENT, "data": TEXT},
        {**CLOUD_EVENT, "data_base64": IN_BASE64},
        {**EVENT_BRIDGE, "detail": EVENT},
        {"message": MESSAGE, "subscription": "projects/p/subscriptions/s"},
        MESSAGE,
        ROW,
        {"success": True, "events": [ROW]},
    ],
)
def test_the_event_inside_is_read(line, tmp_path):
    """The same event as without the envelope."""
    (plain,), (found,) = records(tmp_path, EVENT), records(tmp_path, line)
    assert isinstance(plain, Event)
    assert plain == found


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ({"payload": {"body": EVENT}}, '.["payload"]["body"]'),
        ({"Records": [{"ev": EVENT}]}, '.["Records"][]["ev"]'),
    ],
)
def test_of_another_object_it_is_said_where_the_event_is(line, path, tmp_path):
    """With the command that takes it out."""
    (bad,) = records(tmp_path, line)
    assert isinstance(bad, BadLine)
    assert f"take it out with jq -c '{path}'" in bad.message


@pytest.mark.parametrize(
    "line",
    [
        {**CLOUD_EVENT, "data": None},
        {**CLOUD_EVENT, "data_base64": "!"},
        {**EVENT_BRIDGE, "detail": "no JSON"},
        {**MESSAGE, "data": 1},
        {**ROW, "resource": "no JSON"},
        {**ROW, "resource": "[]"},
    ],
)
def test_an_envelope_without_an_event_is_a_bad_line(line, tmp_path):
    """One, whatever is inside."""
    (bad,) = records(tmp_path, line)
    assert isinstance(bad, BadLine)


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"id,event,occurred\n1,x,2026\n", "the log is CSV"), (b"PAR1\x15\x04", "a Parquet file")],
)
def test_other_formats_are_named(content, what, tmp_path):
    """With the way to JSON Lines."""
    path = tmp_path / "log"
    path.write_bytes(content)
    first, *_ = read_log(path)
    assert what in first.message
    assert "TO 'log.jsonl'" in first.message
