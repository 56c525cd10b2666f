"""The summary of a lint run, and the number of findings of each rule."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from trigger_cli.model import Finding
from trigger_cli.render.common.words import counted

_SEVERITIES = ("error", "warning", "info")
_NOUNS = {"info": "info finding"}


def statistics(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """A row for each rule with findings, the most frequent first."""
    counts = Counter(finding.code for finding in findings)
    about = {finding.code: finding for finding in findings}
    fixable = Counter(one.code for one in findings if one.fix is not None and one.fix.safe)
    return [
        {
            "code": code,
            "name": about[code].name,
            "severity": about[code].severity,
            "count": count,
            "fixable": fixable[code],
        }
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def render_statistics(rows: Sequence[dict[str, Any]]) -> str:
    """A line for each rule: the number of findings, and whether ``--fix`` fixes them."""
    width = max((len(str(row["count"])) for row in rows), default=1)
    return "".join(
        f"{row['count']:>{width}}  {row['code']}  {'[*] ' if row['fixable'] else '    '}"
        f"{row['severity']:<7}  {row['name']}\n"
        for row in rows
    )


def summary(findings: Sequence[Finding], files: int) -> str:
    """The number of findings of each severity, and of fixable ones."""
    where = counted(files, "file")
    if not findings:
        return f"No findings in {where}."
    counts = Counter[str](finding.severity for finding in findings)
    parts = [counted(counts[one], _NOUNS.get(one, one)) for one in _SEVERITIES if counts[one]]
    found = f"{', '.join(parts)} in {where}." if files else f"{', '.join(parts)}; no file was read."
    safe = sum(1 for one in findings if one.fix is not None and one.fix.safe)
    unsafe = sum(1 for one in findings if one.fix is not None and not one.fix.safe)
    if safe:
        found += f" {safe:,} fixable with --fix"
        found += f" ({unsafe:,} more with --unsafe-fixes)." if unsafe else "."
    elif unsafe:
        found += f" {unsafe:,} fixable with --fix --unsafe-fixes."
    return found
