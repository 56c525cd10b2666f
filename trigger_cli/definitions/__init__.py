"""Reads trigger definitions from JSON and YAML files into the frozen definitions of ``model.py``.

`load` and `load_text` never raise for the content of a file: every mistake is a `Finding` with its
place. The rules are ``semantics.md`` V; the codes are in ``codes.py``.
"""

from trigger_cli.definitions.loading import (
    Definitions,
    Document,
    Entry,
    advice_without_triggers,
    load,
    load_text,
    log_finding,
)

__all__ = [
    "Definitions",
    "Document",
    "Entry",
    "advice_without_triggers",
    "load",
    "load_text",
    "log_finding",
]
