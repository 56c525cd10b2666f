"""A resource id names only a kind of resource.

## What it does

Reports id patterns such as `prefect.flow-run` or `prefect.flow-run.`, which lack a wildcard.

## Why is this bad?

Ids are `prefect.flow-run.<uuid>`. A pattern is compared with the whole id, so nothing matches.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run"},
  "expect": ["prefect.flow-run.Failed"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.edits import write
from trigger_cli.lint.knowledge.resources import is_kind_alone
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject


def check(subject: Subject) -> Problems:
    """Check ids of primary and related resources."""
    for at, pattern, _ in subject.ids():
        if is_kind_alone(pattern):
            meant = pattern.rstrip(".") + ".*"
            yield at.problem(
                f"{quoted(pattern)} is a kind of resource: no resource has it as its id",
                f"write {quoted(meant)}",
                write(at, meant, "add the wildcard", safe=True),
            )


RULE = Rule(__name__, __doc__, "warning", check, fixable="safe")
