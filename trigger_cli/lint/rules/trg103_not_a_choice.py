"""A value is not one of the allowed choices.

## What it does

Reports a `type`, `posture`, `require`, metric `name` or `operator` that Prefect does not know, and
suggests the nearest value.

## Why is this bad?

Prefect refuses the definition.

## Example

```json
{
  "type": "event",
  "posture": "reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"]
}
```
"""

import re

from trigger_cli.definitions import Document
from trigger_cli.lint.edits import fix, written_like
from trigger_cli.lint.file import File
from trigger_cli.lint.rule import Rule
from trigger_cli.model import Edit, Finding, Fix

_MEANT = re.compile(r'did you mean "([^"]+)"\?')


def mend(finding: Finding, document: Document) -> Fix | None:
    """Write the intended choice; safe if only its case differs."""
    meant = _MEANT.fullmatch(finding.help or "")
    span = document.value_span(finding.pointer)
    if meant is None or span is None or span != finding.span:
        return None
    text = written_like(File(document.file, (document,)), span, meant[1])
    safe = str(document.value_at(finding.pointer)).lower() == meant[1].lower()
    return fix(f"write {meant[1]}", [Edit(span, text)], safe=safe)


RULE = Rule(__name__, __doc__, "error", fixable="safe", mend=mend)
