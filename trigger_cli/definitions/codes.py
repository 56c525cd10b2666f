"""The mistakes that a definition file can have: code, name and severity of every finding.

The linter adds its own rules; the numbers TRG100 to TRG109 and TRG124 belong to this module.
"""

from typing import Any, NamedTuple

from trigger_cli.model import Finding, Severity, Span


class Code(NamedTuple):
    """One kind of problem."""

    code: str
    name: str
    severity: Severity

    def finding(self, message: str, file: str, span: Span, **more: Any) -> Finding:
        """A problem of this kind; `more` are other fields of a `Finding`."""
        return Finding(*self, message, file, span, **more)


SYNTAX = Code("TRG100", "syntax", "error")
UNKNOWN_KEY = Code("TRG101", "unknown-key", "warning")
WRONG_TYPE = Code("TRG102", "wrong-type", "error")
NOT_A_CHOICE = Code("TRG103", "not-a-choice", "error")
OUT_OF_RANGE = Code("TRG104", "out-of-range", "error")
MISSING_KEY = Code("TRG105", "missing-key", "error")
DUPLICATE_KEY = Code("TRG106", "duplicate-key", "warning")
UNREADABLE_FILE = Code("TRG107", "unreadable-file", "error")
METRIC_MINIMUM = Code("TRG108", "metric-minimum", "warning")
EMPTY_COMPOSITE = Code("TRG109", "empty-composite", "warning")
TEMPLATED_VALUE = Code("TRG124", "templated-value", "info")
