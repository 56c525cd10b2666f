"""A baseline: known findings, so that only new findings are reported.

File, code, automation, trigger and message identify a finding. The line does not, so that other
changes of the file do not matter.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeAlias

from trigger_cli.model import Finding

FORMAT = "trigger-cli/baseline@1"

Key: TypeAlias = tuple[str, str, str, str, str]
_FIELDS = ("file", "code", "automation", "trigger", "message")


class BadBaselineError(ValueError):
    """The file is not a baseline."""


def dump_baseline(findings: Iterable[Finding]) -> str:
    """The baseline of these findings, sorted to give small diffs."""
    counts = Counter(map(_key, findings))
    entries: list[dict[str, Any]] = [
        {**dict(zip(_FIELDS, key, strict=True)), "count": count}
        for key, count in sorted(counts.items())
    ]
    return json.dumps({"format": FORMAT, "findings": entries}, indent=2) + "\n"


def read_baseline(text: str) -> Counter[Key]:
    """How often each finding is known.

    Raises:
        BadBaselineError: The text is not a baseline.
    """
    try:
        value = json.loads(text)
        if value["format"] != FORMAT:
            raise BadBaselineError(f"expected the format {FORMAT}")
        known: Counter[Key] = Counter()
        for entry in value["findings"]:
            file, code, automation, trigger, message = (str(entry[name]) for name in _FIELDS)
            known[file, code, automation, trigger, message] = int(entry["count"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, BadBaselineError):
            raise
        raise BadBaselineError("not a baseline that --write-baseline has written") from None
    return known


def subtract(findings: Iterable[Finding], known: Counter[Key]) -> tuple[list[Finding], int]:
    """The findings that are not known, and how many known findings are gone."""
    left = known.copy()
    new = []
    for finding in findings:
        key = _key(finding)
        if left[key] > 0:
            left[key] -= 1
        else:
            new.append(finding)
    return new, sum(left.values())


def _key(finding: Finding) -> Key:
    file = finding.file.replace("\\", "/").removeprefix("./")
    return (
        file,
        finding.code,
        finding.automation or "",
        finding.trigger or "",
        finding.message,
    )
