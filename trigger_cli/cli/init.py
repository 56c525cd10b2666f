"""``trigger-cli init``: a first trigger, a test for it, and the lines for CI."""

from pathlib import Path
from typing import Annotated

from trigger_cli.cli import shared_options as shared

EXAMPLES = """\
Examples:

\b
  trigger-cli init
  trigger-cli init my-repository
"""
_TRY = (
    "trigger-cli lint DIR/triggers",
    "trigger-cli test DIR/tests",
    "trigger-cli fetch --automations DIR/triggers/automations.json --no-events",
)


def init(
    folder: Annotated[
        Path,
        shared.argument(
            "DIR", "The top of a repository; created if missing.  [default: this folder]"
        ),
    ] = Path(),
) -> None:
    """Write a first trigger, a test for it, and the lines for CI that lint and test it.

    The lines are for GitHub Actions, GitLab and pre-commit; delete those that you do not use. A
    file that is there already stays as it is.
    """
    from trigger_cli.cli.new_files import write_new
    from trigger_cli.shipped import starter

    write_new(folder, starter(), _TRY)
