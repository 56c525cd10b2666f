"""Fault L (B1, E5, E6, S2): every command reads alike how a bucket stands at an instant."""

import json

import pytest

from tests.cli.running import run
from tests.faults.running import FAULTS, inputs


def moment(at, *more):
    """The only bucket at an instant, by ``explain``; ``None``: there is none."""
    definition, log = inputs("L")
    done = run("explain", definition, "--log", log, "--at", at, "--format", "json", *more)
    (explanation,) = json.loads(done.stdout)["explanations"]
    (bucket,) = explanation["moment"]["buckets"] or [None]
    return bucket


def is_as_expected(at, claim, tmp_path, dialect="docs"):
    """Whether a test that claims how the bucket stands passes."""
    file = tmp_path / "l.trigger-test.yaml"
    text = (FAULTS / "L.trigger-test.yaml").read_text("utf-8")
    text = text.replace("triggers: L.json", f"triggers: {FAULTS / 'L.json'}\ndialect: {dialect}")
    text = text.replace("bucket: open", claim).replace("at: +10m", f"at: {at}")
    file.write_text(text, "utf-8")
    return 0 == run("test", file).returncode


def test_a_window_past_its_end_has_ended():
    """Fault L: by the engine its bucket is still there, but nothing that occurs counts in it."""
    assert ("ended", 1) == (moment("+10m")["state"], moment("+10m")["count"])
    definition, log = inputs("L")
    done = run("explain", definition, "--log", log, "--at", "+10m")
    assert b"11:45:00\xe2\x80\x9312:01:00  1 of 2, ended" in done.stdout
    failed = run("test", FAULTS / "L.trigger-test.yaml")
    assert 1 == failed.returncode
    assert b"bucket: none  # the last one ended at +1m" in failed.stdout


@pytest.mark.parametrize("at", ["+0s", "+59s", "+60s", "+119s", "+120s", "+10m"])
@pytest.mark.parametrize("dialect", ["docs", "server"])
def test_explain_and_test_agree(at, dialect, tmp_path):
    """The window ends at +60 s; the server forgets its bucket 60 s later (S2)."""
    bucket = moment(at, "--dialect", dialect)
    is_open = bucket is not None and bucket["state"] == "open"
    assert is_open == (at in {"+0s", "+59s"})
    assert (bucket is None) == (dialect == "server" and at in {"+120s", "+10m"})
    assert is_open == is_as_expected(at, "bucket: open", tmp_path, dialect)
    assert is_open != is_as_expected(at, "bucket: none", tmp_path, dialect)
