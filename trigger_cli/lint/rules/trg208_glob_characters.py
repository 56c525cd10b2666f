"""A pattern contains `?` or `[`.

## What it does

Reports `?` and `[` in names and label patterns (D5).

## Why is this bad?

By the documentation, only `*` is a wildcard. On the open-source server these characters are
wildcards too: `?` matches any one character, and `[ab]` matches `a` or `b`.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.[0-9]*"},
  "expect": ["order.placed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "expect": ["order.placed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.texts import texts, without_markdown
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import GLOB_CHARACTERS


def check(subject: Subject) -> Problems:
    """Check names and patterns; a label is never a pattern."""
    for text in texts(subject):
        is_pattern = text.kind in {"name", "pattern"} and without_markdown(text.text) == text.text
        if is_pattern and GLOB_CHARACTERS.intersection(text.text):
            yield text.at.problem(
                f"`?` and `[` in {quoted(text.text)} are wildcards to the open-source server alone (D5)",
                "use `*`, or list the values",
            )


RULE = Rule(__name__, __doc__, "info", check, row="D5")
