"""An action has a value that Prefect does not accept.

## What it does

Reports `parameters` and `job_variables` that are not objects, a `change-flow-run-state` without a
`state` or with one that is not a state type, and a `send-notification` without a `body`.

## Why is this bad?

The API refuses the action.

## Example

```json
{
  "name": "Fail what is late",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Late"]
  },
  "actions": [{"type": "change-flow-run-state", "state": "Failed"}]
}
```

## Use instead

```json
{
  "name": "Fail what is late",
  "trigger": {
    "type": "event",
    "posture": "Reactive",
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "expect": ["prefect.flow-run.Late"]
  },
  "actions": [{"type": "change-flow-run-state", "state": "FAILED"}]
}
```
"""

from trigger_cli.definitions.wording import describe
from trigger_cli.lint.edits import write
from trigger_cli.lint.rule import Problems, Rule
from trigger_cli.lint.subject import Subject, ValueAt
from trigger_cli.vocabulary import STATE_TYPES


def check(subject: Subject) -> Problems:
    """Check each action as the API's own models do."""
    for action in subject.actions:
        for key in ("parameters", "job_variables"):
            value = action.get(key)
            if value is not None and not isinstance(value, dict):
                yield action.at(key).problem(
                    f"`{key}`: found {describe(value)}, expected an object",
                    'write {"name": "value"}',
                )
        if action.kind == "change-flow-run-state":
            yield from _state(action.at("state"), action.get("state"))
        if action.kind == "send-notification" and action.get("body") is None:
            yield action.at("body").problem(
                "`body` is missing: the API refuses this action", "add the text to send"
            )


def _state(at: ValueAt, state: object) -> Problems:
    if state is None:
        yield at.problem(
            "`state` is missing: the API refuses this action", 'add a state type, such as "FAILED"'
        )
    elif not isinstance(state, str) or state not in STATE_TYPES:
        meant = str(state).upper()
        known = meant in STATE_TYPES
        yield at.problem(
            f"found {describe(state)}, expected a state type: {', '.join(STATE_TYPES)}",
            f'write "{meant}"; a name goes into `name`' if known else None,
            write(at, meant, safe=True) if known else None,
        )


RULE = Rule(__name__, __doc__, "warning", check, fixable="safe")
