"""`views/deadlines.py`: what fires after the end of a replay if nothing else comes."""

import pytest

from tests.support import automations, proactive, reactive
from trigger_cli.model import Pending
from trigger_cli.views.deadlines import would_fire_by


@pytest.mark.parametrize(("require", "fires"), [("any", True), ("all", False)])
@pytest.mark.parametrize("count", [0, 1])
def test_a_childs_deadline_is_the_composites_if_one_firing_is_enough(require, fires, count):
    children = [proactive("a"), reactive("b")]
    (one,) = automations({"type": "compound", "require": require, "triggers": children})
    due = Pending(one, one.trigger.triggers[0], (), due=9, count=count, threshold=1)
    assert (fires and count < 1) == would_fire_by(one.trigger, [due])
