"""A trigger matches a custom event of any emitter.

## What it does

Reports Reactive triggers for custom events whose `match` and `match_related` are both empty.

## Why is this bad?

Different emitters can use the same event name. If a flow of another team, or a test, emits an event
with this name, the trigger fires too.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
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

from trigger_cli.lint.knowledge.catalog import is_prefects
from trigger_cli.lint.knowledge.names import diagnose
from trigger_cli.lint.knowledge.patterns import is_unfiltered, positive
from trigger_cli.lint.knowledge.texts import is_clean
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Report only if every name is a custom event."""
    for event in subject.reactive:
        names = positive(event.trigger.expect)
        own = bool(names) and all(
            "*" not in n and not is_prefects(n) and is_clean(n) and not diagnose(n) for n in names
        )
        if own and is_unfiltered(event.trigger):
            yield event.at("expect").problem(
                "no condition says which resource emits these events: the trigger takes them from any emitter",
                "name the resource in `match`",
            )


RULE = Rule(__name__, __doc__, "info", check, by_absence=True)
