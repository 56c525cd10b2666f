"""What the hazards are made of: sound files to spoil, and files too large to keep in a repository."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from tests.hazards.hazard import make_shim
from tests.support import REPOSITORY

NIGHT = REPOSITORY / "sample_events" / "nightly.events.jsonl"
LONG_LINE = 100_000_000
_LARGE_LOG = 40_000_000

TRIGGER_JSON = """{"name": "many", "trigger": {"type": "event", "posture": "Reactive",
  "expect": ["prefect.flow-run.Failed"], "threshold": 2, "within": @@}}
"""
EVERYTHING = """{"name": "everything", "trigger": {"type": "event", "posture": "Reactive",
  "expect": [], "for_each": ["prefect.resource.id"], "threshold": 2, "within": 60}}
"""
TRIGGER_YAML = """name: many
trigger:
  type: event
  posture: Reactive
  expect: [prefect.flow-run.Failed]
  threshold: 2
  within: @@
"""
TRIGGER_TF = """resource "prefect_automation" "many" {
  name    = "many"
  trigger = { event = { posture = "Reactive", expect = ["prefect.flow-run.Failed"], threshold = 2, within = @@ } }
}
"""
TRIGGER_PY = """from prefect.events import EventTrigger
EventTrigger(expect={"prefect.flow-run.Failed"}, threshold=2, within=@@)
"""
PREFECT_YAML = """name: project
deployments:
- name: daily
  triggers:
  - type: event
    expect: [prefect.flow-run.Failed]
    within: @@
"""
TEST_FILE = """triggers:
- {name: many, trigger: {type: event, posture: Reactive, expect: [my.event], threshold: 2, within: 60}}
tests:
- name: two fire
  events:
  - event my.event at +0s
  - event my.event at +1s
  expect:
  - fires: @@
"""
EVENT = (
    '{"id": "one", "event": "prefect.flow-run.Failed", "occurred": "2026-03-01T12:00:00Z",'
    ' "resource": {"prefect.resource.id": "prefect.flow-run.one"}, "payload": @@}\n'
)
CONFIG = 'select = ["TRG"]\nignore = @@\n'
PROFILES = 'active = "here"\n[profiles.here]\nPREFECT_API_URL = @@\n'
BASELINE = '{"format": "trigger-cli/baseline@1", "findings": [@@]}\n'


def make_materials(folder: Path) -> Path:
    """Make what several hazards use, once."""
    make_shim(folder / "bin")
    for name, text, value in (
        ("trigger.json", TRIGGER_JSON, "60"),
        ("test.trigger-test.yaml", TEST_FILE, "1"),
    ):
        (folder / name).write_text(text.replace("@@", value))
    (folder / "everything.json").write_text(EVERYTHING)
    _write_large_log(folder / "large.jsonl")
    return folder


def _write_large_log(path: Path) -> None:
    """The sample night again and again, each time with other ids and newest first."""
    lines = [json.loads(line) for line in NIGHT.read_text("utf-8").splitlines()][::-1]
    with path.open("w", encoding="utf-8") as file:
        round_ = 0
        while file.tell() < _LARGE_LOG:
            for line in lines:
                line["id"] = f"{round_}-{line['id'][-12:]}"
                file.write(json.dumps(line) + "\n")
            round_ += 1


Piece: TypeAlias = bytes | str | tuple[bytes, int]
"""A part of a file; one that is repeated is never held as a whole."""


def holds(name: str, *pieces: Piece) -> Callable[[Path], None]:
    """Makes a file of pieces."""

    def make(folder: Path) -> None:
        with (folder / name).open("wb") as file:
            for piece in pieces:
                data, times = piece if isinstance(piece, tuple) else (piece, 1)
                data = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
                at_once = max(1, 1_000_000 // max(1, len(data)))
                while times > 0:
                    file.write(data * min(times, at_once))
                    times -= at_once

    return make


def both(*makers: Callable[[Path], None]) -> Callable[[Path], None]:
    """One after the other."""

    def make(folder: Path) -> None:
        for maker in makers:
            maker(folder)

    return make
