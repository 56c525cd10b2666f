"""Mistakes that would look like answers: each is told for what it is, with what to do."""

from __future__ import annotations

import pytest

from tests.cli.running import run
from tests.support import SAMPLES

TRIGGER = SAMPLES / "triggers" / "09-threshold-within.json"
KEYED = SAMPLES / "triggers" / "12-proactive-for-each.json"
LOG = SAMPLES / "nightly.events.jsonl"


@pytest.mark.parametrize("command", ["replay", "explain", "audit"])
@pytest.mark.parametrize(
    ("arguments", "code", "said", "what_to_do"),
    [
        ((LOG, TRIGGER), 2, "the file is a log of events, not a definition", "triggers come first"),
        ((TRIGGER, TRIGGER), 3, "found a definition", "triggers come first, then the log"),
        (("none.json", LOG), 2, "error: none.json: there is no such file or folder", ""),
        ((TRIGGER, "none.jsonl"), 3, "error: none.jsonl: no such file or directory", ""),
        ((TRIGGER, LOG, LOG), 2, "no log was given", "name each log with --log"),
        (
            (TRIGGER, LOG, "--from", "2030-01-01T00:00:00Z"),
            2,
            "no event lies in the range",
            "range",
        ),
    ],
)
def test_a_mistake_is_told(command, arguments, code, said, what_to_do):
    """On stderr, with the exit code of its kind."""
    done = run(command, *arguments)
    told = done.stderr.decode()
    assert (code, True, True) == (done.returncode, said in told, what_to_do in told), told


@pytest.mark.parametrize("command", ["replay", "explain"])
@pytest.mark.parametrize(
    ("trigger", "help_text"),
    [(TRIGGER, "no trigger has buckets by for_each"), (KEYED, "for_each has: prefect.resource.id")],
)
def test_a_bucket_by_a_label_that_no_trigger_has(command, trigger, help_text):
    """It would show nothing, as if nothing had happened."""
    done = run(command, trigger, LOG, "--bucket", "foo=bar")
    assert (2, b"") == (done.returncode, done.stdout)
    assert f"error: no trigger has buckets by foo\nhelp: {help_text}" in done.stderr.decode()
