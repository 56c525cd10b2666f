"""An event name ends in a state type instead of a state name.

## What it does

Reports names such as `prefect.flow-run.FAILED`.

## Why is this bad?

Events contain the state's *name*: `Failed`, or `TimedOut`, which has the same type. A name with the
type in capitals never occurs.

## Example

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.FAILED"]
}
```

## Use instead

```json
{
  "type": "event",
  "posture": "Reactive",
  "match": {"prefect.resource.id": "prefect.flow-run.*"},
  "expect": ["prefect.flow-run.Failed", "prefect.flow-run.TimedOut"]
}
```
"""

from trigger_cli.definitions.wording import quoted
from trigger_cli.lint.knowledge.names import wrong_names
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject
from trigger_cli.vocabulary import STATE_TYPES


def check(subject: Subject) -> Problems:
    """A type may stand for several names, so the user must choose."""
    for wrong in wrong_names(subject, "state-type"):
        type_ = wrong.text.rpartition(".")[2]
        states = " and ".join(quoted(state) for state in STATE_TYPES[type_])
        yield wrong.at.problem(
            f"{quoted(type_)} is the type of a state; events carry its name",
            f"states of this type are {states}",
            wrong.fix(safe=False),
        )


RULE = Rule(__name__, __doc__, "warning", check, fixable="unsafe", hides=True)
