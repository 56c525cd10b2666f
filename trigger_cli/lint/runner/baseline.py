"""A baseline: known findings, so that only new findings are reported.

File, code, automation, trigger and message identify a finding. The line does not, so that other
changes of the file do not matter. A file is named as seen from the folder of the baseline, so that
the folder in which `lint` runs does not matter; or, in older baselines, as it was given.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

from trigger_cli.model import Finding

FORMAT = "trigger-cli/baseline@1"

Key: TypeAlias = tuple[str, str, str, str, str]
_FIELDS = ("file", "code", "automation", "trigger", "message")


class BadBaselineError(ValueError):
    """The file is not a baseline."""


def dump_baseline(findings: Iterable[Finding], folder: Path) -> str:
    """The baseline, in that folder, of these findings, sorted to give small diffs."""
    counts = Counter(_key(one, names_of(one.file, folder)[0]) for one in findings)
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


def subtract(
    findings: Iterable[Finding],
    known: Counter[Key],
    folder: Path,
    was_checked: Callable[[str, str], bool],
) -> tuple[list[Finding], int]:
    """The findings that are not known, and how many known findings are gone.

    Args:
        findings: What was found.
        known: As read from a baseline.
        folder: That of the baseline.
        was_checked: Whether a file, by its name in the baseline, was checked for a code; if not, no
            such finding is gone.
    """
    left = known.copy()
    new = []
    for finding in findings:
        keys = [_key(finding, name) for name in names_of(finding.file, folder)]
        key = next((one for one in keys if left[one] > 0), None)
        if key is None:
            new.append(finding)
        else:
            left[key] -= 1
    return new, sum(count for key, count in left.items() if count and was_checked(*key[:2]))


def names_of(file: str, folder: Path) -> tuple[str, str]:
    """The names that a file may have in a baseline in that folder: as seen from it, and as given."""
    try:
        seen = os.path.relpath(file, folder) if file != "-" else file
    except ValueError:
        seen = file  # on another drive
    names = [one.replace("\\", "/").removeprefix("./") for one in (seen, file)]
    return names[0], names[1]


def _key(finding: Finding, file: str) -> Key:
    return (
        file,
        finding.code,
        finding.automation or "",
        finding.trigger or "",
        finding.message,
    )
