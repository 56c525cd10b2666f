"""What can be wrong with a test file: every finding's code, name and severity."""

from __future__ import annotations

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
