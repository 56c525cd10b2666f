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

from itertools import pairwise

from trigger_cli.definitions.wording import quoted
from trigger_cli.dialects import SERVER
from trigger_cli.lint.knowledge.patterns import may_overlap, negated, positive
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.match.patterns import GLOB_CHARACTERS, compile_label
from trigger_cli.model import Patterns


def check(subject: Subject) -> Problems:
    """Skip a single negated pattern: it means the same in both dialects."""
    for _, label in subject.match_labels:
        if negated(label.patterns) and len(label.patterns) > 1:
            yield label.at.problem(
                f"to the open-source server this list takes {_taken(label.patterns)} (D1)",
                "list the values that are meant, without `!`",
            )


def _taken(patterns: Patterns) -> str:
    """What a server takes: a value is left out if all negated patterns name it, and no other (M6)."""
    refused = [pattern[1:] for pattern in negated(patterns)]
    named = positive(patterns)
    if any(map(compile_label(named, SERVER), refused)) or any(
        not may_overlap(p, q) for p, q in pairwise(refused)
    ):
        return "every value"
    apart = not any(may_overlap(p, refused[0]) or GLOB_CHARACTERS.intersection(p) for p in named)
    if len(refused) == 1 and apart:
        return f"all but {quoted(refused[0])}, whatever else it holds"
    return "nearly every value"


RULE = Rule(__name__, __doc__, "warning", check, row="D1")
