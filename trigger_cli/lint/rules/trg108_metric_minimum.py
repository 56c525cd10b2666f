"""A metric's `range` or `firing_for` is below 300 seconds.

## What it does

Reports a `range` or `firing_for` of a metric trigger that is shorter than Prefect's client accepts.
Prefect's own documentation page has shown `"firing_for": 0`.

## Why is this bad?

Prefect refuses the definition when it is created, although trigger-cli can replay it.

## Example

```json
{
  "type": "metric",
  "metric": {
    "name": "successes",
    "operator": "<",
    "threshold": 0.9,
    "range": 3600,
    "firing_for": 0
  }
}
```

## Use instead

```json
{
  "type": "metric",
  "metric": {
    "name": "successes",
    "operator": "<",
    "threshold": 0.9,
    "range": 3600,
    "firing_for": 300
  }
}
```
"""

from trigger_cli.definitions import Document
from trigger_cli.lint.edits import fix
from trigger_cli.lint.rule import Rule
from trigger_cli.model import Edit, Finding, Fix


def mend(finding: Finding, document: Document) -> Fix | None:
    """Write the minimum, which makes the trigger slower than requested."""
    if document.value_span(finding.pointer) != finding.span:
        return None
    return fix("write 300, the least that Prefect takes", [Edit(finding.span, "300")], safe=False)


RULE = Rule(__name__, __doc__, "warning", server_severity="error", fixable="unsafe", mend=mend)
