"""`subject.py`: what is said of dialects is what is true in the chosen ones."""

import json

import pytest

from tests.lint.running import lint_text
from tests.support import proactive, reactive

NAMES = reactive(expect=["order.placed", "!order.paid"])
STATES = proactive(
    "prefect.flow-run.*",
    after=["prefect.flow-run.Pending", "prefect.flow-run.Running"],
    for_each=["prefect.resource.id"],
    within=3600,
)
NO_TIME = reactive("order.paid", after=["order.placed"], for_each=["prefect.resource.id"], within=0)
ABSENT = reactive(
    "prefect.flow-run.Failed", match_related={"prefect.resource.nam": "!a"}, threshold=1
)
OLDER = "; before 3.6.23 it takes names that begin like another (D3, D23)"
OLDEST = "; before 3.4.16 it satisfies that window (D19)"
DOCS, SERVER = "no time limit by the documentation", "about 60 s on the open-source server"


@pytest.mark.parametrize(
    ("trigger", "code", "dialects", "ending"),
    [
        (NAMES, "TRG206", "both", OLDER),
        (NAMES, "TRG206", "server-3.6,docs", OLDER),
        (NAMES, "TRG206", "server-3.8", "matches nothing (D3)"),
        (STATES, "TRG310", "both", OLDEST),
        (STATES, "TRG310", "server-3.4", OLDEST),
        (STATES, "TRG310", "server", "another of these states has started"),
        (NO_TIME, "TRG309", "both", f"{DOCS}, {SERVER} (D9)"),
        (NO_TIME, "TRG309", "docs", f"{DOCS} (D9)"),
        (NO_TIME, "TRG309", "server", f": {SERVER} (D9)"),
        (ABSENT, "TRG218", "docs", ", so by the documentation this excludes nothing"),
        (ABSENT, "TRG218", "server", ", so on the open-source server nothing matches"),
    ],
)
def test_a_message_says_nothing_of_other_dialects(trigger, code, dialects, ending):
    """With ``both``, which nobody chose, any server may be meant."""
    (found,) = [x for x in lint_text(json.dumps(trigger), dialect=dialects) if x.code == code]
    assert found.message.endswith(ending), found.message
