"""A JSON file has a comma before a closing bracket.

## What it does

Reports trailing commas in `*.json` files. trigger-cli accepts them; strict JSON does not.

## Why is this bad?

Prefect's command line and API read strict JSON and refuse the file.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed"],
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

from trigger_cli.lint.edits import fix
from trigger_cli.lint.file import File
from trigger_cli.lint.rule import Problem, Problems, Rule
from trigger_cli.lint.runner.recovery import tokens
from trigger_cli.model import Edit

_MAYBE = re.compile(r",\s*(?:[}\]]|/)")


def check(file: File) -> Problems:
    """Find a comma before a closing bracket."""
    if not file.is_json or not _MAYBE.search(file.source.text):
        return
    comma: tuple[int, int] | None = None
    for start, word in tokens(file.source.text):
        if comma is not None and word in {"}", "]"}:
            span = file.source.span(*comma)
            yield Problem(
                f"found `,` before `{word}`, which JSON does not allow",
                span,
                "",
                "remove it",
                fix("remove the comma", [Edit(span, "")], safe=True),
            )
        comma = (start, start + 1) if word == "," else None


RULE = Rule(__name__, __doc__, "warning", server_severity="error", fixable="safe", check_file=check)
