"""The mistakes that a test file can have: codes of findings, and text of ``rule TST102``."""

from msgspec import Struct

from trigger_cli.definitions.codes import Code

UNKNOWN_KEY = Code("TST101", "unknown-key", "error")
WRONG_TYPE = Code("TST102", "wrong-type", "error")
NOT_A_CHOICE = Code("TST103", "not-a-choice", "error")
OUT_OF_RANGE = Code("TST104", "out-of-range", "error")
MISSING_KEY = Code("TST105", "missing-key", "error")
DUPLICATE_KEY = Code("TST106", "duplicate-key", "error")
NOT_A_TIME = Code("TST107", "not-a-time", "error")
NOT_AN_EVENT = Code("TST108", "not-an-event", "error")
NO_TRIGGERS = Code("TST109", "no-triggers", "error")
NO_SUCH_AUTOMATION = Code("TST110", "no-such-automation", "error")
NO_EXPECTATION = Code("TST111", "no-expectation", "error")
NO_TESTS = Code("TST112", "no-tests", "error")
DUPLICATE_NAME = Code("TST113", "duplicate-name", "error")


class FileMistake(Struct, frozen=True):
    """The documentation of a code."""

    about: Code
    summary: str
    advice: str
    example: str
    """An example of a test file with the mistake."""

    @property
    def code(self) -> str:
        """The code, such as ``TST102``."""
        return self.about.code

    @property
    def markdown(self) -> str:
        """The whole documentation as one Markdown page."""
        return (
            f"# {self.code} {self.about.name}\n\n{self.summary}\n\n"
            f"- Severity: {self.about.severity}\n- Found in: test files, by `trigger-cli test`\n\n"
            f"## What to do\n\n{self.advice}\n\n## Example\n\n```yaml\n{self.example}```\n"
        )


_HEAD = """\
triggers: {posture: Reactive, expect: [prefect.flow-run.Failed]}
tests:
"""

MISTAKES = (
    FileMistake(
        UNKNOWN_KEY,
        "A key is not allowed at its place.",
        "Correct the spelling; the message names the nearest key, or all of them.",
        _HEAD + "- name: a\n  evnts: [flow-run Failed at +0s]\n  expect: [{fires: 1}]\n",
    ),
    FileMistake(
        WRONG_TYPE,
        "A value is of another kind than its key takes.",
        "Write what the message says was expected.",
        _HEAD + "- name: a\n  events: [flow-run Failed at +0s]\n  expect: [{fires: often}]\n",
    ),
    FileMistake(
        NOT_A_CHOICE,
        "A value is none of the words that its key takes.",
        "Write one of those that the message lists.",
        _HEAD
        + "- name: a\n  order: random\n  events: [flow-run Failed at +0s]\n  expect: [{fires: 1}]\n",
    ),
    FileMistake(
        OUT_OF_RANGE,
        "A number or a time is smaller or larger than can be.",
        "Write a value within the limits that the message tells; the first of two times comes first.",
        _HEAD
        + "- name: a\n  events: [flow-run Failed at +0s]\n  expect: [{fires: 1, between: [+9s, +1s]}]\n",
    ),
    FileMistake(
        MISSING_KEY,
        "A key that is needed is not there.",
        "Add the key.",
        _HEAD + "- events: [flow-run Failed at +0s]\n  expect: [{fires: 1}]\n",
    ),
    FileMistake(
        DUPLICATE_KEY,
        "A key is given twice in one mapping.",
        "Remove one of the two.",
        _HEAD
        + "- name: a\n  name: b\n  events: [flow-run Failed at +0s]\n  expect: [{fires: 1}]\n",
    ),
    FileMistake(
        NOT_A_TIME,
        "A time is neither RFC 3339 nor an offset from the test's start.",
        "Write `+90s`, `+1h30m` or `2026-03-01T12:00:00Z`.",
        _HEAD
        + "- name: a\n  until: soon\n  events: [flow-run Failed at +0s]\n  expect: [{fires: 1}]\n",
    ),
    FileMistake(
        NOT_AN_EVENT,
        "An item of `events` is no event.",
        "Write `flow-run Failed name=daily at +0s`, a mapping as in a log, or `{log: FILE}`.",
        _HEAD + "- name: a\n  events: [7]\n  expect: [{fires: 1}]\n",
    ),
    FileMistake(
        NO_TRIGGERS,
        "`triggers` names no file with triggers, or is empty.",
        "Name a definition file, relative to the test file, or write the trigger itself.",
        "triggers:\ntests:\n- name: a\n  events: [flow-run Failed at +0s]\n  expect: [{fires: 1}]\n",
    ),
    FileMistake(
        NO_SUCH_AUTOMATION,
        "`automation` of an expectation names none of the automations of the test.",
        "Write a name, or a glob, of those that the message lists.",
        _HEAD
        + "- name: a\n  events: [flow-run Failed at +0s]\n  expect: [{automation: other, fires: 1}]\n",
    ),
    FileMistake(
        NO_EXPECTATION,
        "A test expects nothing, so it cannot fail.",
        "Write `- fires: 1` below `expect`, or let `trigger-cli test --update` write it.",
        _HEAD + "- name: a\n  events: [flow-run Failed at +0s]\n",
    ),
    FileMistake(
        NO_TESTS,
        "A file holds no test.",
        "Write `- name: …` below `tests`.",
        "triggers: {posture: Reactive, expect: [prefect.flow-run.Failed]}\ntests: []\n",
    ),
    FileMistake(
        DUPLICATE_NAME,
        "Two tests of a file have the same name.",
        "Rename one of them: names choose tests, and tell which one failed.",
        _HEAD + "- name: a\n  events: [flow-run Failed at +0s]\n  expect: [{fires: 1}]\n"
        "- name: a\n  events: []\n  expect: [{fires: 0}]\n",
    ),
)
"""The documentation of each code, in order."""
