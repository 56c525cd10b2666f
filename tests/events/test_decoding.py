import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events.logs import NOON, event_record
from trigger_cli.events.decoding import (
    NotAnEvent,
    event_of,
    explain,
    triggering_labels,
    unwrapped,
)
from trigger_cli.model import Event

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


def decoded(record: object) -> Event:
    return event_of(record, 12)


def test_an_event_is_read():
    """Every field of the API's event that a replay needs is there."""
    assert decoded(event_record(follows="b")) == Event(
        line=12,
        id="01a207c2-a2a6-7f56-96a8-bf1ad068337d",
        name="prefect.flow-run.Completed",
        occurred=NOON,
        received=NOON + 1_000_000,
        follows="b",
        resource={"prefect.resource.id": "prefect.flow-run.1"},
        related=({"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "flow"},),
    )


def test_the_least_an_event_needs():
    """Name, time and resource make an event."""
    record = {"event": "a", "occurred": "2026-03-01T12:00:00Z", "resource": {}}
    assert decoded(record) == Event(12, "", "a", NOON, None, None, {}, ())


@pytest.mark.parametrize("absent", [{"id": None, "follows": None}, {"id": "", "follows": ""}])
def test_an_absent_id_is_empty_and_an_absent_follows_is_none(absent):
    """Null and the empty string both say that there is none."""
    event = decoded(event_record(**absent))
    assert (event.id, event.follows) == ("", None)


def test_null_for_related_is_none():
    """An event without related resources may say so in any way."""
    assert decoded(event_record(related=None)).related == ()


def test_an_offset_is_taken_into_account():
    """`prefect event stream` writes `+00:00`; other offsets count too (T1)."""
    times = ["2026-03-01T12:00:00+00:00", "2026-03-01T13:30:00.000000+01:30", "2026-03-01T12:00:00"]
    assert [decoded(event_record(occurred=time)).occurred for time in times] == [NOON] * 3


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (None, "expected an event, which is an object, found null"),
        ([], "expected an event, which is an object, found a list"),
        ("event", "expected an event, which is an object, found 'event'"),
        (
            {"event": "a", "resource": {}},
            "an event needs `event`, `occurred` and `resource`, found no `occurred`",
        ),
        (
            {},
            (
                "an event needs `event`, `occurred` and `resource`, "
                "found no `event` and no `occurred` and no `resource`"
            ),
        ),
        (
            event_record(event=3),
            "`event` must be a name such as 'prefect.flow-run.Completed', found the number 3",
        ),
        (
            event_record(event=""),
            "`event` must be a name such as 'prefect.flow-run.Completed', found an empty string",
        ),
        (
            event_record(occurred=1772366400),
            "`occurred` must be a time such as '2026-03-01T12:00:00Z', found the number 1772366400",
        ),
        (
            event_record(occurred="noon"),
            "`occurred` is 'noon', not an RFC 3339 time such as 2026-03-01T12:00:00Z",
        ),
        (
            event_record(occurred="2026-02-30T12:00:00Z"),
            "`occurred` is '2026-02-30T12:00:00Z', not a time that exists",
        ),
        (
            event_record(received=""),
            "`received` is '', not an RFC 3339 time such as 2026-03-01T12:00:00Z",
        ),
        (
            event_record(received=False),
            "`received` must be a time such as '2026-03-01T12:00:00Z', found false",
        ),
        (event_record(resource=[]), "`resource` must be an object of labels, found a list"),
        (event_record(resource=None), "`resource` must be an object of labels, found null"),
        (event_record(related={}), "`related` must be a list of objects, found an object"),
        (event_record(related="ab"), "`related` must be a list of objects, found 'ab'"),
        (event_record(related=[{}, "a"]), "`related[1]` must be an object of labels, found 'a'"),
        (event_record(id=0), "`id` must be a string, found the number 0"),
        (event_record(follows=["a"]), "`follows` must be a string, found a list"),
    ],
)
def test_what_is_no_event_is_explained(record, reason):
    """Each fault says what was found and what was expected."""
    with pytest.raises(NotAnEvent):
        decoded(record)
    assert explain(record) == reason


@given(
    st.dictionaries(
        st.sampled_from(["event", "occurred", "received", "resource", "related", "id", "follows"]),
        JSON
        | st.just("2026-03-01T12:00:00Z")
        | st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=3)), max_size=2)
        | st.dictionaries(st.text(max_size=3), st.text(max_size=3)),
    )
    | JSON
)
def test_a_record_is_an_event_or_has_an_explanation(record):
    """The fast way that takes an event and the slow one that explains agree on every value."""
    try:
        decoded(record)
    except NotAnEvent:
        assert explain(record) != "no event"
    else:
        assert explain(record) == "no event"


@given(st.text(min_size=1000, max_size=1001))
def test_an_explanation_is_bounded(text):
    """However long a log's values are, the reason is not."""
    long = text * 1000
    for record in (
        long,
        event_record(occurred=long),
        event_record(resource=long),
        event_record(related=long),
    ):
        assert len(explain(record)) < 800


def test_labels_that_are_no_strings_are_absent():
    """O6: the event stands, with the labels that are strings."""
    event = decoded(
        event_record(
            resource={"a": "b", "c": 1, "d": None}, related=[{"e": ["f"]}, {"g": "h", "i": {}}]
        )
    )
    assert ({"a": "b"}, ({}, {"g": "h"})) == (event.resource, event.related)


EVENT = event_record()


@pytest.mark.parametrize(
    ("record", "inner"),
    [
        ({"type": "event", "event": EVENT}, [EVENT]),
        ({"type": "auth_success"}, []),
        ({"type": "ping", "at": 3}, []),
        ({"events": [EVENT, 3], "total": 2}, [EVENT, 3]),
        ({"events": []}, []),
        (EVENT, None),
        ({"type": "event", "event": 3}, None),
        ({"type": "a", "occurred": "2026-03-01T12:00:00Z"}, None),
        ({"type": 3}, None),
        ({"events": {}}, None),
        ({"event": "a", "events": []}, None),
        ([EVENT, {}], [EVENT, {}]),
        ([EVENT, 3], None),
        ([], None),
        (3, None),
    ],
)
def test_pages_and_messages_are_taken_apart(record, inner):
    """What wraps events is opened; what is neither page nor message is not."""
    assert unwrapped(record) == inner


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"triggering_labels": {"a": "1"}, "triggering_event": {"payload": {}}}, {"a": "1"}),
        ('{"triggering_labels": {"a": "1"}}', {"a": "1"}),
        ({"triggering_labels": {}}, {}),
        ({"triggering_labels": {"a": "1", "b": 2}}, {}),
        ({"triggering_labels": ["a"]}, {}),
        ({}, {}),
        (["a"], {}),
        ("{", {}),
        (None, {}),
        (5, {}),
    ],
    ids=str,
)
def test_the_labels_of_a_servers_firing(payload, expected):
    """Of its text and of its value; anything else than labels is none."""
    record = event_record(payload=payload)
    assert expected == triggering_labels(record) == triggering_labels(json.dumps(record).encode())
    assert {} == triggering_labels({"event": "a"}) == triggering_labels(b'{"event": "a"}')
