"""Every trigger that Prefect's own interface offers: `lint` has nothing to say of it above info."""

import json
from itertools import product

import pytest

from tests.cli.running import run

STATUSES = {
    "deployment": {"ready": ["ready"], "not ready": ["not-ready"]},
    "work-pool": {"ready": ["ready"], "not ready": ["not-ready", "not_ready"], "paused": ["paused"]},
    "work-queue": {"ready": ["ready"], "not ready": ["not-ready"], "paused": ["paused"]},
    "flow-run": {
        state: [state]
        for state in (
            "Scheduled", "Late", "Resuming", "AwaitingRetry", "Pending", "Paused", "Suspended",
            "Running", "Retrying", "Completed", "Cancelled", "Cancelling", "Failed", "Crashed", "TimedOut",
        )
    },
}  # fmt: skip
"""By the kind of resource: each status that can be chosen, and its events."""
NOTIFY = {
    "type": "send-notification",
    "block_document_id": "6a2b1f0e-4a3c-4d0e-9a58-3d6b0f1b7c11",
    "subject": "{{ automation.name }}",
    "body": "{{ event.resource.id }}",
}
OFFERED = [
    (kind, status, posture)
    for kind, posture in product(STATUSES, ("Reactive", "Proactive"))
    for status in STATUSES[kind]
]


def offered(kind, status, posture):
    """As the form fills it in: "enters", or "stays in" the status for half a minute."""
    names = {
        one: [f"prefect.{kind}.{event}" for event in events]
        for one, events in STATUSES[kind].items()
    }
    others = [name for one in names if one != status for name in names[one]]
    if kind == "flow-run":
        others = ["prefect.flow-run.*"]
    stays = posture == "Proactive"
    return {
        "name": f"{kind} {status}",
        "trigger": {
            "type": "event",
            "posture": posture,
            "match": {"prefect.resource.id": f"prefect.{kind}.*"},
            "match_related": {},
            "for_each": ["prefect.resource.id"],
            "after": names[status] if stays else [],
            "expect": others if stays else names[status],
            "threshold": 1,
            "within": 30 if stays else 0,
        },
        "actions": [NOTIFY],
    }


@pytest.mark.parametrize(("kind", "status", "posture"), OFFERED)
def test_what_the_interface_offers_is_right(kind, status, posture, tmp_path):
    """A warning about Prefect's own default would be a false alarm."""
    path = tmp_path / "offered.json"
    path.write_text(json.dumps(offered(kind, status, posture)), "utf-8")
    done = run("lint", path, "--format", "json")
    above = [
        (one["code"], one["message"])
        for one in json.loads(done.stdout)["findings"]
        if one["severity"] != "info"
    ]
    assert [] == above
