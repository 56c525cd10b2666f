"""The linter: rules over definitions, their findings and fixes.

A rule is one small file in ``rules/``, called after its code and name, its documentation the
file's docstring; `RULES` holds them in order. `lint_file` runs them over one file's text.

A rule sees `subject`, `file` and what ``knowledge/`` answers; ``runner/`` runs the rules.

To add a rule: copy the nearest file in ``rules/``, and write its case file in
``tests/lint/cases``. The tests say what is still missing.
"""

from __future__ import annotations

from trigger_cli.lint.rules import RULES
from trigger_cli.lint.runner.linter import Settings, lint_file

__all__ = ["RULES", "Settings", "lint_file"]
