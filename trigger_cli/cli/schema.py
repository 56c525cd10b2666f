"""``trigger-cli schema``: the JSON Schema of definition files, for editors."""

from typing import Annotated, Literal

from trigger_cli.cli import shared_options as shared

EXAMPLES = """\
Examples:

\b
  trigger-cli schema > trigger.schema.json
  trigger-cli schema --output .vscode/trigger.schema.json
"""


def schema(
    output_format: Annotated[Literal["json"], shared.formats("A schema is JSON.")] = "json",
    output: shared.OutputFile = None,
) -> None:
    """Print the JSON Schema (2020-12) of trigger definitions.

    It holds for every form that trigger-cli reads: triggers, automations, lists of either, and the
    triggers of a prefect.yaml.
    """
    from trigger_cli.cli.output import open_output, write_json
    from trigger_cli.definitions.json_schema import definition_schema

    del output_format
    with open_output(output) as file:
        write_json(file, definition_schema())
