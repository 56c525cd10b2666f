"""What a rule's page says to use instead, replayed."""

import json
import re

import pytest

from trigger_cli import replay
from trigger_cli.dialects import ALL_DIALECTS
from trigger_cli.lint import RULES
from trigger_cli.lint.doc import sections

HUNG = ["00:00 Running", "03:00 heartbeat"]
ENDED = [*HUNG, "05:00 Completed", "05:03 heartbeat"]


def events(lines):
    """The events of one run, and one of another run much later, so that every window ends."""
    rows = [(*line.split(), "one") for line in lines] + [("59:59", "Scheduled", "other")]
    return [
        {
            "id": f"00000000-0000-4000-8000-{number:012}",
            "occurred": f"2026-03-0{1 if run == 'one' else 2}T09:{time}Z",
            "event": f"prefect.flow-run.{name}",
            "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
        }
        for number, (time, name, run) in enumerate(rows)
    ]


@pytest.mark.parametrize("dialect", [one.name for one in ALL_DIALECTS])
def test_trg308_notices_a_hang_and_no_late_heartbeat(dialect):
    """A run that hangs after a heartbeat fires; one that ended before its last heartbeat does not."""
    (rule,) = (one for one in RULES if one.code == "TRG308")
    (text,) = re.findall(r"```json\n(.*?)```", sections(rule)["Use instead"], re.DOTALL)
    trigger = json.loads(text)
    assert (1, 0) == tuple(
        replay(trigger, events(lines), dialect=dialect).firings() for lines in (HUNG, ENDED)
    )
