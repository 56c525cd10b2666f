"""The server cannot read this window of a Proactive trigger.

## What it does

Reports a `within` that is an ISO 8601 string, such as `"PT15M"`, on a Proactive trigger.

## Why is this bad?

In a Reactive trigger, such a value is valid. In a Proactive trigger, an open-source server before
3.9 compares the string with a number of seconds before it parses the string, and returns an
internal error (D17).

## Example

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "after": ["order.placed"],
  "expect": ["order.paid"],
  "for_each": ["prefect.resource.id"],
  "within": "PT15M"
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Proactive",
  "match": {"prefect.resource.id": "shop.order.*"},
  "after": ["order.placed"],
  "expect": ["order.paid"],
  "for_each": ["prefect.resource.id"],
  "within": 900
}
```
"""

from trigger_cli.lint.edits import write
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.times import SECOND


def check(subject: Subject) -> Problems:
    """Skip deployment triggers: `prefect deploy` sends the window in seconds."""
    if subject.form == "deployment-trigger":
        return
    for event in subject.proactive:
        within = event.node.get("within")
        if within is not None and isinstance(within.value, str):
            at = event.at("within")
            whole, rest = divmod(event.trigger.within, SECOND)
            seconds = event.trigger.within / SECOND if rest else whole
            yield at.problem(
                "an open-source server before 3.9 fails on a text here, for a Proactive trigger (D17)",
                f"write {seconds}, in seconds and without quotes",
                write(at, seconds, safe=True),
            )


RULE = Rule(
    __name__,
    __doc__,
    "warning",
    check,
    row="D17",
    server_severity="error",
    fixable="safe",
)
