"""Nothing limits the time between the firings of the children.

## What it does

Reports composites that need several children and whose `within` is `null` or, where that is
allowed, missing.

## Why is this bad?

A firing from last month is combined with a firing of today.

## Example

```json
{
  "type": "compound",
  "require": "all",
  "within": null,
  "triggers": [
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.placed"]
    },
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "bank.*"},
      "expect": ["bank.opened"]
    }
  ]
}
```

## Use instead

```json
{
  "type": "compound",
  "require": "all",
  "within": 3600,
  "triggers": [
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.placed"]
    },
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "bank.*"},
      "expect": ["bank.opened"]
    }
  ]
}
```
"""

from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Skip automations without the key: the server refuses them, and another rule reports it."""
    for composite in subject.composites:
        unlimited = composite.trigger.within is None and composite.needs_several
        if unlimited and (composite.has("within") or subject.form == "deployment-trigger"):
            yield composite.at("within").key_problem(
                "there is no limit to how far apart these children may fire",
                'give "within" in seconds',
            )


RULE = Rule(__name__, __doc__, "info", check, by_absence=True)
