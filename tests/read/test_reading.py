import json

from tests.support import log_event
from trigger_cli.read.reading import AllLabels, Reading


def test_what_events_have_in_common_is_kept_once():
    records = [
        log_event(
            "x",
            number,
            id=f"id-{number}",
            follows=f"id-{number - 1}",
            resource={"prefect.resource.id": "the run", "prefect.state-name": f"s-{number}"},
        )
        for number in (1, 2, 3)
    ]
    lines = [json.dumps(one).encode() for one in records]
    batch = Reading(AllLabels(), "occurred").scanner().scan([lines]).batch
    assert [one[0] for one in batch.wanted] == [one["resource"] for one in records]
    assert len({id(one[0]["prefect.resource.id"]) for one in batch.wanted}) == 1
    assert batch.follows == ["id-0", "id-1", "id-2"]
    assert batch.follows[1] is batch.ids[0]
    assert batch.follows[2] is batch.ids[1]
