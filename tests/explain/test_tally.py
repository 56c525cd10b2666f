from tests.explain.support import numbered
from tests.support import automations, event
from trigger_cli.explain.gathering import gather
from trigger_cli.explain.tally import Passing
from trigger_cli.model import NameRoles
from trigger_cli.pipeline import ReplayOptions


def test_triggers_with_the_same_filter_share_one_tally_which_counts_each_event_once():
    chosen = automations(
        {"trigger": {"expect": ["x"], "within": 60}},
        {"trigger": {"expect": ["x"], "within": 5, "threshold": 2}},
        {"trigger": {"expect": ["x"], "for_each": ["prefect.resource.id"]}},
    )
    events = numbered([event("x", 0), event("y", 1), event("x", 2)])
    evidence = gather(chosen, events, ReplayOptions(), needs=lambda _name: True)
    first, second, third = (evidence.tallies[one.index, "$"] for one in chosen)
    assert first is second
    assert first is not third
    assert first.named == first.related == 2
    roles = NameRoles(starts=False, expected=True)
    assert list(first.passing) == [Passing(events[0], roles, ()), Passing(events[2], roles, ())]
