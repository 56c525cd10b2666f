"""`spelling.py`: events as a test file writes them, exactly."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support import SAMPLES, read_log
from tests.testing.helpers import assembled
from trigger_cli.model import Event
from trigger_cli.testing.event_text import event_text, shorthand

ROLES = st.sampled_from(["flow", "tag", "deployment", "odd role", "creator"])
VALUES = st.text(max_size=12) | st.sampled_from(["a", "prefect.flow.a", "{n}", "a b", "[x]"])
LABELS = st.dictionaries(
    st.sampled_from(["prefect.resource.id", "prefect.resource.name", "k", "a.b", "resource.id"]),
    VALUES,
    max_size=4,
)
RELATED = st.lists(
    st.builds(lambda labels, role: {**labels, "prefect.resource.role": role}, LABELS, ROLES),
    max_size=3,
)
EVENTS = st.builds(
    Event,
    line=st.just(1),
    id=st.just("event-1") | VALUES.filter(bool),
    name=st.sampled_from(["prefect.flow-run.Failed", "prefect.work-pool.ready", "a.b", "x y", "é"]),
    occurred=st.integers(0, 10**13),
    received=st.none() | st.integers(0, 10**13),
    follows=st.none() | VALUES.filter(bool),
    resource=LABELS,
    related=RELATED.map(tuple),
)


def read_back(text):
    start = "  start: 1970-01-01T00:00:00Z\n"
    return assembled(f"{start}  order: log\n  events:\n  - {text}\n").events[0]


def same(event):
    received = event.occurred if event.received is None else event.received
    return event._replace(received=received)


@given(EVENTS)
def test_what_is_written_reads_back_as_the_same_event(event):
    """In shorthand or in full, whatever the event holds."""
    assert same(event) == read_back(event_text(event, 0, indent=4))


def test_events_of_the_sample_log_read_back():
    """72 real-looking ones: a third of them."""
    for event in read_log(SAMPLES / "nightly.events.jsonl", order="log")[::3]:
        alone = event._replace(line=1)
        assert same(alone) == read_back(event_text(alone, 0, indent=4))


def test_a_simple_event_is_short():
    """What the shorthand leaves unsaid is what it would say."""
    labels = {
        "prefect.resource.id": "prefect.flow-run.a",
        "prefect.resource.name": "a",
        "prefect.state-name": "Failed",
        "prefect.state-type": "FAILED",
    }
    tag = {"prefect.resource.id": "prefect.tag.x", "prefect.resource.role": "tag"}
    event = Event(1, "event-1", "prefect.flow-run.Failed", 1_000_000, None, None, labels, (tag,))
    assert "flow-run Failed name=a tags=[x] at +1s" == shorthand(event, 0)
