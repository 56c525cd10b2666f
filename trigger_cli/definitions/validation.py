"""What one object of a document holds, or a finding for all that is wrong with it."""

from __future__ import annotations

from typing import Any

from trigger_cli.definitions.nodes import Node, Pointer
from trigger_cli.definitions.plain import Kind, read_plainly
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.violations import report_violations


def read_fields(
    kind: Kind, node: Node, pointer: Pointer, report: Report, trigger: str | None
) -> Any:
    """The object's values by name: of ``plain.py`` where they do, else of ``schema.py``.

    Args:
        kind: what the object is.
        node: the object.
        pointer: where it stands in the document.
        report: takes the findings.
        trigger: the path of the trigger, if it is one.

    Returns:
        The fields or the model, which read alike; ``None`` if there are errors.
    """
    plain = read_plainly(kind, node.value)
    if plain is not None:
        return plain
    # Imported where it is needed: 15 ms that plain definitions need not wait.
    from pydantic import ValidationError  # noqa: PLC0415

    from trigger_cli.definitions.schema import MODELS  # noqa: PLC0415

    try:
        return MODELS[kind].model_validate(node.value)
    except ValidationError as error:
        report_violations(error, node, pointer, report, trigger)
        return None
