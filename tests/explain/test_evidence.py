from tests.explain.cases import compound, metric, run_states
from tests.explain.support import numbered
from tests.support import automations, event, replay
from trigger_cli.explain import evidence
from trigger_cli.explain.evidence import NearNames
from trigger_cli.explain.explain import Question, explain
from trigger_cli.explain.gathering import gather
from trigger_cli.model import RECORDS, DeliveryTransition
from trigger_cli.pipeline import ReplayOptions

BOTH = compound(
    {"expect": ["x"], "within": 10, "threshold": 2},
    {"expect": ["y"], "posture": "Proactive", "after": ["x"], "within": 10},
)
OF_BOTH = [event(name, second) for second in range(0, 90, 7) for name in "xxy"]
OF_METRIC = run_states(("Pending", 0), ("Failed", 9), ("Completed", 90))


def test_records_are_made_anew_when_they_are_read(monkeypatch):
    monkeypatch.setattr(evidence, "_BATCH", 1)
    for trigger, events in ((BOTH, OF_BOTH), (metric(firing_for=0), OF_METRIC)):
        chosen = automations(trigger)
        made = [
            one
            for one in replay(chosen, numbered(events))
            if not isinstance(one, DeliveryTransition)
        ]
        assert len({one.kind for one in made}) > 3
        records = evidence.Records()
        for one in made:
            records.add(one)
        assert [*records] == made
        assert list(map(type, records)) == list(map(type, made))
        assert next(iter(records)) is not made[0]


def test_what_all_automations_share_is_not_gone_through_for_each_of_them():
    """Else the time of one grows with the number of the others."""
    watch = {"posture": "Proactive", "expect": ["y"], "within": 60}
    chosen = automations(*({"name": str(n), "trigger": watch} for n in range(4)))
    needs = NearNames(chosen).needs()
    found = gather(chosen, numbered([event("x", 0)]), ReplayOptions(), needs=needs)

    class Counted(dict):
        passes = 0

        def items(self):
            Counted.passes += 1
            return super().items()

    found.tallies = Counted(found.tallies)
    due = [one.due for one in chosen for one in found.pending[one.index]]
    for one in chosen:
        assert "pending" == explain(found, one, Question()).verdict
    assert (1, 4) == (Counted.passes, len(due))


def test_all_records_of_triggers_begin_with_the_same_fields():
    """By their places they are put into columns."""
    of_triggers = set(RECORDS.values()) - {DeliveryTransition}
    heads = {made.__struct_fields__[: evidence._REST] for made in of_triggers}
    fields = "seq at kind rule because event automation trigger"
    assert {tuple(fields.split())} == heads
