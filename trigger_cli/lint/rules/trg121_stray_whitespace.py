"""A name, label or pattern begins or ends with whitespace.

## What it does

Reports spaces, tabs and line ends at the start or end of a name, label or pattern.

## Why is this bad?

Prefect compares the whole text, so an invisible space prevents every match.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.*"},
  "expect": ["order.placed "]
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

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.texts import texts
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Check every name, label and pattern."""
    for text in texts(subject):
        meant = text.text.strip()
        if meant != text.text:
            yield text.problem(
                f"{quoted(text.text)} begins or ends with a blank, which Prefect compares too",
                f"write {quoted(meant)}",
                text.replaced(meant, "remove the blank"),
            )


RULE = Rule(__name__, __doc__, "warning", check, fixable="safe")
