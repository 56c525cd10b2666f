"""``diff --between server-3.8,server-3.9``: what an upgrade changes."""

import json

import pytest

from tests.cli.running import run
from tests.support import REPOSITORY, log_event, written_log, written_trigger

SAMPLE = REPOSITORY / "sample_events" / "upgrade"
BETWEEN = ("--between", "server-3.8,server-3.9", "--format", "json")


def differences(automations, log, *options):
    """The answer as an object; that there are differences is exit 1."""
    done = run("diff", automations, "--log", log, *BETWEEN, *options)
    assert 1 == done.returncode, done.stderr
    return json.loads(done.stdout)


def test_the_sample_has_one_false_alarm():
    """3.8 reports a run that has completed; both report the one that is gone."""
    found = differences(
        *(SAMPLE / "crash-detection.json", SAMPLE / "events.jsonl"),
        *("--order", "received", "--until", "+30m"),
    )
    assert ["server-3.8", "server-3.9"] == [found[side]["dialect"] for side in "ab"]
    (automation,) = found["automations"]
    assert (2, 1, 1, 1, 0) == tuple(automation[x] for x in ("a", "b", "same", "only_a", "only_b"))
    (group,) = found["groups"]
    assert ["2026-11-20T02:16:31.050000Z"] == [one["at"] for one in group["only_a"]]
    parting = group["parting"]
    assert 10 == parting["event_line"]
    assert parting["why"].startswith(
        "B counts prefect.flow-run.Completed (line 9), which was processed before (D14, "
    )
    assert ["H4"] == [one["rule"] for one in parting["b"] if one["kind"] == "renewed"]


def test_a_deadline_that_carries_another_event(tmp_path):
    """At the same time, in the same bucket: D15."""
    trigger = {"posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 60}
    keyed = {**trigger, "for_each": ["prefect.resource.id"]}
    automations = written_trigger(tmp_path / "a.json", keyed)
    log = written_log(tmp_path / "log.jsonl", [log_event("a", 0), log_event("a", 5)])
    found = differences(automations, log, "--until", "+5m")
    (group,) = found["groups"]
    assert [("a@5", "a@0")] == [
        (one["a"]["event_id"], one["b"]["event_id"]) for one in group["other_events"]
    ]
    assert [] == group["only_a"] + group["only_b"] + group["other_times"]


@pytest.mark.parametrize("given", ["server-3.8", "server-3.8,server-3.7", "docs,", "dialect"])
def test_what_is_no_pair_of_dialects(given):
    """The names are told."""
    done = run("diff", "a.json", "--between", given, "--log", "x")
    assert 2 == done.returncode
    assert "nor two or more dialects with commas between" in " ".join(done.stderr.decode().split())
