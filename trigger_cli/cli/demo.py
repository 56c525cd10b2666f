"""``trigger-cli demo``: sample triggers and logs, and three commands to try on them."""

from pathlib import Path
from typing import Annotated

from trigger_cli.cli import shared_options as shared

EXAMPLES = """\
Examples:

\b
  trigger-cli demo
  trigger-cli demo /tmp/samples
"""
_TRY = (
    "trigger-cli replay DIR/triggers --log DIR/nightly.events.jsonl",
    "trigger-cli explain DIR/triggers/15-compound-exports.json --log DIR/nightly.events.jsonl",
    "trigger-cli test DIR/tests",
)


def demo(
    folder: Annotated[
        Path,
        shared.argument("DIR", "Where to write; created if missing.  [default: sample_events]"),
    ] = Path("sample_events"),
) -> None:
    """Write sample triggers, tests and logs, and name three commands to try on them.

    A file that is there already stays as it is.
    """
    from trigger_cli.cli.new_files import write_new
    from trigger_cli.shipped import samples

    write_new(folder, samples(), _TRY)
