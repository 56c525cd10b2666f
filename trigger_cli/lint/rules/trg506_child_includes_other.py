"""Every event that fires one child also fires another child.

## What it does

Reports composites that need several children, if a Reactive child matches all events that another
child matches.

## Why is this bad?

One event then counts for both children, and the composite fires where two events were intended.
This also applies to a sequence.

## Example

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
      "expect": ["order.*"]
    },
    {
      "type": "event",
      "posture": "Reactive",
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.refused"]
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
      "match": {"prefect.resource.id": "shop.*"},
      "expect": ["order.refused"]
    }
  ]
}
```
"""

from trigger_cli.lint.knowledge.patterns import all_covered, filters_include, negated
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import EventAt, Subject


def check(subject: Subject) -> Problems:
    """Compare only children that fire at a single event, not those that count or wait."""
    for composite in subject.composites:
        if not composite.needs_several or composite.trigger.within == 0:
            continue
        for one, other in composite.pairs():
            for wide, narrow in ((one, other), (other, one)):
                if _includes(wide, narrow):
                    cooling = ", unless it cools down" if wide.trigger.within else ""
                    yield wide.at("expect").problem(
                        f"each event that fires {narrow.path} fires this child too{cooling}: one event counts for both",
                        "make them differ in `expect` or `match`, or use `threshold`",
                    )
                    break


def _includes(wide: EventAt, narrow: EventAt) -> bool:
    one, other = wide.trigger, narrow.trigger
    if one.posture != "Reactive" or other.posture != "Reactive" or one.threshold > 1 or one.after:
        return False
    if negated(one.expect + other.expect) or not other.expect:
        return False
    names = not one.expect or all_covered(one.expect, other.expect)
    return names and filters_include(one, other)


RULE = Rule(__name__, __doc__, "warning", check)
