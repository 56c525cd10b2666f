"""The values of one object of a document, or a finding for each mistake."""

from __future__ import annotations

from typing import Any

from trigger_cli.definitions.nodes import Node, Pointer
from trigger_cli.definitions.plain import Kind, read_plainly
from trigger_cli.definitions.report import Report
from trigger_cli.definitions.violations import report_violations


def read_fields(
    kind: Kind, node: Node, pointer: Pointer, report: Report, trigger: str | None
) -> Any:
    """Read an object with ``plain.py`` if that suffices, else with ``schema.py``.

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
    # Imported late: it takes 15 ms, which plain definitions do not need.
    from pydantic import ValidationError  # noqa: PLC0415

    from trigger_cli.definitions.schema import MODELS  # noqa: PLC0415

    try:
        return MODELS[kind].model_validate(node.value)
    except ValidationError as error:
        report_violations(error, node, pointer, report, trigger)
        return None
