"""A name looks like one of Prefect's event names but is not one.

## What it does

Reports names that begin with `prefect.` and belong to no family of events that Prefect emits.

## Why is this bad?

If your own code emits the event, the trigger works, but a later version of Prefect may use the
name. Otherwise the event never occurs.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.report.*"},
  "expect": ["prefect.report.written"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "shop.report.*"},
  "expect": ["shop.report.written"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.names import wrong_names
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Report names of no known family that are not similar to a known name."""
    for wrong in wrong_names(subject, "foreign"):
        yield wrong.at.problem(
            f"{quoted(wrong.text)} is none of Prefect's own events, though it is named like one",
            "check that your code emits it",
        )


RULE = Rule(__name__, __doc__, "info", check)
