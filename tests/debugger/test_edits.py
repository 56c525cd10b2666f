"""Fields of triggers, edited and replayed."""

import pytest

from tests.debugger.sessions import sample_session


def edited(file, path, text):
    session = sample_session(file)
    return session, session.edit(0, path, text)()


@pytest.mark.parametrize(
    ("file", "path", "text", "firings"),
    [
        ("09-threshold-within.json", "$", "within = 64.3", 4),
        ("09-threshold-within.json", "$", "within=64300ms", 4),
        ("09-threshold-within.json", "$", "threshold = 1", 19),
        ("15-compound-exports.json", "$", "within = 3641", 2),
        ("15-compound-exports.json", "$", "within = PT1H", 1),
        ("15-compound-exports.json", "$.triggers[0]", "expect = nothing", 0),
        ("15-compound-exports.json", "$", "require = any", 6),
        ("09-threshold-within.json", "$", "match.prefect.resource.id = nothing", 0),
        ("09-threshold-within.json", "$", "expect = prefect.flow-run.Failed, x", 0),
    ],
)
def test_an_edit_is_replayed(file, path, text, firings):
    """The number of firings is what the sample's table promises for the change."""
    _, found = edited(file, path, text)
    assert firings == len(found.index.recording.root_firings)


def test_the_difference_counts_both_ways():
    """What both replays have is what is left of each."""
    session, found = edited("09-threshold-within.json", "$", "threshold = 3")
    difference = found.difference
    before, after = session.recording.root_firings, found.index.recording.root_firings
    assert len(before) - len(difference.lost) == len(after) - len(difference.gained)


def test_edits_add_up_and_are_forgotten():
    """A second edit begins with the first; forgetting returns to what was read."""
    session = sample_session("09-threshold-within.json")
    session.edit(0, "$", "threshold = 1")()
    twice = session.edit(0, "$", "expect = prefect.flow-run.Failed")()
    assert ("threshold=1", "expect=prefect.flow-run.Failed") == twice.changes
    session.forget_edits()
    assert {} == session.edited
    assert ("threshold", "2") in session.definitions[0].fields("$")


def test_edits_are_kept_in_the_other_dialect():
    """They are replayed there, and compared with its firings; in both directions."""
    session = sample_session("09-threshold-within.json")
    first = session.edit(0, "$", "threshold = 3")()
    session.switch_dialect()()
    found = session.edited[0]
    assert ("threshold=3",) == found.changes
    assert session.recording.dialect is found.index.recording.dialect
    before, after = session.recording.root_firings, found.index.recording.root_firings
    difference = found.difference
    assert len(before) - len(difference.lost) == len(after) - len(difference.gained)
    session.switch_dialect()()
    assert first.difference == session.edited[0].difference
    switching = session.switch_dialect()
    session.forget_edits()
    switching()
    assert {} == session.edited


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("threshold", "FIELD = VALUE"),
        ("treshold = 3", "no field"),
        ("threshold = many", "threshold"),
        ("within = -4", "negative|duration"),
        ("posture = Lazy", "Reactive"),
    ],
)
def test_a_wrong_edit_changes_nothing(text, message):
    """The reader of definitions says what is wrong."""
    session = sample_session("09-threshold-within.json")
    with pytest.raises(ValueError, match=message):
        session.edit(0, "$", text)
    assert {} == session.edited
