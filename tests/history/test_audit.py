"""`history/audit.py`: a server's own firings, each matched or given a reason that a replay gives."""

import json
from collections import Counter

import pytest

from tests.history.recording import AUTOMATIONS, LOG, audit, audited
from tests.support import at, automations, event, flow_run, log_event, proactive, written_log
from trigger_cli.definitions import load
from trigger_cli.dialects import SERVER
from trigger_cli.explain.sentence import written
from trigger_cli.history import audit_log
from trigger_cli.history.audit_log import AuditLog
from trigger_cli.pipeline import ReplayOptions
from trigger_cli.read.log import Log
from trigger_cli.read.reading import Reading
from trigger_cli.times import format_instant

TWICE = {169: 2, 567: 2, 691: 2, 985: 2, 1073: 3, 1295: 2, 1671: 2}


def by_name(found):
    return {one.automation.name: one for one in found.automations}


def codes(some):
    return Counter(one.reason.code for one in some if one.reason is not None)


def test_every_recorded_firing_is_matched_or_explained():
    """214 recorded, 205 simulated, nothing unexplained."""
    found = audited()
    recorded = [one for each in found.automations for one in each.recorded]
    assert 214 == len(recorded)
    assert 205 == sum(one.simulated for one in found.automations)
    assert 194 == sum(one.pair is not None for one in recorded)
    assert 0 == found.unexplained
    assert all(one.pair is not None or one.reason is not None for one in recorded)


def test_every_reason_for_a_missing_firing_was_replayed():
    """Nothing on the recording rests on a mere possibility."""
    found = audited()
    reasons = [one.reason for each in found.automations for one in (*each.missed, *each.unrecorded)]
    assert {"replayed"} == {one.proof for one in reasons}


def test_the_events_that_the_server_processed_twice_are_named():
    """Seven events fired `not-dev` two or three times each."""
    assert TWICE == {one.event.line: len(one.gaps) + 1 for one in audited().twice}


@pytest.mark.parametrize(
    ("name", "missed", "unexpected"),
    [
        ("not-dev", {"processed-twice": 8}, {}),
        ("both-exports", {"after-processed-twice": 3}, {"after-processed-twice": 1}),
        (
            "per-flow-two-completed-in-120",
            {"processed-twice": 3, "after-processed-twice": 3},
            {"after-processed-twice": 4},
        ),
        ("two-completed-in-60", {"processed-twice": 2}, {"after-processed-twice": 2}),
        ("stuck-running", {"fired-twice-for-one-window": 1}, {}),
        ("no-exports-in-30", {}, {"created-later": 3}),
        ("heartbeat-any", {}, {"created-later": 1}),
        ("after-table", {}, {}),
    ],
)
def test_what_parts_each_automation_from_its_record(name, missed, unexpected):
    """The reason of every firing that is on one side only."""
    one = by_name(audited())[name]
    assert missed == codes(one.missed)
    assert unexpected == codes(one.unrecorded)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("two-completed-in-60", [169, 1671]),
        ("both-exports", [169, 985]),
        ("per-flow-two-completed-in-120", [567, 985, 1671]),
    ],
)
def test_events_processed_twice_are_found_without_a_witness(name, lines):
    """Alone, a counting automation shows no double; replays still find the very same events."""
    found = audited(name)
    assert lines == [one.event.line for one in found.twice]
    assert all(not one.seen_by for one in found.twice)
    assert 0 == found.unexplained


def test_deadlines_are_late_by_polling_alone():
    """Every firing that came more than a second late has polling for its reason."""
    late = [
        one for each in audited().automations for one in each.matched if one.pair.delay > 1_000_000
    ]
    assert {"polling": len(late)} == codes(late)
    assert 25 == len(late)


def test_a_log_in_rows_gives_the_same():
    """Of most events, only what is wanted is read."""
    options = ReplayOptions(dialect=SERVER, order="received")
    log = AuditLog(load([str(AUTOMATIONS)]).automations, {}, options)
    log.read(Log([str(LOG)], Reading(log.wanted, "received")).in_rows(None))
    found = log.audited()
    assert any(one.firing.labels for each in found.automations for one in each.recorded)
    assert audited() == found


@pytest.mark.parametrize("processes", [1, 2])
def test_the_automation_with_most_events_is_audited_first_and_shown_in_its_place(processes):
    """The two largest of a log must not come last, and together, in two processes."""
    definitions = [
        {"name": name, "trigger": {"posture": "Reactive", "expect": [name]}} for name in "abc"
    ]
    log = AuditLog(automations(*definitions), {}, ReplayOptions(dialect=SERVER))
    log.read([event(name, n, line=n + 1) for n, name in enumerate("abbccc")])
    order = []
    found = log.audited(processes, lambda _, automation, __: order.append(automation.name))
    assert ["a", "b", "c"] == [one.automation.name for one in found.automations]
    assert [1, 2, 3] == [one.simulated for one in found.automations]
    if processes == 1:
        assert ["c", "b", "a"] == list(dict.fromkeys(order))


# --- Reasons one by one ----------------------------------------------------------------------

REACTIVE = {"name": "x", "trigger": {"posture": "Reactive", "expect": ["a"]}}
WATCH = {
    "name": "x",
    "trigger": proactive(
        "prefect.flow-run.Completed",
        after=["prefect.flow-run.Running"],
        within=20,
        for_each=["prefect.resource.id"],
    ),
}


def triggered(seconds, event_id=None, name="x", line=0):
    """The server's record of a firing."""
    related = [
        {
            "prefect.resource.id": f"prefect.event.{event_id}",
            "prefect.resource.role": "triggering-event",
        }
    ]
    return event(
        "prefect.automation.triggered",
        seconds,
        {"prefect.resource.id": "prefect.automation.1", "prefect.resource.name": name},
        related if event_id else [],
        line=line,
    )


def audit_of(definition, events, **options):
    numbered = [
        one._replace(line=n, received=one.received or one.occurred)
        for n, one in enumerate(events, 1)
    ]
    return audit(automations(definition), numbered, ReplayOptions(dialect=SERVER, **options))


def reasons_of(found):
    (one,) = found.automations
    return [None if x.reason is None else x.reason.code for x in (*one.missed, *one.unrecorded)]


def test_a_firing_whose_event_the_log_lacks():
    """The log cannot tell what it does not hold."""
    found = audit_of(REACTIVE, [event("b", 0), triggered(5, "gone"), event("b", 9)])
    assert ["event-not-in-log"] == reasons_of(found)


def test_a_firing_whose_event_the_log_has_only_later():
    """The event with that id had not come when the server fired."""
    found = audit_of(REACTIVE, [event("b", 0), triggered(5, "late"), event("a", 9, id="late")])
    assert "event-not-in-log" == reasons_of(found)[0]
    (one,) = found.automations[0].missed
    assert "the log has it only on line 3, later" == written(one.reason.said)


def test_where_ids_are_no_longer_remembered_no_event_is_said_to_lack(monkeypatch):
    """The log may have had it."""
    monkeypatch.setattr(audit_log, "REMEMBERED_IDS", 1)
    found = audit_of(REACTIVE, [event("b", 0), triggered(5, "gone"), event("b", 9)])
    assert [None] == reasons_of(found)


def test_a_firing_after_the_logs_end():
    """What fired at the very end is not recorded yet."""
    found = audit_of(REACTIVE, [event("b", 0), event("a", 9)])
    assert ["log-ends-first"] == reasons_of(found)


def test_a_firing_that_nothing_explains_stays_unexplained():
    """No reason is made up: an event long before the log's end should have fired."""
    found = audit_of(REACTIVE, [event("a", 0), event("b", 500)])
    assert [None] == reasons_of(found)
    assert 1 == found.unexplained


def test_a_recorded_firing_without_a_reason_has_what_its_event_did_here():
    """One with a reason needs no steps."""
    trigger = {**REACTIVE["trigger"], "threshold": 9, "within": 60}
    log = [event("b", -3_000), event("a", 0, id="e"), triggered(5, "e"), triggered(9, "gone")]
    found = audit_of({**REACTIVE, "trigger": trigger}, [*log, event("b", 500)])
    (one,) = found.automations
    assert [None, "event-not-in-log"] == reasons_of(found)
    assert [["opened", "counted"], []] == [[x.kind for x in y.steps] for y in one.missed]


def test_firings_older_than_the_automation():
    """It was created between the two events."""
    definition = {**REACTIVE, "created": "2026-03-01T12:00:30Z", "updated": "2026-03-01T12:00:30Z"}
    found = audit_of(
        definition, [event("a", 0), event("a", 60), triggered(60.1, "a@60"), event("b", 500)]
    )
    assert ["created-later"] == reasons_of(found)


def test_an_automation_that_was_changed_since():
    """Before the change it may have been another; that is possible, not proven."""
    definition = {**REACTIVE, "created": "2026-03-01T11:00:00Z", "updated": "2026-03-01T12:01:00Z"}
    found = audit_of(definition, [event("a", 0), event("b", 500)])
    assert ["changed-later"] == reasons_of(found)
    assert "possible" == found.automations[0].unrecorded[0].reason.proof


def test_a_window_that_began_before_the_log():
    """Two of two, and the log has but the second."""
    trigger = {"posture": "Reactive", "expect": ["a"], "threshold": 2, "within": 60}
    events = [event("b", 0), event("a", 5), triggered(5.1, "a@5"), event("b", 500)]
    assert ["log-begins-later"] == reasons_of(audit_of({"name": "x", "trigger": trigger}, events))


def test_a_deadline_met_by_an_event_before_the_server_looked():
    """The window was over at 20 s; the event of 22 s came before the look, and fired it."""
    run = [flow_run("Running", 0), flow_run("Completed", 22)]
    found = audit_of(WATCH, [*run, triggered(22.1, run[1].id), event("b", 500)])
    (one,) = found.automations[0].recorded
    assert ("polling", True, at(20)) == (
        one.reason.code,
        one.pair.other_event,
        one.pair.simulated.at,
    )
    assert 0 == found.unexplained


@pytest.mark.parametrize(
    ("seconds", "codes"), [(7, ["polling"]), (7.000_001, [None])], ids=["the latest", "later"]
)
def test_polling_explains_no_more_than_its_interval_and_the_poll(seconds, codes):
    """`LATEST`; the deadline was at 20 s."""
    events = [flow_run("Running", 0, id="i"), triggered(20 + seconds, "i"), event("b", 500)]
    found = audit_of(WATCH, events)
    reasons = [one.reason for one in found.automations[0].recorded]
    assert codes == [one and one.code for one in reasons]


def test_no_more_replays_than_allowed_search_for_a_reason(monkeypatch):
    """Without a limit, these two firings without a record take more."""
    monkeypatch.setattr("trigger_cli.history.audit.MOST_TRIALS", 5)
    log = AuditLog(automations(REACTIVE), {}, ReplayOptions(dialect=SERVER))
    events = [event("a", 0), event("a", 1), event("b", 500)]
    log.read([one._replace(line=n, received=one.occurred) for n, one in enumerate(events, 1)])
    replays = []
    log.audited(before_replay=lambda _audited, _automation, number: replays.append(number))
    assert [1, 2, 3, 4, 5] == replays


def test_firings_of_automations_that_were_not_given_are_counted():
    """They are told of, and are no difference."""
    found = audit_of(REACTIVE, [event("b", 0), triggered(1, "b@0", name="another")])
    assert {"another": 1} == found.others
    assert 0 == found.unexplained


@pytest.mark.parametrize(
    ("seconds", "codes"), [(1, ["other-order"]), (1.000_001, [None])], ids=["a second", "more"]
)
def test_events_up_to_a_second_apart_may_have_been_processed_in_another_order(seconds, codes):
    """The firing may seem to be a second before its cause, too: `SLACK`."""
    children = [{"posture": "Reactive", "expect": [name]} for name in "xy"]
    trigger = {"type": "sequence", "triggers": children, "within": 60}
    log = [event("b", -3_000), event("y", 0, id="i"), triggered(0, "i"), event("x", seconds)]
    found = audit_of({"name": "x", "trigger": trigger}, [*log, event("b", 500)])
    assert codes == reasons_of(found)


KEYED = {
    "name": "x",
    "trigger": proactive("beat", within=60, threshold=2, for_each=["prefect.resource.id"]),
}
"""After one beat it fires every minute, the second time without an event."""


def beats(*fired):
    """A log in which two sensors beat once; the server's firings of their second windows follow."""
    beat = {"event": "beat", "resource": {"prefect.resource.id": "sensor.a"}}
    other = beat | {"resource": {"prefect.resource.id": "sensor.b"}}
    records = [log_event("beat", 0, **beat), log_event("beat", 0.5, **other)]
    name = "prefect.automation.triggered"
    own = {"prefect.resource.id": "prefect.automation.1", "prefect.resource.name": "x"}
    for seconds, payload, *event_id in fired:
        role = {"prefect.resource.role": "triggering-event"}
        related = [{"prefect.resource.id": f"prefect.event.{one}", **role} for one in event_id]
        more = {"resource": own, "related": related, "payload": payload}
        records.append(log_event(name, seconds, **more))
    records = [{**one, "received": one["occurred"]} for one in records]
    return [*records, log_event("end", 150, received=format_instant(at(150)))]


def of(sensor):
    return {"triggering_labels": {"prefect.resource.id": f"sensor.{sensor}"}}


FIRST = ((60.1, of("a"), "beat@0"), (60.6, of("b"), "beat@0.5"))


@pytest.mark.parametrize(
    ("payloads", "counts"),
    [
        ([of("a"), of("b")], [(4, 0, 0)]),
        ([of("a"), of("a")], [(3, 1, 1)]),
        ([of("b"), of("a")], [(4, 0, 0)]),
        ([of("a"), None], [(4, 0, 0)]),
        ([["a"], {"triggering_labels": {"prefect.resource.id": 5}}], [(4, 0, 0)]),
    ],
    ids=["as simulated", "one twice", "crosswise", "one untold", "no labels"],
)
@pytest.mark.parametrize("shape", ["lines", "an array", "rows"])
def test_a_deadline_of_another_bucket_is_another_firing(tmp_path, shape, payloads, counts):
    """The labels stand in the payload of the server's event, in whatever way the log has it."""
    records = beats(*FIRST, (120.1, payloads[0]), (120.6, payloads[1]))
    log = written_log(tmp_path / "log.jsonl", records)
    if shape == "an array":
        log.write_text(json.dumps(records, indent=1))
    elif shape == "rows":
        columns = ("resource", "related", "payload")
        texts = [
            one | {key: json.dumps(one[key]) for key in columns if key in one} for one in records
        ]
        written_log(log, texts)
    audit_log = AuditLog(automations(KEYED), {}, ReplayOptions(dialect=SERVER))
    audit_log.read(Log([str(log)], Reading(audit_log.wanted, "received")).in_rows(None))
    found = audit_log.audited().automations
    assert counts == [(len(one.matched), len(one.missed), len(one.unrecorded)) for one in found]
