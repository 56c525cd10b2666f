"""A YAML file contains more than one document.

## What it does

Reports the second document of a YAML file. It follows a line `---` or a line `...`. In YAML, `...`
ends a document; it is often a mistake.

## Why is this bad?

Prefect refuses a file with more than one document, so none of the triggers is created.

## Example

```yaml
type: event
posture: Reactive
match:
  prefect.resource.id: "shop.*"
expect: [order.placed]
---
type: event
posture: Reactive
match:
  prefect.resource.id: "shop.*"
expect: [order.paid]
```

## Use instead

```yaml
type: event
posture: Reactive
match:
  prefect.resource.id: "shop.*"
expect: [order.placed]
```
"""

from trigger_cli.lint.file import File
from trigger_cli.lint.rule import Problem, Problems, Rule
from trigger_cli.model import Span


def check(file: File) -> Problems:
    """Report the start of the second document."""
    if len(file.documents) > 1:
        span = file.documents[1].root.span
        yield Problem(
            f"found {len(file.documents)} YAML documents; Prefect reads only files with one",
            Span(span.line, span.column, span.line, span.column + 1),
            "",
            "put each into a file of its own, or remove the `---` or `...` before it",
        )


RULE = Rule(__name__, __doc__, "warning", server_severity="error", check_file=check)
