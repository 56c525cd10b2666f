"""A label's list contains positive and negated patterns.

## What it does

Reports lists such as `["production-*", "!production-test-*"]` in `match` (D1).

## Why is this bad?

By the documentation, the list means "these, except those". On the open-source server it means
"these, or anything but those", which matches nearly every value.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"shop.order.region": ["eu-*", "!eu-test-*"], "prefect.resource.id": "shop.order.*"},
  "expect": ["order.placed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"shop.order.region": ["eu-west", "eu-north"], "prefect.resource.id": "shop.order.*"},
  "expect": ["order.placed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.patterns import negated
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip a single negated pattern: it means the same in both dialects."""
    for _, label in subject.match_labels:
        refused = negated(label.patterns)
        if refused and len(label.patterns) > 1:
            yield label.at.problem(
                f"to the open-source server this list takes all but {quoted(refused[0][1:])}, whatever else it holds (D1)",
                "list the values that are meant, without `!`",
            )


RULE = Rule(__name__, __doc__, "warning", check, row="D1")
