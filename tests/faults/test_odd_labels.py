"""Fault E (O6): what an event is does not depend on what triggers want."""

import json

import pytest

from tests.cli.running import run
from tests.faults.running import firing_times, inputs, replayed

ODD = ["5", "null", "[1]", "{}", "1e999", "[" * 900 + "]" * 900]
BROKEN = ['"\\ud800"', '"\\x"', "01", "[1,]"]


@pytest.fixture
def others(tmp_path):
    """Definitions that want the event with the odd label, and that do not."""
    paths = []
    for name in "xq":
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"name": name, "trigger": {"type": "event", "expect": [name]}}))
        paths.append(path)
    return ((), *((path,) for path in paths))


@pytest.fixture
def log_with(tmp_path):
    """The log of the fault with another value of the label."""

    def written(value):
        path = tmp_path / "log.jsonl"
        path.write_text(inputs("E")[1].read_text("utf-8").replace('"n": 5', f'"n": {value}'))
        return path

    return written


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_a_label_that_is_no_string_is_as_if_absent(log_with, others, value):
    """In every format, and whatever else is asked for."""
    definition, odd = inputs("E")[0], log_with(value)
    expected = [("a", "12:00:10"), ("a", "12:00:20")]
    dialect = ("--dialect", "server")
    for more in others:
        found = firing_times(definition, *more, "--log", odd, *dialect)
        assert expected == [one for one in found if one[0] == "a"]
    table = run("replay", definition, odd, *dialect, "--width", "80").stdout.decode()
    assert "0 malformed" in table
    assert "a                 2" in table
    surveyed = json.loads(run("events", odd, "--format", "json").stdout)
    assert (2, 0, 1) == tuple(
        surveyed["log"][key] for key in ("events", "malformed", "dropped_labels")
    )


@pytest.mark.parametrize("value", BROKEN)
def test_a_line_that_is_no_json_is_malformed_whatever_is_wanted(log_with, others, value):
    """O6: also where no trigger would have read the broken part."""
    definition, odd = inputs("E")[0], log_with(value)
    for more in others:
        assert 1 == replayed(definition, *more, "--log", odd)["log"]["malformed"]
