"""`views/firing_identity.py`: when two firings are the same."""

from tests.support import automations, event, replay
from tests.views.test_windows import BOTH
from trigger_cli.views.firing_identity import are_alike, identity_of, likeness, time_and_key_of


def firing(*events):
    (automation,) = automations(BOTH)
    own = [one for one in replay([automation], events) if one.trigger is automation.trigger]
    return own[-1].firing if own[-1].kind == "fired" else own[-3].firing


def test_the_children_are_part_of_a_firings_identity():
    """Not of what makes it like another, or of when it was."""
    one = firing(event("x", 0, line=1), event("y", 9, line=2))
    other = firing(event("x", 5, line=1), event("y", 9, line=2))
    assert identity_of(one) != identity_of(other)
    assert (likeness(one), time_and_key_of(one)) == (likeness(other), time_and_key_of(other))


def test_an_event_is_known_by_its_id_in_another_log_and_by_its_line_in_the_same():
    """A slice of a log counts its lines anew."""
    one = firing(event("x", 0, line=1), event("y", 9, line=2))
    other = firing(event("x", 0, line=4), event("y", 9, line=5))
    assert identity_of(one) == identity_of(other)
    assert not are_alike([one], [other])
    assert not are_alike([one], [one, one])
    assert are_alike([one, other], [one, other])
    assert time_and_key_of(one) == time_and_key_of(other)
