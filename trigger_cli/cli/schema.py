"""``trigger-cli schema``: the JSON Schema of definition files, for editors."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """\
Examples:

\b
  trigger-cli schema > trigger.schema.json
  trigger-cli schema --output .vscode/trigger.schema.json
"""


class SchemaFormat(StrEnum):
    """How to show the schema: it is JSON."""

    json = "json"


def schema(
    output_format: Annotated[
        SchemaFormat, typer.Option("--format", "-f", help="A schema is JSON.")
    ] = SchemaFormat.json,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to this file.", show_default=False
        ),
    ] = None,
) -> None:
    """Print the JSON Schema (2020-12) of trigger definitions.

    It holds for every form that trigger-cli reads: triggers, automations, lists of either, and the
    triggers of a prefect.yaml.
    """
    from trigger_cli.cli.output import open_output
    from trigger_cli.definitions.json_schema import definition_schema
    from trigger_cli.render.common.plain_json import json_document

    assert output_format is SchemaFormat.json

    with open_output(output) as file:
        file.write(json_document(definition_schema()))
