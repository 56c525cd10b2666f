"""Durations in full: where two are compared, none of their digits may be hidden."""

from __future__ import annotations

from trigger_cli.times import MINUTE, SECOND, format_duration

_LONG = 100 * MINUTE


def exact_duration(duration: int) -> str:
    """As `format_duration`, but 64.3 s is ``64.3 s`` and not ``1 min 4 s``."""
    if duration % MINUTE and MINUTE < duration < _LONG:
        return f"{duration / SECOND:.6f}".rstrip("0").rstrip(".") + " s"
    return format_duration(duration)
