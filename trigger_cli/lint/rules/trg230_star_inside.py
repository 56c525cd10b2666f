"""A star is not at the end of a pattern.

## What it does

Reports names and label patterns with a `*` that is not their last character (D18). The rule reports
nothing unless `--dialect` names a server before 3.6.23, such as `server-3.6`.

## Why is this bad?

Servers before 3.6.23 support one wildcard, a `*` at the end. They compare any other `*` literally,
so the pattern matches nothing.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "expect": ["order.*.placed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "expect": ["order.express.placed", "order.standard.placed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.texts import texts, without_markdown
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import STAR


def check(subject: Subject) -> Problems:
    """Check names and patterns; a label is never a pattern."""
    for text in texts(subject):
        is_pattern = text.kind in {"name", "pattern"} and without_markdown(text.text) == text.text
        if is_pattern and STAR in text.text[:-1]:
            yield text.at.problem(
                f"the `*` inside {quoted(text.text)} is no wildcard to servers before 3.6.23 (D18)",
                "write the names out, or end the pattern with its only `*`",
            )


RULE = Rule(__name__, __doc__, "warning", check, row="D18")
