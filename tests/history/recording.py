"""The recording of a real server, read once for the tests that need it."""

from functools import cache
from pathlib import Path

from trigger_cli.definitions import load
from trigger_cli.dialects import SERVER
from trigger_cli.history.audit_log import Audit, AuditLog
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.log import Log
from trigger_cli.read.reading import Reading

FOLDER = Path(__file__).resolve().parent.parent / "recordings"
AUTOMATIONS = FOLDER / "server-run.automations.json"
LOG = FOLDER / "server-run.events.jsonl.zst"


def audit(chosen, records, options: ReplayOptions) -> Audit:
    """Audit the automations, whose ids at the server are not known, on the records of a log."""
    log = AuditLog(chosen, {}, options)
    log.read(records)
    return log.audited()


@cache
def audited(*names: str) -> Audit:
    """The audit of the automations of these names, or of all."""
    automations = load([str(AUTOMATIONS)]).automations
    chosen = [one for one in automations if not names or one.name in names]
    log = AuditLog(chosen, {}, ReplayOptions(dialect=SERVER, order="received"))
    log.read(Log([str(LOG)], Reading(log.wanted, "received")))
    return log.audited()
