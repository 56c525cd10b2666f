"""`shorthand.py`: an event on one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trigger_cli.testing.events import made
from trigger_cli.testing.records import NOWHERE
from trigger_cli.testing.shorthand import LONGEST, ShorthandError, read_shorthand
from trigger_cli.times import TimePoint


def read(text):
    return read_shorthand(text, NOWHERE)


def events(text):
    return list(made(read(text), 0))


def test_the_example_of_the_issue():
    """Kind, state, name, tags, time and repetition."""
    spec = read("flow-run Completed name=daily tags=[production] at +30s x3 every 10s")
    assert "prefect.flow-run.Completed" == spec.name
    assert "prefect.flow-run.daily" == spec.resource["prefect.resource.id"]
    assert "COMPLETED" == spec.resource["prefect.state-type"]
    assert (
        {"prefect.resource.id": "prefect.tag.production", "prefect.resource.role": "tag"},
    ) == spec.related
    assert [30_000_000, 40_000_000, 50_000_000] == [one.occurred for one in made(spec, 0)]


def test_a_custom_event_has_any_name_and_any_label():
    """`event NAME` with labels of its own and of what is related."""
    spec = read("event my.custom.event resource.id=etl.x label=value related.flow.name=daily")
    assert "my.custom.event" == spec.name
    assert {"prefect.resource.id": "etl.x", "label": "value"} == spec.resource
    assert "prefect.flow.daily" == spec.related[0]["prefect.resource.id"]
    assert "daily" == spec.related[0]["prefect.resource.name"]


def test_an_event_may_be_so_long():
    """And not longer."""
    longest = "event x".ljust(LONGEST)
    assert "x" == read(longest).name
    with pytest.raises(ShorthandError, match="more than 20,000 characters"):
        read(f"{longest} ")


def test_a_work_pool_that_is_not_ready():
    """Kinds that are no runs have no state labels."""
    spec = read("work-pool not-ready name=k8s at +1m")
    assert "prefect.work-pool.not-ready" == spec.name
    assert {
        "prefect.resource.id": "prefect.work-pool.k8s",
        "prefect.resource.name": "k8s",
    } == spec.resource
    assert TimePoint(60_000_000, after_start=True) == spec.at


def test_repetitions_are_numbered():
    """`{n}` makes each repetition another run."""
    found = events("flow-run Failed name=job-{n} x3 every 1s")
    assert ["job-1", "job-2", "job-3"] == [one.resource["prefect.resource.name"] for one in found]


def test_roles_take_one_name_or_several():
    """`flow=daily` is short for its id, its name and its role."""
    spec = read("flow-run Failed flow=daily deployment=[a, 'b c']")
    assert ["prefect.flow.daily", "prefect.deployment.a", "prefect.deployment.b c"] == [
        one["prefect.resource.id"] for one in spec.related
    ]


def test_quotes_keep_blanks_and_brackets():
    """Double quotes know a backslash, single ones are doubled."""
    spec = read(r"""event x resource.a="1 \"2\" [3]" resource.b='it''s'""")
    assert '1 "2" [3]' == spec.resource["a"]
    assert "it's" == spec.resource["b"]


@pytest.mark.parametrize(
    ("text", "part", "advice"),
    [
        ("flowrun Failed", "flowrun", "did you mean `flow-run`?"),
        ("prefect.flow-run.Failed", "prefect.flow-run.Failed", "write `flow-run Failed`"),
        ("flow-run failed", "failed", "did you mean `flow-run Failed`?"),
        (
            "flow-run Runing",
            "Runing",
            "did you mean `flow-run Running`? A flow's own state goes in",
        ),
        ("flow-run success", "success", "did you mean `flow-run Completed`?"),
        ("flow-run", "flow-run", "write for example `flow-run Completed`"),
        ("flow-run Failed tgas=[a]", "tgas=[a]", "did you mean `tags`?"),
        ("flow-run Failed +30s", "+30s", "did you mean `at +30s`?"),
        ("flow-run Failed at 30s", "30s", "write `+30s`"),
        ("flow-run Failed every 10s", "every", ""),
        ("flow-run Failed tags=[a", "tags=[a", "close it"),
        ('flow-run Failed name="a', 'name="a', "close it"),
        ("flow-run Failed name=a name=b", "name=b", ""),
        ("flow-run Failed at", "at", "write `at +30s`"),
        ("event x related.flow=1", "related.flow=1", "related.flow.name=daily"),
    ],
)
def test_mistakes_are_shown_where_they_are(text, part, advice):
    """The place within the line, and what was probably meant."""
    with pytest.raises(ShorthandError) as found:
        read(text)
    error = found.value
    assert part == text[error.start : error.end].strip()
    assert advice in (error.advice or "")


@given(st.text(max_size=80))
def test_no_text_breaks_it(text):
    """It is an event, or a mistake within the text."""
    places = (0, 0)
    try:
        read(f"flow-run Failed {text}")
    except ShorthandError as error:
        places = (error.start, error.end)
    assert 0 <= places[0] <= places[1]
