"""The linter: rules over definitions, their findings and fixes.

Each file in ``rules/`` is one rule, named after its code and name; its docstring is the rule's
documentation. `RULES` lists the rules in order. `lint_file` runs them over one file's text.

A rule uses `subject`, `file` and ``knowledge/``; ``runner/`` runs the rules.

To add a rule, copy the most similar file in ``rules/`` and write a case file in
``tests/lint/cases``. The tests report what is missing.
"""

from trigger_cli.lint.rules import RULES
from trigger_cli.lint.runner.linter import Settings, lint_file

__all__ = ["RULES", "Settings", "lint_file"]
