"""A pattern contains `?` or `[`.

## What it does

Reports `?` and `[` in names and label patterns (D5).

## Why is this bad?

By the documentation, only `*` is a wildcard. In the labels of resources, these characters are
wildcards too on the open-source server: `?` matches any one character, and `[ab]` matches `a` or
`b`. In event names they are wildcards nowhere: the server compares the start of a name literally,
and `[ab]` also as a wildcard, so that no name matches.

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


def check(subject: Subject) -> Problems:
    """Check names and patterns; a label is never a pattern."""
    for text in texts(subject):
        is_pattern = text.kind in {"name", "pattern"} and without_markdown(text.text) == text.text
        if is_pattern and _has_wildcard(text.text):
            are = (
                "are no wildcards in the name of an event (N3, N4)"
                if text.kind == "name"
                else "are wildcards to the open-source server alone (D5)"
            )
            yield text.at.problem(
                f"`?` and `[` in {quoted(text.text)} {are}", "use `*`, or list the values"
            )


def _has_wildcard(pattern: str) -> bool:
    """Whether it has a `?`, or a `[` with its `]`: without one, a `[` stands for itself."""
    return "?" in pattern or "]" in pattern.partition("[")[2][1:]


RULE = Rule(__name__, __doc__, "info", check, row="D5")
