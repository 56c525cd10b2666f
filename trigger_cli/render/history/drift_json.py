"""``drift --format json``."""

from typing import Any

from trigger_cli.history.diff import Diff
from trigger_cli.history.drift import Drift
from trigger_cli.model import Automation
from trigger_cli.render.common.plain_json import bounded
from trigger_cli.render.history.diff_json import diff_object

FORMAT = "trigger-cli/drift@1"


def drift_object(drift: Drift, against: str, replayed: Diff | None) -> dict[str, Any]:
    """The object of ``--format json``.

    Args:
        drift: The differences.
        against: The name of the other side.
        replayed: The differing automations of both sides, replayed on a log.
    """
    return {
        "format": FORMAT,
        "against": bounded(against),
        "drifted": drift.drifted,
        "same": len(drift.compared) - len(drift.different),
        "different": [
            {
                "name": bounded(one.there.name),
                "source": bounded(one.here.source),
                "differences": [
                    {"pointer": pointer, "file": here, "server": there}
                    for pointer, here, there in one.differences
                ],
                "unknown": list(one.unknown),
            }
            for one in drift.different
        ],
        "missing": [_named(one) for one in drift.missing],
        "extra": [_named(one) for one in drift.extra],
        "replay": None if replayed is None else diff_object(replayed),
    }


def _named(one: Automation) -> dict[str, Any]:
    return {"name": bounded(one.name), "source": bounded(one.source)}
