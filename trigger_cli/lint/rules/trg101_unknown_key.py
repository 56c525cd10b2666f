"""Prefect ignores a key that it does not know.

## What it does

Reports keys of automations, triggers and metrics that have no effect in that place, and suggests
the nearest known key.

## Why is this bad?

Prefect does not report the ignored key. The trigger behaves as if the key were missing, and often
matches far more than intended.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"],
  "forEach": ["prefect.resource.id"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"],
  "for_each": ["prefect.resource.id"]
}
```
"""

import re

from trigger_cli.definitions import Document
from trigger_cli.definitions.nodes import locate, parse_pointer
from trigger_cli.lint.edits import fix, rename_key
from trigger_cli.lint.file import File
from trigger_cli.lint.rule import Rule
from trigger_cli.model import Finding, Fix

_MEANT = re.compile(r"did you mean `(\w+)`\?")


def mend(finding: Finding, document: Document) -> Fix | None:
    """Rename the key to the intended one, unless the object has that key too."""
    meant = _MEANT.fullmatch(finding.help or "")
    pointer = parse_pointer(document.root, finding.pointer)
    parent, member = locate(document.root, pointer[:-1]), locate(document.root, pointer)
    if meant is None or parent is None or member is None or meant[1] in parent.node.members:
        return None
    if member.key_span != finding.span:
        return None
    key = meant[1]
    # Another spelling is the same word; another word is a guess.
    safe = str(pointer[-1]).lower().replace("_", "").replace("-", "") == key.replace("_", "")
    edits = rename_key(File(document.file, (document,)), member, key)
    return fix(f"call it `{key}`", edits, safe=safe)


RULE = Rule(__name__, __doc__, "warning", fixable="safe", mend=mend)
