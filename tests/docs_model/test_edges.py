"""Edges of the rules that random cases meet too rarely, found by ``tests/mutation_check.py``."""

from tests.support import event, firing_times, related
from trigger_cli.dialects import DOCS, SERVER

QUARTER = 15 * 60


def test_s1_a_bucket_without_length_is_not_replaced_by_the_next_start():
    """`within` 0 has no time limit: a late event still belongs to the first start's bucket."""
    trigger = {"posture": "Reactive", "after": ["start"], "expect": ["end"]}
    log = [event("start", 0), event("start", 2, id="again"), event("end", 1)]
    assert [2] == firing_times(trigger, log, DOCS)


def test_t4_what_is_released_is_counted_before_the_deadline_of_that_instant():
    """A follower that has waited its 15 minutes satisfies the watch that ends right then."""
    watch = {"posture": "Proactive", "expect": ["beat"], "within": QUARTER}
    lonely = event("beat", 0, id="1", follows="never")
    for dialect in (DOCS, SERVER):
        assert [] == firing_times(watch, [lonely], dialect, until=QUARTER)
        assert [QUARTER] == firing_times(watch, [event("other", 0)], dialect, until=QUARTER)


def test_m5_a_resource_of_another_kind_is_not_forbidden():
    """`!x` among tags says nothing about a flow that is named so."""
    no_dev_tag = {"prefect.resource.role": "tag", "prefect.resource.id": "!dev"}
    trigger = {"posture": "Reactive", "match_related": no_dev_tag}
    assert [0] == firing_times(trigger, [event("a", 0, related=[related("flow", "dev")])], DOCS)
    assert [] == firing_times(trigger, [event("a", 0, related=[related("tag", "dev")])], DOCS)


def test_m6_two_negations_are_alternatives():
    """In `server`, `["!x", "!y"]` takes x, which is not y; in `docs` it takes neither."""
    trigger = {"posture": "Reactive", "match": {"prefect.resource.id": ["!x", "!y"]}}
    log = [event("a", 0, "x"), event("a", 1, "y"), event("a", 2, "z")]
    assert [0, 1, 2] == firing_times(trigger, log, SERVER)
    assert [2] == firing_times(trigger, log, DOCS)
