"""Test files in a line or two, and what becomes of them."""

from trigger_cli.definitions import load
from trigger_cli.testing.events import assemble
from trigger_cli.testing.reading import read_suite
from trigger_cli.testing.running import run_scenario

FAILED = "{expect: [prefect.flow-run.Failed], posture: Reactive, threshold: 2, within: 60}"
"""A trigger: two failures within a minute."""


def suite(text, *, optional=False, file="here.trigger-test.yaml"):
    """A test file, read."""
    return read_suite(text, file, lambda path: load([path]), expectations_optional=optional)


def one_test(expect, events=("flow-run Failed at +0s x2 every 30s",), more="", trigger=FAILED):
    """The text of a file with one test; `expect` is its list, in flow style."""
    listed = "".join(f"  - {one}\n" for one in events)
    return f"triggers: {trigger}\ntests:\n- name: it\n{more}  events:\n{listed}  expect: {expect}\n"


def assembled(more, logs=None):
    """What the test of a file replays; `more` are its settings and events."""
    read = suite(f"triggers: {FAILED}\ntests:\n- name: x\n  expect: {{fires: 0}}\n{more}")
    assert not read.findings, [one.message for one in read.findings]
    return assemble(read.scenarios[0], logs or {})


def results(text):
    """What becomes of every test of a file that has no mistakes."""
    read = suite(text)
    assert not read.findings, [one.message for one in read.findings]
    return [result for one in read.scenarios for result in run_scenario(one, {})]


def failures(text):
    """The messages of what did not come true."""
    return [failure.message for one in results(text) for failure in one.failures]


def mistakes(text):
    """Each mistake as ``line:column message``."""
    return [f"{f.span.line}:{f.span.column} {f.message}" for f in suite(text).findings]
