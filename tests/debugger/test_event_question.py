"""What one event did, asked of a recording, is what a search through all records finds."""

import json

import pytest

from tests.cli.running import run
from tests.debugger.sessions import NIGHT, sample_session, words
from tests.support import SAMPLES, log_event, proactive, read_log, written_log
from trigger_cli.debugger.event_question import RecordedEvents
from trigger_cli.debugger.position import at_stop
from trigger_cli.debugger.recorder import record
from trigger_cli.debugger.selection import EVERYTHING, Selection
from trigger_cli.debugger.views.event_pane import answer
from trigger_cli.definitions import load
from trigger_cli.dialects import DOCS, SERVER
from trigger_cli.explain.gathering import gather
from trigger_cli.explain.one_event import effect_of
from trigger_cli.pipeline import ReplayOptions

WIDTH = 60
RECORDING = (SAMPLES / "recording.automations.json", SAMPLES / "recording.events.jsonl")


@pytest.mark.parametrize(
    ("triggers", "log", "dialect"),
    [(SAMPLES / "triggers", NIGHT, SERVER), (*RECORDING, DOCS)],
    ids=["night", "recording"],
)
def test_a_recording_tells_what_the_evidence_tells(triggers, log, dialect):
    """Of each event and each automation, without going through all records."""
    automations = load([str(triggers)]).automations
    options = ReplayOptions(dialect)
    events = [one for one in read_log(log) if hasattr(one, "occurred")]
    recorded = RecordedEvents(record(automations, events, options))
    evidence = gather(automations, events, options, needs=lambda _: True, find=lambda _: True)
    led_to = 0
    for event in events:
        for automation in automations:
            told = effect_of(evidence, automation, event)
            assert told == effect_of(recorded, automation, event)
            led_to += len(told.came_of_it) - told.fired
    assert led_to > 0


EVENTS = {
    "opened": ("prefect.flow-run.Running", 0, {}),
    "counted": ("prefect.flow-run.Failed", 1, {}),
    "fired": ("prefect.flow-run.Failed", 2, {}),
    "refused": ("prefect.flow-run.Completed", 3, {}),
    "waiting": ("prefect.flow-run.Failed", 4, {"follows": "nobody"}),
    "copy": ("prefect.flow-run.Failed", 5, {"id": "counted"}),
}
TRIGGERS = (
    {"expect": ["prefect.flow-run.Failed"], "threshold": 2, "within": 600},
    proactive(
        "prefect.flow-run.Completed",
        after=["prefect.flow-run.Running"],
        match={"prefect.resource.id": "prefect.flow-run.a"},
    ),
    {"expect": ["prefect.flow-run.Crashed"]},
)


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Triggers and a log in which each event has another fate."""
    folder = tmp_path_factory.mktemp("story")
    automations = [
        {"name": f"Automation {number}", "trigger": {"type": "event", **trigger}, "actions": []}
        for number, trigger in enumerate(TRIGGERS)
    ]
    resource = {"prefect.resource.id": "prefect.flow-run.a"}
    events = [
        log_event(name, second, **{"id": fate, "resource": resource, **more})
        for fate, (name, second, more) in EVENTS.items()
    ]
    triggers = folder / "triggers.json"
    triggers.write_text(json.dumps(automations))
    return triggers, written_log(folder / "log.jsonl", events)


SAID = {
    "opened": "It opened a window, until",
    "counted": "It counted: 1 of 2",
    "fired": "It fired the trigger: it was 2 of 2.",
    "refused": "its name is not wanted",
    "waiting": "It follows nobody, which the log does not have",
    "copy": "it was dropped (O2)",
}


@pytest.mark.parametrize("selected", [None, 0, 1])
@pytest.mark.parametrize("place", range(len(EVENTS)), ids=list(EVENTS))
def test_the_pane_has_the_words_of_the_command(story, place, selected):
    """Whatever became of the event; of all automations together, and of one."""
    triggers, log = story
    session = sample_session(triggers, log)
    recording = session.recording
    position = recording.events.at_line(place + 1)
    session.position = at_stop(recording, recording.stop_of_event(position))
    session.selection = EVERYTHING if selected is None else Selection(selected)
    shown = words(answer(session, recording.events[position], WIDTH), WIDTH)
    options = [] if selected is None else ["--automation", f"Automation {selected}"]
    done = run("explain", triggers, log, "--event", place + 1, "--width", WIDTH, *options)
    told = done.stdout.decode().splitlines()
    if selected is None:
        # The command ends with advice on its options.
        assert [*shown, "", "For every clause, name one: --automation NAME"] == told
        assert SAID[list(EVENTS)[place]] in " ".join(" ".join(shown).split())
        return
    # The command goes on to what the automation did with other events.
    missing = [line for line in shown if line not in told]
    assert [] == missing
    assert shown[:2] == told[:2]
    assert any(line.startswith("Its clauses") for line in shown)
